"""Durable steps per second with 64 waiting: the group writer against one connection behind a lock.

A step is what a stage does: the guarded update of the narrow row and the event beside it, synced
(``synchronous=FULL``).
Both ways run the same statements through the same engine set-up; only the way to the disk differs. Rounds alternate.
"""

import statistics
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import sqlalchemy as sa

from connector.clock import now
from connector.ledger import prepare_database
from connector.ledger.database import open_database, writing
from connector.ledger.prepared import Prepared
from connector.ledger.tables import events, schedule
from connector.ledger.writer import GroupWriter, Transaction

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
_TELL = Prepared(sa.insert(events))


def a_step(connection: sa.Connection, work_id: str, version: int) -> None:
    """Move one letter and write what happened."""
    at = now()
    moved = _MOVE.run(
        connection, {"moving": work_id, "expected": version, "next_version": version + 1, "next_due": at}
    )
    if moved != 1:
        raise AssertionError("the guard did not hold")
    _TELL.run(
        connection,
        {"letter_id": work_id, "position": version + 1, "happened_at": at, "event": "referred", "status": "referred",
         "reason": None, "code": None, "detail": None, "sealed": None},
    )  # fmt: skip


def run_round(way: str, folder: Path) -> tuple[float, float]:
    """Return steps per second and the fairness: fewest over most steps of one waiter."""
    url = f"sqlite:///{folder / f'{way}.db'}"
    prepare_database(url)
    database = open_database(url)
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
            a_step(lone, work_id, version)

    def grouped(work_id: str, version: int) -> None:
        def unit(transaction: Transaction) -> None:
            a_step(transaction.connection, work_id, version)

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


def measure() -> dict[str, float]:
    """Return the medians of alternating rounds."""
    results: dict[str, list[tuple[float, float]]] = {"lock": [], "group": []}
    for _ in range(ROUNDS):
        for way, rounds in results.items():
            with tempfile.TemporaryDirectory(prefix="chapar-bench-") as folder:
                rounds.append(run_round(way, Path(folder)))
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
