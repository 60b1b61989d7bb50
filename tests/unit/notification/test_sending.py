"""Sending: intent, call, outcome; and every way in which a call may fail."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from connector.domain.message import MessageEvent
from connector.domain.text import to_persian_digits
from connector.domain.tracking_code import grouped_tracking_code
from connector.errors import CredentialsRejected, NotPossible, OutcomeUnknown, RateLimited, Unavailable
from connector.ledger.records import MessageHappening, MessageMaterial
from connector.notification.texts import Texts
from connector.ports.connection import Connection, ConnectionPolicy
from connector.ports.gateway import OutgoingMessage
from connector.ports.outcomes import Accepted, NotSent, Rejected, SendOutcome, Unanswered
from tests.unit.notification.house import BookGateway, House, Killed


def failing(error: BaseException, gateway: BookGateway | None = None) -> object:
    """A send that fails; with a gateway, after it has taken the messages."""

    def send(messages: Sequence[OutgoingMessage]) -> Sequence[SendOutcome]:
        if gateway:
            gateway.take(messages)
        raise error

    return send


def test_a_queued_message_is_announced_sent_and_accepted(house: House, gateway: BookGateway) -> None:
    (letter_id,) = house.admit()
    house.send()
    assert house.statuses(letter_id) == ["sending", "accepted"]
    letter = house.ledger.state(letter_id).letter
    assert gateway.sent[0].mobile == letter.sender.mobile
    assert to_persian_digits(grouped_tracking_code(letter.tracking_code)) in gateway.sent[0].text
    assert house.send() == []


def test_the_text_says_nothing_of_subject_or_content(house: House, gateway: BookGateway) -> None:
    (letter_id,) = house.admit()
    house.send()
    letter = house.ledger.state(letter_id).letter
    for private in (letter.subject, letter.text, letter.sender.name, letter.sender.identity_number):
        assert private not in gateway.sent[0].text


def test_the_intent_is_on_disk_before_the_call(house: House, gateway: BookGateway) -> None:
    (letter_id,) = house.admit()
    seen: list[str] = []

    def look(messages: Sequence[OutgoingMessage]) -> Sequence[SendOutcome]:
        seen.extend(house.statuses(letter_id))
        return gateway.take(messages)

    gateway.next_sends.append(look)
    house.send()
    assert seen == ["sending"]


def test_a_full_batch_takes_one_call(house: House, gateway: BookGateway) -> None:
    house.admit(8)
    house.send()
    assert gateway.calls == ["send 3", "send 3", "send 2"]


@pytest.mark.parametrize("was_taken", [True, False])
def test_what_a_killed_process_announced_is_looked_up_and_never_sent_blindly(
    house: House, gateway: BookGateway, was_taken: bool
) -> None:
    (letter_id,) = house.admit()
    gateway.next_sends.append(failing(Killed(), gateway if was_taken else None))  # type: ignore[arg-type]
    with pytest.raises(Killed):
        house.send()
    assert house.send() == []  # the dead one's lease still holds
    house.clock.advance(timedelta(minutes=3))
    house.send()
    assert house.statuses(letter_id)[-1] == "uncertain"
    while house.statuses(letter_id)[-1] not in {"accepted"}:
        house.send_when_due()
    assert [message.own_id for message in gateway.sent] == [house.own_id()]
    asked = sum(call.startswith("find") for call in gateway.calls)
    assert asked == 1 if was_taken else asked >= 2


def test_a_lost_answer_is_looked_up_and_never_sent_again(house: House, gateway: BookGateway) -> None:
    (letter_id,) = house.admit()
    gateway.next_sends.append(failing(OutcomeUnknown(reason="timeout"), gateway))  # type: ignore[arg-type]
    house.send()
    house.send_when_due()
    assert house.statuses(letter_id) == ["sending", "uncertain", "accepted"]
    assert gateway.calls == ["send 1", "find 1"]
    assert len(gateway.sent) == 1


def test_a_crash_of_the_adapter_in_the_middle_of_a_send_is_a_lost_answer(
    house: House, gateway: BookGateway
) -> None:
    (letter_id,) = house.admit()
    gateway.next_sends.append(failing(ZeroDivisionError(), gateway))  # type: ignore[arg-type]
    house.send()
    assert house.statuses(letter_id) == ["sending", "uncertain"]


def test_a_gateway_that_is_away_is_tried_again_at_growing_gaps(house: House, gateway: BookGateway) -> None:
    (letter_id,) = house.admit()
    gateway.next_sends = [failing(Unavailable(reason="refused"))] * 4  # type: ignore[list-item]
    house.send()
    gaps = [house.send_when_due().total_seconds() for _ in range(4)]
    assert gaps == [20, 40, 80, 160]
    assert house.statuses(letter_id) == ["sending", "queued"] * 4 + ["sending", "accepted"]


def test_where_our_own_calls_take_every_slot_the_messages_are_due_as_before_and_no_try_is_counted(
    house: House, gateway: BookGateway
) -> None:
    (letter_id,) = house.admit()
    house.connection = Connection(
        name="sms", adapter=gateway, pool_size=1, policy=ConnectionPolicy(patience=timedelta(milliseconds=10))
    )
    house.build()
    with house.connection.turn("send"):
        house.send()
    assert (gateway.calls, house.statuses(letter_id)) == ([], [])
    house.send()
    assert house.statuses(letter_id) == ["sending", "accepted"]


def test_the_wait_that_the_gateway_asks_for_is_kept(house: House, gateway: BookGateway) -> None:
    house.admit()
    wish = timedelta(minutes=7)
    gateway.next_sends.append(failing(RateLimited(reason="rate_limited", retry_after=wish)))  # type: ignore[arg-type]
    house.send()
    assert wish <= house.send_when_due() <= wish * 1.2


def test_after_a_failure_the_other_batches_wait_too_and_are_not_announced(
    house: House, gateway: BookGateway
) -> None:
    letters = house.admit(7)
    gateway.next_sends.append(failing(Unavailable(reason="refused")))  # type: ignore[arg-type]
    house.send()
    assert gateway.calls == ["send 3"]
    assert [house.statuses(letter) for letter in letters].count([]) == 4
    assert house.send() == []


def test_refused_credentials_suspend_the_connection_and_lose_nothing(
    house: House, gateway: BookGateway
) -> None:
    letters = house.admit(5)
    gateway.next_sends.append(failing(CredentialsRejected(reason="gateway_stopped")))  # type: ignore[arg-type]
    house.send()
    assert house.connection.health.suspended_because == "gateway_stopped"
    house.send_when_due()
    assert gateway.calls == ["send 3"]  # nobody knocks while it is suspended, and nothing is announced
    house.connection.resume()
    while not all(house.statuses(letter)[-1:] == ["accepted"] for letter in letters):
        house.send_when_due()
    assert len({message.own_id for message in gateway.sent}) == len(gateway.sent) == 5


def test_each_message_of_a_batch_has_its_own_outcome(house: House, gateway: BookGateway) -> None:
    gateway.capabilities = gateway.capabilities.__class__(batch_size=4, find_by_own_id=True, delivery_batch=2)
    letters = house.admit(4)
    outcomes: list[SendOutcome] = [
        Accepted(gateway_reference="1"),
        Rejected(code="411", reason="invalid"),
        NotSent(reason="no_credit", code="418", retry_after=timedelta(minutes=1)),
        Unanswered(reason="no_reference"),
    ]
    gateway.next_sends.append(lambda _: outcomes)
    house.send()
    ends = sorted(house.statuses(letter)[-1] for letter in letters)
    assert ends == ["accepted", "failed", "queued", "uncertain"]


def test_an_answer_with_too_few_outcomes_is_believed_for_none(house: House, gateway: BookGateway) -> None:
    letters = house.admit(3)
    gateway.next_sends.append(lambda _: [Accepted(gateway_reference="1")])
    house.send()
    assert {house.statuses(letter)[-1] for letter in letters} == {"uncertain"}


def test_a_report_that_overtakes_the_answer_is_not_undone_by_it(house: House, gateway: BookGateway) -> None:
    (letter_id,) = house.admit()

    def deliver_at_once(messages: Sequence[OutgoingMessage]) -> Sequence[SendOutcome]:
        outcomes = gateway.take(messages)
        delivered = MessageHappening(event=MessageEvent.DELIVERED)
        assert house.ledger.record_receipt("sms", messages[0].own_id, delivered)
        return outcomes

    gateway.next_sends.append(deliver_at_once)
    house.send()
    assert house.statuses(letter_id) == ["sending", "delivered"]


def test_a_stop_of_the_house_gives_back_what_was_not_announced(house: House, gateway: BookGateway) -> None:
    letters = house.admit(5)
    house.connection.close()
    house.send()
    assert gateway.calls == []
    assert all(house.statuses(letter) == [] for letter in letters)
    assert [claim.attempts for claim in house.claim()] == [0] * 5


def test_a_text_that_cannot_be_written_fails_alone(house: House, gateway: BookGateway) -> None:
    letters = house.admit(3)
    broken = house.ledger.state(letters[1]).letter.tracking_code
    true_render = house.texts.render

    class OneBroken(Texts):
        def render(self, material: MessageMaterial) -> str:
            if material.tracking_code == broken:
                raise NotPossible
            return true_render(material)

    house.texts = OneBroken({}, {})
    house.build()
    house.send()
    assert [house.statuses(letter)[-1] for letter in letters] == ["accepted", "failed", "accepted"]
