"""Delivery reports: asked for, or brought to us; in any order."""

from datetime import timedelta

import pytest

from connector.errors import Unavailable
from connector.notification.receipts import take_in_receipt
from connector.ports.gateway import DeliveryReport
from connector.ports.outcomes import Delivered, DeliveryState, StillUnderway, Undelivered
from tests.unit.notification.house import DEAF, BookGateway, House


def test_messages_are_asked_for_in_batches_and_found_delivered(house: House, gateway: BookGateway) -> None:
    letters = house.admit(5)
    house.send()
    gateway.deliver_all()
    house.ask_delivery_when_due()
    assert gateway.calls[-3:] == ["delivery 2", "delivery 2", "delivery 1"]
    assert {house.statuses(letter)[-1] for letter in letters} == {"delivered"}


def test_what_never_arrives_ends_undelivered_with_its_code(house: House, gateway: BookGateway) -> None:
    (letter_id,) = house.admit()
    house.send()
    gateway.states = {f"r{house.own_id()}": Undelivered(code="14")}
    house.ask_delivery_when_due()
    last = house.ledger.timeline(letter_id)[-1]
    assert (last.outcome, last.code) == ("undelivered", "14")


def test_the_gaps_between_questions_grow_and_end_at_the_horizon_as_unknown(
    house: House, gateway: BookGateway
) -> None:
    (letter_id,) = house.admit()
    house.send()
    gateway.states = {f"r{house.own_id()}": StillUnderway()}
    gaps = []
    while house.statuses(letter_id)[-1] == "accepted":
        gaps.append(house.ask_delivery_when_due())
    assert gaps[:-1] == sorted(gaps[:-1])
    assert sum(gaps, timedelta(0)) == gateway.capabilities.delivery_horizon
    assert len(gaps) < 30
    assert house.statuses(letter_id)[-1] == "unknown"


def test_a_question_that_fails_is_asked_again(house: House, gateway: BookGateway) -> None:
    (letter_id,) = house.admit()
    house.send()
    gateway.deliver_all()
    gateway.next_failures = [Unavailable(reason="refused")]
    house.ask_delivery_when_due()
    assert house.statuses(letter_id)[-1] == "accepted"
    house.ask_delivery_when_due()
    assert house.statuses(letter_id)[-1] == "delivered"


def test_a_gateway_that_reports_nothing_is_let_go_at_the_horizon_without_a_call(
    house: House, gateway: BookGateway
) -> None:
    gateway.capabilities = DEAF
    (letter_id,) = house.admit()
    house.send()
    assert house.ask_delivery_when_due() == DEAF.delivery_horizon
    assert house.statuses(letter_id)[-1] == "unknown"
    assert gateway.calls == ["send 1"]


@pytest.mark.parametrize(
    ("reports", "end"),
    [
        ([StillUnderway(), Delivered()], "delivered"),
        ([Delivered(), StillUnderway()], "delivered"),
        ([Delivered(), Undelivered(code="2")], "delivered"),
        ([Undelivered(code="16"), StillUnderway()], "undelivered"),
        ([Delivered(), Delivered()], "delivered"),
    ],
)
def test_reports_in_any_order_never_lead_back(house: House, reports: list[DeliveryState], end: str) -> None:
    (letter_id,) = house.admit()
    house.send()
    news = [
        take_in_receipt(house.ledger, "sms", DeliveryReport(own_id=house.own_id(), state=state))
        for state in reports
    ]
    assert news.count(True) == 1
    assert house.statuses(letter_id)[-1] == end


def test_a_report_after_the_horizon_still_counts(house: House, gateway: BookGateway) -> None:
    gateway.capabilities = DEAF
    (letter_id,) = house.admit()
    house.send()
    house.ask_delivery_when_due()
    assert take_in_receipt(house.ledger, "sms", DeliveryReport(own_id=house.own_id(), state=Delivered()))
    assert house.statuses(letter_id) == ["sending", "accepted", "unknown", "delivered"]


def test_a_report_about_a_message_that_is_not_ours_changes_nothing(house: House) -> None:
    assert not take_in_receipt(house.ledger, "sms", DeliveryReport(own_id=1, state=Delivered()))
