"""What an outcome or a failure of ``register`` means for the letter: one table each, nothing else decides."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.domain.lifecycle import Event
from connector.errors import (
    CallFailed,
    CredentialsRejected,
    NotPossible,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from connector.ledger.records import Happening
from connector.ports.outcomes import Refused, Registered, Submitted
from connector.registration.patience import RegistrationPolicy, when_to_look_again, when_to_try_again

__all__ = ["Moment", "happening_of_failure", "happening_of_outcome", "outcome_lost"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """What the decision depends on besides the outcome."""

    now: datetime
    policy: RegistrationPolicy
    longest_processing: timedelta
    earlier: int = 0
    """How often in a row this letter was postponed before."""
    jitter: float = 0.0


def happening_of_outcome(outcome: object, moment: Moment) -> Happening:
    """Return what happened, given what ``register`` returned.

    An answer that breaks the port's contract (no outcome, a registration without a number) says nothing
    certain.
    """
    track_at = moment.now + moment.policy.track_first_after
    match outcome:
        case Registered(registration=registration) if registration.has_number:
            return Happening(event=Event.REGISTERED, due_at=track_at, registration=registration)
        case Registered():
            return outcome_lost("no_number", moment)
        case Submitted(office_reference=reference):
            return Happening(event=Event.ACCEPTED, due_at=track_at, office_reference=reference)
        case Refused(reason=remark, code=code):
            return Happening(event=Event.REFUSED, reason="refused_by_office", code=code, remark=remark)
        case _:
            return outcome_lost("no_outcome", moment)


def happening_of_failure(error: CallFailed | NotPossible, moment: Moment) -> Happening:
    """Return what happened, given how the call failed. What is not certainly undone is never postponed."""
    match error:
        case NotPossible():
            return Happening(
                event=Event.GAVE_UP,
                due_at=moment.now + moment.policy.remind_after,
                reason="not_possible",
                remark=error.sentence,
            )
        case CredentialsRejected():
            return _postponed(error, moment.now + moment.policy.retry_without_credentials)
        case RateLimited(retry_after=timedelta() as wish):
            usual = when_to_try_again(moment.earlier, moment.now, moment.policy, moment.jitter)
            return _postponed(error, max(moment.now + wish, usual))
        case Unavailable():
            again = when_to_try_again(moment.earlier, moment.now, moment.policy, moment.jitter)
            return _postponed(error, again)
        case OutcomeUnknown():
            return outcome_lost(error.reason or "outcome_unknown", moment, error)
        case _:
            return outcome_lost(error.reason or "call_failed", moment, error)


def outcome_lost(reason: str, moment: Moment, error: CallFailed | None = None) -> Happening:
    """Return that nothing is known any more, with the first look-up soon."""
    return Happening(
        event=Event.OUTCOME_LOST,
        due_at=when_to_look_again(moment.now, 0, moment.longest_processing, moment.now, moment.policy),
        reason=reason,
        code=error.code if error else None,
        remark=error.remark if error else None,
    )


def _postponed(error: CallFailed, due_at: datetime) -> Happening:
    reason = error.reason or (
        "credentials_rejected" if isinstance(error, CredentialsRejected) else "unavailable"
    )
    return Happening(
        event=Event.POSTPONED, due_at=due_at, reason=reason, code=error.code, remark=error.remark
    )
