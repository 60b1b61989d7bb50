"""Engines for the two databases, set up so that what is committed is on disk."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO, Any, Final

import sqlalchemy as sa
from sqlalchemy import event

from connector.errors import DatabaseNotReady, LedgerInUse, SettingsInvalid

__all__ = ["PATIENCE", "Database", "hold_alone", "open_database", "reading", "writing"]

_BUSY_SECONDS = 30
_SESSION = "-c timezone=UTC -c synchronous_commit=on"
"""Of each PostgreSQL session. What we acknowledge is on disk, whatever the server's own default for commits is."""
_SERVER_NOTICES = "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=3 -c tcp_keepalives_count=3"
"""So the server soon frees the locks of a node whose machine or network is gone."""
_WE_NOTICE: Final[dict[str, int]] = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 12_000,
}
PATIENCE: Final = timedelta(seconds=12)
"""After so much silence a daemon gives a PostgreSQL up and tries anew. Waiting for a connection of the pool, noticing
that it is dead and opening another one take less than half a minute together."""


@dataclass(frozen=True, slots=True)
class Database:
    """Where the ledger writes and where it reads. On PostgreSQL both are the same pool."""

    writing: sa.Engine
    reading: sa.Engine
    is_sqlite: bool

    def dispose(self) -> None:
        """Close all connections."""
        self.reading.dispose()
        self.writing.dispose()


def open_database(url: str, *, pool_size: int = 16, patience: timedelta | None = None) -> Database:
    """Return engines for a SQLAlchemy URL (``sqlite:///path`` or ``postgresql://...``). Opens nothing yet.

    ``patience`` is how long a PostgreSQL may say nothing, or work on one statement; None: as long as it likes.
    Raise SettingsInvalid for another database, and DatabaseNotReady when the PostgreSQL driver is not installed.
    """
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise SettingsInvalid(
            "The ledger's url cannot be read.",
            next_step="Write sqlite:////path/file.db or postgresql://user@host/name.",
        ) from None
    if parsed.get_backend_name() == "sqlite":
        return Database(_sqlite(parsed, 1), _sqlite(parsed, pool_size), is_sqlite=True)
    if parsed.get_backend_name() == "postgresql":
        engine = _postgresql(parsed, pool_size, patience)
        return Database(engine, engine, is_sqlite=False)
    raise SettingsInvalid(
        "The ledger runs on SQLite and on PostgreSQL.",
        next_step="Write sqlite:////path/file.db or postgresql://...",
    )


def _sqlite(url: sa.URL, pool_size: int) -> sa.Engine:
    if not url.database or url.database == ":memory:":
        raise SettingsInvalid("The ledger needs a file.", next_step="Write sqlite:////path/to/chapar.db.")
    engine = sa.create_engine(
        url,
        poolclass=sa.QueuePool,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=_BUSY_SECONDS,
        connect_args={"check_same_thread": False, "timeout": _BUSY_SECONDS},
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin where we say so
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            f"busy_timeout = {_BUSY_SECONDS * 1000}",
            "foreign_keys = ON",
            "cache_size = -8000",
            "temp_store = MEMORY",
            "journal_size_limit = 67108864",
        ):
            connection.execute(f"PRAGMA {pragma}")

    return engine


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Yield a connection in a transaction that may write; committed at the end, rolled back by an exception.

    On SQLite it takes the write lock at once: a transaction that reads first and writes later could fail half-way.
    An event of the engine would do the same, and cost every statement a detour.
    """
    with engine.connect() as connection, connection.begin():
        if engine.dialect.name == "sqlite":
            _driver(connection).execute("BEGIN IMMEDIATE")
        yield connection


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Yield a connection that sees one state of the database throughout."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            _driver(connection).execute("BEGIN")
        yield connection


def _driver(connection: sa.Connection) -> Any:
    return connection.connection.dbapi_connection


def _postgresql(url: sa.URL, pool_size: int, patience: timedelta | None) -> sa.Engine:
    try:
        from connector.ledger.silence import connect

        engine = sa.create_engine(
            url.set(drivername="postgresql+psycopg"),
            pool_size=pool_size,
            max_overflow=4,
            pool_timeout=_BUSY_SECONDS if patience is None else patience.total_seconds(),
            pool_pre_ping=True,
            connect_args={"application_name": "chapar", "options": _session(patience)} | _WE_NOTICE,
            hide_parameters=True,
        )
    except ModuleNotFoundError:
        raise DatabaseNotReady(
            "The PostgreSQL driver is not installed.",
            next_step="Install it with: pip install 'chapar[postgresql]'.",
        ) from None

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: Any, _record: Any, arguments: Any, options: Any) -> Any:
        return connect(patience, *arguments, **options)

    return engine


def _session(patience: timedelta | None) -> str:
    options = f"{_SESSION} {_SERVER_NOTICES}"
    if patience is None:
        return options
    # The server gives up a little earlier, so that it can still say so; and what a vanished node holds in the middle
    # of a transaction is free again for the others.
    limit = int(patience.total_seconds() * 800)
    return f"{options} -c statement_timeout={limit} -c idle_in_transaction_session_timeout={limit}"


def hold_alone(url: str) -> IO[bytes] | None:
    """Take the SQLite file for this process alone, until the returned handle is closed. None on PostgreSQL.

    Raise LedgerInUse if another daemon holds it.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return None
    path = Path(parsed.database + ".lock")
    try:
        os.close(os.open(parsed.database, os.O_RDWR))
        handle = path.open("ab")
    except OSError as error:
        raise DatabaseNotReady(
            f"{error.filename} cannot be written by this user: {error.strerror}.",
            next_step=f"Give it to the user that Chapar runs as: chown -R chapar: {path.parent}",
        ) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        raise LedgerInUse(next_step="Stop the other one first: systemctl stop chapar.") from None
    path.chmod(0o600)
    os.set_inheritable(handle.fileno(), False)
    return handle
