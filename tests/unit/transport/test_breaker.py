"""The breaker: opens after failures in a row, lets one try, and stays away longer each time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from connector.transport.breaker import Breaker, BreakerPolicy

POLICY = BreakerPolicy(failures=3, first_pause=timedelta(seconds=10), longest_pause=timedelta(seconds=35))


class Ticks:
    """A monotonic clock in the test's hand."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def breaker(ticks: Ticks) -> Breaker:
    return Breaker(POLICY, monotonic=ticks, random=lambda: 1.0)


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        assert breaker.enter() is None
        breaker.failed()


def test_failures_in_a_row_open_it(breaker: Breaker) -> None:
    fail(breaker, 2)
    assert not breaker.is_open
    fail(breaker, 1)
    assert breaker.is_open
    assert breaker.enter() == timedelta(seconds=10)


def test_a_success_in_between_starts_the_count_anew(breaker: Breaker) -> None:
    fail(breaker, 2)
    breaker.succeeded()
    fail(breaker, 2)
    assert not breaker.is_open


def test_after_the_pause_one_alone_may_try(breaker: Breaker, ticks: Ticks) -> None:
    fail(breaker, 3)
    ticks.at += 10
    assert breaker.closed_for() is None
    assert breaker.enter() is None
    assert breaker.enter() is not None
    assert breaker.closed_for() is not None


def test_a_try_that_works_closes_it(breaker: Breaker, ticks: Ticks) -> None:
    fail(breaker, 3)
    ticks.at += 10
    assert breaker.enter() is None
    breaker.succeeded()
    assert not breaker.is_open
    assert breaker.enter() is None


def test_each_try_in_vain_makes_the_pause_longer_up_to_a_limit(breaker: Breaker, ticks: Ticks) -> None:
    fail(breaker, 3)
    pauses = []
    for _ in range(4):
        pause = breaker.closed_for()
        assert pause is not None
        pauses.append(pause.total_seconds())
        ticks.at += pause.total_seconds()
        fail(breaker, 1)
    assert pauses == [10, 20, 35, 35]


def test_the_pause_is_jittered(ticks: Ticks) -> None:
    early = Breaker(POLICY, monotonic=ticks, random=lambda: 0.0)
    fail(early, 3)
    assert early.closed_for() == timedelta(seconds=7.5)


def test_a_try_that_was_not_made_leaves_the_next_one_free(breaker: Breaker, ticks: Ticks) -> None:
    fail(breaker, 3)
    ticks.at += 10
    assert breaker.enter() is None
    breaker.left()
    assert breaker.is_open
    assert breaker.enter() is None


def test_a_late_failure_from_before_the_opening_changes_nothing(breaker: Breaker) -> None:
    fail(breaker, 3)
    breaker.failed()
    assert breaker.closed_for() == timedelta(seconds=10)


@pytest.mark.parametrize("end", [Breaker.failed, Breaker.left])
def test_the_late_end_of_an_older_call_does_not_let_a_second_one_try_beside_the_first(
    breaker: Breaker, ticks: Ticks, end: Callable[[Breaker], None]
) -> None:
    with ThreadPoolExecutor(1) as another_thread:
        assert another_thread.submit(breaker.enter).result() is None
        fail(breaker, 3)
        ticks.at += 10
        assert breaker.enter() is None  # this one tries
        another_thread.submit(end, breaker).result()  # and the older one comes to its end meanwhile
        ticks.at += 10
        assert breaker.closed_for() is not None
        breaker.failed()
        assert breaker.closed_for() == timedelta(seconds=20)  # one try in vain, not two
