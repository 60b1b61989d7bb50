"""What needs a person, oldest first, on both databases; and letters whose citizen is to hear that they take long."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from connector.domain.attention import Because, Deadlines
from connector.domain.lifecycle import Event, Stage, Status
from connector.domain.message import MessageEvent
from connector.errors import LetterMoved
from connector.ledger import Ledger
from connector.ledger.decisions import Said
from connector.ledger.needs import beyond_deadline
from connector.ledger.records import Happening, Lane, MessageHappening, OutboxPolicy
from connector.ledger.set_aside import LiesAside
from connector.ledger.step_records import SideStepHappening, SideStepStatus
from connector.ledger.suspensions import Suspension
from connector.ledger.tables import schedule
from connector.testing.builders import HeldClock, a_route, a_submission
from tests.contract.ledger.walk import (
    DELIVERY,
    HOLD,
    INTAKE,
    NOTIFICATION,
    PUBLICATION,
    RECONCILIATION,
    REGISTRATION,
    a_ready_letter,
    a_registered_letter,
    an_announced_letter,
    only,
)

USUAL = Deadlines()
OF_LETTERS = Deadlines(of_outbox={})
SAID = Said(by="navvab", reason="بررسی شد")


def served(stage: Stage, name: str) -> bool:
    return name in {"", "web", "main", "sms"}


def needs(ledger: Ledger, deadlines: Deadlines = OF_LETTERS) -> list[tuple[Because, str | None]]:
    return [(need.because, need.letter_id) for need in ledger.attention.needs(deadlines, served)]


def a_parked_letter(ledger: Ledger, clock: HeldClock) -> str:
    letter_id = ledger.admit(a_submission(), route=a_route()).letter_id
    due_at = clock.now() + timedelta(days=1)
    ledger.record(only(ledger, INTAKE), Happening(event=Event.GAVE_UP, due_at=due_at, reason="duplicate"))
    return letter_id


def an_uncertain_letter(ledger: Ledger, clock: HeldClock) -> str:
    letter_id, claim = an_announced_letter(ledger, clock)
    ledger.record(claim, Happening(event=Event.OUTCOME_LOST, due_at=clock.now(), reason="timeout"))
    return letter_id


def test_a_ledger_without_trouble_shows_nothing(ledger: Ledger, clock: HeldClock) -> None:
    a_registered_letter(ledger, clock)
    a_ready_letter(ledger, clock)
    assert needs(ledger) == []
    assert ledger.attention.for_a_person() == 0
    assert ledger.attention.stranded(served) == 0


def test_what_is_parked_or_past_finding_out_needs_a_person_at_once_oldest_first(
    ledger: Ledger, clock: HeldClock
) -> None:
    uncertain = an_uncertain_letter(ledger, clock)
    assert needs(ledger) == []
    clock.advance(timedelta(minutes=1))
    ledger.postpone(
        only(ledger, RECONCILIATION), due_at=clock.now() + timedelta(days=1), reason="needs_a_person"
    )
    parked = a_parked_letter(ledger, clock)
    assert needs(ledger) == [(Because.ASKS_A_PERSON, uncertain), (Because.PARKED, parked)]
    assert ledger.attention.for_a_person() == 2
    ledger.decisions.release(parked, Status.PARKED, SAID)
    assert needs(ledger) == [(Because.ASKS_A_PERSON, uncertain)]


def test_a_letter_beyond_its_deadline_is_shown_and_counted(ledger: Ledger, clock: HeldClock) -> None:
    letter_id = a_ready_letter(ledger, clock)
    clock.advance(timedelta(minutes=59))
    a_ready_letter_later = a_ready_letter(ledger, clock)
    assert a_ready_letter_later
    assert needs(ledger) == []
    clock.advance(timedelta(minutes=1))
    assert needs(ledger) == [(Because.BEYOND_DEADLINE, letter_id)]
    assert ledger.attention.beyond(USUAL)[Status.READY] == 1


def test_tries_in_vain_do_not_begin_the_deadline_anew(ledger: Ledger, clock: HeldClock) -> None:
    letter_id = a_ready_letter(ledger, clock)
    for _ in range(5):
        claim = ledger.announce(only(ledger, REGISTRATION))
        clock.advance(timedelta(minutes=15))
        ledger.record(claim, Happening(event=Event.POSTPONED, due_at=clock.now(), reason="http_503"))
    assert needs(ledger) == [(Because.BEYOND_DEADLINE, letter_id)]


def test_work_without_a_lane_is_shown_with_the_connection_that_it_waits_for(
    ledger: Ledger, clock: HeldClock
) -> None:
    ledger.admit(a_submission(), route=a_route(office="gone", gateway="sms"))
    ledger.record(
        only(ledger, INTAKE),
        Happening(event=Event.SCREENED, due_at=clock.now(), route=a_route(office="gone")),
    )
    (need,) = ledger.attention.needs(USUAL, served)
    assert (need.because, need.connection, need.kind) == (Because.WITHOUT_CONNECTION, "gone", "letter")
    assert ledger.attention.stranded(served) == 1
    assert ledger.attention.needs(USUAL, served, office="main") == []
    assert ledger.attention.needs(USUAL, served, office="gone") == [need]


def test_a_letter_that_is_not_registered_is_found_until_its_citizen_was_told(
    ledger: Ledger, clock: HeldClock
) -> None:
    a_registered_letter(ledger, clock)
    waiting = {
        an_uncertain_letter(ledger, clock),
        a_parked_letter(ledger, clock),
        a_ready_letter(ledger, clock),
    }
    held = ledger.admit(a_submission(), route=a_route()).letter_id
    (claim,) = ledger.claim(INTAKE, holder="node", lease_for=timedelta(days=1), limit=1)
    assert claim.letter_id == held
    clock.advance(timedelta(hours=4))
    a_letter_of_now = a_parked_letter(ledger, clock)
    found = [one for page in ledger.attention.delayed(clock.now() - timedelta(hours=4)) for one in page]
    assert set(found) == waiting
    assert ledger.decisions.tell_all_delayed([*found, a_letter_of_now]) == 4
    assert list(ledger.attention.delayed(clock.now())) == []


def test_many_letters_come_in_pages(ledger: Ledger, clock: HeldClock) -> None:
    letters = {ledger.admit(a_submission(), route=a_route()).letter_id for _ in range(205)}
    clock.advance(timedelta(hours=5))
    pages = list(ledger.attention.delayed(clock.now() - timedelta(hours=4)))
    assert [len(page) for page in pages] == [100, 100, 5]
    assert {one for page in pages for one in page} == letters


def test_a_side_step_that_waits_for_a_person_is_shown_and_settled_by_name(
    ledger: Ledger, clock: HeldClock
) -> None:
    ledger.policy = OutboxPolicy(completing_offices=frozenset({"main"}))
    letter_id = a_registered_letter(ledger, clock)
    completion = Lane(Stage.COMPLETION, "main")
    ledger.journal.unfold(only(ledger, completion), ["attach", "start"])
    clock.advance(timedelta(minutes=1))
    parked = SideStepHappening(status=SideStepStatus.PARKED, due_at=clock.now() + timedelta(days=1))
    ledger.journal.record_side_step(only(ledger, completion), parked)
    (need,) = ledger.attention.needs(USUAL, served)
    assert (need.because, need.letter_id, need.step) == (Because.SIDE_STEP, letter_id, "attach")
    ledger.decisions.settle_step(letter_id, "attach", SAID, done=True)
    assert ledger.attention.needs(USUAL, served) == []
    assert only(ledger, completion).work_id == f"{letter_id}/start"
    (act,) = ledger.audit.acts(10)
    assert (act.actor, act.act, act.subject.split()[1]) == ("navvab", "step_done", "attach")
    with pytest.raises(LetterMoved):
        ledger.decisions.settle_step(letter_id, "attach", SAID, done=False)


def test_a_step_that_waits_again_is_not_settled_by_a_word_about_the_time_before(
    ledger: Ledger, clock: HeldClock
) -> None:
    ledger.policy = OutboxPolicy(completing_offices=frozenset({"main"}))
    letter_id = a_registered_letter(ledger, clock)
    completion = Lane(Stage.COMPLETION, "main")
    ledger.journal.unfold(only(ledger, completion), ["attach"])
    lost = SideStepHappening(status=SideStepStatus.UNCERTAIN, due_at=clock.now() + timedelta(days=1))
    ledger.journal.record_side_step(ledger.journal.announce_side_step(only(ledger, completion)), lost)
    (one,) = (other,) = ledger.journal.side_steps_waiting()
    ledger.decisions.settle_step(letter_id, "attach", SAID, done=False, seen=one.version)
    ledger.journal.record_side_step(ledger.journal.announce_side_step(only(ledger, completion)), lost)
    with pytest.raises(LetterMoved, match="since you looked"):
        ledger.decisions.settle_step(letter_id, "attach", SAID, done=False, seen=other.version)
    (again,) = ledger.journal.side_steps_waiting()
    ledger.decisions.settle_step(letter_id, "attach", SAID, done=True, seen=again.version)


def test_a_paused_connection_is_shown_while_letters_wait_behind_it(ledger: Ledger, clock: HeldClock) -> None:
    ledger.pauses.pause("main", actor="navvab", reason="نگهداری")
    assert ledger.attention.needs(USUAL, served) == []
    a_ready_letter(ledger, clock)
    (need,) = ledger.attention.needs(USUAL, served)
    assert (need.because, need.connection, need.waiting) == (Because.PAUSED, "main", 1)
    assert ledger.attention.needs(USUAL, served, office="branch") == []


def test_one_office_is_shown_whole_however_much_trouble_another_has(ledger: Ledger, clock: HeldClock) -> None:
    for _ in range(3):
        a_parked_letter(ledger, clock)
    clock.advance(timedelta(minutes=1))
    ledger.admit(a_submission(), route=a_route(office="branch"))
    gave_up = Happening(event=Event.GAVE_UP, due_at=clock.now() + timedelta(days=1), reason="duplicate")
    ledger.record(only(ledger, INTAKE), gave_up)
    (need,) = ledger.attention.needs(USUAL, served, office="branch", limit=1)
    assert need.office == "branch"


def test_a_letter_in_review_is_listed_at_once_and_the_list_agrees_with_the_count(
    ledger: Ledger, clock: HeldClock
) -> None:
    in_review = ledger.admit(a_submission(), route=a_route()).letter_id
    due_at = clock.now() + timedelta(days=1)
    ledger.record(only(ledger, INTAKE), Happening(event=Event.SENT_TO_REVIEW, due_at=due_at))
    clock.advance(timedelta(minutes=1))
    a_parked_letter(ledger, clock)
    an_uncertain_letter(ledger, clock)
    ledger.postpone(only(ledger, RECONCILIATION), due_at=due_at, reason="needs_a_person")
    an_uncertain_letter(ledger, clock)
    assert needs(ledger)[0] == (Because.IN_REVIEW, in_review)
    assert len(needs(ledger)) == ledger.attention.for_a_person() == 3


def test_a_connection_that_refused_us_is_shown_with_what_waits_behind_it(
    ledger: Ledger, clock: HeldClock
) -> None:
    a_ready_letter(ledger, clock)
    stopped = Suspension(since=clock.now(), reason="gateway_stopped")
    ledger.suspensions.tell("one", {"sms": stopped})
    clock.advance(timedelta(minutes=1))
    later = Suspension(since=clock.now(), reason="http_403")
    ledger.suspensions.tell("two", {"sms": later, "branch": later})
    first, second = ledger.attention.needs(USUAL, served)
    assert (first.because, first.connection, first.kind) == (Because.SUSPENDED, "sms", "connection")
    assert (first.since, first.reason, first.waiting) == (stopped.since, "gateway_stopped", 1)
    assert (second.connection, second.waiting) == ("branch", 0), "a portal's letters wait with the portal"
    ledger.suspensions.tell("one", {})
    ledger.suspensions.tell("two", {"branch": later})
    assert [need.connection for need in ledger.attention.needs(USUAL, served)] == ["branch"]


def test_what_lies_aside_is_shown_until_it_is_gone(ledger: Ledger, clock: HeldClock) -> None:
    first = LiesAside(since=clock.now(), count=2, reason="not_xml")
    ledger.set_aside.tell("one", {"main": first})
    clock.advance(timedelta(minutes=1))
    ledger.set_aside.tell("two", {"main": LiesAside(since=clock.now(), count=3, reason="two_letters")})
    (need,) = ledger.attention.needs(USUAL, served)
    assert (need.because, need.connection, need.kind) == (Because.SET_ASIDE, "main", "connection")
    assert (need.since, need.waiting, need.reason) == (first.since, 2, "not_xml")
    ledger.set_aside.tell("one", {})
    assert [need.waiting for need in ledger.attention.needs(USUAL, served)] == [3]
    ledger.nodes.enter("holder", node="two", version="1")
    assert ledger.set_aside.lying() == {}, "a daemon that starts has not looked yet"


def test_a_resume_ends_what_nodes_said_and_brings_forward_what_waited_under_any_word_of_theirs(
    ledger: Ledger, clock: HeldClock
) -> None:
    a_ready_letter(ledger, clock)
    later = clock.now() + timedelta(minutes=15)
    ledger.postpone(only(ledger, NOTIFICATION), due_at=later, reason="gateway_stopped")
    ledger.suspensions.tell("one", {"sms": Suspension(since=clock.now(), reason="gateway_stopped")})
    ledger.pauses.resume("sms", actor="navvab")
    assert ledger.suspensions.in_force() == {}
    assert only(ledger, NOTIFICATION)


def test_what_a_daemon_said_goes_with_its_successor_and_with_the_node(
    ledger: Ledger, clock: HeldClock
) -> None:
    stopped = {"sms": Suspension(since=clock.now(), reason="http_403")}
    ledger.nodes.enter("one/1", node="one", version="1")
    ledger.suspensions.tell("one", stopped)
    ledger.suspensions.tell("long gone", stopped)
    ledger.nodes.enter("one/2", node="one", version="1")
    assert ledger.suspensions.in_force() == {}


def test_a_message_or_a_publication_that_waits_for_too_long_is_shown_and_counted_whatever_was_tried(
    ledger: Ledger, clock: HeldClock
) -> None:
    letter_id = a_ready_letter(ledger, clock)
    since = clock.now()
    for _ in range(3):
        clock.advance(timedelta(minutes=20))
        (claim,) = ledger.announce_messages([only(ledger, NOTIFICATION)])
        away = MessageHappening(event=MessageEvent.POSTPONED, due_at=clock.now(), reason="http_403")
        ledger.record_messages([(claim, away)])
    (need,) = ledger.attention.needs(Deadlines(within={}), served)
    assert (need.because, need.kind, need.letter_id) == (Because.BEYOND_DEADLINE, "message", letter_id)
    assert (need.since, need.connection, need.reason) == (since, "sms", "http_403")
    clock.advance(timedelta(hours=6))
    shown = ledger.attention.needs(Deadlines(within={}), served)
    assert sorted(need.kind for need in shown) == ["message", "publication"]
    beyond = ledger.attention.outbox_beyond(USUAL)
    assert (beyond[Stage.NOTIFICATION], beyond[Stage.PUBLICATION], beyond[Stage.DELIVERY]) == (1, 1, 0)


def test_a_message_at_its_end_is_no_trouble_and_one_without_a_report_is_after_its_own_time(
    ledger: Ledger, clock: HeldClock
) -> None:
    letter_id = a_ready_letter(ledger, clock)
    (claim,) = ledger.announce_messages([only(ledger, NOTIFICATION)])
    taken = MessageHappening(event=MessageEvent.ACCEPTED, due_at=clock.now(), gateway_reference="1")
    ledger.record_messages([(claim, taken)])
    ledger.published(only(ledger, PUBLICATION))
    clock.advance(timedelta(days=6))
    assert ledger.attention.needs(Deadlines(within={}), served) == []
    clock.advance(timedelta(days=1))
    (need,) = ledger.attention.needs(Deadlines(within={}), served)
    assert (need.kind, need.status, need.letter_id) == ("message", "accepted", letter_id)
    (claim,) = ledger.claim(DELIVERY, **HOLD)
    ledger.record_messages([(claim, MessageHappening(event=MessageEvent.LET_GO, reason="no_report"))])
    assert ledger.attention.needs(Deadlines(within={}), served) == []


def test_a_side_step_that_is_tried_in_vain_for_too_long_is_shown(ledger: Ledger, clock: HeldClock) -> None:
    ledger.policy = OutboxPolicy(completing_offices=frozenset({"main"}))
    a_registered_letter(ledger, clock)
    completion = Lane(Stage.COMPLETION, "main")
    ledger.journal.unfold(only(ledger, completion), ["attach"])
    since = clock.now()
    for _ in range(6):
        claim = ledger.journal.announce_side_step(only(ledger, completion))
        clock.advance(timedelta(hours=1))
        again = SideStepHappening(status=SideStepStatus.QUEUED, due_at=clock.now(), reason="http_503")
        ledger.journal.record_side_step(claim, again)
    found = ledger.attention.needs(Deadlines(within={}), served)
    (need,) = [need for need in found if need.kind == "side_step"]
    assert (need.because, need.step, need.since) == (Because.BEYOND_DEADLINE, "attach", since)


def test_what_waits_too_long_is_found_in_its_index_alone(sqlite_url: str) -> None:
    conditions = beyond_deadline(Stage.NOTIFICATION, datetime.fromtimestamp(0, UTC))
    asked = sa.select(sa.func.count()).select_from(schedule).where(*conditions)
    engine = sa.create_engine(sqlite_url)
    with engine.connect() as connection:
        form = asked.compile(dialect=connection.dialect)
        values = tuple("notification" if "stage" in name else 0 for name in form.positiontup or ())
        plan = [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {form}", values)]
    engine.dispose()
    assert "ix_schedule_outbox_due (stage=? AND status_since<?)" in " ".join(plan), plan
