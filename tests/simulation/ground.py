"""The real ledger on SQLite in this process's memory, emptied between histories, written to through points."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from connector.domain.letter import Language
from connector.errors import LedgerUnavailable
from connector.ledger import Ledger
from connector.ledger.database import Database, open_database
from connector.ledger.records import OutboxPolicy
from connector.ledger.schema import upgrade_schema
from connector.ledger.tables import metadata
from connector.ledger.writer import Transaction, Unit
from connector.notification.texts import Texts
from connector.testing.builders import HeldClock, a_key_ring
from tests.simulation.baton import Baton
from tests.simulation.quick import QuickConnection

__all__ = ["AGENCY", "Ground", "the_ground", "the_texts"]

T = TypeVar("T")
_WRITE_TAKES = timedelta(milliseconds=1)
_MEMORY = Path("/dev/shm")
AGENCY = {Language.EN: "", Language.FA: ""}


class PointedWriter:
    """Runs each unit in a real transaction of its own; a point before it and one after it; now and then no disk."""

    def __init__(self, ground: "Ground") -> None:
        self._ground = ground

    def run(self, unit: Unit[T]) -> T:
        ground = self._ground
        ground.baton.point("before a write")
        trouble = ground.next_trouble()
        if trouble == "refused":
            raise LedgerUnavailable
        ground.clock.advance(_WRITE_TAKES)
        deed = ground.baton.deed
        if deed is not None and deed.before_write is not None:
            look, deed.before_write = deed.before_write, None
            look()
        with ground.writing.connect() as connection:
            connection.driver.execute("BEGIN IMMEDIATE")
            value = unit(Transaction(connection, ground.clock.now()))
            connection.driver.execute("COMMIT")
        ground.baton.point("after a write")
        if trouble == "kept":  # the connection was cut while the answer to COMMIT was on its way
            raise LedgerUnavailable
        return value

    def close(self) -> None:
        """Nothing waits here."""


class _HeldEngine:
    """An engine's one connection, kept in hand: taking it from a pool anew would cost as much as a short write."""

    def __init__(self, engine: sa.Engine) -> None:
        self.dialect = engine.dialect
        self._connection = QuickConnection(engine.connect())
        self.driver = self._connection.driver

    @contextmanager
    def connect(self) -> Iterator[QuickConnection]:
        try:
            yield self._connection
        finally:
            self._connection.rollback()

    def dispose(self) -> None:
        self._connection.close()


class Ground:
    """One ledger for all histories of this process, with its clock, its baton and an independent look at the disk."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=_MEMORY if _MEMORY.is_dir() else None))
        self.clock = HeldClock()
        self.baton = Baton()
        self.trouble: list[str] = []
        # One database for all connections of this process: as on a disk, none sees what another has not committed.
        name = f"file:{self.folder.name}?mode=memory&cache=shared"
        self.disk = sqlite3.connect(name, uri=True, isolation_level=None, check_same_thread=False)
        """Sees what is committed, and nothing else; the ledger knows nothing of it."""
        self.database = open_database(f"sqlite:///{name}&uri=true")
        upgrade_schema(self.database)
        self.writing: Any = _HeldEngine(self.database.writing)
        reading: Any = _HeldEngine(self.database.reading)
        # Not said to be SQLite, so that no writer thread is started: who writes when is what we hold in our hand.
        unthreaded = Database(self.writing, reading, is_sqlite=False)
        self.ledger = Ledger(
            unthreaded,
            a_key_ring(),
            attachments=self.folder / "attachments",
            policy=OutboxPolicy(),
            now=self.clock.now,
        )
        self.ledger._writer = PointedWriter(self)
        self._writing_driver = self.writing.driver
        self._known_rows: dict[tuple[object, ...], list[sqlite3.Row]] = {}
        self._known_at = -1
        self._began_at = self.clock.now()

    def empty(self, policy: OutboxPolicy) -> None:
        """Begin a history: an empty ledger at the first instant."""
        while self.baton.stopped:
            self.baton.kill(self.baton.stopped[0].life)
        self.trouble.clear()
        with self.writing.connect() as connection:
            connection.driver.execute("BEGIN IMMEDIATE")
            for table in metadata.tables:
                connection.driver.execute(f"DELETE FROM {table}")
            connection.driver.execute("COMMIT")
        self.ledger.policy = policy
        self.clock.advance(self._began_at - self.clock.now())

    def next_trouble(self) -> str:
        """Return what the disk does to the write that comes now."""
        return self.trouble.pop(0) if self.trouble else ""

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        """Return rows as they are on disk; what was asked since the last commit is not asked again."""
        at = self._writing_driver.total_changes
        if at != self._known_at:
            self._known_at = at
            self._known_rows.clear()
        rows = self._known_rows.get((query, values))
        if rows is None:
            rows = self._known_rows[query, values] = self.disk.execute(query, values).fetchall()
        return rows

    def commits(self) -> int:
        """Return a number that is another one after each commit that changed a row: all go over one connection."""
        changes: int = self._writing_driver.total_changes
        return changes

    def close(self) -> None:
        self.disk.close()
        self.ledger.close()
        self.database.dispose()
        shutil.rmtree(self.folder)


@cache
def the_ground() -> Ground:
    """Return the ground of this process."""
    import atexit

    ground = Ground()
    atexit.register(ground.close)
    return ground


@cache
def the_texts() -> Texts:
    """Return the shipped texts."""
    return Texts.load([Path(__file__).parents[2] / "mappings" / "messages"], agency=AGENCY)
