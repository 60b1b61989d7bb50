"""What each failure means for a side step: what does harm when done twice is never tried again."""

from datetime import UTC, datetime, timedelta

import pytest

from connector.completion.endings import MOST_LOSSES, CompletionPolicy, Moment, happening_of_failure
from connector.errors import (
    CallFailed,
    CredentialsRejected,
    Misbehaved,
    NotPossible,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from connector.ledger.step_records import SideStepStatus

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
POLICY = CompletionPolicy()


def moment(*, is_repeatable: bool = True, earlier: int = 0, losses: int = 0) -> Moment:
    return Moment(now=NOW, policy=POLICY, is_repeatable=is_repeatable, earlier=earlier, losses=losses)


@pytest.mark.parametrize("is_repeatable", [True, False])
@pytest.mark.parametrize(
    ("error", "wait"),
    [
        (Unavailable(), timedelta(seconds=30)),
        (RateLimited(), timedelta(seconds=30)),
        (RateLimited(retry_after=timedelta(hours=1)), timedelta(hours=1)),
        (CredentialsRejected(), timedelta(minutes=15)),
    ],
)
def test_what_was_certainly_not_done_is_done_later(
    error: CallFailed, wait: timedelta, is_repeatable: bool
) -> None:
    happening = happening_of_failure(error, moment(is_repeatable=is_repeatable))
    assert happening.status is SideStepStatus.QUEUED
    assert happening.due_at == NOW + wait
    assert happening.reason


@pytest.mark.parametrize("error", [OutcomeUnknown(), Misbehaved(), CallFailed()])
def test_a_lost_outcome_is_tried_again_only_where_that_harms_nobody(error: CallFailed) -> None:
    assert happening_of_failure(error, moment()).status is SideStepStatus.QUEUED
    lost = happening_of_failure(error, moment(is_repeatable=False))
    assert (lost.status, lost.due_at) == (SideStepStatus.UNCERTAIN, NOW + POLICY.remind_after)


def test_an_outcome_that_is_lost_again_and_again_is_a_question_for_a_person() -> None:
    statuses = [happening_of_failure(OutcomeUnknown(), moment(losses=n)).status for n in range(MOST_LOSSES)]
    assert set(statuses[:-1]) == {SideStepStatus.QUEUED}
    assert statuses[-1] is SideStepStatus.UNCERTAIN


def test_what_can_never_be_done_waits_for_a_person() -> None:
    happening = happening_of_failure(NotPossible(), moment())
    assert (happening.status, happening.reason) == (SideStepStatus.PARKED, "not_possible")


def test_the_time_between_tries_grows_up_to_its_limit() -> None:
    waits = [happening_of_failure(Unavailable(), moment(earlier=n)).due_at - NOW for n in range(7)]  # type: ignore[operator]
    assert [wait.total_seconds() for wait in waits] == [30, 60, 120, 240, 480, 900, 900]
