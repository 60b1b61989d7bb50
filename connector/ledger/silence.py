"""Connections to a PostgreSQL that does not wait for ever for a server that says nothing.

A network that is cut without a word (a firewall that forgets, a switch without power, a pooler that stands still)
leaves both ends with a connection that looks well. TCP's own means notice a peer that is gone; here also one is given
up that takes what we say and never answers, so that no thread hangs for longer than it may.
"""

from collections.abc import Generator
from datetime import timedelta
from typing import Any, Final, TypeVar

import psycopg

from connector.clock import monotonic

__all__ = ["ImpatientConnection", "connect"]

_Result = TypeVar("_Result")
_LOOKS_EVERY: Final = 0.1
"""Seconds between two looks at the clock while the server says nothing; the driver's own measure."""


class ImpatientConnection(psycopg.Connection[Any]):
    """A connection that gives up after so much silence of the server. It is closed then, and may not be used again."""

    silence_within: timedelta | None = None
    """None: waits for ever, as migrations must."""

    def wait(
        self,
        gen: Generator[Any, Any, _Result],
        interval: float = _LOOKS_EVERY,
        timeout: float | None = None,
    ) -> _Result:
        """Wait for the server. Raise OperationalError, with the connection closed, after too much silence."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        if self.silence_within is None:
            return super().wait(gen, interval)
        try:
            return super().wait(_listening(gen, self.silence_within.total_seconds()), interval)
        except _ServerSilent:
            self.close()
            raise psycopg.OperationalError("the server said nothing for too long") from None


class _ServerSilent(Exception):
    """Too much silence."""


def _listening(gen: Generator[Any, Any, _Result], seconds: float) -> Generator[Any, Any, _Result]:
    """Pass everything through; raise once nothing has come for so long. What comes starts the time anew."""
    until = monotonic() + seconds
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            if ready:
                until = monotonic() + seconds
            elif monotonic() > until:
                raise _ServerSilent
            wanted = gen.send(ready)
    except StopIteration as end:
        result: _Result = end.value
        return result


def connect(silence_within: timedelta | None, *arguments: Any, **options: Any) -> ImpatientConnection:
    """Return a new connection with this patience."""
    connection = ImpatientConnection.connect(*arguments, **options)
    connection.silence_within = silence_within
    return connection
