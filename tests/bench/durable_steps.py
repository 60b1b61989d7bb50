"""Durable steps per second with 64 waiting: the group writer against one connection behind a lock.

A step is what a stage does: the guarded update of the narrow row and the event beside it, synced
(``synchronous=FULL``), chained as the ledger chains it.
Both ways run the same statements through the same engine set-up; only the way to the disk differs. Rounds alternate.

A slow disk is played by a pause at every commit, before the real one, the same on both sides: a shim under the
library that syncs is not to be had everywhere. What waits in the pause holds no interpreter lock, as in a real sync.
"""

import statistics
import tempfile
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import perf_counter

import sqlalchemy as sa

from connector.clock import now
from connector.domain.lifecycle import Event, Status
from connector.ledger import prepare_database
from connector.ledger.database import open_database, writing
from connector.ledger.event_writes import write_event
from connector.ledger.prepared import Prepared
from connector.ledger.records import Happening
from connector.ledger.tables import schedule
from connector.ledger.writer import GroupWriter, Transaction
from connector.testing.builders import a_key_ring

WAITING = 64
SECONDS = 2.0
ROUNDS = 5

_MOVE = Prepared(
    sa.update(schedule)
    .where(
        schedule.c.work_id == sa.bindparam("moving"),
        schedule.c.version == sa.bindparam("expected"),
        schedule.c.status == "registered",
    )
    .values(
        version=sa.bindparam("next_version"), due_at=sa.bindparam("next_due", type_=schedule.c.due_at.type)
    )
)
_RING = a_key_ring()
_REFERRED = Happening(event=Event.REFERRED)


def a_step(transaction: Transaction, work_id: str, version: int) -> None:
    """Move one letter and write what happened."""
    values = {"expected": version, "next_version": version + 1, "next_due": transaction.at}
    if _MOVE.run(transaction.connection, {"moving": work_id, **values}) != 1:
        raise AssertionError("the guard did not hold")
    write_event(transaction, _RING, work_id, version + 1, _REFERRED, Status.REFERRED)


def slow_down(engine: sa.Engine, pause: timedelta) -> None:
    """Have every commit of this engine take so much longer."""

    @sa.event.listens_for(engine, "commit")
    def _wait(_connection: sa.Connection) -> None:
        threading.Event().wait(pause.total_seconds())


def run_round(way: str, folder: Path, slower_by: timedelta) -> tuple[float, float]:
    """Return steps per second and the fairness: fewest over most steps of one waiter."""
    url = f"sqlite:///{folder / f'{way}.db'}"
    prepare_database(url)
    database = open_database(url)
    if slower_by:
        slow_down(database.writing, slower_by)
        slow_down(database.reading, slower_by)  # the lone connection is one of these
    with writing(database.writing) as connection:
        connection.execute(
            sa.insert(schedule),
            [
                {"work_id": str(n), "kind": "letter", "letter_id": str(n), "status": "registered"}
                for n in range(WAITING)
            ],
        )
    writer = GroupWriter(database.writing, now, lambda lanes: None)
    lock, lone = threading.Lock(), database.reading.connect()
    driver = lone.connection.dbapi_connection
    counts = [0] * WAITING
    stop, start = threading.Event(), threading.Barrier(WAITING + 1)

    def behind_the_lock(work_id: str, version: int) -> None:
        with lock, lone.begin():
            driver.execute("BEGIN IMMEDIATE")
            a_step(Transaction(lone, now()), work_id, version)

    def grouped(work_id: str, version: int) -> None:
        def unit(transaction: Transaction) -> None:
            a_step(transaction, work_id, version)

        writer.run(unit)

    step: Callable[[str, int], None] = grouped if way == "group" else behind_the_lock

    def wait_for_many(number: int) -> None:
        start.wait()
        while not stop.is_set():
            step(str(number), counts[number])
            counts[number] += 1

    threads = [threading.Thread(target=wait_for_many, args=(n,)) for n in range(WAITING)]
    for thread in threads:
        thread.start()
    start.wait()
    began = perf_counter()
    stop.wait(SECONDS)
    stop.set()
    for thread in threads:
        thread.join()
    took = perf_counter() - began
    writer.close()
    lone.close()
    database.dispose()
    return sum(counts) / took, min(counts) / max(counts)


def measure(slower_by: timedelta = timedelta(), rounds: int = ROUNDS) -> dict[str, float]:
    """Return the medians of alternating rounds."""
    results: dict[str, list[tuple[float, float]]] = {"lock": [], "group": []}
    for _ in range(rounds):
        for way, measured in results.items():
            with tempfile.TemporaryDirectory(prefix="chapar-bench-") as folder:
                measured.append(run_round(way, Path(folder), slower_by))
    lock_rate = statistics.median(rate for rate, _ in results["lock"])
    group_rate = statistics.median(rate for rate, _ in results["group"])
    return {
        "lock_steps_per_second": lock_rate,
        "group_steps_per_second": group_rate,
        "ratio": group_rate / lock_rate,
        "fairness": statistics.median(fairness for _, fairness in results["group"]),
        "lock_fairness": statistics.median(fairness for _, fairness in results["lock"]),
    }


if __name__ == "__main__":
    print(measure())
    print(measure(timedelta(milliseconds=5), rounds=3))
