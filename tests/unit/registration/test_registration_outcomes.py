"""The tables of registration: every outcome and every failure has its one event."""

from datetime import UTC, datetime, timedelta

import pytest

from connector.domain.lifecycle import TRANSITIONS, Event, Status
from connector.domain.registration import Registration
from connector.errors import (
    CallFailed,
    CredentialsRejected,
    Misbehaved,
    NotPossible,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from connector.ports.outcomes import Refused, Registered, Submitted
from connector.registration.happenings import Moment, happening_of_failure, happening_of_outcome
from connector.registration.patience import RegistrationPolicy

MOMENT = Moment(
    now=datetime(2026, 11, 21, 8, 0, tzinfo=UTC),
    policy=RegistrationPolicy(),
    longest_processing=timedelta(minutes=10),
)
NUMBER = Registration(number="1405/12", secretariat="central")

OUTCOMES = [
    (Registered(registration=NUMBER), Event.REGISTERED),
    (Registered(registration=NUMBER, was_known=True), Event.REGISTERED),
    (Submitted(), Event.ACCEPTED),
    (Refused(reason="نه"), Event.REFUSED),
    (Registered(registration=Registration(number="", secretariat="central")), Event.OUTCOME_LOST),
    (Registered(registration=Registration(number="خطا " * 40, secretariat="central")), Event.OUTCOME_LOST),
    (None, Event.OUTCOME_LOST),
    ("1405/12", Event.OUTCOME_LOST),
]
FAILURES = [
    (Unavailable(), Event.POSTPONED),
    (RateLimited(), Event.POSTPONED),
    (CredentialsRejected(), Event.POSTPONED),
    (OutcomeUnknown(), Event.OUTCOME_LOST),
    (Misbehaved(), Event.OUTCOME_LOST),
    (CallFailed(), Event.OUTCOME_LOST),
    (NotPossible(), Event.GAVE_UP),
]


@pytest.mark.parametrize(("outcome", "event"), OUTCOMES)
def test_each_outcome_has_its_event(outcome: object, event: Event) -> None:
    assert happening_of_outcome(outcome, MOMENT).event is event


@pytest.mark.parametrize(("error", "event"), FAILURES)
def test_each_failure_has_its_event_and_a_reason(error: CallFailed | NotPossible, event: Event) -> None:
    happening = happening_of_failure(error, MOMENT)
    assert happening.event is event
    assert happening.reason
    assert happening.due_at is not None


@pytest.mark.parametrize("event", sorted({event for _, event in OUTCOMES + FAILURES}))
def test_each_event_is_possible_for_a_letter_that_is_being_registered(event: Event) -> None:
    assert (Status.REGISTERING, event) in TRANSITIONS


def test_only_what_is_certainly_not_delivered_makes_a_letter_ready_again() -> None:
    ready_again = {type(error) for error, event in FAILURES if event is Event.POSTPONED}
    assert ready_again == {Unavailable, RateLimited, CredentialsRejected}
