"""The one writer of a SQLite ledger: shared syncs, separate fates, nobody left waiting."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from connector.clock import now
from connector.errors import LedgerUnavailable
from connector.ledger.database import open_database, writing
from connector.ledger.records import Lane
from connector.ledger.writer import GroupWriter, Transaction

counted: list[set[Lane]] = []


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[GroupWriter]:
    database = open_database(f"sqlite:///{tmp_path}/w.db")
    with writing(database.writing) as connection:
        connection.exec_driver_sql("CREATE TABLE kept (value INTEGER UNIQUE)")
    made = GroupWriter(database.writing, now, counted.append)
    yield made
    made.close()
    database.dispose()


def insert(value: int):  # type: ignore[no-untyped-def]
    def unit(transaction: Transaction) -> int:
        transaction.connection.execute(sa.text("INSERT INTO kept VALUES (:v)"), {"v": value})
        return value

    return unit


class Held:
    """A unit that keeps the writer busy until it is let go, so that others gather behind it."""

    def __init__(self, writer: GroupWriter) -> None:
        self._begun, self._let_go = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=lambda: writer.run(self._unit))
        self._thread.start()
        assert self._begun.wait(10)

    def _unit(self, transaction: Transaction) -> None:
        self._begun.set()
        self._let_go.wait(10)

    def let_go(self) -> None:
        self._let_go.set()
        self._thread.join()


def wait_for_waiting(writer: GroupWriter, count: int) -> None:
    for _ in range(10_000):
        if writer.waiting >= count:
            return
        threading.Event().wait(0.001)
    raise AssertionError("they never gathered")


def kept(writer: GroupWriter) -> list[int]:
    return writer.run(
        lambda t: [row[0] for row in t.connection.execute(sa.text("SELECT value FROM kept ORDER BY 1"))]
    )


def test_a_unit_that_fails_takes_nobody_with_it(writer: GroupWriter) -> None:
    results: dict[int, object] = {}
    held = Held(writer)

    def broken(transaction: Transaction) -> None:
        insert(100)(transaction)
        raise ValueError("mine alone")

    def run(name: int) -> None:
        try:
            results[name] = writer.run(broken if name == 5 else insert(name))
        except ValueError as error:
            results[name] = str(error)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(10)]
    for thread in threads:
        thread.start()
    wait_for_waiting(writer, 10)
    held.let_go()
    for thread in threads:
        thread.join()
    assert results[5] == "mine alone"
    assert kept(writer) == [0, 1, 2, 3, 4, 6, 7, 8, 9]


def test_a_closed_writer_takes_nothing_and_says_so(writer: GroupWriter) -> None:
    writer.run(insert(1))
    writer.close()
    writer.close()
    with pytest.raises(LedgerUnavailable):
        writer.run(insert(2))


def test_what_waits_when_it_closes_is_written(writer: GroupWriter, tmp_path: Path) -> None:
    held = Held(writer)
    waiting = threading.Thread(target=lambda: writer.run(insert(7)))
    waiting.start()
    wait_for_waiting(writer, 1)
    closing = threading.Thread(target=writer.close)
    closing.start()
    held.let_go()
    for thread in (waiting, closing):
        thread.join(10)
    engine = sa.create_engine(f"sqlite:///{tmp_path}/w.db")
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT value FROM kept")).scalar() == 7
    engine.dispose()


def test_a_disk_that_is_full_fails_the_write_and_not_the_writer(writer: GroupWriter) -> None:
    writer.run(lambda t: t.connection.exec_driver_sql("PRAGMA max_page_count = 4"))
    big = sa.text("INSERT INTO kept VALUES (zeroblob(1000000))")
    with pytest.raises(LedgerUnavailable):
        writer.run(lambda t: t.connection.execute(big))
    assert writer.run(insert(3)) == 3


def test_a_group_is_timed_by_one_sync_for_many(writer: GroupWriter) -> None:
    commits = []
    sa.event.listen(writer.engine, "commit", lambda connection: commits.append(1))
    held = Held(writer)
    threads = [threading.Thread(target=writer.run, args=(insert(n),)) for n in range(30)]
    for thread in threads:
        thread.start()
    wait_for_waiting(writer, 30)
    held.let_go()
    for thread in threads:
        thread.join()
    assert len(commits) == 2
