"""Look-ups: what became of a message whose outcome was lost."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from connector.domain.message import FactKind
from connector.errors import OutcomeUnknown, Unavailable
from connector.notification.policy import NotificationPolicy
from connector.notification.receipts import take_in_receipt
from connector.ports.gateway import DeliveryReport, OutgoingMessage
from connector.ports.outcomes import Delivered, SendOutcome, Undelivered
from tests.unit.notification.house import DEAF, BookGateway, House


@pytest.fixture
def lost(house: House, gateway: BookGateway) -> str:
    """A letter whose message was taken by nobody; the answer was lost all the same."""

    def vanish(_: Sequence[OutgoingMessage]) -> Sequence[SendOutcome]:
        raise OutcomeUnknown(reason="timeout")

    (letter_id,) = house.admit()
    gateway.next_sends.append(vanish)
    house.send()
    return letter_id


@pytest.fixture
def taken(house: House, gateway: BookGateway) -> str:
    """A letter whose message was taken; the answer was lost."""

    def lose(messages: Sequence[OutgoingMessage]) -> Sequence[SendOutcome]:
        gateway.take(messages)
        raise OutcomeUnknown(reason="timeout")

    (letter_id,) = house.admit()
    gateway.next_sends.append(lose)
    house.send()
    return letter_id


def test_absent_is_believed_only_after_several_look_ups_and_the_longest_processing_time(
    house: House, gateway: BookGateway, lost: str
) -> None:
    waited = timedelta(0)
    while house.statuses(lost)[-1] == "uncertain":
        waited += house.send_when_due()
    assert house.statuses(lost) == ["sending", "uncertain", "queued"]
    assert waited >= house.policy.absent_after
    assert gateway.calls.count("find 1") >= 3
    house.send_when_due()
    assert len(gateway.sent) == 1


def test_look_ups_come_at_growing_gaps(house: House, lost: str) -> None:
    gaps = [house.send_when_due() for _ in range(5)]
    assert gaps == sorted(gaps)
    assert gaps[-1] > 2 * gaps[0]


@pytest.mark.parametrize(
    ("state", "status"), [(Delivered(), "delivered"), (Undelivered(code="11"), "undelivered")]
)
def test_a_look_up_may_bring_the_end_at_once(
    house: House, gateway: BookGateway, taken: str, state: Delivered | Undelivered, status: str
) -> None:
    gateway.states = {f"r{house.own_id()}": state}
    house.send_when_due()
    assert house.statuses(taken) == ["sending", "uncertain", status]


def test_a_look_up_that_nobody_answers_does_not_count_towards_absent(
    house: House, gateway: BookGateway, lost: str
) -> None:
    gateway.next_failures = [Unavailable(reason="refused")] * 3
    house.clock.advance(timedelta(hours=1))
    for _ in range(4):
        house.send_when_due()
    assert house.statuses(lost)[-1] == "uncertain"  # one true look-up so far
    house.send_when_due()
    assert house.statuses(lost)[-1] == "queued"


def test_a_gateway_that_may_have_forgotten_is_not_believed_and_nothing_is_sent_again(
    house: House, gateway: BookGateway, taken: str
) -> None:
    gateway.has_forgotten = True
    house.clock.advance(timedelta(days=2))
    house.send_when_due()
    assert house.statuses(taken)[-1] == "unknown"
    assert len(gateway.sent) == 1


def test_a_gateway_that_cannot_be_asked_is_told_at_most_once(house: House, gateway: BookGateway) -> None:
    gateway.capabilities = DEAF
    (letter_id,) = house.admit()

    def lose(messages: Sequence[OutgoingMessage]) -> Sequence[SendOutcome]:
        gateway.take(messages)
        raise OutcomeUnknown(reason="timeout")

    gateway.next_sends.append(lose)
    house.send()
    assert house.send_when_due() == timedelta(0)
    assert house.statuses(letter_id) == ["sending", "uncertain", "unknown"]
    assert gateway.calls == ["send 1"]


def test_all_uncertain_messages_are_asked_for_in_one_call(house: House, gateway: BookGateway) -> None:
    house.admit(3)

    def lose(messages: Sequence[OutgoingMessage]) -> Sequence[SendOutcome]:
        gateway.take(messages)
        raise OutcomeUnknown(reason="timeout")

    gateway.next_sends.append(lose)
    house.send()
    house.send_when_due()
    assert gateway.calls == ["send 3", "find 3"]


def test_a_fact_that_is_worth_a_doubled_text_is_sent_again_once_and_counted(
    house: House, gateway: BookGateway
) -> None:
    gateway.capabilities = DEAF
    house.policy = NotificationPolicy(at_least_once=(FactKind.RECEIVED,))
    house.build()

    def lose(messages: Sequence[OutgoingMessage]) -> Sequence[SendOutcome]:
        gateway.take(messages)
        raise OutcomeUnknown(reason="timeout")

    (letter_id,) = house.admit()
    gateway.next_sends += [lose, lose]
    house.send()
    assert house.send_when_due() == house.policy.send_again_after  # a report may still come
    house.send_when_due()
    house.send_when_due()
    assert house.statuses(letter_id) == ["sending", "uncertain", "queued", "sending", "uncertain", "unknown"]
    material = house.ledger.message("sms", house.own_id())
    assert material is not None
    assert (material.possible_doubles, len(gateway.sent)) == (1, 2)


def test_a_report_of_the_first_sending_spares_the_second(house: House, gateway: BookGateway) -> None:
    gateway.capabilities = DEAF
    house.policy = NotificationPolicy(at_least_once=(FactKind.RECEIVED,))
    house.build()

    def lose(messages: Sequence[OutgoingMessage]) -> Sequence[SendOutcome]:
        gateway.take(messages)
        raise OutcomeUnknown(reason="timeout")

    (letter_id,) = house.admit()
    gateway.next_sends.append(lose)
    house.send()
    report = DeliveryReport(own_id=house.own_id(), state=Delivered())
    assert take_in_receipt(house.ledger, "sms", report)
    house.clock.advance(house.policy.send_again_after)
    assert house.send() == []
    assert house.statuses(letter_id)[-1] == "delivered"
