"""Notices what other processes wrote: commands of the operator, and on PostgreSQL other nodes.

PostgreSQL tells at once. On SQLite a number is looked at once a second; the look is one read of one row.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import sqlalchemy as sa

from connector.ledger.outside import outside_write_count

__all__ = ["OutsideWatch"]

_SQLITE_EVERY: Final = timedelta(seconds=1)
_POSTGRESQL_EVERY: Final = timedelta(seconds=15)


class OutsideWatch:
    """The number of writes from outside, and whom to tell when the database says that it rose."""

    def __init__(self, read: Callable[[Callable[[sa.Connection], int]], int], *, is_sqlite: bool) -> None:
        """Take the ledger's way to read."""
        self._read = read
        self.look_every = _SQLITE_EVERY if is_sqlite else _POSTGRESQL_EVERY
        """How often to look; on PostgreSQL only for what was said while nobody listened."""
        self._callbacks: list[Callable[[], None]] = []

    def count(self) -> int:
        """Return the number. Raise LedgerUnavailable when the database is away."""
        return self._read(outside_write_count)

    def on_told(self, callback: Callable[[], None]) -> None:
        """Call this when the database says that somebody wrote. The callback returns at once."""
        self._callbacks.append(callback)

    def tell(self) -> None:
        """Pass on what the database said."""
        for callback in self._callbacks:
            callback()
