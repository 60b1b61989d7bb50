"""The rate and the slots of a connection: in order, bounded, and silent when asked."""

import threading
from datetime import timedelta

import pytest

from connector.transport.limits import CallRate, Slots


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


def test_slots_go_to_whoever_has_waited_longest() -> None:
    slots = Slots(1)
    assert slots.take(within=timedelta())
    order: list[int] = []
    threads = []
    for number in range(4):
        waiting = threading.Thread(target=_take_and_note, args=(slots, number, order))
        waiting.start()
        threads.append(waiting)
        _until(lambda n=number: len(slots._waiting) == n + 1)  # type: ignore[misc]
    slots.give_back()
    for waiting in threads:
        waiting.join(10)
    assert order == [0, 1, 2, 3]


def test_a_slot_that_does_not_come_free_in_time_is_a_no() -> None:
    slots = Slots(1)
    assert slots.take(within=timedelta())
    assert not slots.take(within=timedelta(milliseconds=5))
    slots.give_back()
    assert slots.take(within=timedelta()), "the one who left in vain must not hold a slot"


def _take_and_note(slots: Slots, number: int, order: list[int]) -> None:
    assert slots.take(within=timedelta(seconds=10))
    order.append(number)
    slots.give_back()


def _until(condition: object) -> None:
    waker = threading.Event()
    for _ in range(2000):
        if condition():  # type: ignore[operator]
            return
        waker.wait(0.005)
    raise AssertionError("it did not come about")
