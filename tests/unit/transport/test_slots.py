"""Slots: no more calls than fit at the same time, and turns that are fair between kinds of work."""

import threading
from collections.abc import Callable
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.transport.slots import Slots

PATIENCE = timedelta(seconds=20)


def served(wanted: list[str]) -> list[str]:
    """Have all of them wait for one slot, in this order of asking, and return in which order they had it."""
    slots = Slots(1)
    assert slots.take("first", within=timedelta())
    order: list[str] = []
    threads = []
    for number, deed in enumerate(wanted):
        waiting = threading.Thread(target=_take_and_note, args=(slots, deed, order))
        waiting.start()
        threads.append(waiting)
        _until(lambda n=number: slots.waiting == n + 1)  # type: ignore[misc]
    slots.give_back()
    for waiting in threads:
        waiting.join(PATIENCE.total_seconds())
    return order


def test_of_one_deed_whoever_has_waited_longest_goes_first() -> None:
    slots = Slots(1)
    assert slots.take(within=timedelta())
    order: list[str] = []
    threads = []
    for number in range(4):
        target = _take_and_name(slots, str(number), order)
        waiting = threading.Thread(target=target)
        waiting.start()
        threads.append(waiting)
        _until(lambda n=number: slots.waiting == n + 1)  # type: ignore[misc]
    slots.give_back()
    for waiting in threads:
        waiting.join(10)
    assert order == ["0", "1", "2", "3"]


def test_a_letter_that_is_to_be_registered_does_not_stand_behind_a_flood_of_questions() -> None:
    assert served(["progress"] * 6 + ["register"])[0] == "register"


def test_questions_do_not_stand_behind_a_backlog_of_letters() -> None:
    assert "progress" in served(["register"] * 6 + ["progress"])[:2]


def test_registering_has_every_other_turn_and_the_rest_share_the_turns_between() -> None:
    order = served(["find"] * 4 + ["progress"] * 4 + ["register"] * 8)
    assert order[0::2] == ["register"] * 8
    assert order[1::2] == ["find", "progress"] * 4


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(["register", "find", "progress", "attach"]), min_size=1, max_size=10))
def test_everybody_is_served_once_and_nobody_waits_longer_than_fairness_asks(wanted: list[str]) -> None:
    order = served(wanted)
    assert sorted(order) == sorted(wanted)
    kinds = set(wanted)
    for deed in kinds:
        assert order.index(deed) < 2 * len(kinds), "the first of a kind goes within two rounds"


def test_a_slot_that_does_not_come_free_in_time_is_a_no() -> None:
    slots = Slots(1)
    assert slots.take(within=timedelta())
    assert not slots.take(within=timedelta(milliseconds=5))
    slots.give_back()
    assert slots.take(within=timedelta()), "the one who left in vain must not hold a slot"


def _take_and_note(slots: Slots, deed: str, order: list[str]) -> None:
    assert slots.take(deed, within=PATIENCE)
    order.append(deed)
    slots.give_back()


def _take_and_name(slots: Slots, name: str, order: list[str]) -> Callable[[], None]:
    def take() -> None:
        assert slots.take("progress", within=PATIENCE)
        order.append(name)
        slots.give_back()

    return take


def _until(condition: Callable[[], bool]) -> None:
    waker = threading.Event()
    for _ in range(2000):
        if condition():
            return
        waker.wait(0.005)
    raise AssertionError("it did not come about")
