"""The signals of a daemon, taken one after the other by the main thread: no handler runs in the middle of anything."""

import signal
from datetime import timedelta
from enum import StrEnum
from typing import Final

__all__ = ["Wish", "block_signals", "next_wish"]

_STOP: Final = (signal.SIGTERM, signal.SIGINT)
_ALL: Final = (*_STOP, signal.SIGHUP)


class Wish(StrEnum):
    """What the operator, or systemd, asks of the daemon."""

    STOP = "stop"
    RELOAD = "reload"


def block_signals() -> None:
    """Keep the signals for next_wish(). Call it before the first thread is started: threads inherit it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _ALL)


def next_wish(within: timedelta) -> Wish | None:
    """Wait for the next signal and return what it means; None when none came in this time."""
    taken = signal.sigtimedwait(_ALL, within.total_seconds())
    if taken is None:
        return None
    return Wish.RELOAD if taken.si_signo == signal.SIGHUP else Wish.STOP
