"""An hour lasts an hour, whatever somebody does to the machine's clock."""

from datetime import timedelta

import pytest

from connector.clock import SteadyClock
from connector.testing.builders import HeldClock

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


class Machine:
    """A machine whose clock can be set, and whose time goes on when it is told to."""

    def __init__(self) -> None:
        self.wall = HeldClock()
        self.since_boot = 1000.0
        self.clock = SteadyClock(self.wall.now, lambda: self.since_boot)

    def live(self, by: timedelta) -> None:
        self.wall.advance(by)
        self.since_boot += by.total_seconds()


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_it_tells_the_machines_time_while_nobody_sets_it(machine: Machine) -> None:
    for _ in range(100):
        machine.live(37 * SECOND)
        assert machine.clock.now() == machine.wall.now()
    assert machine.clock.off_by == timedelta()


def test_what_the_time_service_corrects_is_taken_over_at_once(machine: Machine) -> None:
    for step in (0.4, -0.4):
        machine.wall.advance(step * SECOND)
        assert machine.clock.now() == machine.wall.now()


@pytest.mark.parametrize("step", [HOUR, -HOUR])
def test_a_step_lets_no_more_time_pass_than_has_passed(machine: Machine, step: timedelta) -> None:
    before = machine.clock.now()
    machine.wall.advance(step)
    assert machine.clock.now() == before
    machine.live(60 * SECOND)
    assert abs(machine.clock.now() - before - 60 * SECOND) <= 3 * SECOND
    assert abs(machine.clock.off_by - step) <= 3 * SECOND


@pytest.mark.parametrize("step", [HOUR, -HOUR])
def test_a_step_is_followed_within_a_day(machine: Machine, step: timedelta) -> None:
    machine.wall.advance(step)
    before = machine.clock.now()
    for _ in range(24 * 60):
        machine.live(60 * SECOND)
        assert machine.clock.now() > before
        before = machine.clock.now()
    assert machine.clock.now() == machine.wall.now()


def test_a_step_that_is_taken_back_leaves_nothing_behind(machine: Machine) -> None:
    machine.wall.advance(HOUR)
    machine.live(10 * SECOND)
    machine.clock.now()
    machine.wall.advance(-HOUR)
    machine.live(10 * SECOND)
    machine.clock.now()
    assert machine.clock.now() == machine.wall.now()


def test_time_in_which_the_machine_was_suspended_has_passed(machine: Machine) -> None:
    before = machine.clock.now()
    machine.live(HOUR)
    assert machine.clock.now() - before == HOUR
