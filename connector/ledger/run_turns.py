"""Whose turn a periodic run is, where several nodes ring the same one.

While a node does a run it holds an advisory lock of PostgreSQL, on a connection of its own; the row of the run says
when it was last done to its end. So a node that dies in the middle leaves neither behind, and the next one that rings
does the run. This saves work; it is no guard: after a cut network two nodes may do a run at the same time, and what
must not happen twice has its own guard in its own transaction.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from connector.clock import Now
from connector.ledger.database import Database
from connector.ledger.server_clock import present
from connector.ledger.tables import runs
from connector.ledger.writer import AWAY, unavailable

__all__ = ["RunTurns", "advisory_key"]

_MOST_OF_IT: Final = 0.8
"""A run that was begun less than this part of its interval ago is done; bells of several nodes do not ring together."""
_TRY: Final = sa.text("SELECT pg_try_advisory_lock(:key)")
_LET_GO: Final = sa.text("SELECT pg_advisory_unlock(:key)")
_BEGUN: Final = sa.select(runs.c.begun_at).where(runs.c.name == sa.bindparam("of_name"))


class RunTurns:
    """Says which node does a run. On SQLite it is always this one."""

    def __init__(self, database: Database, now: Now) -> None:
        """Take the database and this process's clock."""
        self._database = database
        self._now = now

    @contextmanager
    def take(self, name: str, *, every: timedelta, holder: str) -> Iterator[bool]:
        """Yield whether to do the run now; False where another node does it, or did it within this interval.

        A run that ends with an exception counts as not done: the next node that rings does it. Raise LedgerUnavailable
        where the database is away.
        """
        if self._database.is_sqlite:
            yield True
            return
        try:
            with self._turn(name, every, holder) as is_ours:
                yield is_ours
        except AWAY as error:
            raise unavailable(error) from error

    @contextmanager
    def _turn(self, name: str, every: timedelta, holder: str) -> Iterator[bool]:
        with self._locked(f"run:{name}") as connection:
            begun_at = None if connection is None else self._begun_at(connection, name, every)
            if connection is None or begun_at is None:
                yield False
                return
            yield True
            connection.execute(_note_done(name, begun_at, holder))

    @contextmanager
    def _locked(self, what: str) -> Iterator[sa.Connection | None]:
        key = {"key": advisory_key(what)}
        with self._database.reading.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if not connection.execute(_TRY, key).scalar():
                yield None
                return
            try:
                yield connection
            finally:
                # A session that still had the lock must not go back among the others.
                with suppress(DBAPIError):
                    if not connection.execute(_LET_GO, key).scalar():
                        connection.invalidate()

    def _begun_at(self, connection: sa.Connection, name: str, every: timedelta) -> object | None:
        """Return the present instant where the run is due, None where it was done a while ago that is too short."""
        at = present(connection, self._now)
        begun_at = connection.execute(_BEGUN, {"of_name": name}).scalar()
        # A time in the future is of a clock that was set: it says nothing.
        is_done = begun_at is not None and timedelta() <= at - begun_at < every * _MOST_OF_IT
        return None if is_done else at


def advisory_key(what: str) -> int:
    """Return the number under which PostgreSQL keeps the advisory lock on this."""
    digest = hashlib.blake2b(f"chapar:{what}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _note_done(name: str, begun_at: object, holder: str) -> sa.Executable:
    row = {"name": name, "begun_at": begun_at, "holder": holder}
    statement = insert(runs).values(row)
    return statement.on_conflict_do_update(
        index_elements=["name"], set_={"begun_at": begun_at, "holder": holder}
    )
