"""Periodic runs: rung again and again, never twice at a time, whatever they do."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from connector.scheduling.runs import PeriodicRun, PeriodicRuns

SOON = timedelta(seconds=10)
HOUR = timedelta(hours=1)
EVERY = timedelta(milliseconds=20)


def test_a_run_is_rung_again_and_again_also_when_it_fails() -> None:
    rung = threading.Semaphore(0)

    def deed() -> None:
        rung.release()
        raise ValueError("a run that fails")

    runs = PeriodicRuns([PeriodicRun(name="gauges", every=timedelta(milliseconds=20), deed=deed)])
    runs.start()
    assert all(rung.acquire(timeout=10) for _ in range(3))
    assert runs.stop(SOON)


def test_a_run_may_be_first_done_at_once_and_rung_by_hand() -> None:
    rung = threading.Semaphore(0)
    runs = PeriodicRuns([PeriodicRun(name="check", every=HOUR, deed=rung.release, is_first_at_once=True)])
    runs.start()
    assert rung.acquire(timeout=10)
    runs.ring("check")
    assert rung.acquire(timeout=10)
    assert runs.stop(SOON)


def test_a_run_that_goes_on_is_not_begun_a_second_time() -> None:
    begun, gate, at_once = threading.Semaphore(0), threading.Event(), []

    def deed() -> None:
        at_once.append(1)
        begun.release()
        gate.wait(10)

    runs = PeriodicRuns([PeriodicRun(name="collect", every=timedelta(milliseconds=10), deed=deed)])
    runs.start()
    assert begun.acquire(timeout=10)
    assert not begun.acquire(timeout=0.15)
    assert not runs.stop(timedelta(milliseconds=20)), "it goes on, and the stop is bounded"
    gate.set()
    assert runs.stop(SOON)
    assert len(at_once) == 1


def test_starting_and_stopping_twice_is_harmless() -> None:
    runs = PeriodicRuns([PeriodicRun(name="check", every=HOUR, deed=lambda: None)])
    assert runs.stop(SOON)
    runs.start()
    again = PeriodicRuns([PeriodicRun(name="check", every=HOUR, deed=lambda: None)])
    again.start()
    again.start()
    assert again.stop(SOON)
    assert again.stop(SOON)


def test_a_run_that_is_once_for_all_is_done_in_its_turn_alone_and_the_others_always() -> None:
    done = {"for all": threading.Semaphore(0), "own": threading.Semaphore(0)}
    asked: list[str] = []
    turn_is_over = threading.Event()

    @contextmanager
    def take_turn(run: PeriodicRun) -> Iterator[bool]:
        asked.append(run.name)
        yield len(asked) == 2
        if len(asked) == 2:
            turn_is_over.set()

    runs = PeriodicRuns(
        [
            PeriodicRun(name="for all", every=EVERY, deed=done["for all"].release, once_for_all=True),
            PeriodicRun(name="own", every=EVERY, deed=done["own"].release),
        ],
        take_turn=take_turn,
    )
    runs.start()
    assert done["for all"].acquire(timeout=10)
    assert turn_is_over.wait(10)
    assert all(done["own"].acquire(timeout=10) for _ in range(3))
    assert runs.stop(SOON)
    assert not done["for all"].acquire(timeout=0)
    assert set(asked) == {"for all"}
