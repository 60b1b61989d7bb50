"""The pace of the calls that one deed makes: each further one waits for a token of the connection's rate.

A deed of a connection has one token, taken before it begins. Many adapters make more than one call in it: a log-in
before the first, a question in several steps, a repetition. The vendor counts calls, and so do we.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

__all__ = ["paced", "wait_for_pace"]


class _Pace(threading.local):
    wait: Callable[[], None] | None = None
    is_paid = False


_pace: Final = _Pace()


@contextmanager
def paced(wait: Callable[[], None] | None) -> Iterator[None]:
    """Let the first call of this thread go, and each further one after ``wait``; without it all of them go."""
    if wait is None:
        yield
        return
    before = _pace.wait, _pace.is_paid
    _pace.wait, _pace.is_paid = wait, True
    try:
        yield
    finally:
        _pace.wait, _pace.is_paid = before


def wait_for_pace() -> None:
    """Wait for this thread's leave to make one more call. Raise what the wait raises: nothing was sent then."""
    if _pace.wait is None:
        return
    if _pace.is_paid:
        _pace.is_paid = False
        return
    _pace.wait()
