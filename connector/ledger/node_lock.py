"""The lock on a node's name: an advisory lock of PostgreSQL that lives as long as one connection of the daemon does.

The server lets it go when the process dies, at once, and when its machine or network is gone, within seconds. So a
daemon that obtains it knows that nobody of its name holds a connection any more, and need not wait for leases to end.
"""

from contextlib import suppress

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from connector.ledger.run_turns import advisory_key
from connector.ledger.writer import AWAY, unavailable

__all__ = ["NodeLock"]

_TRY = sa.text("SELECT pg_try_advisory_lock(:key)")
_STILL_THERE = sa.text("SELECT 1")


class NodeLock:
    """One node's name, held or not. For one thread."""

    def __init__(self, engine: sa.Engine, node: str) -> None:
        """Take the engine; nothing is held yet."""
        self._engine = engine
        self._key = {"key": advisory_key(f"node:{node}")}
        self._connection: sa.Connection | None = None

    def hold(self) -> bool:
        """Hold the lock, or go on holding it; return whether this process has it now.

        Raise LedgerUnavailable where the database is away; the lock is gone then, and may be asked for again.
        """
        try:
            return self._hold()
        except AWAY as error:
            self.let_go()
            raise unavailable(error) from error

    def _hold(self) -> bool:
        if self._connection is not None:
            self._connection.execute(_STILL_THERE)
            return True
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            is_held = bool(connection.execute(_TRY, self._key).scalar())
        except SQLAlchemyError:
            connection.close()
            raise
        if is_held:
            self._connection = connection
        else:
            connection.close()
        return is_held

    def let_go(self) -> None:
        """Let the lock go, with its connection. May be called twice."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(SQLAlchemyError):
                connection.invalidate()  # closed for good: the lock must not live on in the pool
            connection.close()
