"""IPPanel before its simulated vendor, which holds to the documented rules."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connector.errors import CredentialsRejected
from connector.ports.credit import Credit
from connector.ports.outcomes import Accepted, Rejected, StillUnderway, Undelivered
from connector.ports.pattern import PatternUse
from connector.simulator.gateways import Arrival, NumberKind, WrittenText
from connector.simulator.gateways.ippanel import IpPanelVendor
from connector.testing.gateway_contract.messages import a_message, some_messages
from tests.contract.gateways.ours import OurGateway

VENDOR = IpPanelVendor


class TestIpPanel(OurGateway):
    """The contract."""

    adapter = "ippanel"
    unmet = frozenset(
        [
            "account",
            "blacklist",
            "busy",
            "code_each",
            "find",
            "hours",
            "incoming",
            "numbers_shown",
            "patterns_found",
            "patterns_lost",
            "reads_once",
            "receipts",
            "splits",
        ]
    )


def test_credit_that_ends_in_the_middle_of_a_batch_shows_in_the_delivery(gateway: Any, vendor: Any) -> None:
    vendor.book.credit = vendor.book.price * 2
    outcomes = gateway.send(some_messages(3))
    assert [type(each) for each in outcomes] == [Accepted] * 3
    first, *_, last = (each.gateway_reference for each in outcomes)
    assert gateway.delivery([first]) == {first: StillUnderway()}
    assert gateway.delivery([last]) == {last: Undelivered(code="state 8")}


def test_the_credit_is_told_in_rials(gateway: Any, vendor: Any) -> None:
    vendor.book.credit = 9_135_538
    assert gateway.credit() == Credit(amount=Decimal("9135538.0"), unit="rial")
    assert gateway.check() == "IPPanel answers; 9135538 rials of credit are left."


def test_what_the_handset_has_is_told_in_one_call(gateway: Any, vendor: Any) -> None:
    (outcome,) = gateway.send([a_message(1)])
    vendor.book.arrivals[outcome.gateway_reference] = Arrival.DELIVERED
    vendor.book.calls.clear()
    gateway.delivery([outcome.gateway_reference])
    assert vendor.book.calls == ["delivery"]


def test_a_line_that_is_not_ours_stops_the_channel(gateway: Any, vendor: Any) -> None:
    vendor.book.line = "+983000999"
    with pytest.raises(CredentialsRejected) as caught:
        gateway.send([a_message(1)])
    assert caught.value.code == "422 400-2 from_number"


def test_a_bad_number_among_many_is_rejected_and_an_empty_text_too(gateway: Any, vendor: Any) -> None:
    vendor.book.numbers[a_message(2).mobile] = NumberKind.INVALID
    outcomes = gateway.send([*some_messages(3), a_message(4, "")])
    assert [type(each) for each in outcomes] == [Accepted, Rejected, Accepted, Rejected]


@pytest.mark.parametrize(("length", "kind"), [(40, Accepted), (41, Rejected)])
def test_the_vendor_itself_refuses_a_value_that_is_too_long(gateway: Any, length: int, kind: type) -> None:
    use = PatternUse(code="jhaskdab45s6f4sfw", values={"number": "x" * length, "code": "1"})
    (outcome,) = gateway.send([a_message(1, pattern=use)])
    assert type(outcome) is kind


def test_a_gateway_whose_clock_is_off_is_read_all_the_same(gateway: Any, vendor: Any) -> None:
    for key, year in (("8", 2099), ("9", 1970)):
        at = datetime(year, 1, 2, tzinfo=UTC)
        vendor.book.written.append(
            WrittenText(key=key, sender="+989000000001", text="۴۸۲", line=vendor.book.line, written_at=at)
        )
    page = gateway.inbox("7")
    assert {message.gateway_key for message in page.messages} == {"8", "9"}
    assert page.cursor == "9"
