"""Steps before the number against a real ledger: journalled, resumed at the right one, never a number by themselves."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from connector.domain.lifecycle import Event, Stage, Status
from connector.errors import (
    CredentialsRejected,
    Misbehaved,
    NotPossible,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from connector.ledger.step_records import StepEnd
from connector.ports.connection import ConnectionPolicy
from connector.ports.office import Completion
from connector.registration.registration import Registration
from connector.transport.breaker import BreakerPolicy
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
    ValueError("crash"),
]


def uploading(**abilities: object) -> LadderOffice:
    return LadderOffice(capabilities=able(prepares=True, **abilities), preparing=("first", "second"))


def reserving(**abilities: object) -> LadderOffice:
    return LadderOffice(capabilities=able(reserves=True, **abilities))


def steps(agency: Agency, letter: str) -> list[tuple[str, str | None]]:
    return [(step.name, step.outcome) for step in agency.ledger.journal.steps(letter)]


def lose(agency: Agency, fate: Fate) -> str:
    agency.office.fates.append(fate)
    letter = agency.letter()
    agency.register()
    assert agency.status(letter) is Status.UNCERTAIN
    return letter


def until_certain(agency: Agency, letter: str) -> timedelta:
    waited = timedelta()
    for _ in range(20):
        if agency.status(letter) is not Status.UNCERTAIN:
            return waited
        waited += agency.until_due(Stage.RECONCILIATION)
        agency.reconcile()
    raise AssertionError(f"still uncertain after {waited}")


def test_uploads_come_first_the_number_last_and_each_is_in_the_journal(ladder: Ladder) -> None:
    agency = ladder(uploading())
    letter = agency.letter()
    agency.register()
    assert agency.status(letter) is Status.REGISTERED
    assert steps(agency, letter) == [
        ("prepare/first", "done"), ("prepare/second", "done"), ("register", "registered"),
    ]  # fmt: skip
    (request,) = agency.office.requests
    assert request.kept == {"first": {"handle": "first-1"}, "second": {"handle": "second-1"}}
    assert agency.events(letter)[-2:] == ["announced", "registered"], (
        "no step but the decisive one is an event"
    )


@pytest.mark.parametrize("failing", ["first", "second"])
@pytest.mark.parametrize("error", FAILURES, ids=lambda error: type(error).__name__)
def test_a_step_that_failed_is_done_again_later_and_those_before_it_are_not(
    ladder: Ladder, error: Exception, failing: str
) -> None:
    agency = ladder(uploading())
    agency.office.step_fates[failing].append(error)
    letter = agency.letter()
    agency.register()
    assert agency.status(letter) is Status.READY
    assert agency.office.calls["register"] == 0
    assert agency.due_in(Stage.REGISTRATION) >= timedelta(seconds=30)
    agency.pass_time(timedelta(minutes=15))
    agency.register()
    assert agency.status(letter) is Status.REGISTERED
    assert agency.office.calls["first"] == (2 if failing == "first" else 1)
    assert agency.office.calls["second"] == (2 if failing == "second" else 1)
    assert [name for name, _ in steps(agency, letter)].count(f"prepare/{failing}") == 2


def test_what_the_steps_left_is_done_anew_when_it_has_become_too_old(ladder: Ladder) -> None:
    agency = ladder(uploading())
    agency.office.step_fates["second"].append(Unavailable(reason="http_503"))
    letter = agency.letter()
    agency.register()
    agency.pass_time(timedelta(hours=1))
    agency.register()
    assert agency.status(letter) is Status.REGISTERED
    assert agency.office.requests[0].kept["first"] == {"handle": "first-2"}


def test_an_upload_outlives_a_register_that_was_certainly_not_taken(ladder: Ladder) -> None:
    agency = ladder(uploading(find_by_key=True))
    agency.office.fates.append(Unavailable(reason="http_503"))
    letter = agency.letter()
    agency.register()
    agency.until_due(Stage.REGISTRATION)
    agency.register()
    assert agency.status(letter) is Status.REGISTERED
    assert (agency.office.calls["first"], agency.office.calls["second"]) == (1, 1)


def test_after_a_lost_register_that_was_absent_everything_is_prepared_anew(ladder: Ladder) -> None:
    agency = ladder(uploading(find_by_key=True))
    letter = lose(agency, Fate.LOSE)
    until_certain(agency, letter)
    agency.register()
    assert agency.status(letter) is Status.REGISTERED
    assert (agency.office.calls["first"], agency.office.calls["second"]) == (2, 2)
    assert agency.office.registered_twice == []


@pytest.mark.parametrize("step", ["first", "second"])
def test_a_letter_that_cannot_be_prepared_waits_for_a_person(ladder: Ladder, step: str) -> None:
    agency = ladder(uploading())
    agency.office.step_fates[step].append(NotPossible("The file is larger than the office takes."))
    letter = agency.letter()
    agency.register()
    assert agency.status(letter) is Status.PARKED
    assert steps(agency, letter)[-1] == (f"prepare/{step}", "failed")


def test_names_that_cannot_be_kept_park_the_letter_before_anything_is_sent(ladder: Ladder) -> None:
    agency = ladder(uploading())
    agency.office.preparing = ("first", "first")
    letter = agency.letter()
    agency.register()
    assert (agency.status(letter), agency.office.calls) == (Status.PARKED, {})


def test_a_step_that_leaves_nothing_that_can_be_kept_is_done_again(ladder: Ladder) -> None:
    class Forgetful(LadderOffice):
        def prepare(self, step: str, request: object) -> None:  # type: ignore[override]
            self.calls[step] += 1

    agency = ladder(Forgetful(capabilities=able(prepares=True), preparing=("first",)))
    letter = agency.letter()
    agency.register()
    assert agency.status(letter) is Status.READY
    assert agency.ledger.letter_row(letter).last_reason == "nothing_kept"


def test_a_closed_door_between_the_steps_and_the_number_keeps_what_was_done(ladder: Ladder) -> None:
    agency = ladder(uploading())
    agency.connect(policy=ConnectionPolicy(breaker=BreakerPolicy(failures=1)))
    agency.office.fates.append(Unavailable(reason="refused"))
    agency.letter()
    agency.register()  # opens the breaker of registering
    letter = agency.letter()
    agency.register()
    assert steps(agency, letter) == [("prepare/first", "done"), ("prepare/second", "done")]
    assert agency.status(letter) is Status.READY
    agency.pass_time(timedelta(minutes=10))
    agency.register()
    assert agency.status(letter) is Status.REGISTERED
    assert agency.office.done[letter, "first"] == 1, "the uploads were not repeated"


def test_the_place_is_reserved_first_and_filled_by_the_create(ladder: Ladder) -> None:
    agency = ladder(reserving())
    letter = agency.letter()
    agency.register()
    assert steps(agency, letter) == [("reserve", "done"), ("register", "registered")]
    assert agency.office.requests[0].kept == {"reserve": {"place": "place-1"}}


@pytest.mark.parametrize("error", FAILURES, ids=lambda error: type(error).__name__)
def test_a_reservation_that_failed_registers_nothing_and_is_made_again(
    ladder: Ladder, error: Exception
) -> None:
    agency = ladder(reserving())
    agency.office.step_fates["reserve"].append(error)
    letter = agency.letter()
    agency.register()
    assert (agency.status(letter), agency.office.calls["register"]) == (Status.READY, 0)
    agency.pass_time(timedelta(minutes=15))
    agency.register()
    assert agency.status(letter) is Status.REGISTERED


def test_a_lost_answer_is_found_in_the_reserved_place(ladder: Ladder) -> None:
    agency = ladder(reserving())
    letter = lose(agency, Fate.SWALLOW)
    agency.until_due(Stage.RECONCILIATION)
    agency.reconcile()
    assert agency.status(letter) is Status.REGISTERED
    assert (agency.office.calls["verify"], agency.office.calls["register"]) == (1, 1)


def test_an_empty_place_is_absence_only_late_enough_and_then_another_is_reserved(ladder: Ladder) -> None:
    agency = ladder(reserving())
    letter = lose(agency, Fate.LOSE)
    waited = until_certain(agency, letter)
    assert timedelta(minutes=10) < waited < timedelta(minutes=11)
    assert agency.office.calls["verify"] >= 2
    agency.register()
    assert agency.status(letter) is Status.REGISTERED
    assert [request.kept["reserve"]["place"] for request in agency.office.requests] == ["place-1", "place-2"]
    assert agency.office.registered_twice == []


@pytest.mark.parametrize("error", FAILURES, ids=lambda error: type(error).__name__)
def test_a_verification_that_failed_never_counts(ladder: Ladder, error: Exception) -> None:
    agency = ladder(reserving())
    letter = lose(agency, Fate.LOSE)
    agency.pass_time(timedelta(hours=1))
    agency.office.step_fates["verify"].append(error)
    agency.reconcile()
    assert (agency.state(letter).lookups, agency.events(letter)[-1]) == (0, "outcome_lost")
    assert agency.due_in(Stage.RECONCILIATION) >= timedelta(seconds=30)


def test_a_letter_that_was_announced_without_a_place_is_never_verified_by_one(ladder: Ladder) -> None:
    """The operator connects a newer adapter while a letter is uncertain: no place says anything about it."""
    agency = ladder(LadderOffice(capabilities=able()))
    letter = lose(agency, Fate.SWALLOW)
    agency.office.capabilities = able(reserves=True)
    agency.pass_time(timedelta(days=1))
    agency.reconcile()
    assert agency.status(letter) is Status.UNCERTAIN
    assert agency.ledger.letter_row(letter).last_reason == "needs_a_person"
    assert agency.office.calls == {"register": 1}


@pytest.mark.parametrize("at", ["first begun", "first done", "second done", "reserve done"])
def test_a_process_that_dies_between_two_steps_is_followed_by_one_that_goes_on_there(
    ladder: Ladder, at: str
) -> None:
    agency = ladder(uploading(reserves=True))
    letter = agency.letter()
    (claim,) = agency.claims(Stage.REGISTRATION, holder="killed")
    journal, office = agency.ledger.journal, agency.office
    request_kept: list[str] = []
    claim = journal.begin(claim, "prepare/first")
    for name, following in (("first", "prepare/second"), ("second", "reserve"), ("reserve", None)):
        if at == "first begun":
            break
        office.done[letter, name] += 1
        request_kept.append(name)
        end = StepEnd(outcome="done", kept={"handle": f"{name}-1"})
        claim = journal.begin(claim, following, after=end) if following else journal.announce(claim, end)
        if at == f"{name} done":
            break
    agency.pass_time(LEASE + timedelta(seconds=1))
    agency.register()
    if at == "reserve done":
        assert agency.status(letter) is Status.UNCERTAIN, "it was announced: somebody may have called"
        assert office.calls == {}
        return
    assert agency.status(letter) is Status.REGISTERED
    expected = {"first begun": (1, 1), "first done": (1, 1), "second done": (1, 1)}[at]
    assert (office.done[letter, "first"], office.done[letter, "second"]) == expected
    assert Event.OUTCOME_LOST not in agency.events(letter)
    assert agency.office.requests[0].kept["first"] == {"handle": "first-1"}


class CountingWriter:
    """The ledger's writer, and how often it was asked to write."""

    def __init__(self, writer: Any) -> None:
        self.writer = writer
        self.count = 0

    def run(self, unit: Any) -> Any:
        self.count += 1
        return self.writer.run(unit)

    def close(self) -> None:
        self.writer.close()


@pytest.mark.parametrize(
    ("office", "writes"),
    [
        (LadderOffice(capabilities=able(find_by_key=True)), 2),
        (LadderOffice(capabilities=able(reserves=True)), 3),
        (LadderOffice(capabilities=able(prepares=True), preparing=("first", "second")), 4),
        (LadderOffice(capabilities=able(prepares=True, reserves=True), preparing=("first", "second")), 5),
        (LadderOffice(capabilities=able(completes=True), completing=(Completion(name="attach"),)), 2),
    ],
)
def test_each_step_costs_one_write_and_an_office_that_wants_none_costs_none_more(
    ladder: Ladder, office: LadderOffice, writes: int
) -> None:
    agency = ladder(office)
    letter = agency.letter()
    claims = agency.claims(Stage.REGISTRATION)
    agency.ledger._writer = counting = CountingWriter(agency.ledger._writer)
    Registration(agency.ledger, agency.connection, agency.ledger.attachments, now=agency.clock.now).run(
        claims
    )
    assert agency.status(letter) is Status.REGISTERED
    assert counting.count == writes
