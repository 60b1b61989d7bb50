"""The rate and the slots of a connection: in order, bounded, and silent when asked."""

from datetime import timedelta

import pytest

from connector.transport.limits import CallRate


class Ticks:
    """A monotonic clock in the test's hand."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


SECOND = timedelta(seconds=1)


def test_without_a_rate_there_is_always_a_token() -> None:
    ticks = Ticks()
    rate = CallRate(None, monotonic=ticks)
    assert [rate.reserve(within=timedelta()) for _ in range(3)] == [100.0, 100.0, 100.0]


def test_tokens_come_at_the_rate_and_in_the_order_of_asking() -> None:
    rate = CallRate(4, monotonic=Ticks())
    assert [rate.reserve(within=SECOND) for _ in range(4)] == [100.0, 100.25, 100.5, 100.75]


def test_a_pause_saves_up_no_more_than_the_burst() -> None:
    ticks = Ticks()
    rate = CallRate(10, burst=3, monotonic=ticks)
    ticks.at += 60
    taken = [rate.reserve(within=SECOND) for _ in range(4)]
    assert taken == [160.0, 160.0, 160.0, pytest.approx(160.1)]


def test_who_would_wait_longer_than_their_patience_takes_no_token() -> None:
    ticks = Ticks()
    rate = CallRate(1, monotonic=ticks)
    assert rate.reserve(within=SECOND) == 100.0
    assert rate.reserve(within=SECOND) == 101.0
    assert rate.reserve(within=SECOND) is None
    ticks.at = 101.0
    assert rate.reserve(within=SECOND) == 102.0, "the one in vain must not have pushed anybody back"


def test_a_hold_lets_nobody_go_before_its_end() -> None:
    ticks = Ticks()
    rate = CallRate(2, monotonic=ticks)
    rate.hold(timedelta(seconds=30))
    rate.hold(timedelta(seconds=3))
    assert rate.held_for == timedelta(seconds=30)
    assert rate.reserve(within=timedelta(seconds=10)) is None
    ticks.at += 25
    assert rate.reserve(within=timedelta(seconds=10)) == 130.0
    assert rate.reserve(within=timedelta(seconds=10)) == 130.5
    ticks.at = 131.0
    assert not rate.held_for
