"""Messages and publications: one for each fact, in the fact's transaction, leaving in the order of the facts."""

from datetime import timedelta

import pytest

from connector.domain.lifecycle import Event
from connector.domain.message import FactKind, MessageEvent, MessageStatus
from connector.domain.referral import Answer, Referral
from connector.errors import LostRace
from connector.ledger import Ledger
from connector.ledger.records import Happening, Lane, MessageHappening, OutboxPolicy
from connector.testing.builders import HeldClock, a_route, a_submission
from tests.contract.ledger.walk import (
    DELIVERY,
    HOLD,
    NOTIFICATION,
    PUBLICATION,
    TRACKING,
    a_registered_letter,
    only,
)

ACCEPTED = MessageEvent.ACCEPTED


def send_next(ledger: Ledger, clock: HeldClock) -> FactKind:
    """Hand the one due message to the gateway and return its fact."""
    (claim,) = ledger.announce_messages([only(ledger, NOTIFICATION)])
    (material,) = ledger.materials([claim])
    happening = MessageHappening(event=ACCEPTED, due_at=clock.now(), gateway_reference=f"g-{material.own_id}")
    ledger.record_messages([(claim, happening)])
    return material.fact


def test_the_first_fact_is_queued_with_the_letter_itself(ledger: Ledger, clock: HeldClock) -> None:
    admission = ledger.admit(a_submission(), route=a_route())
    (material,) = ledger.materials(ledger.claim(NOTIFICATION, **HOLD))
    assert (material.fact, material.tracking_code) == (FactKind.RECEIVED, admission.tracking_code)
    assert (material.mobile, material.status) == ("09000000001", MessageStatus.QUEUED)


def test_messages_of_a_letter_leave_one_by_one_in_the_order_of_its_facts(
    ledger: Ledger, clock: HeldClock
) -> None:
    a_registered_letter(ledger, clock)
    ledger.record(
        only(ledger, TRACKING),
        Happening(event=Event.REFERRED, due_at=clock.now(), referral=Referral(reference="1", unit="عمران")),
        Happening(event=Event.ANSWERED, due_at=clock.now(), answer=Answer(text="بله")),
        Happening(event=Event.CLOSED),
    )
    told = [send_next(ledger, clock) for _ in range(5)]
    assert told == [
        FactKind.RECEIVED, FactKind.REGISTERED, FactKind.REFERRED, FactKind.ANSWERED, FactKind.CLOSED,
    ]  # fmt: skip
    assert ledger.claim(NOTIFICATION, **HOLD) == []


def test_a_message_whose_outcome_is_uncertain_holds_the_later_ones_back(
    ledger: Ledger, clock: HeldClock
) -> None:
    a_registered_letter(ledger, clock)
    (claim,) = ledger.announce_messages([only(ledger, NOTIFICATION)])
    later = clock.now() + timedelta(minutes=1)
    ledger.record_messages([(claim, MessageHappening(event=MessageEvent.OUTCOME_LOST, due_at=later))])
    assert ledger.claim(NOTIFICATION, **HOLD) == []
    clock.advance(timedelta(minutes=1))
    uncertain = only(ledger, NOTIFICATION)
    assert uncertain.status == MessageStatus.UNCERTAIN
    ledger.looked_up_messages([(uncertain, clock.now())])
    uncertain = only(ledger, NOTIFICATION)
    assert ledger.materials([uncertain])[0].lookups == 1
    ledger.record_messages([(uncertain, MessageHappening(event=MessageEvent.LET_GO, reason="cannot_ask"))])
    assert send_next(ledger, clock) is FactKind.REGISTERED


def test_the_same_fact_is_never_queued_twice(ledger: Ledger, clock: HeldClock) -> None:
    a_registered_letter(ledger, clock)
    referred = Happening(
        event=Event.REFERRED, due_at=clock.now(), referral=Referral(reference="7", unit="عمران")
    )
    ledger.record(only(ledger, TRACKING), referred)
    ledger.record(only(ledger, TRACKING), referred)
    told = []
    while ledger.next_due_at(NOTIFICATION) is not None:
        told.append(send_next(ledger, clock))
    assert told.count(FactKind.REFERRED) == 1


def test_a_letter_that_is_reopened_and_answered_anew_is_told_of_both_answers(
    ledger: Ledger, clock: HeldClock
) -> None:
    a_registered_letter(ledger, clock)
    for answer, reference in (("خیر", "1"), ("بله", "2")):
        ledger.record(
            only(ledger, TRACKING),
            Happening(
                event=Event.REFERRED, due_at=clock.now(), referral=Referral(reference=reference, unit="عمران")
            ),
            Happening(event=Event.ANSWERED, due_at=clock.now(), answer=Answer(text=answer)),
        )
    told = []
    while ledger.next_due_at(NOTIFICATION) is not None:
        told.append(send_next(ledger, clock))
    assert told[2:] == [FactKind.REFERRED, FactKind.ANSWERED] * 2


def test_a_confidential_referral_is_kept_and_told_to_nobody(ledger: Ledger, clock: HeldClock) -> None:
    letter_id = a_registered_letter(ledger, clock)
    hidden = Referral(reference="7", unit="حراست", is_public=False)
    ledger.record(
        only(ledger, TRACKING), Happening(event=Event.REFERRED, due_at=clock.now(), referral=hidden)
    )
    assert ledger.state(letter_id).referrals == (hidden,)
    assert [send_next(ledger, clock), send_next(ledger, clock)] == [FactKind.RECEIVED, FactKind.REGISTERED]
    assert ledger.claim(NOTIFICATION, **HOLD) == []
    published = []
    while claims := ledger.claim(PUBLICATION, **HOLD):
        published.append(ledger.publication(claims[0]).fact)
        ledger.published(claims[0])
    assert published == ["received", "registered"]


