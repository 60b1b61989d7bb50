"""A person's word: it wins against whoever holds the letter, exactly once, and nothing else is changed by it."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from connector.domain.attention import Because, Deadlines
from connector.domain.lifecycle import Event, Stage, Status
from connector.domain.registration import Registration
from connector.errors import IllegalTransition, LetterMoved, LetterUnknown, LostRace, NumberTaken
from connector.ledger import Ledger
from connector.ledger.decisions import Said
from connector.ledger.number_check import same_digits
from connector.ledger.outside import outside_write_count
from connector.ledger.records import Happening
from connector.testing.builders import HeldClock, a_route, a_submission
from tests.contract.ledger.walk import (
    HOLD,
    INTAKE,
    NOTIFICATION,
    NUMBER,
    PUBLICATION,
    RECONCILIATION,
    REGISTRATION,
    TRACKING,
    a_ready_letter,
    a_registered_letter,
    an_announced_letter,
    only,
)

SAID = Said(by="navvab", reason="در دبیرخانه دیده شد")
BY_HAND = Registration(number="77/1", secretariat="central", year=1405, registered_on=date(2026, 11, 21))
LATER = timedelta(minutes=1)


def an_uncertain_letter(ledger: Ledger, clock: HeldClock) -> str:
    letter_id, claim = an_announced_letter(ledger, clock)
    ledger.record(claim, Happening(event=Event.OUTCOME_LOST, due_at=clock.now(), reason="timeout"))
    return letter_id


def a_parked_letter(ledger: Ledger, clock: HeldClock, *, is_routed: bool = True) -> str:
    letter_id = ledger.admit(a_submission(), route=a_route() if is_routed else None).letter_id
    gave_up = Happening(event=Event.GAVE_UP, due_at=clock.now() + timedelta(days=1), reason="no_route")
    ledger.record(only(ledger, INTAKE), gave_up)
    return letter_id


def a_letter_in_review(ledger: Ledger, clock: HeldClock) -> str:
    letter_id = ledger.admit(a_submission(), route=a_route()).letter_id
    ledger.record(only(ledger, INTAKE), Happening(event=Event.SENT_TO_REVIEW, due_at=clock.now() + LATER))
    return letter_id


def settle(ledger: Ledger, letter_id: str, expected: Status, number: Registration = BY_HAND) -> None:
    ledger.decisions.settle_registered(letter_id, expected, SAID, number, track_after=LATER)


def events_of(ledger: Ledger, letter_id: str) -> list[str]:
    """The events of a letter, in their order."""
    return [e.name for e in ledger.timeline(letter_id) if e.what == "event"]


def test_a_letter_registered_by_hand_has_its_number_and_is_followed(ledger: Ledger, clock: HeldClock) -> None:
    letter_id = an_uncertain_letter(ledger, clock)
    settle(ledger, letter_id, Status.UNCERTAIN)
    state, row = ledger.state(letter_id), ledger.letter_row(letter_id)
    assert (state.status, state.registration) == (Status.REGISTERED, BY_HAND)
    assert (row.owner, row.due_at) == (Stage.TRACKING, clock.now() + LATER)
    clock.advance(LATER)
    assert only(ledger, TRACKING).letter_id == letter_id


def test_what_is_not_there_is_sent_again_at_once(ledger: Ledger, clock: HeldClock) -> None:
    letter_id = an_uncertain_letter(ledger, clock)
    ledger.decisions.settle_absent(letter_id, Status.UNCERTAIN, SAID)
    assert ledger.announce(only(ledger, REGISTRATION)).letter_id == letter_id


def a_submitted_letter(ledger: Ledger, clock: HeldClock) -> str:
    letter_id, claim = an_announced_letter(ledger, clock)
    accepted = Happening(event=Event.ACCEPTED, due_at=clock.now() + LATER, office_reference="doc-1")
    ledger.record(claim, accepted)
    return letter_id


def test_a_letter_that_the_office_took_is_settled_under_the_number_that_a_person_was_told(
    ledger: Ledger, clock: HeldClock
) -> None:
    letter_id = a_submitted_letter(ledger, clock)
    settle(ledger, letter_id, Status.SUBMITTED)
    state = ledger.state(letter_id)
    assert (state.status, state.registration) == (
        Status.REGISTERED,
        replace(BY_HAND, office_reference="doc-1"),
    )
    assert state.has_number_by_hand
    assert events_of(ledger, letter_id)[-1] == "settled_registered"
    held = a_submitted_letter(ledger, clock)
    with pytest.raises(NumberTaken):
        settle(ledger, held, Status.SUBMITTED)


def test_what_the_office_took_and_never_got_is_sent_again_and_has_no_handle_there(
    ledger: Ledger, clock: HeldClock
) -> None:
    letter_id = a_submitted_letter(ledger, clock)
    ledger.decisions.settle_absent(letter_id, Status.SUBMITTED, SAID)
    assert ledger.state(letter_id).office_reference is None
    assert ledger.announce(only(ledger, REGISTRATION)).letter_id == letter_id


def test_what_the_office_took_and_refused_is_at_its_end_and_the_citizen_reads_why(
    ledger: Ledger, clock: HeldClock
) -> None:
    letter_id = a_submitted_letter(ledger, clock)
    ledger.decisions.settle_refused(letter_id, Status.SUBMITTED, SAID)
    assert (ledger.state(letter_id).status, ledger.letter_row(letter_id).owner) == (Status.REFUSED, None)
    ledger.published(only(ledger, PUBLICATION))
    assert ledger.publication(only(ledger, PUBLICATION)).reason == SAID.reason
    with pytest.raises(LetterMoved):
        settle(ledger, letter_id, Status.SUBMITTED)
    with pytest.raises(IllegalTransition):
        ledger.decisions.settle_refused(an_uncertain_letter(ledger, clock), Status.UNCERTAIN, SAID)


def test_not_there_waits_while_the_office_is_asked_for_the_number(ledger: Ledger, clock: HeldClock) -> None:
    letter_id = a_submitted_letter(ledger, clock)
    clock.advance(LATER)
    only(ledger, TRACKING)
    with pytest.raises(LetterMoved) as caught:
        ledger.decisions.settle_absent(letter_id, Status.SUBMITTED, SAID)
    assert caught.value.facts["until"] == clock.now() + HOLD["lease_for"]
    settle(ledger, letter_id, Status.SUBMITTED)
    assert ledger.state(letter_id).status is Status.REGISTERED, "a number that was seen waits for nobody"


def test_a_question_about_the_number_is_asked_once_and_answered_by_a_person_alone(
    ledger: Ledger, clock: HeldClock
) -> None:
    letter_id = a_submitted_letter(ledger, clock)
    settle(ledger, letter_id, Status.SUBMITTED)
    assert ledger.journal.ask_about_number(letter_id)
    assert not ledger.journal.ask_about_number(letter_id)
    (need,) = ledger.attention.needs(Deadlines(), lambda *_: True)
    assert (need.because, need.step, need.reason) == (Because.SIDE_STEP, "another_number", "another_number")
    with pytest.raises(IllegalTransition):
        ledger.decisions.settle_step(letter_id, "another_number", SAID, done=False)
    ledger.decisions.settle_step(letter_id, "another_number", SAID, done=True)
    assert not ledger.attention.needs(Deadlines(), lambda *_: True)
    assert not ledger.journal.ask_about_number(letter_id), "what a person has answered is not asked again"


def test_a_released_letter_is_screened_anew(ledger: Ledger, clock: HeldClock) -> None:
    letter_id = a_parked_letter(ledger, clock, is_routed=False)
    ledger.decisions.release(letter_id, Status.PARKED, SAID)
    assert only(ledger, INTAKE).letter_id == letter_id


@pytest.mark.parametrize("make", [a_parked_letter, a_letter_in_review, a_ready_letter])
def test_a_withdrawn_letter_is_at_its_end_and_the_citizen_is_told(
    ledger: Ledger, clock: HeldClock, make: Callable[[Ledger, HeldClock], str]
) -> None:
    letter_id = make(ledger, clock)
    ledger.decisions.withdraw(letter_id, ledger.state(letter_id).status, SAID)
    assert ledger.letter_row(letter_id).owner is None
    assert events_of(ledger, letter_id)[-1] == "withdrawn"
    assert ledger.silent() == 0


def test_a_reviewer_approves_or_refuses(ledger: Ledger, clock: HeldClock) -> None:
    approved, refused = a_letter_in_review(ledger, clock), a_letter_in_review(ledger, clock)
    ledger.decisions.approve(approved, Status.IN_REVIEW, SAID)
    ledger.decisions.refuse(refused, Status.IN_REVIEW, SAID)
    assert only(ledger, REGISTRATION).letter_id == approved
    assert ledger.state(refused).status is Status.REFUSED


def test_a_letter_that_has_no_route_is_settled_with_one(ledger: Ledger, clock: HeldClock) -> None:
    letter_id = a_parked_letter(ledger, clock, is_routed=False)
    ledger.decisions.settle_registered(
        letter_id, Status.PARKED, SAID, BY_HAND, track_after=LATER, route=a_route(office="branch")
    )
    assert ledger.letter_row(letter_id).office == "branch"


def test_who_said_it_and_why_stand_with_the_event_and_reach_nobody_else(
    ledger: Ledger, clock: HeldClock
) -> None:
    letter_id = an_uncertain_letter(ledger, clock)
    settle(ledger, letter_id, Status.UNCERTAIN)
    (entry,) = [e for e in ledger.timeline(letter_id) if e.name == "settled_registered"]
    assert entry.remark == SAID.reason
    assert "by navvab" in (entry.detail or "")
    for publication in ledger.claim(PUBLICATION, **HOLD):
        assert ledger.publication(publication).reason is None
    assert [m.reason for m in ledger.materials(ledger.claim(NOTIFICATION, **HOLD))] == [None]


def test_a_refusal_takes_its_reason_to_the_citizen(ledger: Ledger, clock: HeldClock) -> None:
    letter_id = a_letter_in_review(ledger, clock)
    ledger.published(only(ledger, PUBLICATION))
    ledger.decisions.refuse(letter_id, Status.IN_REVIEW, SAID)
    assert ledger.publication(only(ledger, PUBLICATION)).reason == SAID.reason


def test_a_letter_that_moved_meanwhile_says_what_it_is_now(ledger: Ledger, clock: HeldClock) -> None:
    letter_id = a_registered_letter(ledger, clock)
    with pytest.raises(LetterMoved) as moved:
        settle(ledger, letter_id, Status.UNCERTAIN)
    assert moved.value.facts["status"] == "registered"
    assert ledger.state(letter_id).registration == NUMBER


def test_a_word_about_an_older_loss_is_not_taken_for_one_about_the_last(
    ledger: Ledger, clock: HeldClock
) -> None:
    letter_id = an_uncertain_letter(ledger, clock)
    seen = ledger.state(letter_id).position
    # While the person thinks: looked up, not found, sent again, and lost again. That call may still take effect.
    looked = Happening(event=Event.LOOKED_UP, due_at=clock.now(), reason="not_there_yet")
    ledger.record(only(ledger, RECONCILIATION), looked)
    ledger.record(only(ledger, RECONCILIATION), Happening(event=Event.FOUND_ABSENT, due_at=clock.now()))
    lost = Happening(event=Event.OUTCOME_LOST, due_at=clock.now(), reason="timeout")
    ledger.record(ledger.announce(only(ledger, REGISTRATION)), lost)
    with pytest.raises(LetterMoved, match="meanwhile"):
        ledger.decisions.settle_absent(letter_id, Status.UNCERTAIN, SAID, seen=seen)
    with pytest.raises(LetterMoved, match="meanwhile"):
        ledger.decisions.settle_registered(
            letter_id, Status.UNCERTAIN, SAID, BY_HAND, track_after=LATER, seen=seen
        )
    assert ledger.state(letter_id).status is Status.UNCERTAIN
    ledger.decisions.settle_absent(letter_id, Status.UNCERTAIN, SAID, seen=ledger.state(letter_id).position)


def test_look_ups_and_a_word_to_the_citizen_in_between_do_not_undo_a_persons_word(
    ledger: Ledger, clock: HeldClock
) -> None:
    letter_id = an_uncertain_letter(ledger, clock)
    seen = ledger.state(letter_id).position
    looked = Happening(event=Event.LOOKED_UP, due_at=clock.now(), reason="not_there_yet")
    ledger.record(only(ledger, RECONCILIATION), looked)
    assert ledger.decisions.tell_delayed(letter_id)
    ledger.decisions.settle_absent(letter_id, Status.UNCERTAIN, SAID, seen=seen)
    assert ledger.state(letter_id).status is Status.READY


def test_not_there_waits_for_a_look_up_that_may_find_it_at_this_moment(
    ledger: Ledger, clock: HeldClock
) -> None:
    letter_id = an_uncertain_letter(ledger, clock)
    claim = only(ledger, RECONCILIATION)
    with pytest.raises(LetterMoved) as moved:
        ledger.decisions.settle_absent(letter_id, Status.UNCERTAIN, SAID)
    assert moved.value.facts["until"] == clock.now() + timedelta(seconds=60)
    found = Happening(event=Event.FOUND, due_at=clock.now() + LATER, registration=NUMBER)
    ledger.record(claim, found)  # and not thrown away: sent again it would be there twice
    assert ledger.state(letter_id).registration == NUMBER


def test_what_the_lifecycle_does_not_know_is_refused(ledger: Ledger, clock: HeldClock) -> None:
    letter_id = a_registered_letter(ledger, clock)
    with pytest.raises(IllegalTransition):
        ledger.decisions.withdraw(letter_id, Status.REGISTERED, SAID)
    with pytest.raises(LetterUnknown):
        ledger.decisions.release("01ARZ3NDEKTSV4RRFFQ69G5FAV", Status.PARKED, SAID)


def test_a_call_under_way_is_waited_for_until_its_lease_has_run_out(ledger: Ledger, clock: HeldClock) -> None:
    letter_id, claim = an_announced_letter(ledger, clock)
    with pytest.raises(LetterMoved, match="under way") as moved:
        settle(ledger, letter_id, Status.REGISTERING)
    clock.advance(timedelta(seconds=61))
    assert moved.value.facts["until"] < clock.now()
    settle(ledger, letter_id, Status.REGISTERING)
    assert events_of(ledger, letter_id)[-2:] == ["outcome_lost", "settled_registered"]
    assert [e.outcome for e in ledger.timeline(letter_id) if e.what == "step"][-1] == "outcome_lost"
    with pytest.raises(LostRace):  # the answer comes after all: the person's word stands
        ledger.record(claim, Happening(event=Event.REGISTERED, due_at=clock.now(), registration=NUMBER))
    assert ledger.state(letter_id).registration == BY_HAND


def test_a_number_of_another_letter_is_refused_and_that_letter_named(
    ledger: Ledger, clock: HeldClock
) -> None:
    other = a_registered_letter(ledger, clock)
    letter_id = an_uncertain_letter(ledger, clock)
    taken = Registration(number="۰۰۰۱۲", secretariat=NUMBER.secretariat, year=NUMBER.year)
    with pytest.raises(NumberTaken) as refused:
        settle(ledger, letter_id, Status.UNCERTAIN, taken)
    assert refused.value.facts["tracking_code"] == ledger.letter_row(other).tracking_code
    assert ledger.state(letter_id).status is Status.UNCERTAIN
    for free in (
        Registration(number="00012", secretariat="central", year=1406),
        Registration(number="00012", secretariat="branch", year=1405),
    ):
        settle(ledger, an_uncertain_letter(ledger, clock), Status.UNCERTAIN, free)


def test_whether_a_number_is_free_can_be_asked_before_anything_is_written(
    ledger: Ledger, clock: HeldClock
) -> None:
    other = ledger.letter_row(a_registered_letter(ledger, clock)).tracking_code
    letter_id = an_uncertain_letter(ledger, clock)
    with pytest.raises(NumberTaken) as refused:
        ledger.decisions.check_number(letter_id, NUMBER, None)
    assert refused.value.facts["tracking_code"] == other
    ledger.decisions.check_number(letter_id, BY_HAND, None)
    ledger.decisions.check_number(letter_id, NUMBER, a_route(office="branch"))


@pytest.mark.parametrize("typed", ["12", "۱۲", "000012"])
def test_a_number_that_differs_in_leading_zeros_alone_is_taken_only_where_that_is_insisted_on(
    ledger: Ledger, clock: HeldClock, typed: str
) -> None:
    other = ledger.letter_row(a_registered_letter(ledger, clock)).tracking_code
    letter_id = an_uncertain_letter(ledger, clock)
    by_hand = Registration(number=typed, secretariat=NUMBER.secretariat, year=NUMBER.year)
    with pytest.raises(NumberTaken, match="00012") as refused:
        ledger.decisions.check_number(letter_id, by_hand, None)
    assert (refused.value.facts["tracking_code"], refused.value.facts["number"]) == (other, "00012")
    assert "--zeros-matter" in str(refused.value.next_step)
    with pytest.raises(NumberTaken):
        settle(ledger, letter_id, Status.UNCERTAIN, by_hand)
    ledger.decisions.check_number(letter_id, by_hand, None, zeros_matter=True)
    ledger.decisions.settle_registered(
        letter_id, Status.UNCERTAIN, SAID, by_hand, track_after=LATER, zeros_matter=True
    )
    with pytest.raises(NumberTaken):
        ledger.decisions.check_number(an_uncertain_letter(ledger, clock), NUMBER, None, zeros_matter=True)


@pytest.mark.parametrize(
    ("typed", "held"), [("1405/1205", "1405/001205"), ("الف-7", "الف-007"), ("0", "000"), ("00120", "120")]
)
def test_zeros_are_seen_in_each_group_of_a_number(typed: str, held: str) -> None:
    assert held in same_digits(typed)
    assert typed in same_digits(typed)
    assert f"1{held}" not in same_digits(typed)


def test_two_letters_settled_at_once_do_not_share_a_number(ledger: Ledger, clock: HeldClock) -> None:
    ids = [an_uncertain_letter(ledger, clock) for _ in range(4)]
    outcomes = at_once([lambda one=one: settle(ledger, one, Status.UNCERTAIN) for one in ids])
    assert sorted(outcomes) == ["NumberTaken"] * 3 + ["done"]


def test_of_a_person_and_a_node_exactly_one_wins_and_nothing_is_told_twice(
    ledger: Ledger, clock: HeldClock
) -> None:
    for _ in range(10):
        letter_id = an_uncertain_letter(ledger, clock)
        claim = only(ledger, RECONCILIATION)
        found = Happening(event=Event.FOUND, due_at=clock.now() + LATER, registration=NUMBER)
        by_hand = Registration(number=letter_id, secretariat="central", year=1405)
        outcomes = at_once(
            [
                lambda claim=claim, found=found: ledger.record(claim, found),
                lambda letter_id=letter_id, by_hand=by_hand: settle(
                    ledger, letter_id, Status.UNCERTAIN, by_hand
                ),
            ]
        )
        assert outcomes.count("done") == 1, outcomes
        assert set(outcomes) <= {"done", "LostRace", "LetterMoved"}
        won = NUMBER.number if outcomes[0] == "done" else letter_id
        assert ledger.letter_row(letter_id).number == won
        named = [fact for fact in events_of(ledger, letter_id) if fact in {"found", "settled_registered"}]
        assert len(named) == 1


def test_a_daemon_in_another_process_can_notice_every_word(ledger: Ledger, clock: HeldClock) -> None:
    before = ledger._read(outside_write_count)
    settle(ledger, an_uncertain_letter(ledger, clock), Status.UNCERTAIN)
    with pytest.raises(LetterMoved):
        settle(ledger, a_parked_letter(ledger, clock), Status.UNCERTAIN)
    assert ledger._read(outside_write_count) == before + 1


def test_a_letter_that_takes_long_is_told_of_once_and_nothing_else_changes(
    ledger: Ledger, clock: HeldClock
) -> None:
    letter_id = a_ready_letter(ledger, clock)
    ledger.postpone(only(ledger, REGISTRATION), due_at=clock.now() + timedelta(hours=1), reason="http_503")
    before, since = ledger.letter_row(letter_id), ledger.state(letter_id).status_since
    clock.advance(timedelta(minutes=30))
    assert ledger.decisions.tell_delayed(letter_id)
    assert not ledger.decisions.tell_delayed(letter_id)
    assert ledger.letter_row(letter_id) == before
    assert ledger.state(letter_id).status_since == since
    assert events_of(ledger, letter_id).count("delayed") == 1
    clock.advance(timedelta(hours=1))
    ledger.announce(only(ledger, REGISTRATION))


def test_a_letter_in_hand_or_at_the_office_is_not_told_of(ledger: Ledger, clock: HeldClock) -> None:
    letter_id = a_ready_letter(ledger, clock)
    claim = only(ledger, REGISTRATION)
    assert not ledger.decisions.tell_delayed(letter_id)
    ledger.announce(claim)
    assert not ledger.decisions.tell_delayed(letter_id)
    assert not ledger.decisions.tell_delayed(a_registered_letter(ledger, clock))


def test_what_a_dead_node_held_is_told_of_though_nobody_takes_it_up(ledger: Ledger, clock: HeldClock) -> None:
    letter_id = a_ready_letter(ledger, clock)  # its office is paused, say: no lane claims it
    claim = only(ledger, REGISTRATION)
    clock.advance(timedelta(seconds=30))
    assert list(ledger.attention.delayed(clock.now())) == []
    clock.advance(timedelta(seconds=31))
    assert list(ledger.attention.delayed(clock.now())) == [[letter_id]]
    assert ledger.decisions.tell_delayed(letter_id)
    with pytest.raises(LostRace):  # were it not dead after all: it begins nothing any more
        ledger.announce(claim)
    assert ledger.announce(only(ledger, REGISTRATION)).letter_id == letter_id


def test_several_nodes_that_tell_of_a_delay_at_once_tell_it_once(ledger: Ledger, clock: HeldClock) -> None:
    letter_id = a_ready_letter(ledger, clock)
    told: list[bool] = []
    outcomes = at_once([lambda: told.append(ledger.decisions.tell_delayed(letter_id)) for _ in range(4)])
    assert set(outcomes) <= {"done", "LostRace"}
    assert told.count(True) == 1
    assert events_of(ledger, letter_id).count("delayed") == 1


def at_once(deeds: list[Callable[[], object]]) -> list[str]:
    """Do all of this in the same instant; return how each ended."""
    outcomes = [""] * len(deeds)
    together = threading.Barrier(len(deeds))

    def do(place: int) -> None:
        together.wait(10)
        try:
            deeds[place]()
        except Exception as error:
            outcomes[place] = type(error).__name__
        else:
            outcomes[place] = "done"

    threads = [threading.Thread(target=do, args=(place,)) for place in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return outcomes
