"""The journal of steps before the number: guarded like everything, in order, sealed, and never a change of status."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from connector.domain.lifecycle import Event, Stage, Status
from connector.errors import IllegalTransition, LetterMoved, LostRace
from connector.ledger import KeyRing, Ledger
from connector.ledger.decisions import Said
from connector.ledger.records import Happening, Lane
from connector.ledger.step_records import StepEnd
from connector.testing.builders import HeldClock
from tests.contract.ledger.walk import (
    HOLD,
    NUMBER,
    RECONCILIATION,
    REGISTRATION,
    TRACKING,
    a_ready_letter,
    an_announced_letter,
    only,
)

DONE = StepEnd(outcome="done", kept={"handle": "upload-7"})
FAILED = StepEnd(outcome="failed", reason="http_503")


def told(ledger: Ledger, letter_id: str) -> list[tuple[str, str | None]]:
    """Return the steps as the operator sees them."""
    return [(entry.name, entry.outcome) for entry in ledger.timeline(letter_id) if entry.what == "step"]


def test_steps_are_announced_one_by_one_and_leave_the_letter_ready(ledger: Ledger, clock: HeldClock) -> None:
    letter_id = a_ready_letter(ledger, clock)
    claim = ledger.journal.begin(only(ledger, REGISTRATION), "prepare/first")
    assert [(step.name, step.outcome) for step in ledger.journal.steps(letter_id)] == [
        ("prepare/first", None)
    ]
    claim = ledger.journal.begin(claim, "reserve", after=DONE)
    assert ledger.state(letter_id).status is Status.READY
    assert ledger.state(letter_id).announced_at is None, "no intent to register was written yet"
    clock.advance(timedelta(seconds=3))
    claim = ledger.journal.announce(claim, StepEnd(outcome="done", kept={"place": "r-1"}))
    state = ledger.state(letter_id)
    assert (state.status, state.announced_at) == (Status.REGISTERING, clock.now())
    ledger.record(claim, Happening(event=Event.REGISTERED, due_at=clock.now(), registration=NUMBER))
    journal = ledger.journal.steps(letter_id)
    assert [(step.name, step.outcome) for step in journal] == [
        ("prepare/first", "done"), ("reserve", "done"), ("register", "registered"),
    ]  # fmt: skip
    assert [step.kept for step in journal] == [{"handle": "upload-7"}, {"place": "r-1"}, {}]
    assert journal[1].position + 1 == journal[2].position, (
        "a reservation stands beside the intent it was made for"
    )


def test_what_a_step_left_is_sealed_and_opens_only_in_its_own_row(
    ledger_url: str, ledger: Ledger, clock: HeldClock, ring: KeyRing
) -> None:
    a_ready_letter(ledger, clock)
    claim = ledger.journal.begin(only(ledger, REGISTRATION), "prepare/first")
    ledger.journal.postpone(claim, DONE, due_at=clock.now(), reason="no_free_slot")
    engine = sa.create_engine(ledger_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        (sealed,) = connection.execute(sa.text("SELECT sealed FROM steps")).scalars()
    engine.dispose()
    assert b"upload-7" not in bytes(sealed)


def test_a_step_that_failed_ends_with_the_claim_and_costs_no_event(ledger: Ledger, clock: HeldClock) -> None:
    letter_id = a_ready_letter(ledger, clock)
    claim = ledger.journal.begin(only(ledger, REGISTRATION), "prepare/first")
    later = clock.now() + timedelta(seconds=30)
    ledger.journal.postpone(claim, FAILED, due_at=later, reason="http_503")
    assert ledger.claim(REGISTRATION, **HOLD) == []
    clock.advance(timedelta(seconds=30))
    again = only(ledger, REGISTRATION)
    assert (again.attempts, again.status) == (1, "ready")
    assert told(ledger, letter_id) == [("prepare/first", "announced"), ("prepare/first", "failed")]
    assert ledger.letter_row(letter_id).last_reason == "http_503"


def test_a_step_and_the_event_that_ends_it_are_one_transaction(ledger: Ledger, clock: HeldClock) -> None:
    letter_id, claim = an_announced_letter(ledger, clock)
    ledger.record(claim, Happening(event=Event.OUTCOME_LOST, due_at=clock.now(), reason="timeout"))
    claim = ledger.journal.begin(only(ledger, RECONCILIATION), "register_again")
    assert ledger.state(letter_id).status is Status.UNCERTAIN
    found = Happening(event=Event.FOUND, due_at=clock.now(), registration=NUMBER)
    ledger.journal.record(claim, StepEnd(outcome="found"), found)
    assert told(ledger, letter_id)[-1] == ("register_again", "found")
    assert ledger.state(letter_id).registration == NUMBER


@pytest.mark.parametrize("write", ["begin", "announce", "postpone", "record"])
def test_a_killed_nodes_late_write_finds_nothing(ledger: Ledger, clock: HeldClock, write: str) -> None:
    letter_id = a_ready_letter(ledger, clock)
    late = ledger.journal.begin(only(ledger, REGISTRATION), "prepare/first")
    clock.advance(timedelta(seconds=61))
    (taken,) = ledger.claim(REGISTRATION, **(HOLD | {"holder": "other"}))
    before = ledger.timeline(letter_id)
    gave_up = Happening(event=Event.GAVE_UP, due_at=clock.now())
    writes = {
        "begin": lambda: ledger.journal.begin(late, "prepare/second", after=DONE),
        "announce": lambda: ledger.journal.announce(late, DONE),
        "postpone": lambda: ledger.journal.postpone(late, DONE, due_at=clock.now(), reason="late"),
        "record": lambda: ledger.journal.record(late, DONE, gave_up),
    }
    with pytest.raises(LostRace):
        writes[write]()
    assert ledger.timeline(letter_id) == before
    again = ledger.journal.begin(taken, "prepare/first", left_open="prepare/first")
    assert ledger.journal.announce(again, DONE).status == Status.REGISTERING
    assert [step.outcome for step in ledger.journal.steps(letter_id)] == ["lost", "done", None]


def test_a_lease_is_renewed_over_the_steps(ledger: Ledger, clock: HeldClock) -> None:
    a_ready_letter(ledger, clock)
    claim = only(ledger, REGISTRATION)
    held = ledger.journal.begin(claim, "prepare/first")
    clock.advance(timedelta(seconds=50))
    assert ledger.renew([claim], lease_for=timedelta(seconds=60)) == []
    clock.advance(timedelta(seconds=50))
    assert ledger.claim(REGISTRATION, **HOLD) == []
    ledger.journal.announce(held, DONE)


def test_an_impossible_event_leaves_the_step_as_it_was(ledger: Ledger, clock: HeldClock) -> None:
    letter_id = a_ready_letter(ledger, clock)
    claim = ledger.journal.begin(only(ledger, REGISTRATION), "prepare/first")
    with pytest.raises(IllegalTransition):
        ledger.journal.record(claim, DONE, Happening(event=Event.CLOSED))
    assert told(ledger, letter_id) == [("prepare/first", "announced")]


def test_the_state_tells_what_a_decision_about_absence_needs(ledger: Ledger, clock: HeldClock) -> None:
    letter_id, claim = an_announced_letter(ledger, clock)
    first = clock.now()
    ledger.record(claim, Happening(event=Event.OUTCOME_LOST, due_at=clock.now(), reason="timeout"))
    seen = []
    for reason in (
        "not_there_yet",
        "not_there_yet",
        "twin_letters",
        "not_there_yet",
        "several_matches",
        "not_there_yet",
    ):
        looked_up = Happening(event=Event.LOOKED_UP, due_at=clock.now(), reason=reason)
        ledger.record(only(ledger, RECONCILIATION), looked_up)
        state = ledger.state(letter_id)
        seen.append((state.absences, state.is_sighted, state.lookups))
    assert seen == [(1, False, 1), (2, False, 2), (0, False, 3), (1, False, 4), (0, True, 5), (1, True, 6)]
    assert (state.lost_because, state.first_announced_at) == ("timeout", first)
    clock.advance(timedelta(minutes=1))
    ledger.record(only(ledger, RECONCILIATION), Happening(event=Event.FOUND_ABSENT, due_at=clock.now()))
    claim = ledger.announce(only(ledger, REGISTRATION))
    ledger.record(claim, Happening(event=Event.OUTCOME_LOST, due_at=clock.now(), reason="http_500"))
    state = ledger.state(letter_id)
    assert (state.absences, state.is_sighted, state.lost_because) == (0, False, "http_500")
    assert (state.first_announced_at, state.announced_at) == (first, clock.now())


def test_a_letter_at_an_office_that_wants_nothing_has_no_side_step(ledger: Ledger, clock: HeldClock) -> None:
    _, claim = an_announced_letter(ledger, clock)
    ledger.record(claim, Happening(event=Event.REGISTERED, due_at=clock.now(), registration=NUMBER))
    only(ledger, TRACKING)
    assert ledger.journal.side_steps_waiting() == []
    assert {stage for stage, _ in ledger.oldest_due()} == {"tracking", "notification", "publication"}


@pytest.mark.parametrize("is_dead", [False, True])
def test_a_person_waits_for_a_create_that_is_made_again_right_now_and_not_for_a_dead_one(
    ledger: Ledger, clock: HeldClock, is_dead: bool
) -> None:
    letter_id, claim = an_announced_letter(ledger, clock)
    ledger.record(claim, Happening(event=Event.OUTCOME_LOST, due_at=clock.now(), reason="timeout"))
    ledger.journal.begin(only(ledger, RECONCILIATION), "register_again")
    said = Said(by="operator", reason="seen in the office")
    if is_dead:
        clock.advance(timedelta(seconds=61))
        ledger.decisions.settle_absent(letter_id, Status.UNCERTAIN, said)
        assert ledger.state(letter_id).status is Status.READY
        assert told(ledger, letter_id)[-1] == ("register_again", "settled_absent")
        return
    with pytest.raises(LetterMoved) as caught:
        ledger.decisions.settle_absent(letter_id, Status.UNCERTAIN, said)
    assert caught.value.facts["until"] == clock.now() + timedelta(seconds=60)
    assert ledger.state(letter_id).status is Status.UNCERTAIN


def test_a_person_who_has_seen_its_number_does_not_wait_for_a_look_up(
    ledger: Ledger, clock: HeldClock
) -> None:
    letter_id, claim = an_announced_letter(ledger, clock)
    ledger.record(claim, Happening(event=Event.OUTCOME_LOST, due_at=clock.now(), reason="timeout"))
    only(ledger, RECONCILIATION)
    said = Said(by="operator", reason="seen in the office")
    ledger.decisions.settle_registered(
        letter_id, Status.UNCERTAIN, said, NUMBER, track_after=timedelta(minutes=1)
    )
    assert ledger.state(letter_id).status is Status.REGISTERED


def test_a_reminder_keeps_the_reason_that_it_reminds_of(ledger: Ledger, clock: HeldClock) -> None:
    letter_id, claim = an_announced_letter(ledger, clock)
    ledger.record(claim, Happening(event=Event.GAVE_UP, due_at=clock.now(), reason="not_possible"))
    later = clock.now() + timedelta(days=1)
    ledger.keep_waiting(only(ledger, Lane(Stage.OPERATOR, "")), due_at=later)
    row = ledger.letter_row(letter_id)
    assert (row.last_reason, row.due_at) == ("not_possible", later)