def test_only_the_facts_that_the_operator_chose_are_told(ledger: Ledger) -> None:
    ledger.policy = OutboxPolicy(told_facts=frozenset({FactKind.REGISTERED}))
    ledger.admit(a_submission(), route=a_route())
    assert ledger.claim(NOTIFICATION, **HOLD) == []
    assert ledger.claim(PUBLICATION, **HOLD) == []


def test_a_letter_without_a_route_is_told_through_the_default_gateway(ledger: Ledger) -> None:
    ledger.policy = OutboxPolicy(default_gateway="spare")
    ledger.admit(a_submission(), route=None)
    assert len(ledger.claim(Lane(NOTIFICATION.stage, "spare"), **HOLD)) == 1


def test_a_message_whose_sender_died_comes_back_as_sending(ledger: Ledger, clock: HeldClock) -> None:
    ledger.admit(a_submission(), route=a_route())
    ledger.announce_messages([only(ledger, NOTIFICATION)])
    clock.advance(timedelta(seconds=61))
    assert only(ledger, NOTIFICATION).status == MessageStatus.SENDING


def test_delivery_reports_in_any_order_never_take_a_delivery_back(ledger: Ledger, clock: HeldClock) -> None:
    ledger.admit(a_submission(), route=a_route())
    send_next(ledger, clock)
    own_id = int(only(ledger, DELIVERY).work_id)
    delivered = MessageHappening(event=MessageEvent.DELIVERED)
    assert ledger.record_receipt("sms", own_id, delivered)
    assert not ledger.record_receipt(
        "sms", own_id, MessageHappening(event=MessageEvent.UNDELIVERED, code="2")
    )
    assert not ledger.record_receipt("sms", own_id, delivered)
    assert not ledger.record_receipt("sms", 1, delivered)
    assert ledger.unfinished_outbox() == 1  # the publication of the first fact


def test_a_report_that_overtakes_the_gateways_answer_wins_and_the_answer_changes_nothing(
    ledger: Ledger, clock: HeldClock
) -> None:
    ledger.admit(a_submission(), route=a_route())
    (claim,) = ledger.announce_messages([only(ledger, NOTIFICATION)])
    assert ledger.record_receipt("sms", int(claim.work_id), MessageHappening(event=MessageEvent.DELIVERED))
    lost = ledger.record_messages([(claim, MessageHappening(event=ACCEPTED, due_at=clock.now()))])
    assert (lost, ledger.claim(DELIVERY, **HOLD)) == (1, [])


def test_a_gateway_is_believed_about_its_own_messages_only(ledger: Ledger, clock: HeldClock) -> None:
    ledger.admit(a_submission(), route=a_route())
    (claim,) = ledger.announce_messages([only(ledger, NOTIFICATION)])
    delivered = MessageHappening(event=MessageEvent.DELIVERED)
    assert not ledger.record_receipt("another", int(claim.work_id), delivered)
    assert ledger.record_receipt("sms", int(claim.work_id), delivered)


def test_a_report_of_a_message_that_was_taken_for_absent_keeps_it_from_being_sent_again(
    ledger: Ledger, clock: HeldClock
) -> None:
    ledger.admit(a_submission(), route=a_route())
    (claim,) = ledger.announce_messages([only(ledger, NOTIFICATION)])
    ledger.record_messages([(claim, MessageHappening(event=MessageEvent.OUTCOME_LOST, due_at=clock.now()))])
    absent = MessageHappening(event=MessageEvent.FOUND_ABSENT, due_at=clock.now())
    ledger.record_messages([(only(ledger, NOTIFICATION), absent)])
    queued_again = only(ledger, NOTIFICATION)
    assert queued_again.status == MessageStatus.QUEUED
    delivered = MessageHappening(event=MessageEvent.DELIVERED)
    assert ledger.record_receipt("sms", int(queued_again.work_id), delivered)
    assert ledger.announce_messages([queued_again]) == []


def test_publications_leave_in_order_and_once(ledger: Ledger, clock: HeldClock) -> None:
    a_registered_letter(ledger, clock)
    first = only(ledger, PUBLICATION)
    assert ledger.publication(first).fact == "received"
    assert ledger.claim(PUBLICATION, **HOLD) == []
    ledger.published(first)
    with pytest.raises(LostRace):
        ledger.published(first)
    second = ledger.publication(only(ledger, PUBLICATION))
    assert (second.fact, second.registration.number if second.registration else None) == (
        "registered",
        "00012",
    )
    assert second.position > ledger.publication(first).position


def test_each_publication_carries_everything_that_was_known_by_then_and_nothing_later(
    ledger: Ledger, clock: HeldClock
) -> None:
    a_registered_letter(ledger, clock)
    hidden = Referral(reference="2", unit="حراست", is_public=False)
    ledger.record(
        only(ledger, TRACKING),
        Happening(event=Event.REFERRED, due_at=clock.now(), referral=Referral(reference="1", unit="عمران")),
        Happening(event=Event.REFERRED, due_at=clock.now(), referral=hidden),
        Happening(event=Event.ANSWERED, due_at=clock.now(), answer=Answer(text="بله")),
        Happening(event=Event.CLOSED),
    )
    seen = []
    while claims := ledger.claim(PUBLICATION, **HOLD):
        told = ledger.publication(claims[0])
        seen.append((told.fact, told.unit, told.answer.text if told.answer else None))
        ledger.published(claims[0])
    assert seen[:3] == [("received", None, None), ("registered", None, None), ("referred", "عمران", None)]
    assert seen[-2:] == [("answered", "عمران", "بله"), ("closed", "عمران", "بله")]
    assert "حراست" not in str(seen)
