"""What gateways must hold, whatever the vendor.

A gateway's test module gives the fixtures ``outside`` (the vendor's side) and ``gateway``, and for gateways on a
network ``gateway_with_wrong_secret`` and ``gateway_to_nowhere``; it inherits the classes that fit its capabilities.
"""

import traceback
from typing import Protocol

import pytest

from connector.errors import (
    CallFailed,
    CredentialsRejected,
    Misbehaved,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from connector.ports.gateway import (
    FindsByOwnId,
    GatewayAdapter,
    OutgoingMessage,
    ReadsReceipts,
    ReportsDelivery,
)
from connector.ports.outcomes import Accepted, Delivered, StillUnderway

SECRET = "Zx81-the-secret-of-this-test-09cf"
PERSIAN = (
    "نامهٔ شما در دبیرخانه ثبت شد.\nشمارهٔ ثبت: ۱۲۳۴۵\nکد رهگیری: \u2066۴۸۲\u00a0۹۱۵\u2069 & + % «سپاس» 👋"
)


def a_message(number: int, text: str = PERSIAN) -> OutgoingMessage:
    return OutgoingMessage(
        own_id=7_000_000_000_000_000_000 + number, mobile=f"0900000{number:04d}", text=text
    )


class Outside(Protocol):
    """The vendor's side, for the examiner."""

    def texts(self, mobile: str) -> list[str]:
        """Texts that this number was sent, in order."""
        ...

    def lose_next_answer(self) -> None:
        """Do the next deed, and hang up without a word."""
        ...

    def garble_next_answer(self) -> None:
        """Do the next deed, and answer with something else."""
        ...

    def slow_down_next(self) -> None:
        """Refuse the next call because there are too many."""
        ...


class GatewayContract:
    """For every gateway."""

    def test_a_persian_text_arrives_letter_by_letter(self, gateway: GatewayAdapter, outside: Outside) -> None:
        message = a_message(1)
        assert [type(outcome) for outcome in gateway.send([message])] == [Accepted]
        assert outside.texts(message.mobile) == [message.text]

    def test_a_latin_text_arrives_too(self, gateway: GatewayAdapter, outside: Outside) -> None:
        message = a_message(2, "Your letter is registered as number 12/345 {urgent}.")
        gateway.send([message])
        assert outside.texts(message.mobile) == [message.text]

    def test_a_full_batch_is_taken_in_order_with_a_reference_each(
        self, gateway: GatewayAdapter, outside: Outside
    ) -> None:
        messages = [a_message(number, f"متن {number}") for number in range(gateway.capabilities.batch_size)]
        outcomes = gateway.send(messages)
        references = [outcome.gateway_reference for outcome in outcomes if isinstance(outcome, Accepted)]
        assert len(set(references)) == len(messages) == len(outcomes)
        assert all(outside.texts(message.mobile) == [message.text] for message in messages)

    def test_capabilities_are_kept(self, gateway: GatewayAdapter) -> None:
        capabilities = gateway.capabilities
        assert capabilities.batch_size >= 1
        assert isinstance(gateway, FindsByOwnId) == capabilities.find_by_own_id
        assert isinstance(gateway, ReportsDelivery) == bool(capabilities.delivery_batch)
        assert isinstance(gateway, ReadsReceipts) == capabilities.reads_receipts

    def test_the_check_says_a_plain_sentence(self, gateway: GatewayAdapter, outside: Outside) -> None:
        said = gateway.check()
        assert said.endswith(".")
        assert SECRET not in said
        assert outside.texts(a_message(0).mobile) == []

    def test_it_may_be_closed_twice(self, gateway: GatewayAdapter) -> None:
        gateway.close()
        gateway.close()


class NetworkContract:
    """For a gateway that is reached over a network."""

    def test_a_lost_answer_is_an_unknown_outcome_and_the_text_went_out_once(
        self, gateway: GatewayAdapter, outside: Outside
    ) -> None:
        outside.lose_next_answer()
        with pytest.raises(OutcomeUnknown):
            gateway.send([a_message(3)])
        assert outside.texts(a_message(3).mobile) == [PERSIAN]

    def test_an_answer_that_cannot_be_read_is_an_unknown_outcome(
        self, gateway: GatewayAdapter, outside: Outside
    ) -> None:
        outside.garble_next_answer()
        with pytest.raises(Misbehaved):
            gateway.send([a_message(6)])

    def test_too_many_calls_are_certainly_not_sent(self, gateway: GatewayAdapter, outside: Outside) -> None:
        outside.slow_down_next()
        with pytest.raises((RateLimited, Unavailable)):
            gateway.send([a_message(7)])
        assert outside.texts(a_message(7).mobile) == []

    def test_a_wrong_secret_stops_the_connection(self, gateway_with_wrong_secret: GatewayAdapter) -> None:
        with pytest.raises(CredentialsRejected):
            gateway_with_wrong_secret.send([a_message(8)])
        with pytest.raises(CredentialsRejected):
            gateway_with_wrong_secret.check()

    def test_nobody_there_is_certainly_not_sent(self, gateway_to_nowhere: GatewayAdapter) -> None:
        with pytest.raises(Unavailable):
            gateway_to_nowhere.send([a_message(9)])

    def test_no_error_ever_shows_the_secret_or_the_number(
        self, gateway_to_nowhere: GatewayAdapter, gateway: GatewayAdapter, outside: Outside
    ) -> None:
        shown = [repr(gateway), str(gateway), gateway.check()]
        for failing, prepare in ((gateway_to_nowhere, None), (gateway, outside.lose_next_answer)):
            if prepare:
                prepare()
            with pytest.raises(CallFailed) as caught:
                failing.send([a_message(10)])
            shown += traceback.format_exception(caught.value)
            shown.append(repr(vars(caught.value)))
            beneath = caught.value.__context__ or caught.value.__cause__
            shown.append(repr(beneath))
        assert SECRET not in "\n".join(shown)
        assert a_message(10).mobile not in "\n".join(shown)


class FindContract:
    """For a gateway that can be asked by our own id."""

    def test_what_was_sent_before_the_answer_was_lost_is_found_by_our_id(
        self, gateway: GatewayAdapter, outside: Outside
    ) -> None:
        assert isinstance(gateway, FindsByOwnId)
        outside.lose_next_answer()
        with pytest.raises(OutcomeUnknown):
            gateway.send([a_message(4)])
        found = gateway.find([a_message(4).own_id, a_message(5).own_id])
        assert list(found) == [a_message(4).own_id]
        assert found[a_message(4).own_id].gateway_reference


class DeliveryContract:
    """For a gateway that can be asked whether messages arrived."""

    def test_what_arrived_is_reported_and_a_strange_reference_is_left_out(
        self, gateway: GatewayAdapter
    ) -> None:
        assert isinstance(gateway, ReportsDelivery)
        (outcome,) = gateway.send([a_message(11)])
        assert isinstance(outcome, Accepted)
        state = gateway.delivery([outcome.gateway_reference])[outcome.gateway_reference]
        assert isinstance(state, Delivered | StillUnderway)
