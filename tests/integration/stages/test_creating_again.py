"""An office whose create makes nothing new under the same key: the look-up is that create, and proves no absence."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from connector.domain.lifecycle import Stage, Status
from connector.errors import (
    CredentialsRejected,
    Misbehaved,
    NotPossible,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from connector.ports.call_failures import DUPLICATE_WITHOUT_NUMBER
from tests.integration.stages.conftest import LEASE, Agency
from tests.integration.stages.ladder_office import LadderOffice, able
from tests.integration.stages.office_double import Fate

Ladder = Callable[..., Agency]
FAILURES = [
    Unavailable(reason="http_503"),
    RateLimited(reason="http_429"),
    OutcomeUnknown(reason="timeout"),
    Misbehaved(reason="no_result"),
    CredentialsRejected(reason="login_refused"),
    NotPossible("The subject is too long for this office."),
    ValueError("crash"),
]


def idempotent(**abilities: object) -> LadderOffice:
    return LadderOffice(capabilities=able(idempotent_create=True, **abilities))


def lose(agency: Agency, fate: Fate | Exception) -> str:
    agency.office.fates.append(fate)
    letter = agency.letter()
    agency.register()
    assert agency.status(letter) is Status.UNCERTAIN
    return letter


def look_up(agency: Agency) -> None:
    agency.until_due(Stage.RECONCILIATION)
    agency.reconcile()


def steps(agency: Agency, letter: str) -> list[tuple[str, str | None]]:
    return [(step.name, step.outcome) for step in agency.ledger.journal.steps(letter)]


@pytest.mark.parametrize("fate", [Fate.SWALLOW, Fate.LOSE])
def test_the_same_create_finds_the_letter_or_makes_it_once(ladder: Ladder, fate: Fate) -> None:
    agency = ladder(idempotent())
    letter = lose(agency, fate)
    look_up(agency)
    state = agency.state(letter)
    assert state.status is Status.REGISTERED
    assert [state.registration] == agency.office.numbers[letter]
    assert agency.events(letter)[-1] == "found"
    assert steps(agency, letter) == [("register", "outcome_lost"), ("register_again", "found")]


def test_the_second_answer_may_be_lost_like_the_first_and_makes_nothing_twice(ladder: Ladder) -> None:
    agency = ladder(idempotent())
    letter = lose(agency, Fate.SWALLOW)
    agency.office.fates.extend([Fate.SWALLOW, Fate.LOSE])
    for _ in range(2):
        look_up(agency)
        assert agency.status(letter) is Status.UNCERTAIN
    look_up(agency)
    assert agency.status(letter) is Status.REGISTERED
    assert agency.office.registered_twice == []
    assert [outcome for _, outcome in steps(agency, letter)] == ["outcome_lost", "lost", "lost", "found"]


@pytest.mark.parametrize("error", FAILURES, ids=lambda error: type(error).__name__)
def test_a_failure_says_nothing_about_the_letter_however_often_it_comes(
    ladder: Ladder, error: Exception
) -> None:
    agency = ladder(idempotent())
    letter = lose(agency, Fate.LOSE)
    for _ in range(4):
        agency.pass_time(timedelta(hours=1))
        agency.office.fates.append(error)
        agency.reconcile()
        agency.office.fates.clear()
        state = agency.state(letter)
        assert (state.status, state.lookups, state.absences) == (Status.UNCERTAIN, 0, 0)
        assert agency.due_in(Stage.RECONCILIATION) >= timedelta(seconds=30)
    assert agency.events(letter)[-1] == "outcome_lost"
    agency.pass_time(timedelta(hours=1))
    agency.reconcile()
    assert agency.status(letter) is Status.REGISTERED


def test_a_letter_that_the_office_has_without_a_number_is_submitted(ladder: Ladder) -> None:
    agency = ladder(idempotent())
    letter = lose(agency, Fate.LOSE)
    agency.office.fates.append(Fate.SUBMIT)
    look_up(agency)
    assert agency.status(letter) is Status.SUBMITTED


def test_a_refusal_counts_only_when_the_first_call_has_certainly_ended(ladder: Ladder) -> None:
    agency = ladder(idempotent())
    letter = lose(agency, Fate.LOSE)
    agency.office.fates.append(Fate.REFUSE)
    look_up(agency)
    assert agency.status(letter) is Status.UNCERTAIN
    assert agency.ledger.letter_row(letter).last_reason == "refused_meanwhile"
    agency.pass_time(timedelta(minutes=11))
    agency.office.fates.append(Fate.REFUSE)
    agency.reconcile()
    assert agency.status(letter) is Status.REFUSED


def test_a_process_that_dies_in_the_middle_leaves_the_letter_uncertain_and_the_next_asks_again(
    ladder: Ladder,
) -> None:
    agency = ladder(idempotent())
    letter = lose(agency, Fate.LOSE)
    agency.until_due(Stage.RECONCILIATION)
    (claim,) = agency.claims(Stage.RECONCILIATION, holder="killed")
    agency.ledger.journal.begin(claim, "register_again")
    agency.office.number(letter, "central")
    assert agency.status(letter) is Status.UNCERTAIN
    agency.pass_time(LEASE + timedelta(seconds=1))
    agency.reconcile()
    assert agency.status(letter) is Status.REGISTERED
    assert agency.office.registered_twice == []
    assert [outcome for _, outcome in steps(agency, letter)] == ["outcome_lost", "lost", "found"]


def test_a_process_that_slept_after_the_intent_makes_no_call(ladder: Ladder) -> None:
    """Whoever had the letter meanwhile may have settled it; a create that comes late would not know."""
    agency = ladder(idempotent())
    letter = lose(agency, Fate.LOSE)
    agency.until_due(Stage.RECONCILIATION)
    claims = agency.claims(Stage.RECONCILIATION)
    sleepy = iter([timedelta(), timedelta(seconds=30)])

    def now() -> object:
        return agency.clock.advance(next(sleepy, timedelta()))

    from connector.registration.reconciliation import Reconciliation

    stage = Reconciliation(agency.ledger, agency.connection, now=now, chance=lambda: 0.0)  # type: ignore[arg-type]
    stage.run(claims)
    assert agency.office.calls["register"] == 1, "only the first call was ever made"
    assert agency.status(letter) is Status.UNCERTAIN


def test_uploads_are_the_same_for_the_same_create(ladder: Ladder) -> None:
    office = LadderOffice(capabilities=able(idempotent_create=True, prepares=True), preparing=("first",))
    agency = ladder(office)
    letter = lose(agency, Fate.SWALLOW)
    look_up(agency)
    assert agency.status(letter) is Status.REGISTERED
    assert office.calls["first"] == 1
    assert [request.kept for request in office.requests] == [{"first": {"handle": "first-1"}}] * 2


def test_uploads_that_are_too_old_are_made_anew_while_the_letter_stays_uncertain(ladder: Ladder) -> None:
    office = LadderOffice(capabilities=able(idempotent_create=True, prepares=True), preparing=("first",))
    agency = ladder(office)
    letter = lose(agency, Fate.SWALLOW)
    agency.pass_time(timedelta(hours=2))
    office.step_fates["first"].append(Unavailable(reason="http_503"))
    agency.reconcile()
    assert agency.status(letter) is Status.UNCERTAIN
    agency.pass_time(timedelta(hours=1))
    agency.reconcile()
    assert agency.status(letter) is Status.REGISTERED
    assert office.requests[-1].kept == {"first": {"handle": "first-2"}} or office.done[letter, "first"] == 2


def test_an_exact_look_up_is_preferred_to_creating_again(ladder: Ladder) -> None:
    agency = ladder(idempotent(find_by_key=True))
    letter = lose(agency, Fate.SWALLOW)
    look_up(agency)
    assert agency.status(letter) is Status.REGISTERED
    assert agency.office.calls == {"register": 1, "find": 1}


def test_an_office_that_says_it_has_the_letter_is_never_contradicted_by_its_own_silence(
    ladder: Ladder,
) -> None:
    """Duplicates.AN_ERROR: the create is refused as a duplicate, and the look-up finds nothing, ever."""
    agency = ladder(LadderOffice(capabilities=able(find_by_key=True)))
    letter = lose(agency, OutcomeUnknown(reason=DUPLICATE_WITHOUT_NUMBER))
    for _ in range(12):
        look_up(agency)
    assert agency.status(letter) is Status.UNCERTAIN
    assert agency.ledger.letter_row(letter).last_reason == "duplicate_not_found"
    assert agency.due_in(Stage.RECONCILIATION) == timedelta(days=1)
    assert agency.office.calls["register"] == 1
    agency.office.number(letter, "central")
    look_up(agency)
    assert agency.status(letter) is Status.REGISTERED
