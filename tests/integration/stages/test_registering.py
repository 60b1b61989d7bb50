"""Registration against a real ledger: each way a call may end, and what is certain after it."""

from datetime import timedelta

import pytest

from connector.domain.lifecycle import Stage, Status
from connector.errors import (
    CredentialsRejected,
    LedgerUnavailable,
    Misbehaved,
    NotPossible,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from connector.ledger.records import Claim, Happening
from connector.ports.connection import ConnectionPolicy
from connector.registration.registration import Registration
from connector.transport.breaker import BreakerPolicy
from tests.integration.stages.conftest import Agency
from tests.integration.stages.office_double import Fate


def test_a_ready_letter_is_announced_registered_and_due_for_its_first_question(agency: Agency) -> None:
    letter = agency.letter()
    agency.register()
    state = agency.state(letter)
    assert state.status is Status.REGISTERED
    assert state.registration is not None
    assert state.registration.number == "1405/1"
    assert agency.events(letter)[-2:] == ["announced", "registered"]
    assert agency.due_in(Stage.TRACKING) == timedelta(minutes=1)


def test_an_office_that_numbers_later_leaves_the_letter_submitted(agency: Agency) -> None:
    agency.office.fates.append(Fate.SUBMIT)
    letter = agency.letter()
    agency.register()
    assert agency.status(letter) is Status.SUBMITTED
    assert agency.state(letter).office_reference == "doc-1"


def test_a_refusal_is_an_end_and_is_told_with_its_code(agency: Agency) -> None:
    agency.office.fates.append(Fate.REFUSE)
    letter = agency.letter()
    agency.register()
    assert agency.status(letter) is Status.REFUSED
    last = next(entry for entry in agency.ledger.timeline(letter) if entry.name == "refused")
    assert (last.reason, last.code) == ("refused_by_office", "E-12")


@pytest.mark.parametrize("error", [Unavailable(reason="refused"), RateLimited(reason="http_429")])
def test_a_letter_that_was_certainly_not_delivered_is_ready_again_for_later(
    agency: Agency, error: Exception
) -> None:
    agency.office.fates.append(error)
    letter = agency.letter()
    agency.register()
    assert agency.status(letter) is Status.READY
    assert agency.events(letter)[-1] == "postponed"
    assert agency.register() == 0, "not before its time"
    agency.until_due(Stage.REGISTRATION)
    agency.register()
    assert agency.status(letter) is Status.REGISTERED


def test_the_time_between_tries_grows(agency: Agency) -> None:
    agency.office.fates.extend(Unavailable(reason="refused") for _ in range(7))
    agency.letter()
    gaps = []
    for _ in range(7):
        agency.register()
        gaps.append(agency.until_due(Stage.REGISTRATION).total_seconds())
    assert gaps == [30, 60, 120, 240, 480, 900, 900]


def test_an_office_that_says_when_is_asked_then_and_not_before(agency: Agency) -> None:
    agency.office.fates.append(RateLimited(retry_after=timedelta(minutes=20)))
    agency.letter()
    agency.register()
    assert agency.due_in(Stage.REGISTRATION) == timedelta(minutes=20)


@pytest.mark.parametrize(
    "fate", [Fate.SWALLOW, Fate.LOSE, Misbehaved(reason="no_result"), KeyError("crash"), Fate.NO_NUMBER]
)
def test_a_call_of_which_nothing_is_known_makes_the_letter_uncertain_and_never_ready(
    agency: Agency, fate: Fate | Exception
) -> None:
    agency.office.fates.append(fate)
    letter = agency.letter()
    agency.register()
    assert agency.status(letter) is Status.UNCERTAIN
    assert agency.due_in(Stage.RECONCILIATION) == timedelta(seconds=5)
    agency.pass_time(timedelta(days=30))
    assert agency.register() == 0
    assert agency.office.calls["register"] == 1


def test_a_letter_that_cannot_be_put_into_form_waits_for_a_person(agency: Agency) -> None:
    agency.office.fates.append(NotPossible("The subject is too long for this office."))
    letter = agency.letter()
    agency.register()
    assert agency.status(letter) is Status.PARKED


def test_refused_credentials_postpone_the_letter_and_close_the_door_for_the_next(agency: Agency) -> None:
    agency.office.fates.append(CredentialsRejected(reason="login_refused"))
    first, second = agency.letter(), agency.letter()
    agency.register()
    assert agency.status(first) is Status.READY
    assert agency.office.calls["register"] == 1
    assert agency.events(second)[-1] == "screened", "nothing was announced behind a closed door"


def test_a_closed_door_is_seen_before_anything_is_announced(agency: Agency) -> None:
    agency.connect(policy=ConnectionPolicy(breaker=BreakerPolicy(failures=1)))
    agency.office.fates.append(Unavailable(reason="refused"))
    agency.letter()
    waiting = [agency.letter() for _ in range(3)]
    agency.register()
    for letter in waiting:
        assert agency.events(letter)[-1] == "screened"
    for _ in range(30):
        if all(agency.status(letter) is Status.REGISTERED for letter in waiting):
            break
        agency.until_due(Stage.REGISTRATION)
        agency.register()
    assert all(agency.status(letter) is Status.REGISTERED for letter in waiting)
    assert agency.office.registered_twice == []


def test_a_killed_process_leaves_its_letter_uncertain_when_the_lease_ends(agency: Agency) -> None:
    letter = agency.letter()
    (claim,) = agency.claims(Stage.REGISTRATION, holder="killed")
    agency.ledger.announce(claim)
    assert agency.register() == 0, "the lease still holds"
    agency.pass_time(timedelta(seconds=61))
    agency.register()
    assert agency.status(letter) is Status.UNCERTAIN
    assert agency.office.calls["register"] == 0


@pytest.mark.parametrize("interruption", [KeyboardInterrupt(), SystemExit(1)])
def test_an_interrupted_call_leaves_the_letter_registering_and_never_ready(
    agency: Agency, interruption: BaseException
) -> None:
    agency.office.fates.append(interruption)
    letter = agency.letter()
    with pytest.raises(type(interruption)):
        agency.register()
    assert agency.status(letter) is Status.REGISTERING
    agency.pass_time(timedelta(seconds=61))
    agency.register()
    assert agency.status(letter) is Status.UNCERTAIN
    assert agency.office.calls["register"] == 1


def test_an_answer_that_comes_after_the_lease_was_lost_changes_nothing_and_stops_nothing(
    agency: Agency,
) -> None:
    letter = agency.letter()
    (claim,) = agency.claims(Stage.REGISTRATION, holder="slow")
    original = agency.office.register

    def slow(request: object) -> object:
        agency.pass_time(timedelta(seconds=61))
        agency.register()  # the rescuer finds an orphan
        return original(request)  # type: ignore[arg-type]

    agency.office.register = slow  # type: ignore[method-assign, assignment]
    Registration(agency.ledger, agency.connection, agency.ledger.attachments, now=agency.clock.now).run(
        [claim]
    )
    assert agency.status(letter) is Status.UNCERTAIN
    agency.until_due(Stage.RECONCILIATION)
    agency.reconcile()
    assert agency.status(letter) is Status.REGISTERED
    assert agency.office.registered_twice == []


def test_an_answer_in_hand_is_written_down_also_after_the_database_was_away(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = agency.letter()
    record, away = agency.ledger.record, [3]

    def sometimes(claim: Claim, *happenings: Happening) -> None:
        if away[0]:
            away[0] -= 1
            raise LedgerUnavailable
        record(claim, *happenings)

    monkeypatch.setattr(agency.ledger, "record", sometimes)
    agency.register()
    assert agency.status(letter) is Status.REGISTERED
    assert agency.office.calls["register"] == 1


def test_a_database_that_stays_away_leaves_the_letter_registering_and_its_answer_a_question(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = agency.letter()

    def away(claim: Claim, *happenings: Happening) -> None:
        raise LedgerUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(agency.ledger, "record", away)
        with pytest.raises(LedgerUnavailable):
            agency.register()
    assert agency.status(letter) is Status.REGISTERING
    agency.pass_time(timedelta(seconds=61))
    agency.register()
    agency.until_due(Stage.RECONCILIATION)
    agency.reconcile()
    assert agency.status(letter) is Status.REGISTERED
    assert agency.office.registered_twice == []


def test_a_process_that_was_suspended_after_announcing_does_not_send(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = agency.letter()
    announce = agency.ledger.announce

    def suspended(claim: Claim) -> Claim:
        announced = announce(claim)
        agency.pass_time(timedelta(seconds=70))
        agency.register()  # meanwhile somebody else finds the letter
        return announced

    with monkeypatch.context() as patch:
        patch.setattr(agency.ledger, "announce", suspended)
        agency.register()
    assert agency.office.calls["register"] == 0
    assert agency.status(letter) is Status.UNCERTAIN


def test_one_letter_s_lost_race_does_not_stop_the_others(agency: Agency) -> None:
    letters = [agency.letter() for _ in range(3)]
    claims = agency.claims(Stage.REGISTRATION)
    agency.ledger.give_back(claims[1:2])
    Registration(agency.ledger, agency.connection, agency.ledger.attachments, now=agency.clock.now).run(
        claims
    )
    registered = [agency.status(letter) is Status.REGISTERED for letter in letters]
    assert sorted(registered) == [False, True, True]


def test_an_unknown_outcome_keeps_the_vendor_s_code(agency: Agency) -> None:
    agency.office.fates.append(OutcomeUnknown(reason="unmapped_code", code="X-99", remark="متن"))
    letter = agency.letter()
    agency.register()
    lost = next(entry for entry in agency.ledger.timeline(letter) if entry.name == "outcome_lost")
    assert (lost.reason, lost.code) == ("unmapped_code", "X-99")


def test_a_letter_that_the_office_answers_with_nonsense_for_ever_is_set_aside_for_a_person(
    agency: Agency,
) -> None:
    letter = agency.letter()
    agency.office.fates.extend([Misbehaved(reason="fault_unmapped")] * 20)
    for _ in range(100):
        if agency.status(letter) is Status.PARKED:
            break
        agency.register()
        agency.reconcile()
        agency.clock.advance(timedelta(hours=2))
    assert agency.status(letter) is Status.PARKED
    assert agency.events(letter).count("outcome_lost") == 5
    assert agency.ledger.letter_row(letter).last_reason == "outcome_lost_again"
