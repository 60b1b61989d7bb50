"""How a unit of work reaches the disk.

A unit is a function of one transaction. It may run more than once, so it changes nothing but the database.

On SQLite there is exactly one writer: a thread that takes whatever waits, runs the units one after the other and
commits all of them with one sync (group commit). Where one fails, all run once more, each in its own savepoint.
On PostgreSQL each unit is a transaction of its own on a pooled connection, and the server groups the syncs.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import Any, Final, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from connector.clock import Now
from connector.errors import LedgerUnavailable
from connector.ledger.database import writing
from connector.ledger.records import Lane
from connector.observability.logging import get_logger
from connector.observability.metrics import observe_writer_batch

__all__ = ["AWAY", "DirectWriter", "GroupWriter", "Transaction", "Unit", "Writer", "unavailable"]

log = get_logger(__name__)

AWAY: Final = (OperationalError, InterfaceError, InternalError, PoolExhausted)
"""What the database raises when it is busy, full, away or (after a change of servers) only there to be read, and the
pool when all its connections are taken."""

T = TypeVar("T")
_LARGEST_GROUP: Final = 256
_MANY: Final = 8
_COMES_BACK_WITHIN: Final = 20e-6
"""Seconds for each of a group's callers to come back with the next unit."""


@dataclass(slots=True)
class Transaction:
    """What a unit is given: the connection, the instant, and where to note lanes in which something fell due."""

    connection: sa.Connection
    at: datetime
    due_lanes: set[Lane] = field(default_factory=set)


Unit = Callable[[Transaction], T]


class Writer(Protocol):
    """Runs units durably."""

    def run(self, unit: Unit[T]) -> T:
        """Run the unit in a transaction and return its value once it is synced; its errors come back unchanged.

        Raise LedgerUnavailable when the database does not take it: nothing of the unit was kept.
        """
        ...

    def close(self) -> None:
        """Finish what waits and let go."""
        ...


def unavailable(error: SQLAlchemyError) -> LedgerUnavailable:
    """Return the error that tells callers to try later, with the driver's own word for the operator."""
    cause = getattr(error, "orig", None)
    word = type(error if cause is None else cause).__name__
    return LedgerUnavailable(driver_error=word)


class DirectWriter:
    """Units as transactions of their own on a pooled connection (PostgreSQL)."""

    def __init__(self, engine: sa.Engine, now: Now, after_commit: Callable[[set[Lane]], None]) -> None:
        """Take the engine, the clock, and what to call with the lanes in which something fell due."""
        self._engine = engine
        self._now = now
        self._after_commit = after_commit

    def run(self, unit: Unit[T]) -> T:
        """Run the unit in a transaction of its own.

        Deadlocks and serialisation failures are run again: nothing was kept.
        """
        for last_try in (False, False, True):
            try:
                with writing(self._engine) as connection:
                    transaction = Transaction(connection, self._now())
                    value = unit(transaction)
                    for lane in transaction.due_lanes:
                        connection.execute(_NOTIFY, {"payload": f"{lane.stage} {lane.connection}"})
            except AWAY as error:
                if last_try or not _may_run_again(error):
                    raise unavailable(error) from error
                continue
            self._after_commit(transaction.due_lanes)
            return value
        raise AssertionError("the last try returns or raises")

    def close(self) -> None:
        """Nothing waits here."""


_NOTIFY: Final = sa.text("SELECT pg_notify('chapar_due', :payload)")


def _may_run_again(error: SQLAlchemyError) -> bool:
    return getattr(getattr(error, "orig", None), "sqlstate", None) in {"40001", "40P01"}


class _Waiter:
    """One unit and the caller that waits for it. A bare lock is the cheapest thing that one thread can wait on."""

    __slots__ = ("error", "turn", "unit", "value")

    def __init__(self, unit: Unit[Any]) -> None:
        self.unit = unit
        self.value: Any = None
        self.error: Exception | None = None
        self.turn = threading.Lock()
        self.turn.acquire()

    def result(self) -> Any:
        self.turn.acquire()
        if self.error is not None:
            raise self.error
        return self.value


