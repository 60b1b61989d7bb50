"""The real ledger on a SQLite file in memory, emptied between histories, written to through points."""

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
from connector.ledger import Ledger, prepare_database
from connector.ledger.database import Database, open_database, writing
from connector.ledger.records import OutboxPolicy
from connector.ledger.schema import check_schema
from connector.ledger.tables import metadata
from connector.ledger.writer import Transaction, Unit
from connector.notification.texts import Texts
from connector.testing.builders import HeldClock, a_key_ring
from tests.simulation.baton import Baton

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
        with writing(ground.writing) as connection:
            value = unit(Transaction(connection, ground.clock.now()))
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
        self._connection = engine.connect()

    @contextmanager
    def connect(self) -> Iterator[sa.Connection]:
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
        file = self.folder / "ledger.db"
        prepare_database(f"sqlite:///{file}")
        self.database = open_database(f"sqlite:///{file}")
        check_schema(self.database)
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
        self.disk = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        """Sees what is committed, and nothing else; the ledger knows nothing of it."""
        self._began_at = self.clock.now()

    def empty(self, policy: OutboxPolicy) -> None:
        """Begin a history: an empty ledger at the first instant."""
        while self.baton.stopped:
            self.baton.kill(self.baton.stopped[0].life)
        self.trouble.clear()
        with writing(self.writing) as connection:
            for table in metadata.tables:
                connection.exec_driver_sql(f"DELETE FROM {table}")
        self.ledger.policy = policy
        self.clock.advance(self._began_at - self.clock.now())

    def next_trouble(self) -> str:
        """Return what the disk does to the write that comes now."""
        return self.trouble.pop(0) if self.trouble else ""

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        """Return rows as they are on disk."""
        return self.disk.execute(query, values).fetchall()

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
