"""Side steps after the number: in order, each with its own retry, never a second number and never a late message."""

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
from connector.ledger.records import Lane
from connector.ports.connection import ConnectionPolicy
from connector.ports.office import Completion
from connector.transport.breaker import BreakerPolicy
from tests.integration.stages.conftest import LEASE, Agency
from tests.integration.stages.ladder_office import LadderOffice, able
from tests.integration.stages.office_double import Fate

Ladder = Callable[..., Agency]
STEPS = (Completion(name="attach"), Completion(name="start", is_repeatable=False), Completion(name="tell"))
LATER = [
    Unavailable(reason="http_503"),
    RateLimited(reason="http_429"),
    CredentialsRejected(reason="login_refused"),
]
LOST = [OutcomeUnknown(reason="timeout"), Misbehaved(reason="no_result"), ValueError("crash")]


def completing(*steps: Completion, **abilities: object) -> LadderOffice:
    return LadderOffice(capabilities=able(completes=True, **abilities), completing=steps or STEPS)


def registered(agency: Agency) -> str:
    letter = agency.letter()
    agency.register()
    assert agency.status(letter) is Status.REGISTERED
    return letter


def go_on(agency: Agency, times: int = 12) -> None:
    for _ in range(times):
        agency.complete()


def of(agency: Agency, letter: str) -> dict[str, int]:
    return {step.name: agency.office.done[letter, step.name] for step in STEPS}


def waiting(agency: Agency) -> list[tuple[str, str, str | None]]:
    return [(each.name, str(each.status), each.reason) for each in agency.ledger.journal.side_steps_waiting()]


def test_all_side_steps_are_done_in_their_order_with_what_was_kept(ladder: Ladder) -> None:
    office = completing(prepares=True, reserves=True)
    office.preparing = ("first",)
    agency = ladder(office)
    letter = registered(agency)
    go_on(agency)
    assert of(agency, letter) == {"attach": 1, "start": 1, "tell": 1}
    assert list(office.calls) == ["first", "reserve", "register", "attach", "start", "tell"]
    assert office.requests[-1].kept == {"first": {"handle": "first-1"}, "reserve": {"place": "place-1"}}
    assert waiting(agency) == []


def test_the_citizen_is_told_of_the_number_before_any_side_step(ladder: Ladder) -> None:
    agency = ladder(completing())
    registered(agency)
    (claim,) = agency.ledger.claim(Lane(Stage.NOTIFICATION, "sms"), holder="us", lease_for=LEASE, limit=9)
    assert agency.ledger.materials([claim])[0].registration is not None


@pytest.mark.parametrize("step", ["attach", "start"])
@pytest.mark.parametrize("error", LATER, ids=lambda error: type(error).__name__)
def test_what_was_certainly_not_done_is_done_later(ladder: Ladder, error: Exception, step: str) -> None:
    agency = ladder(completing())
    agency.office.step_fates[step].append(error)
    letter = registered(agency)
    go_on(agency)
    assert agency.office.done[letter, "tell"] == 0, "the later ones wait behind it"
    assert agency.due_in(Stage.COMPLETION) >= timedelta(seconds=30)
    agency.pass_time(timedelta(minutes=15))
    go_on(agency)
    assert of(agency, letter) == {"attach": 1, "start": 1, "tell": 1}


@pytest.mark.parametrize("error", [Fate.SWALLOW, *LOST], ids=str)
def test_what_may_be_repeated_is_repeated_after_a_lost_outcome(ladder: Ladder, error: object) -> None:
    agency = ladder(completing())
    agency.office.step_fates["attach"].append(error)
    letter = registered(agency)
    go_on(agency)
    agency.pass_time(timedelta(minutes=1))
    go_on(agency)
    assert agency.office.calls["attach"] == 2
    assert agency.office.done[letter, "tell"] == 1


@pytest.mark.parametrize("error", [Fate.SWALLOW, *LOST], ids=str)
def test_what_may_not_be_repeated_is_a_question_for_a_person(ladder: Ladder, error: object) -> None:
    agency = ladder(completing())
    agency.office.step_fates["start"].append(error)
    letter = registered(agency)
    go_on(agency)
    for _ in range(3):
        agency.pass_time(timedelta(days=1))
        go_on(agency)
    assert agency.office.calls["start"] == 1
    ((name, status, reason),) = waiting(agency)
    assert (name, status) == ("start", "uncertain")
    assert reason in {"timeout", "no_result", "adapter_crashed"}
    assert agency.status(letter) is Status.REGISTERED, "the number stands"
    assert agency.ledger.claim(Lane(Stage.TRACKING, "main"), holder="us", lease_for=LEASE, limit=9), (
        "it is followed"
    )


