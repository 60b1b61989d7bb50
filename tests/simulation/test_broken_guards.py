"""A guard that is taken away must be missed: the simulation finds a history in which a promise breaks."""

import pytest

from tests.simulation.guards import GUARDS, Guard
from tests.simulation.replay import replay
from tests.simulation.search import breach_within, shortened

MOST_HISTORIES = 1500
"""Each of them is found within some hundreds; the bound leaves room for machines that draw other histories."""


@pytest.mark.timeout(900)
@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_a_broken_guard_is_found_by_a_promise_that_breaks(guard: Guard) -> None:
    with guard.breaking():
        breach = breach_within(MOST_HISTORIES, guard.machine)
    assert breach is not None, f"nobody noticed in {MOST_HISTORIES} histories"
    print(f"{guard.name}: {breach.promise}, after {breach.histories} histories")
    assert breach.promise in guard.promises
    replay(breach.history)  # with the guard back in its place the same history keeps every promise


@pytest.mark.timeout(300)
def test_a_history_that_breaks_a_promise_is_made_short() -> None:
    guard = next(each for each in GUARDS if each.name == "lost_answer_taken_for_failure")
    with guard.breaking():
        breach = breach_within(MOST_HISTORIES, guard.machine)
        assert breach is not None
        short = shortened(breach.history)
    assert len(short.steps) <= 4, short.as_code()
