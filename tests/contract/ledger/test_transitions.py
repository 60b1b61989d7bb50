"""Events of letters: guarded, in order, with everything that follows in the same transaction."""

from datetime import date, timedelta

import pytest

from connector.domain.lifecycle import Event, Stage, Status
from connector.domain.referral import Answer, Referral
from connector.domain.text import to_persian_digits
from connector.domain.tracking_code import grouped_tracking_code
from connector.errors import IllegalTransition, LedgerError
from connector.ledger import Ledger
from connector.ledger.records import Happening
from connector.testing.builders import HeldClock, a_route, a_submission
from tests.contract.ledger.walk import (
    INTAKE,
    NUMBER,
    RECONCILIATION,
    REGISTRATION,
    TRACKING,
    a_ready_letter,
    a_registered_letter,
    an_announced_letter,
    only,
)


def test_the_intent_is_on_record_before_the_call_and_its_outcome_after_it(
    ledger: Ledger, clock: HeldClock
) -> None:
    letter_id, claim = an_announced_letter(ledger, clock)
    announced_at = clock.now()
    assert ledger.state(letter_id).announced_at == announced_at
    assert [e.outcome for e in ledger.timeline(letter_id) if e.what == "step"] == ["announced"]
    clock.advance(timedelta(seconds=2))
    ledger.record(claim, Happening(event=Event.REGISTERED, due_at=clock.now(), registration=NUMBER))
    assert [e.outcome for e in ledger.timeline(letter_id) if e.what == "step"] == ["announced", "registered"]
    state = ledger.state(letter_id)
    assert (state.registration, state.office_reference) == (NUMBER, "doc-1")


def test_an_impossible_event_writes_nothing_at_all(ledger: Ledger, clock: HeldClock) -> None:
    letter_id = a_ready_letter(ledger, clock)
    before = ledger.timeline(letter_id)
    with pytest.raises(IllegalTransition):
        ledger.record(only(ledger, REGISTRATION), Happening(event=Event.CLOSED))
    assert ledger.timeline(letter_id) == before
    assert ledger.state(letter_id).status == Status.READY


def test_of_several_happenings_all_are_written_or_none(ledger: Ledger, clock: HeldClock) -> None:
    letter_id = a_registered_letter(ledger, clock)
    claim = only(ledger, TRACKING)
    referred = Happening(
        event=Event.REFERRED, due_at=clock.now(), referral=Referral(reference="1", unit="عمران")
    )
    with pytest.raises(IllegalTransition):
        ledger.record(claim, referred, Happening(event=Event.ANNOUNCED, due_at=clock.now()))
    assert ledger.state(letter_id).referrals == ()
    ledger.record(
        claim, referred, Happening(event=Event.ANSWERED, due_at=clock.now(), answer=Answer(text="موافقت شد"))
    )
    state = ledger.state(letter_id)
    assert (state.status, len(state.referrals)) == (Status.ANSWERED, 1)


@pytest.mark.parametrize("event", [Event.SCREENED, Event.REFUSED])
def test_a_letter_has_a_due_time_exactly_while_it_is_not_at_its_end(
    ledger: Ledger, clock: HeldClock, event: Event
) -> None:
    ledger.admit(a_submission(), route=a_route())
    wrong = None if event is Event.SCREENED else clock.now()
    with pytest.raises(LedgerError, match="due time"):
        ledger.record(only(ledger, INTAKE), Happening(event=event, due_at=wrong))


def test_no_letter_is_silent_at_any_step_of_its_way(ledger: Ledger, clock: HeldClock) -> None:
    _, claim = an_announced_letter(ledger, clock)
    assert ledger.silent() == 0
    ledger.record(claim, Happening(event=Event.OUTCOME_LOST, due_at=clock.now(), reason="timeout"))
    assert ledger.silent() == 0
    ledger.record(
        only(ledger, RECONCILIATION), Happening(event=Event.FOUND, due_at=clock.now(), registration=NUMBER)
    )
    assert ledger.silent() == 0
    ledger.record(only(ledger, TRACKING), Happening(event=Event.CLOSED))
    assert (ledger.silent(), ledger.counts()[Status.CLOSED]) == (0, 1)