def test_an_outcome_that_is_lost_again_and_again_comes_to_a_person(ladder: Ladder) -> None:
    agency = ladder(completing(Completion(name="attach")))
    agency.office.step_fates["attach"].extend(OutcomeUnknown(reason="timeout") for _ in range(9))
    registered(agency)
    for _ in range(12):
        go_on(agency, 1)
        agency.pass_time(timedelta(minutes=15))
    assert agency.office.calls["attach"] == 5
    assert waiting(agency) == [("attach", "uncertain", "timeout")]


def test_what_can_never_be_done_is_parked_and_a_persons_word_frees_the_next(ladder: Ladder) -> None:
    agency = ladder(completing())
    agency.office.step_fates["attach"].append(NotPossible("The office takes no such file."))
    letter = registered(agency)
    go_on(agency)
    assert waiting(agency) == [("attach", "parked", "not_possible")]
    agency.ledger.journal.settle_side_step(f"{letter}/attach", done=True)
    go_on(agency)
    assert of(agency, letter) == {"attach": 0, "start": 1, "tell": 1}


def test_a_persons_word_that_it_is_not_done_has_it_done_once_more(ladder: Ladder) -> None:
    agency = ladder(completing())
    agency.office.step_fates["start"].append(OutcomeUnknown(reason="timeout"))
    letter = registered(agency)
    go_on(agency)
    agency.ledger.journal.settle_side_step(f"{letter}/start", done=False)
    go_on(agency)
    assert of(agency, letter) == {"attach": 1, "start": 1, "tell": 1}


@pytest.mark.parametrize(
    ("step", "calls", "left"), [("attach", 2, []), ("start", 1, [("start", "uncertain", "orphaned")])]
)
def test_a_process_that_dies_in_a_side_step(
    ladder: Ladder, step: str, calls: int, left: list[tuple[str, str, str]]
) -> None:
    agency = ladder(completing(*(each for each in STEPS if each.name == step)))
    letter = registered(agency)
    go_on(agency, 1)
    (claim,) = agency.claims(Stage.COMPLETION, holder="killed")
    agency.ledger.journal.announce_side_step(claim)
    agency.office.calls[step] += 1
    agency.pass_time(LEASE + timedelta(seconds=1))
    go_on(agency)
    assert agency.office.calls[step] == calls
    assert waiting(agency) == left
    assert agency.status(letter) is Status.REGISTERED


@pytest.mark.parametrize("names", [("a b",), ("7",), ("x" * 21,)])
def test_names_that_cannot_be_kept_are_a_question_for_a_person(
    ladder: Ladder, names: tuple[str, ...]
) -> None:
    agency = ladder(completing(*(Completion(name=name) for name in names)))
    registered(agency)
    go_on(agency)
    assert waiting(agency) == [("*", "parked", "not_possible")]


def test_a_step_that_the_adapter_no_longer_has_is_a_question_for_a_person(ladder: Ladder) -> None:
    agency = ladder(completing())
    registered(agency)
    go_on(agency, 1)
    agency.office.completing = STEPS[1:]
    go_on(agency)
    assert waiting(agency) == [("attach", "parked", "not_possible")]


def test_a_closed_door_is_seen_before_a_side_step_is_announced(ladder: Ladder) -> None:
    agency = ladder(completing())
    agency.connect(policy=ConnectionPolicy(breaker=BreakerPolicy(failures=1)))
    agency.office.step_fates["attach"].append(Unavailable(reason="refused"))
    registered(agency)
    second = registered(agency)
    go_on(agency, 3)
    assert [step.name for step in agency.ledger.journal.steps(second)] == ["register"]


def test_side_steps_follow_a_letter_that_was_found_after_a_lost_answer(ladder: Ladder) -> None:
    agency = ladder(completing(find_by_key=True))
    agency.office.fates.append(Fate.SWALLOW)
    letter = agency.letter()
    agency.register()
    go_on(agency, 1)
    assert agency.office.done[letter, "attach"] == 0
    agency.until_due(Stage.RECONCILIATION)
    agency.reconcile()
    go_on(agency)
    assert of(agency, letter) == {"attach": 1, "start": 1, "tell": 1}
