"""Whoever sets the machine's clock is noticed, and what was to be rung by it is rung anew."""

import queue
from datetime import timedelta

import pytest

from connector.clock import SteadyClock
from connector.scheduling.clock_watch import ClockWatch
from connector.testing.builders import HeldClock

PATIENCE = 10.0


@pytest.mark.parametrize("step", [timedelta(hours=1), timedelta(hours=-1)])
def test_a_step_of_the_machines_clock_is_told_once(step: timedelta) -> None:
    wall, looks, steps = HeldClock(), queue.SimpleQueue[None](), queue.SimpleQueue[None]()

    def elapsed() -> float:
        looks.put(None)
        return 0.0

    watch = ClockWatch(
        SteadyClock(wall.now, elapsed), lambda: steps.put(None), every=timedelta(milliseconds=5)
    )
    watch.start()
    for _ in range(3):
        looks.get(timeout=PATIENCE)
    assert steps.empty()
    wall.advance(step)
    steps.get(timeout=PATIENCE)
    for _ in range(looks.qsize() + 3):
        looks.get(timeout=PATIENCE)
    watch.stop()
    assert steps.empty()


def test_it_may_be_stopped_twice_and_without_a_start() -> None:
    watch = ClockWatch(SteadyClock(), lambda: None)
    watch.stop()
    watch.stop()