def test_lookups_are_counted_from_the_moment_the_answer_was_lost(ledger: Ledger, clock: HeldClock) -> None:
    letter_id, claim = an_announced_letter(ledger, clock)
    ledger.record(claim, Happening(event=Event.OUTCOME_LOST, due_at=clock.now(), reason="timeout"))
    for expected in (1, 2):
        ledger.record(only(ledger, RECONCILIATION), Happening(event=Event.LOOKED_UP, due_at=clock.now()))
        assert ledger.state(letter_id).lookups == expected
    ledger.record(only(ledger, RECONCILIATION), Happening(event=Event.FOUND_ABSENT, due_at=clock.now()))
    claim = ledger.announce(only(ledger, REGISTRATION))
    ledger.record(claim, Happening(event=Event.OUTCOME_LOST, due_at=clock.now(), reason="timeout"))
    assert ledger.state(letter_id).lookups == 0


def test_a_route_chosen_by_screening_decides_the_lane(ledger: Ledger, clock: HeldClock) -> None:
    letter_id = ledger.admit(a_submission(), route=None).letter_id
    route = a_route(office="branch", unit="عمران")
    ledger.record(only(ledger, INTAKE), Happening(event=Event.SCREENED, due_at=clock.now(), route=route))
    row = ledger.letter_row(letter_id)
    assert (row.owner, row.office) == (Stage.REGISTRATION, "branch")
    assert ledger.state(letter_id).route == route


def test_the_vendors_words_and_the_answer_come_back_and_are_kept_sealed(
    ledger: Ledger, clock: HeldClock
) -> None:
    letter_id = a_registered_letter(ledger, clock)
    answer = Answer(text="پاسخ محرمانه", number="9/1", answered_on=date(2026, 11, 20))
    ledger.record(
        only(ledger, TRACKING),
        Happening(event=Event.ANSWERED, due_at=clock.now(), answer=answer, remark="به شهروند نمونه"),
    )
    assert ledger.state(letter_id).answer == answer
    assert ledger.timeline(letter_id)[-1].what in {"event", "publication"}
    assert any(entry.remark == "به شهروند نمونه" for entry in ledger.timeline(letter_id))


def test_a_letter_is_found_by_its_id_its_code_and_its_number(ledger: Ledger, clock: HeldClock) -> None:
    letter_id = a_registered_letter(ledger, clock)
    code = ledger.state(letter_id).letter.tracking_code
    as_shown = to_persian_digits(grouped_tracking_code(code))
    assert {ledger.find_letter(text) for text in (letter_id, code, as_shown, NUMBER.number)} == {letter_id}
    a_registered_letter(ledger, clock)
    with pytest.raises(LedgerError, match="Several letters"):
        ledger.find_letter(NUMBER.number)


@pytest.mark.parametrize("word", ["x" * 300, "a\x00b"])
def test_no_word_of_a_vendor_keeps_a_fact_from_being_written(
    ledger: Ledger, clock: HeldClock, word: str
) -> None:
    letter_id, claim = an_announced_letter(ledger, clock)
    lost = Happening(event=Event.OUTCOME_LOST, due_at=clock.now(), reason=word, code=word, remark=word)
    ledger.record(claim, lost)
    ledger.postpone(only(ledger, RECONCILIATION), due_at=clock.now(), reason=word)
    accepted = Happening(event=Event.FOUND_ACCEPTED, due_at=clock.now(), office_reference=word)
    ledger.record(only(ledger, RECONCILIATION), accepted)
    registered = Happening(event=Event.REGISTERED, due_at=clock.now(), registration=NUMBER)
    referrals = [Referral(reference=f"{word}{n}", unit=word) for n in range(2)]
    ledger.record(
        only(ledger, TRACKING),
        registered,
        *(Happening(event=Event.REFERRED, due_at=clock.now(), referral=each) for each in referrals),
    )
    state = ledger.state(letter_id)
    assert (state.status, state.referrals) == (Status.REFERRED, tuple(referrals))
    told = [e.name for e in ledger.timeline(letter_id) if e.what == "event"]
    assert told.count("referred") == 2
