"""Side steps: queued with the number, one after the other, each on its own, and never a word about the number."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from connector.domain.lifecycle import Event, Stage, Status
from connector.errors import LetterMoved, LetterUnknown, LostRace
from connector.ledger import Ledger
from connector.ledger.decisions import Said
from connector.ledger.records import Claim, Happening, Lane, OutboxPolicy
from connector.ledger.step_records import SideStepHappening, SideStepStatus, StepOutcome
from connector.testing.builders import HeldClock
from tests.contract.ledger.walk import (
    HOLD,
    NUMBER,
    RECONCILIATION,
    TRACKING,
    a_ready_letter,
    an_announced_letter,
    only,
)

COMPLETION = Lane(Stage.COMPLETION, "main")
DONE = SideStepHappening(status=SideStepStatus.DONE)


@pytest.fixture
def ledger(ledger_url: str, open_on: Callable[..., Ledger]) -> Ledger:
    """A ledger of a house whose office wants side steps."""
    policy = OutboxPolicy(completing_offices=frozenset({"main"}), publishing_portals=frozenset({"web"}))
    return open_on(ledger_url, policy=policy)


def registered(ledger: Ledger, clock: HeldClock) -> str:
    letter_id, claim = an_announced_letter(ledger, clock)
    ledger.record(claim, Happening(event=Event.REGISTERED, due_at=clock.now(), registration=NUMBER))
    return letter_id


def unfolded(ledger: Ledger, clock: HeldClock, *names: str) -> str:
    letter_id = registered(ledger, clock)
    ledger.journal.unfold(only(ledger, COMPLETION), names)
    return letter_id


def begun(ledger: Ledger) -> Claim:
    return ledger.journal.announce_side_step(only(ledger, COMPLETION))


def leave(ledger: Ledger, clock: HeldClock, status: SideStepStatus = SideStepStatus.UNCERTAIN) -> None:
    """Leave the side step that is due to a person."""
    due_at = clock.now() + timedelta(days=1)
    happening = SideStepHappening(status=status, due_at=due_at, outcome=StepOutcome.LOST, reason="timeout")
    ledger.journal.record_side_step(begun(ledger), happening)


def by_lookup(ledger: Ledger, clock: HeldClock) -> str:
    letter_id, claim = an_announced_letter(ledger, clock)
    ledger.record(claim, Happening(event=Event.OUTCOME_LOST, due_at=clock.now(), reason="timeout"))
    found = Happening(event=Event.FOUND, due_at=clock.now(), registration=NUMBER)
    ledger.record(only(ledger, RECONCILIATION), found)
    return letter_id


def by_a_later_number(ledger: Ledger, clock: HeldClock) -> str:
    letter_id, claim = an_announced_letter(ledger, clock)
    ledger.record(claim, Happening(event=Event.ACCEPTED, due_at=clock.now(), office_reference="doc-1"))
    assert ledger.claim(COMPLETION, **HOLD) == [], "not before the number"
    numbered = Happening(event=Event.REGISTERED, due_at=clock.now(), registration=NUMBER)
    ledger.record(only(ledger, TRACKING), numbered, Happening(event=Event.CLOSED))
    return letter_id


def by_a_persons_word(ledger: Ledger, clock: HeldClock) -> str:
    letter_id, claim = an_announced_letter(ledger, clock)
    ledger.record(claim, Happening(event=Event.OUTCOME_LOST, due_at=clock.now(), reason="timeout"))
    said = Said(by="operator", reason="seen in the office")
    ledger.decisions.settle_registered(
        letter_id, Status.UNCERTAIN, said, NUMBER, track_after=timedelta(minutes=1)
    )
    return letter_id


def by_the_number_that_a_person_read(ledger: Ledger, clock: HeldClock) -> str:
    letter_id, claim = an_announced_letter(ledger, clock)
    ledger.record(claim, Happening(event=Event.OUTCOME_LOST, due_at=clock.now(), reason="timeout"))
    found = Happening(event=Event.FOUND_ACCEPTED, due_at=clock.now(), office_reference="doc-1")
    ledger.record(only(ledger, RECONCILIATION), found)
    said = Said(by="operator", reason="read in the office")
    ledger.decisions.settle_registered(
        letter_id,
        Status.SUBMITTED,
        said,
        replace(NUMBER, office_reference=None),
        track_after=timedelta(minutes=1),
    )
    assert ledger.state(letter_id).reference.office_reference == "doc-1", "the steps need the office's place"
    return letter_id


@pytest.mark.parametrize(
    "way",
    [registered, by_lookup, by_a_later_number, by_a_persons_word, by_the_number_that_a_person_read],
)
def test_whoever_brings_the_number_the_side_steps_are_queued_with_it(
    ledger: Ledger, clock: HeldClock, way: Callable[[Ledger, HeldClock], str]
) -> None:
    fallen_due: list[Lane] = []
    ledger.on_due(fallen_due.append)
    letter_id = way(ledger, clock)
    assert COMPLETION in fallen_due
    claim = only(ledger, COMPLETION)
    assert (claim.work_id, claim.status, claim.letter_id) == (f"{letter_id}/*", "queued", letter_id)


def test_a_letter_that_is_refused_has_no_side_steps(ledger: Ledger, clock: HeldClock) -> None:
    _, claim = an_announced_letter(ledger, clock)
    ledger.record(claim, Happening(event=Event.REFUSED, reason="refused_by_office"))
    assert ledger.claim(COMPLETION, **HOLD) == []


def test_an_office_that_wants_none_costs_no_row(ledger: Ledger, clock: HeldClock) -> None:
    ledger.policy = OutboxPolicy(completing_offices=frozenset({"branch"}))
    registered(ledger, clock)
    assert ledger.claim(COMPLETION, **HOLD) == []


def test_side_steps_are_done_one_after_the_other_in_their_order(ledger: Ledger, clock: HeldClock) -> None:
    letter_id = unfolded(ledger, clock, "attach", "start", "tell")
    order = []
    for _ in range(3):
        (claim,) = ledger.claim(COMPLETION, **HOLD)
        order.append(claim.work_id)
        claim = ledger.journal.announce_side_step(claim)
        assert ledger.claim(COMPLETION, **HOLD) == [], "the next waits behind it"
        clock.advance(timedelta(seconds=1))
        ledger.journal.record_side_step(claim, DONE)
    assert order == [f"{letter_id}/{name}" for name in ("attach", "start", "tell")]
    assert ledger.claim(COMPLETION, **HOLD) == []
    told = [(e.name, e.outcome) for e in ledger.timeline(letter_id) if e.what == "step"]
    assert told[2:] == [
        ("complete/attach", "announced"), ("complete/attach", "done"), ("complete/start", "announced"),
        ("complete/start", "done"), ("complete/tell", "announced"), ("complete/tell", "done"),
    ]  # fmt: skip


def test_an_office_without_a_step_for_this_letter_has_done_all_of_them(
    ledger: Ledger, clock: HeldClock
) -> None:
    unfolded(ledger, clock)
    assert ledger.claim(COMPLETION, **HOLD) == []
    outside = {stage for stage, _ in ledger.oldest_due()}
    assert "completion" not in outside


def test_a_side_step_is_tried_again_without_touching_the_letter(ledger: Ledger, clock: HeldClock) -> None:
    letter_id = unfolded(ledger, clock, "attach", "start")
    events = [e for e in ledger.timeline(letter_id) if e.what == "event"]
    later = clock.now() + timedelta(seconds=30)
    again = SideStepHappening(
        status=SideStepStatus.QUEUED, due_at=later, outcome=StepOutcome.FAILED, reason="http_503"
    )
    ledger.journal.record_side_step(begun(ledger), again)
    assert ledger.claim(COMPLETION, **HOLD) == []
    clock.advance(timedelta(seconds=30))
    claim = only(ledger, COMPLETION)
    assert (claim.attempts, claim.status) == (1, "queued")
    assert [e for e in ledger.timeline(letter_id) if e.what == "event"] == events
    assert ledger.state(letter_id).status is Status.REGISTERED
    assert only(ledger, TRACKING).letter_id == letter_id, "the letter is followed meanwhile"


def test_a_process_that_died_in_a_call_leaves_it_sending_and_its_late_write_finds_nothing(
    ledger: Ledger, clock: HeldClock
) -> None:
    letter_id = unfolded(ledger, clock, "attach")
    late = begun(ledger)
    clock.advance(timedelta(seconds=61))
    (taken,) = ledger.claim(COMPLETION, **(HOLD | {"holder": "other"}))
    assert taken.status == "sending"
    with pytest.raises(LostRace):
        ledger.journal.record_side_step(late, DONE)
    ledger.journal.record_side_step(ledger.journal.announce_side_step(taken), DONE)
    told = [(e.name, e.outcome, e.reason) for e in ledger.timeline(letter_id) if e.name == "complete/attach"]
    assert sorted(told, key=str) == [
        ("complete/attach", "announced", None), ("complete/attach", "announced", None),
        ("complete/attach", "done", None), ("complete/attach", "lost", "orphaned"),
    ]  # fmt: skip


@pytest.mark.parametrize("status", [SideStepStatus.UNCERTAIN, SideStepStatus.PARKED])
def test_what_waits_for_a_person_is_on_the_list_and_holds_the_later_ones(
    ledger: Ledger, clock: HeldClock, status: SideStepStatus
) -> None:
    letter_id = unfolded(ledger, clock, "start", "tell")
    assert ledger.journal.side_steps_waiting() == []
    since = clock.advance(timedelta(minutes=1))
    leave(ledger, clock, status)
    clock.advance(timedelta(hours=1))
    (waiting,) = ledger.journal.side_steps_waiting()
    assert (waiting.letter_id, waiting.office, waiting.name) == (letter_id, "main", "start")
    assert (waiting.status, waiting.reason, waiting.since) == (status, "timeout", since)
    assert waiting.tracking_code == ledger.state(letter_id).letter.tracking_code
    assert ledger.claim(COMPLETION, **HOLD) == []
    clock.advance(timedelta(days=1))
    assert only(ledger, Lane(Stage.OPERATOR, "")).work_id == waiting.work_id, "the operator is reminded"
    assert ledger.silent() == 0


@pytest.mark.parametrize("done", [True, False])
def test_a_persons_word_sends_it_on(ledger: Ledger, clock: HeldClock, done: bool) -> None:
    letter_id = unfolded(ledger, clock, "start", "tell")
    leave(ledger, clock)
    (waiting,) = ledger.journal.side_steps_waiting()
    ledger.journal.settle_side_step(waiting.work_id, done=done)
    assert ledger.journal.side_steps_waiting() == []
    assert only(ledger, COMPLETION).work_id == f"{letter_id}/{'tell' if done else 'start'}"
    with pytest.raises(LetterMoved):
        ledger.journal.settle_side_step(waiting.work_id, done=done)


def test_a_word_about_what_is_not_there_or_does_not_wait_changes_nothing(
    ledger: Ledger, clock: HeldClock
) -> None:
    letter_id = unfolded(ledger, clock, "start")
    with pytest.raises(LetterMoved):
        ledger.journal.settle_side_step(f"{letter_id}/start", done=True)
    for nothing in (letter_id, f"{letter_id}/other", "none"):
        with pytest.raises(LetterUnknown):
            ledger.journal.settle_side_step(nothing, done=True)
    assert only(ledger, COMPLETION).work_id == f"{letter_id}/start"


def test_side_steps_are_counted_as_unfinished_until_they_are_done(ledger: Ledger, clock: HeldClock) -> None:
    before = ledger.unfinished_outbox()
    unfolded(ledger, clock, "start")
    between = ledger.unfinished_outbox()
    ledger.journal.record_side_step(begun(ledger), DONE)
    assert ledger.unfinished_outbox() == between - 1 > before


def test_a_letter_with_side_steps_has_its_messages_at_once(ledger: Ledger, clock: HeldClock) -> None:
    letter_id = a_ready_letter(ledger, clock)
    assert ledger.claim(COMPLETION, **HOLD) == []
    claim = ledger.announce(only(ledger, Lane(Stage.REGISTRATION, "main")))
    ledger.record(claim, Happening(event=Event.REGISTERED, due_at=clock.now(), registration=NUMBER))
    assert [c.letter_id for c in ledger.claim(Lane(Stage.NOTIFICATION, "sms"), **HOLD)] == [letter_id]
    publications = ledger.claim(Lane(Stage.PUBLICATION, "web"), **HOLD)
    assert [c.letter_id for c in publications] == [letter_id]