class GroupWriter:
    """The one writer of a SQLite ledger: many waiting units share one sync."""

    def __init__(self, engine: sa.Engine, now: Now, after_commit: Callable[[set[Lane]], None]) -> None:
        """Start the writer thread. The engine's connections begin with BEGIN IMMEDIATE."""
        self._engine = engine
        self._now = now
        self._after_commit = after_commit
        self._waiting: SimpleQueue[_Waiter | None] = SimpleQueue()
        self._is_finished = threading.Event()
        self._thread = threading.Thread(target=self._turn, name="ledger-writer", daemon=True)
        self._thread.start()

    @property
    def engine(self) -> sa.Engine:
        """The engine that is written through."""
        return self._engine

    @property
    def waiting(self) -> int:
        """How many units wait for the writer thread at this moment."""
        return self._waiting.qsize()

    @property
    def is_turning(self) -> bool:
        """Whether the writer thread lives."""
        return self._thread.is_alive()

    def run(self, unit: Unit[T]) -> T:
        """Hand the unit to the writer thread and wait until it is synced."""
        waiter = _Waiter(unit)
        self._waiting.put(waiter)
        if self._is_finished.is_set():  # nobody takes it any more; what came before the end is taken
            self._refuse_waiting()
        value: T = waiter.result()
        return value

    def close(self) -> None:
        """Write what waits, then end the thread. May be called twice."""
        self._waiting.put(None)
        self._thread.join()

    def _turn(self) -> None:
        is_last, size = False, 0
        while not is_last:
            group: list[_Waiter] = []
            entry = self._waiting.get()
            if size >= _MANY:
                # Those who were just answered come back with their next unit. While they do, they and this thread
                # would only take the interpreter from each other; a moment later they share one sync.
                time.sleep(size * _COMES_BACK_WITHIN)
            while True:
                if entry is None:
                    is_last = True
                    break
                group.append(entry)
                if len(group) >= _LARGEST_GROUP or self._waiting.empty():
                    break
                entry = self._waiting.get()
            if group:
                self._write(group)
            size = len(group)
        self._is_finished.set()
        self._refuse_waiting()

    def _refuse_waiting(self) -> None:
        """Answer those who came after the end; without this they would wait for ever."""
        with suppress(Empty):
            while True:
                waiter = self._waiting.get_nowait()
                if waiter is not None:
                    waiter.error = LedgerUnavailable("The ledger is closed.")
                    waiter.turn.release()

    def _write(self, group: list[_Waiter]) -> None:
        lanes: set[Lane] = set()
        try:
            if not self._are_written_together(group, lanes):
                self._write_apart(group, lanes)
        except Exception as error:  # noqa: BLE001 - the group as a whole was not kept
            log.error("ledger.group_not_written", group_size=len(group), error=type(error).__name__)
            lanes.clear()
            for waiter in group:
                waiter.error = _translated(error)
        observe_writer_batch(len(group))
        for waiter in group:
            waiter.turn.release()
        if lanes:
            self._after_commit(lanes)

    def _are_written_together(self, group: list[_Waiter], lanes: set[Lane]) -> bool:
        """Run all units without a savepoint between them; False, with nothing kept, when one of them fails.

        Each statement costs a change of threads, and savepoints would double the statements of a short unit.
        """
        try:
            with writing(self._engine) as connection:
                for waiter in group:
                    transaction = Transaction(connection, self._now())
                    waiter.value = waiter.unit(transaction)
                    lanes |= transaction.due_lanes
        except Exception:  # noqa: BLE001 - whose it is shows when they run apart
            lanes.clear()
            return False
        return True

    def _write_apart(self, group: list[_Waiter], lanes: set[Lane]) -> None:
        """Run all units once more, each in a savepoint: those that fail take nobody with them."""
        with writing(self._engine) as connection:
            for waiter in group:
                self._run_one(connection, waiter, lanes)

    def _run_one(self, connection: sa.Connection, waiter: _Waiter, lanes: set[Lane]) -> None:
        driver: Any = connection.connection.dbapi_connection
        driver.execute("SAVEPOINT unit")
        transaction = Transaction(connection, self._now())
        try:
            waiter.value = waiter.unit(transaction)
        except Exception as error:
            if not driver.in_transaction:
                raise  # a full or failing disk: SQLite has dropped the whole transaction
            driver.execute("ROLLBACK TO unit")
            waiter.error = _translated(error)
        else:
            lanes |= transaction.due_lanes
        driver.execute("RELEASE unit")


def _translated(error: Exception) -> Exception:
    if isinstance(error, AWAY):
        return unavailable(error)
    return error
