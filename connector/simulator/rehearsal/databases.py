"""The database of a drill: what each node connects to, and how it is locked and cut."""

import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol
from uuid import uuid4

import sqlalchemy as sa

from connector.errors import DatabaseNotReady, SettingsInvalid
from connector.simulator.postgresql_server import PostgresqlServer, running_server
from connector.simulator.rehearsal.wire import CutWire, Upstream

__all__ = ["DrillDatabase", "PostgresqlDatabase", "SqliteDatabase", "drill_database"]

_WORD: Final = "postgresql"
_CONNECT_WITHIN: Final = 10


class DrillDatabase(Protocol):
    """What the drill does with a database."""

    name: str

    def url_for(self, node: str) -> str:
        """Return where this node finds it, without a password."""
        ...

    @property
    def environment(self) -> Mapping[str, str]:
        """Return what a process needs beside the url."""
        ...

    def locked(self) -> AbstractContextManager[None]:
        """Hold the lock that every writer needs, for a with block."""
        ...

    def wire(self, node: str) -> CutWire | None:
        """Return the network to this node, None where there is none to cut."""
        ...


@dataclass
class SqliteDatabase:
    """A file."""

    file: Path
    name: str = "sqlite"
    environment: Mapping[str, str] = field(default_factory=dict)

    def url_for(self, node: str) -> str:
        """Return the file's url."""
        return f"sqlite:///{self.file}"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the write lock, as a backup or an administrator's shell would."""
        with closing(sqlite3.connect(self.file, timeout=30, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            try:
                yield
            finally:
                other.execute("ROLLBACK")

    def wire(self, node: str) -> None:
        """There is no network to a file."""


class PostgresqlDatabase:
    """A database of a server, with a wire of its own to each node."""

    name = _WORD

    def __init__(self, url: sa.URL, nodes: tuple[str, ...]) -> None:
        """Take the database's url, password and all; nothing is open yet."""
        self._url = url
        host = str(url.query.get("host", "") or url.host or "localhost")
        folder = Path(host) if host.startswith("/") else None
        upstream = Upstream(url.port or 5432, "" if folder else host, folder)
        self._host = "localhost" if folder else host
        self._wires = {node: CutWire(upstream) for node in nodes}

    def open(self) -> None:
        """Let the wires listen."""
        for wire in self._wires.values():
            wire.start()

    def close(self) -> None:
        """Cut and close the wires."""
        for wire in self._wires.values():
            wire.stop()

    def url_for(self, node: str) -> str:
        """Return the node's own way to the database. The host's name stays, for the certificate's sake."""
        query = {
            **{key: value for key, value in self._url.query.items() if key != "host"},
            "hostaddr": "127.0.0.1",
        }
        through = self._url.set(host=self._host, port=self._wires[node].port, query=query)
        return through._replace(password=None).render_as_string(hide_password=False)

    @property
    def environment(self) -> Mapping[str, str]:
        """Return the password where the driver looks for it."""
        return {"PGPASSWORD": str(self._url.password)} if self._url.password else {}

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the schedule's table, as a careless migration would."""
        engine = sa.create_engine(self._url, poolclass=sa.NullPool, hide_parameters=True)
        with engine.begin() as connection:
            connection.exec_driver_sql("LOCK TABLE schedule IN ACCESS EXCLUSIVE MODE")
            yield

    def wire(self, node: str) -> CutWire | None:
        """Return the network to this node; None for a name that is no node's."""
        return self._wires.get(node)


@contextmanager
def drill_database(word: str, folder: Path, nodes: tuple[str, ...]) -> Iterator[DrillDatabase]:
    """Yield the database that is meant by ``sqlite``, ``postgresql`` (a temporary server) or a url.

    Of a server only a new database is used, and dropped at the end. Raise SettingsInvalid for a url that cannot be
    used, DatabaseNotReady when the server is not there, not installed, or lets us make no database.
    """
    if word == "sqlite":
        yield SqliteDatabase(folder / "chapar.db")
    elif word == _WORD:
        _need_driver()
        with _own_server() as server, _new_database(sa.make_url(server.url), nodes) as database:
            yield database
    else:
        with _new_database(_url_of(word), nodes) as database:
            yield database


@contextmanager
def _own_server() -> Iterator[PostgresqlServer]:
    with ExitStack() as stack:
        try:
            server = stack.enter_context(running_server(is_durable=True, on_loopback=True))
        except (OSError, subprocess.SubprocessError) as error:
            raise DatabaseNotReady(
                "The temporary PostgreSQL for the drill could not be started.",
                next_step="See that there is room in the folder for temporary files, and that its users may enter it.",
                trouble=type(error).__name__,
            ) from None
        if server is None:
            raise DatabaseNotReady(
                "There is no PostgreSQL to start for the drill.",
                next_step="Install it with: pip install 'chapar[postgresql,rehearsal]'",
            )
        yield server


def _url_of(word: str) -> sa.URL:
    try:
        url = sa.make_url(word)
    except sa.exc.ArgumentError:
        url = None
    if url is None or url.get_backend_name() != _WORD:
        raise SettingsInvalid(
            "The database of a drill is sqlite, postgresql, or the url of a PostgreSQL.",
            next_step="Write for example: --database postgresql://user@host/postgres",
        )
    _need_driver()
    return url.set(drivername="postgresql+psycopg")


def _need_driver() -> None:
    try:
        import psycopg  # noqa: F401 - only whether it is there
    except ImportError:
        raise DatabaseNotReady(
            "The PostgreSQL driver is not installed.",
            next_step="Install it with: pip install 'chapar[postgresql,rehearsal]'",
        ) from None


@contextmanager
def _new_database(server: sa.URL, nodes: tuple[str, ...]) -> Iterator[PostgresqlDatabase]:
    name = f"chapar_rehearsal_{uuid4().hex[:12]}"
    engine = sa.create_engine(
        server,
        isolation_level="AUTOCOMMIT",
        poolclass=sa.NullPool,
        hide_parameters=True,
        connect_args={"connect_timeout": _CONNECT_WITHIN},
    )
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
    except (sa.exc.OperationalError, sa.exc.ProgrammingError) as error:
        raise DatabaseNotReady(
            "The drill cannot make a database of its own on this server.",
            next_step="Start the server, and give a user that may create databases (ALTER ROLE ... CREATEDB).",
            driver_error=type(error.orig).__name__,
        ) from None
    try:
        database = PostgresqlDatabase(server.set(database=name), nodes)
        database.open()
        try:
            yield database
        finally:
            database.close()
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
