"""What of the steps before the number is still to be done, read out of the journal."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.errors import NotPossible
from connector.ledger.step_records import Step
from connector.registration.plan import checked_names, left_open, plan_of, reservation_of

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
NAMES = ("first", "second", "third")


def step(
    position: int, name: str, outcome: str | None = "done", age: timedelta = timedelta(), **kept: str
) -> Step:
    return Step(position=position, name=name, announced_at=NOW - age, outcome=outcome, kept=kept)


def to_do(*journal: Step, is_again: bool = False) -> tuple[str, ...]:
    return plan_of(NAMES, journal, now=NOW, usable_for=HOUR, is_again=is_again).to_do


def test_a_letter_without_a_journal_has_everything_to_do() -> None:
    assert to_do() == NAMES


def test_what_is_done_and_fresh_is_kept_and_not_done_again() -> None:
    plan = plan_of(NAMES, [step(3, "prepare/first", handle="f-1")], now=NOW, usable_for=HOUR, is_again=False)
    assert plan.kept == {"first": {"handle": "f-1"}}
    assert plan.to_do == ("second", "third")


@pytest.mark.parametrize("outcome", ["failed", "lost", None])
def test_a_step_that_did_not_end_well_is_done_again(outcome: str | None) -> None:
    assert to_do(step(3, "prepare/first"), step(4, "prepare/second", outcome)) == ("second", "third")


def test_what_a_step_left_can_be_used_for_a_time_and_no_longer() -> None:
    assert to_do(step(3, "prepare/first", age=HOUR - timedelta(seconds=1))) == ("second", "third")
    assert to_do(step(3, "prepare/first", age=HOUR)) == NAMES


def test_what_follows_a_step_that_is_done_anew_is_done_anew() -> None:
    journal = [step(3, "prepare/first", age=2 * HOUR), step(4, "prepare/second"), step(5, "prepare/third")]
    assert to_do(*journal) == NAMES


def test_a_lost_register_may_have_used_up_what_was_prepared_for_it() -> None:
    done = [step(3 + n, f"prepare/{name}") for n, name in enumerate(NAMES)]
    assert to_do(*done, step(7, "register", "postponed")) == ()
    assert to_do(*done, step(7, "register", "outcome_lost")) == NAMES
    assert to_do(*done, step(7, "register", "outcome_lost"), is_again=True) == (), (
        "the same call has the same things"
    )


def test_the_step_that_a_killed_process_left_open_is_known() -> None:
    assert left_open([step(3, "prepare/first"), step(4, "prepare/second", None)]) == "prepare/second"
    assert left_open([step(3, "prepare/first")]) is None


def test_a_reservation_counts_only_beside_the_intent_that_it_was_made_for() -> None:
    first = [step(3, "reserve", place="r-1"), step(4, "register", "outcome_lost")]
    second = [step(9, "reserve", place="r-2"), step(10, "register", None)]
    assert reservation_of([]) is None
    assert reservation_of(first) == {"place": "r-1"}
    assert reservation_of(first + second) == {"place": "r-2"}
    assert reservation_of([*first, step(10, "register", None)]) is None, (
        "an older place says nothing of a new intent"
    )
    assert reservation_of([step(3, "reserve", "lost"), step(4, "register", None)]) is None


@pytest.mark.parametrize("names", [["a b"], ["x" * 31], ["a", "a"], ["reserve"], [""], [7]])
def test_a_name_that_the_journal_cannot_keep_is_refused_before_anything_is_sent(names: list[Any]) -> None:
    with pytest.raises(NotPossible):
        checked_names(names)
