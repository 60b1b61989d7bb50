"""What a failed side step means for it: one table, and nothing else decides."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.errors import CallFailed, CredentialsRejected, NotPossible, RateLimited, Unavailable
from connector.ledger.step_records import SideStepHappening, SideStepStatus, StepOutcome
from connector.ports.call_failures import word_of

__all__ = ["MOST_LOSSES", "CompletionPolicy", "Moment", "happening_of_failure", "left_to_a_person", "lost"]

MOST_LOSSES = 5
"""A side step whose outcome was lost so often is a question for a person, though it may be repeated."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CompletionPolicy:
    """The times of side steps; the same options as for registering."""

    retry_first_after: timedelta = timedelta(seconds=30)
    retry_at_most_every: timedelta = timedelta(minutes=15)
    retry_without_credentials: timedelta = timedelta(minutes=15)
    announcement_holds: timedelta = timedelta(seconds=20)
    """A call is begun within this time after its announcement, or not at all."""
    remind_after: timedelta = timedelta(days=1)
    """When the operator is reminded of a side step that waits for a person."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """What the decision depends on besides the failure."""

    now: datetime
    policy: CompletionPolicy
    is_repeatable: bool
    earlier: int = 0
    """How often in a row this side step was postponed before."""
    losses: int = 0
    """How often its outcome was lost before."""
    jitter: float = 0.0


def happening_of_failure(error: CallFailed | NotPossible, moment: Moment) -> SideStepHappening:
    """Return what becomes of a side step whose call failed. What does harm when done twice is not tried again."""
    match error:
        case NotPossible():
            return left_to_a_person(SideStepStatus.PARKED, "not_possible", moment)
        case CredentialsRejected():
            return _again(error, moment.now + moment.policy.retry_without_credentials)
        case RateLimited(retry_after=timedelta() as wish):
            return _again(error, max(moment.now + wish, _usual(moment)))
        case Unavailable():
            return _again(error, _usual(moment))
        case _:
            return lost(error.reason or word_of(error), moment)


def lost(reason: str, moment: Moment) -> SideStepHappening:
    """Return what becomes of a side step of which nobody knows whether it was done."""
    if moment.is_repeatable and moment.losses + 1 < MOST_LOSSES:
        return SideStepHappening(
            status=SideStepStatus.QUEUED, due_at=_usual(moment), outcome=StepOutcome.LOST, reason=reason
        )
    return left_to_a_person(SideStepStatus.UNCERTAIN, reason, moment)


def left_to_a_person(status: SideStepStatus, reason: str, moment: Moment) -> SideStepHappening:
    """Return that it waits for a person: uncertain where it may have been done, parked where it certainly was not."""
    outcome = StepOutcome.LOST if status is SideStepStatus.UNCERTAIN else StepOutcome.FAILED
    due_at = moment.now + moment.policy.remind_after
    return SideStepHappening(status=status, due_at=due_at, outcome=outcome, reason=reason)


def _again(error: CallFailed, due_at: datetime) -> SideStepHappening:
    reason = error.reason or word_of(error)
    return SideStepHappening(
        status=SideStepStatus.QUEUED, due_at=due_at, outcome=StepOutcome.FAILED, reason=reason
    )


def _usual(moment: Moment) -> datetime:
    policy = moment.policy
    grown = min(policy.retry_first_after * float(2 ** min(moment.earlier, 20)), policy.retry_at_most_every)
    return moment.now + grown * (1 - moment.jitter / 4)
