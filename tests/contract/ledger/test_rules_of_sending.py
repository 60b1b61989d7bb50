"""What the ledger keeps of the rules of sending: intents with their price, moves, who tells what instead, opt-outs."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from connector.domain.attention import Deadlines
from connector.domain.lifecycle import Event, Stage
from connector.domain.message import FactKind, MessageEvent, MessageStatus
from connector.domain.referral import Referral
from connector.ledger import Ledger
from connector.ledger.put_off import OUTSIDE_WINDOW
from connector.ledger.records import (
    Claim,
    DailyBudget,
    Happening,
    Lane,
    MessageHappening,
    MessagePlan,
    OutboxPolicy,
)
from connector.ledger.tables import message_events, messages, opt_outs, spendings
from connector.testing.builders import HeldClock, a_route, a_submission
from tests.contract.ledger.walk import HOLD, NOTIFICATION, TRACKING, a_registered_letter, only

TODAY = date(2026, 11, 21)
BACKUP = Lane(Stage.NOTIFICATION, "backup")


def read(ledger: Ledger, query: Any) -> list[Any]:
    return ledger._read(lambda c: c.execute(query).all())  # type: ignore[no-any-return]


def the_message(ledger: Ledger) -> Any:
    (row,) = read(ledger, sa.select(messages))
    return row


def spent(ledger: Ledger) -> list[tuple[int, int]]:
    return [(row.parts, row.cost) for row in read(ledger, sa.select(spendings))]


def announced(
    ledger: Ledger, plan: MessagePlan, budget: DailyBudget | None = None, lane: Lane = NOTIFICATION
) -> list[Claim]:
    claims = [claim for claim in ledger.claim(lane, **HOLD) if claim.status == "queued"]
    return ledger.announce_messages(claims, {claim.work_id: plan for claim in claims}, budget)


def journal(ledger: Ledger) -> list[tuple[str, str | None, str | None, str | None]]:
    rows = read(ledger, sa.select(message_events).order_by(message_events.c.position))
    return [(row.event, row.reason, row.code, row.gateway) for row in rows]


def test_the_intent_keeps_how_it_goes_and_what_it_costs(ledger: Ledger) -> None:
    ledger.admit(a_submission(), route=a_route())
    announced(ledger, MessagePlan(parts=2, cost=500_000, pattern="p7", reason=None))
    row = the_message(ledger)
    assert (row.parts, row.cost, row.pattern, row.spent_on) == (2, 500_000, "p7", None)
    assert journal(ledger) == [("announced", None, "p7", "sms")]
    assert spent(ledger) == []


@pytest.mark.parametrize(
    ("event", "left"),
    [
        (MessageEvent.ACCEPTED, [(2, 10)]),
        (MessageEvent.OUTCOME_LOST, [(2, 10)]),
        (MessageEvent.POSTPONED, [(0, 0)]),
        (MessageEvent.REJECTED, [(0, 0)]),
    ],
)
def test_a_budget_is_spent_with_the_intent_and_given_back_where_nothing_was_sent(
    ledger: Ledger, clock: HeldClock, event: MessageEvent, left: list[tuple[int, int]]
) -> None:
    ledger.admit(a_submission(), route=a_route())
    budget = DailyBudget(gateway="sms", day=TODAY, most_parts=2)
    (claim,) = announced(ledger, MessagePlan(parts=2, cost=10), budget)
    assert spent(ledger) == [(2, 10)]
    due_at = None if event is MessageEvent.REJECTED else clock.now()
    ledger.record_messages([(claim, MessageHappening(event=event, due_at=due_at, reason="because"))])
    assert spent(ledger) == left


@pytest.mark.parametrize(
    "budget",
    [
        DailyBudget(gateway="sms", day=TODAY, most_parts=3),
        DailyBudget(gateway="sms", day=TODAY, most_cost=39),
    ],
)
def test_what_a_budget_has_no_room_for_is_put_off_and_nothing_is_lost(
    ledger: Ledger, clock: HeldClock, budget: DailyBudget
) -> None:
    for _ in range(3):
        ledger.admit(a_submission(), route=a_route())
    tomorrow = clock.now() + timedelta(days=1)
    going = announced(ledger, MessagePlan(parts=2, cost=20, again_at=tomorrow), budget)
    assert len(going) == 1
    assert spent(ledger) == [(2, 20)]
    assert ledger.claim(NOTIFICATION, **HOLD) == []
    clock.advance(timedelta(days=1))
    tomorrows = DailyBudget(gateway="sms", day=TODAY + timedelta(days=1), most_parts=99)
    assert len(announced(ledger, MessagePlan(parts=2), tomorrows)) == 2
    put_off = [entry[:2] for entry in journal(ledger) if entry[0] == "deferred"]
    assert put_off == [("deferred", "daily_budget")] * 2


def needs(ledger: Ledger) -> list[tuple[str, str | None, int]]:
    found = ledger.attention.needs(Deadlines(), lambda stage, name: True)
    return [(str(need.because), need.connection, need.waiting) for need in found]


def test_a_spent_budget_is_told_to_the_operator_once_for_all_that_waits(
    ledger: Ledger, clock: HeldClock
) -> None:
    for _ in range(3):
        ledger.admit(a_submission(), route=a_route())
    tomorrow = clock.now() + timedelta(hours=20)
    budget = DailyBudget(gateway="sms", day=TODAY, most_parts=1)
    announced(ledger, MessagePlan(parts=2, again_at=tomorrow), budget)
    clock.advance(timedelta(hours=2))
    assert needs(ledger)[0] == ("budget_spent", "sms", 3)
    assert not [need for need in needs(ledger) if need[0] == "beyond_deadline" and need[1] == "sms"]
    assert ledger.attention.waiting_for_a_budget() == {"sms": 3}


def test_what_waits_for_the_morning_is_not_late_before_it(ledger: Ledger, clock: HeldClock) -> None:
    ledger.admit(a_submission(), route=a_route())
    morning = clock.now() + timedelta(hours=8)
    put_off = MessageHappening(event=MessageEvent.DEFERRED, due_at=morning, reason=OUTSIDE_WINDOW)
    ledger.record_messages([(only(ledger, NOTIFICATION), put_off)])
    of_sms = Deadlines(within={})
    late = [ledger.attention.outbox_beyond(of_sms)[Stage.NOTIFICATION]]
    for hours in (7, 1, 2):
        clock.advance(timedelta(hours=hours))
        late.append(ledger.attention.outbox_beyond(of_sms)[Stage.NOTIFICATION])
    assert late == [0, 0, 0, 1]


def test_low_credit_stands_on_the_list_until_there_is_enough(ledger: Ledger, clock: HeldClock) -> None:
    told = partial(ledger.sendings.credits_told.tell, "sms", unit="rial", runs_until=None)
    assert not told(amount="5000", is_low=False)
    assert needs(ledger) == []
    assert told(amount="10.5", is_low=True)
    since = clock.now()
    clock.advance(timedelta(hours=1))
    assert not told(amount="9", is_low=True)
    assert needs(ledger) == [("low_credit", "sms", 0)]
    (account,) = ledger.sendings.credits_told.all()
    assert (account.amount, account.low_since, account.asked_at) == ("9", since, clock.now())
    told(amount="90000", is_low=False)
    assert needs(ledger) == []


def test_the_totals_say_what_was_sent_and_what_may_be_doubled(ledger: Ledger, clock: HeldClock) -> None:
    ledger.admit(a_submission(), route=a_route())
    moved_to_backup(ledger, clock)
    (total,) = ledger.sendings.totals()
    assert (total.gateway, total.fact, total.status) == ("backup", "received", "queued")
    assert (total.messages, total.parts, total.possible_doubles) == (1, 1, 1)
    assert ledger.sendings.possible_doubles() == 1


def moved_to_backup(ledger: Ledger, clock: HeldClock) -> int:
    """A message that sms may have sent, and that backup has now."""
    (claim,) = announced(ledger, MessagePlan(parts=1))
    lost = MessageHappening(event=MessageEvent.OUTCOME_LOST, due_at=clock.now(), reason="timeout")
    ledger.record_messages([(claim, lost)])
    again = MessageHappening(event=MessageEvent.SENT_AGAIN, due_at=clock.now(), reason="at_least_once")
    ledger.record_messages([(only(ledger, NOTIFICATION), again)])
    move = MessageHappening(
        event=MessageEvent.MOVED, due_at=clock.now(), reason="gateway_away", to_gateway="backup"
    )
    ledger.record_messages([(only(ledger, NOTIFICATION), move)])
    return int(the_message(ledger).own_id)


def test_a_move_is_journalled_and_every_possible_double_counted(ledger: Ledger, clock: HeldClock) -> None:
    ledger.admit(a_submission(), route=a_route())
    moved_to_backup(ledger, clock)
    assert ledger.claim(NOTIFICATION, **HOLD) == []
    row = the_message(ledger)
    assert (row.gateway, row.moves, row.possible_doubles) == ("backup", 1, 1)
    assert ("moved", "gateway_away", "backup", None) in journal(ledger)
    assert len(announced(ledger, MessagePlan(parts=1), lane=BACKUP)) == 1
    assert journal(ledger)[-1] == ("announced", None, None, "backup")


def test_after_a_move_the_old_gateway_is_believed_about_its_own_sending(
    ledger: Ledger, clock: HeldClock
) -> None:
    ledger.admit(a_submission(), route=a_route())
    own_id = moved_to_backup(ledger, clock)
    failed = MessageHappening(event=MessageEvent.UNDELIVERED, code="11")
    assert not ledger.record_receipt("sms", own_id, failed)  # says nothing about what backup does
    assert not ledger.record_receipt("stranger", own_id, MessageHappening(event=MessageEvent.DELIVERED))
    assert ledger.record_receipt("sms", own_id, MessageHappening(event=MessageEvent.DELIVERED))
    assert ledger.claim(BACKUP, **HOLD) == []


def two_facts(ledger: Ledger, clock: HeldClock) -> None:
    """A letter that was registered, told of its receipt, and referred."""
    a_registered_letter(ledger, clock)
    (claim,) = announced(ledger, MessagePlan(parts=1))
    accepted = MessageHappening(event=MessageEvent.ACCEPTED, due_at=clock.now() + timedelta(days=9))
    ledger.record_messages([(claim, accepted)])
    referred = Happening(
        event=Event.REFERRED, due_at=clock.now(), referral=Referral(reference="1", unit="عمران")
    )
    ledger.record(only(ledger, TRACKING), referred)


@pytest.mark.parametrize("event", [MessageEvent.JOINED, MessageEvent.SUPERSEDED])
def test_a_message_that_another_one_tells_frees_it_at_once(
    ledger: Ledger, clock: HeldClock, event: MessageEvent
) -> None:
    two_facts(ledger, clock)
    claim = only(ledger, NOTIFICATION)
    (material,) = ledger.materials([claim])
    (newer,) = material.followers
    assert (material.fact, newer.fact) == (FactKind.REGISTERED, FactKind.REFERRED)
    ledger.record_messages([(claim, MessageHappening(event=event, reason="r", told_by=newer.own_id))])
    (carrier,) = ledger.materials(ledger.claim(NOTIFICATION, **HOLD))
    assert carrier.own_id == newer.own_id
    assert [each.fact for each in carrier.replaced] == [FactKind.REGISTERED]
    assert [each.fact for each in carrier.carried] == [FactKind.REGISTERED][: event is MessageEvent.JOINED]


def test_an_opt_out_is_seen_with_the_message_and_withholding_it_frees_the_next(
    ledger: Ledger, clock: HeldClock
) -> None:
    two_facts(ledger, clock)
    (index,) = {row.mobile_index for row in read(ledger, sa.text("SELECT mobile_index FROM letters"))}
    ledger._write(
        lambda t: t.connection.execute(
            sa.insert(opt_outs).values(mobile_index=index, since=t.at, incoming_id=None)
        )
    )
    claim = only(ledger, NOTIFICATION)
    (material,) = ledger.materials([claim])
    assert material.has_opted_out
    assert ledger.announce_messages([claim]) == []  # and the ledger itself sees to it, whoever asks
    (next_one,) = ledger.materials(ledger.claim(NOTIFICATION, **HOLD))
    assert next_one.fact is FactKind.REFERRED


def test_a_blacklisted_number_is_tried_once_more_unless_a_newer_message_was_made(
    ledger: Ledger, clock: HeldClock
) -> None:
    two_facts(ledger, clock)
    (first,) = [row for row in read(ledger, sa.select(messages)) if row.fact == "received"]
    again = MessageHappening(event=MessageEvent.BLACKLISTED, due_at=clock.now(), reason="blacklisted")
    assert ledger.record_receipt("sms", first.own_id, again)
    stand = ledger.message("sms", first.own_id)
    assert stand is not None
    assert stand.status is MessageStatus.UNDELIVERED  # its letter was told more since
    lone = ledger.admit(a_submission(), route=a_route()).letter_id
    (claim,) = [each for each in announced(ledger, MessagePlan(parts=1)) if each.letter_id == lone]
    accepted = MessageHappening(event=MessageEvent.ACCEPTED, due_at=clock.now())
    ledger.record_messages([(claim, accepted)])
    assert ledger.record_receipt("sms", int(claim.work_id), again)
    retried = [each for each in ledger.claim(NOTIFICATION, **HOLD) if each.letter_id == lone]
    (material,) = ledger.materials(retried)
    assert (material.status, material.is_blacklisted) == (MessageStatus.QUEUED, True)
    (going,) = ledger.announce_messages(retried, {}, None)
    assert not ledger.record_receipt(
        "sms", material.own_id, again
    )  # the same report twice sends nothing twice
    failed = MessageHappening(event=MessageEvent.UNDELIVERED, reason="of_the_first")
    assert ledger.record_receipt("sms", material.own_id, failed)
    arrived = MessageHappening(event=MessageEvent.DELIVERED)
    assert ledger.record_receipt("sms", int(going.work_id), arrived)  # and the second one arrived


def test_a_report_about_a_list_comes_too_late_for_a_second_way_and_is_written_down(
    ledger: Ledger, clock: HeldClock
) -> None:
    (claim,) = (
        announced(ledger, MessagePlan(parts=1)) if ledger.admit(a_submission(), route=a_route()) else []
    )
    lost = MessageHappening(event=MessageEvent.OUTCOME_LOST, due_at=clock.now(), reason="timeout")
    ledger.record_messages([(claim, lost)])
    (uncertain,) = ledger.claim(NOTIFICATION, **HOLD)
    ledger.record_messages(
        [(uncertain, MessageHappening(event=MessageEvent.LET_GO, reason="cannot_be_asked"))]
    )
    again = MessageHappening(event=MessageEvent.BLACKLISTED, due_at=clock.now(), reason="blacklisted")
    assert ledger.record_receipt("sms", int(claim.work_id), again)
    stand = ledger.message("sms", int(claim.work_id))
    assert stand is not None
    assert stand.status is MessageStatus.UNDELIVERED


def test_something_urgent_brings_forward_what_was_only_put_off(
    open_on: Any, ledger_url: str, clock: HeldClock
) -> None:
    policy = OutboxPolicy(urgent_facts=frozenset({FactKind.REFERRED}), hold=timedelta(minutes=1))
    ledger = open_on(ledger_url, policy=policy)
    a_registered_letter(ledger, clock)
    assert ledger.claim(NOTIFICATION, **HOLD) == []  # it is held for what may follow
    clock.advance(timedelta(minutes=1))
    morning = clock.now() + timedelta(hours=8)
    put_off = MessageHappening(event=MessageEvent.DEFERRED, due_at=morning, reason=OUTSIDE_WINDOW)
    ledger.record_messages([(only(ledger, NOTIFICATION), put_off)])
    assert ledger.claim(NOTIFICATION, **HOLD) == []
    referred = Happening(
        event=Event.REFERRED, due_at=clock.now(), referral=Referral(reference="1", unit="عمران")
    )
    ledger.record(only(ledger, TRACKING), referred)
    (material,) = ledger.materials(ledger.claim(NOTIFICATION, **HOLD))
    assert material.fact is FactKind.RECEIVED


def move(ledger: Ledger, **changes: Any) -> int:
    wanted: dict[str, Any] = {
        "reason": "gateway_away",
        "waiting_for": None,
        "older_than": timedelta(minutes=1),
        "most_moves": 4,
        "limit": 10,
    }
    return ledger.sendings.move_messages("sms", "backup", **(wanted | changes))


def test_only_what_is_queued_and_held_by_nobody_goes_over(ledger: Ledger, clock: HeldClock) -> None:
    ledger.admit(a_submission(), route=a_route())
    (uncertain,) = announced(ledger, MessagePlan(parts=1))
    lost = MessageHappening(event=MessageEvent.OUTCOME_LOST, due_at=clock.now(), reason="timeout")
    ledger.record_messages([(uncertain, lost)])
    ledger.admit(a_submission(), route=a_route())
    clock.advance(timedelta(minutes=2))
    held = [claim for claim in ledger.claim(NOTIFICATION, **HOLD) if claim.status == "queued"]
    assert move(ledger) == 0
    ledger.give_back(held)
    assert move(ledger, older_than=timedelta(minutes=3)) == 0
    assert move(ledger, most_moves=0) == 0
    assert move(ledger, waiting_for="daily_budget") == 0
    assert move(ledger) == 1
    assert [claim.work_id for claim in ledger.claim(BACKUP, **HOLD)] == [held[0].work_id]
    assert ledger.announce_messages(held) == []  # a late holder finds that it has gone


def test_what_may_not_go_over_any_more_keeps_nobody_else_from_it(ledger: Ledger, clock: HeldClock) -> None:
    ledger.admit(a_submission(), route=a_route())
    clock.advance(timedelta(minutes=2))
    assert move(ledger) == 1
    assert ledger.sendings.move_messages(
        "backup", "sms", reason="gateway_away", waiting_for=None, older_than=timedelta(0), most_moves=4, limit=10
    ) == 1  # fmt: skip
    ledger.admit(a_submission(), route=a_route())
    clock.advance(timedelta(minutes=2))
    assert move(ledger, most_moves=2, limit=1) == 1  # the older one has gone over twice, and stays


def test_what_waits_for_the_morning_stays_until_it_has_come(ledger: Ledger, clock: HeldClock) -> None:
    ledger.admit(a_submission(), route=a_route())
    morning = clock.now() + timedelta(hours=8)
    put_off = MessageHappening(event=MessageEvent.DEFERRED, due_at=morning, reason=OUTSIDE_WINDOW)
    ledger.record_messages([(only(ledger, NOTIFICATION), put_off)])
    clock.advance(timedelta(hours=1))
    assert move(ledger) == 0
    clock.advance(timedelta(hours=7))
    assert move(ledger) == 1


def test_whoever_comes_to_a_message_after_the_hours_of_sending_puts_it_off(
    ledger: Ledger, clock: HeldClock
) -> None:
    ledger.admit(a_submission(), route=a_route())
    closing, opening = clock.now() + timedelta(minutes=1), clock.now() + timedelta(hours=9)
    plan = MessagePlan(parts=1, not_after=closing, reopens_at=opening)
    (claim,) = ledger.claim(NOTIFICATION, **HOLD)
    clock.advance(timedelta(minutes=1))
    assert ledger.announce_messages([claim], {claim.work_id: plan}) == []
    assert ledger.next_due_at(NOTIFICATION) == opening
    assert journal(ledger) == [("deferred", "outside_window", None, None)]
