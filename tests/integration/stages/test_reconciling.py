"""Reconciliation against a real ledger: a lost answer is looked up and never sent again without proof."""

from datetime import timedelta

import pytest

from connector.domain.lifecycle import Stage, Status
from connector.errors import CredentialsRejected, Misbehaved, OutcomeUnknown, Unavailable
from connector.ports.office import OfficeCapabilities
from tests.integration.stages.conftest import Agency
from tests.integration.stages.office_double import Fate


def lost(agency: Agency, fate: Fate) -> str:
    agency.office.fates.append(fate)
    letter = agency.letter()
    agency.register()
    assert agency.status(letter) is Status.UNCERTAIN
    return letter


def test_a_lost_answer_is_looked_up_and_never_sent_again(agency: Agency) -> None:
    letter = lost(agency, Fate.SWALLOW)
    agency.until_due(Stage.RECONCILIATION)
    agency.reconcile()
    state = agency.state(letter)
    assert state.status is Status.REGISTERED
    assert state.registration is not None
    assert state.registration.number == "1405/1"
    assert agency.office.calls == {"register": 1, "find": 1}


def test_a_letter_that_is_certainly_absent_is_sent_again_once(agency: Agency) -> None:
    letter = lost(agency, Fate.LOSE)
    waited = timedelta()
    while agency.status(letter) is Status.UNCERTAIN:
        waited += agency.until_due(Stage.RECONCILIATION)
        agency.reconcile()
    assert agency.status(letter) is Status.READY
    assert timedelta(minutes=10) < waited < timedelta(minutes=11), "right after the longest processing time"
    assert agency.office.calls["find"] >= 2
    agency.register()
    assert agency.status(letter) is Status.REGISTERED
    assert agency.office.calls["register"] == 2
    assert agency.office.registered_twice == []


def test_an_answer_that_takes_effect_late_is_found_and_not_doubled(agency: Agency) -> None:
    letter = lost(agency, Fate.LATE)
    for _ in range(3):
        agency.until_due(Stage.RECONCILIATION)
        agency.reconcile()
    assert agency.status(letter) is Status.UNCERTAIN
    agency.office.take_effect()
    agency.until_due(Stage.RECONCILIATION)
    agency.reconcile()
    assert agency.status(letter) is Status.REGISTERED
    assert agency.office.registered_twice == []


def test_where_absence_proves_nothing_a_letter_waits_for_a_sign_or_for_a_person(agency: Agency) -> None:
    agency.office.capabilities = OfficeCapabilities(find_by_key=True, absence_is_proof=False)
    letter = lost(agency, Fate.LATE)
    for _ in range(8):
        agency.until_due(Stage.RECONCILIATION)
        agency.reconcile()
    assert (agency.status(letter), agency.office.calls["register"]) == (Status.UNCERTAIN, 1)
    assert agency.due_in(Stage.RECONCILIATION) == timedelta(days=1), "a person is reminded daily"
    agency.office.take_effect()
    agency.until_due(Stage.RECONCILIATION)
    agency.reconcile()
    assert agency.status(letter) is Status.REGISTERED, "a sign that comes late still counts"
    assert agency.office.registered_twice == []


def test_one_lookup_proves_nothing_however_late_it_is(agency: Agency) -> None:
    letter = lost(agency, Fate.LOSE)
    agency.pass_time(timedelta(days=2))
    agency.reconcile()
    assert agency.status(letter) is Status.UNCERTAIN
    assert agency.state(letter).lookups == 1
    agency.until_due(Stage.RECONCILIATION)
    agency.reconcile()
    assert agency.status(letter) is Status.READY


@pytest.mark.parametrize(
    "error",
    [
        Unavailable(reason="refused"),
        OutcomeUnknown(reason="timeout"),
        Misbehaved(reason="session_unknown"),
        CredentialsRejected(reason="login_refused"),
        ValueError("crash"),
    ],
)
def test_a_lookup_that_failed_never_counts(agency: Agency, error: Exception) -> None:
    letter = lost(agency, Fate.LOSE)
    agency.pass_time(timedelta(hours=1))
    agency.office.find_fates.append(error)
    agency.reconcile()
    assert agency.state(letter).lookups == 0
    assert agency.events(letter)[-1] == "outcome_lost"
    assert agency.due_in(Stage.RECONCILIATION) >= timedelta(seconds=30)


def test_lookups_come_at_growing_distances(agency: Agency) -> None:
    letter = lost(agency, Fate.LOSE)
    gaps = []
    while agency.status(letter) is Status.UNCERTAIN:
        gaps.append(agency.until_due(Stage.RECONCILIATION))
        agency.reconcile()
    assert gaps[:4] == [timedelta(seconds=seconds) for seconds in (5, 15, 45, 135)]


def test_a_letter_that_the_office_has_without_a_number_is_submitted(agency: Agency) -> None:
    letter = lost(agency, Fate.LOSE)
    agency.office.waiting[letter] = "central"
    agency.until_due(Stage.RECONCILIATION)
    agency.reconcile()
    assert agency.status(letter) is Status.SUBMITTED


def test_an_office_that_cannot_be_asked_leaves_the_letter_to_a_person(agency: Agency) -> None:
    agency.office.capabilities = OfficeCapabilities()
    letter = lost(agency, Fate.SWALLOW)
    for _ in range(3):
        agency.until_due(Stage.RECONCILIATION)
        agency.reconcile()
        assert agency.due_in(Stage.RECONCILIATION) == timedelta(days=1)
    assert agency.status(letter) is Status.UNCERTAIN
    assert agency.events(letter)[-1] == "outcome_lost", "nothing was looked up"
    assert agency.office.calls == {"register": 1}
