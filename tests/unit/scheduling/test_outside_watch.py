"""Somebody beside the daemon wrote: it is noticed, by looking and by being told, and not before and not twice."""

import threading
from datetime import timedelta

from connector.errors import LedgerUnavailable
from connector.ledger.outside_watch import OutsideWatch as Told
from connector.scheduling.outside_watch import OutsideWatch

PATIENCE = 20.0


class Number:
    """The number in the ledger, in the test's hand."""

    def __init__(self) -> None:
        self.count = 7
        self.is_away = False
        self.looks = threading.Semaphore(0)
        self.told = Told(self._read, is_sqlite=True)
        self.told.look_every = timedelta(hours=1)

    def _read(self, _look: object) -> int:
        self.looks.release()
        if self.is_away:
            raise LedgerUnavailable
        return self.count


class Changes:
    """Notes that it was called; fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.seen = threading.Semaphore(0)

    def __call__(self) -> None:
        self.seen.release()
        if self.failures:
            self.failures -= 1
            raise LedgerUnavailable


def test_everything_is_looked_at_once_at_the_start_before_anything_else() -> None:
    number, changes = Number(), Changes()
    watch = OutsideWatch(number.told, changes)
    watch.start()
    assert changes.seen.acquire(timeout=0)
    watch.stop()
    watch.stop()


def test_a_number_that_rose_is_noticed_and_one_that_stands_is_not() -> None:
    number, changes = Number(), Changes()
    number.told.look_every = timedelta(milliseconds=10)
    watch = OutsideWatch(number.told, changes)
    watch.start()
    assert changes.seen.acquire(timeout=PATIENCE)
    assert all(number.looks.acquire(timeout=PATIENCE) for _ in range(5))
    assert not changes.seen.acquire(timeout=0)
    number.count += 1
    assert changes.seen.acquire(timeout=PATIENCE)
    watch.stop()


def test_who_is_told_looks_at_once() -> None:
    number, changes = Number(), Changes()
    watch = OutsideWatch(number.told, changes)
    watch.start()
    assert changes.seen.acquire(timeout=PATIENCE)
    number.count += 1
    number.told.tell()
    assert changes.seen.acquire(timeout=PATIENCE)
    watch.stop()


def test_a_change_that_could_not_be_obeyed_is_obeyed_at_the_next_look() -> None:
    number, changes = Number(), Changes()
    number.told.look_every = timedelta(milliseconds=10)
    watch = OutsideWatch(number.told, changes)
    watch.start()
    assert changes.seen.acquire(timeout=PATIENCE)
    changes.failures = 2
    number.count += 1
    assert all(changes.seen.acquire(timeout=PATIENCE) for _ in range(3))
    number.is_away = True
    assert all(number.looks.acquire(timeout=PATIENCE) for _ in range(20))
    number.count += 1
    number.is_away = False
    assert changes.seen.acquire(timeout=PATIENCE)
    watch.stop()


def test_it_may_be_stopped_without_having_been_started() -> None:
    OutsideWatch(Number().told, Changes()).stop()
