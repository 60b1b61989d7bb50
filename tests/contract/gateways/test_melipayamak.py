"""payamak-panel before its simulated vendor, which holds to the documented rules."""

from datetime import UTC, datetime
from typing import Any

import pytest

from connector.errors import CredentialsRejected, RateLimited
from connector.ports.outcomes import Accepted, Rejected
from connector.ports.pattern import PatternUse
from connector.simulator.exchange import Reply
from connector.simulator.gateways import NumberKind, WrittenText
from connector.simulator.gateways.melipayamak import MelipayamakVendor
from connector.testing.gateway_contract.messages import a_message
from tests.contract.gateways.ours import OurGateway

VENDOR = MelipayamakVendor


class TestMelipayamak(OurGateway):
    """The contract."""

    adapter = "melipayamak"
    unmet = frozenset(
        [
            "batch",
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


def by_pattern(*values: str) -> Any:
    named = {str(place): value for place, value in enumerate(values)}
    return a_message(1, pattern=PatternUse(code="12345", values=named))


@pytest.mark.parametrize(
    ("text", "code"), [("شرکت در قمار", "7"), ("ببینید: https://example.ir/1", "14"), ("", "17")]
)
def test_a_text_that_the_filter_refuses_is_rejected(gateway: Any, vendor: Any, text: str, code: str) -> None:
    (outcome,) = gateway.send([a_message(1, text)])
    assert (type(outcome), outcome.code) == (Rejected, code)
    assert vendor.book.sent == []


def test_twenty_parts_go_out_where_the_vendor_has_no_bound(gateway: Any, vendor: Any) -> None:
    text = "نامه " * 268
    assert isinstance(gateway.send([a_message(1, text)])[0], Accepted)
    assert vendor.book.sent[0].text == text


@pytest.mark.parametrize(
    ("values", "code"), [(("12",), "-5"), (("12", "یک;دو"), "-5"), (("12", "www.example.ir"), "-10")]
)
def test_values_that_do_not_fit_the_pattern_are_rejected(
    gateway: Any, vendor: Any, values: tuple[str, ...], code: str
) -> None:
    (outcome,) = gateway.send([by_pattern(*values)])
    assert (type(outcome), outcome.code) == (Rejected, code)
    assert vendor.book.sent == []


def test_a_blacklisted_number_is_reached_by_a_pattern_alone(gateway: Any, vendor: Any) -> None:
    vendor.book.numbers[a_message(1).mobile] = NumberKind.BLACKLISTED
    (outcome,) = gateway.send([a_message(1)])
    assert outcome.is_blacklisted
    assert isinstance(gateway.send([by_pattern("12", "482 915")])[0], Accepted)
    assert vendor.book.sent[0].text == "نامهٔ شما با شمارهٔ 12 ثبت شد؛ کد 482 915."


def test_credit_that_is_gone_stops_the_channel(gateway: Any, vendor: Any) -> None:
    vendor.book.credit = vendor.book.price
    assert isinstance(gateway.send([a_message(1)])[0], Accepted)
    with pytest.raises(CredentialsRejected) as caught:
        gateway.send([a_message(2)])
    assert caught.value.code == "2"


@pytest.mark.parametrize(("status", "kind"), [(3, CredentialsRejected), (4, RateLimited)])
def test_a_limit_of_the_day_stops_and_a_limit_of_the_moment_slows(
    gateway: Any, vendor: Any, status: int, kind: type[Exception]
) -> None:
    body = b'{"Value": "", "RetStatus": %d, "StrRetStatus": "Limited"}' % status
    vendor.replies.append(Reply(200, body))
    with pytest.raises(kind):
        gateway.send([a_message(1)])


def test_neither_password_nor_number_stands_in_an_address(gateway: Any, vendor: Any) -> None:
    gateway.send([a_message(1)])
    gateway.check()
    assert vendor.book.addresses == ["/SendSMS", "/GetCredit"]


def test_a_gateway_whose_clock_is_off_is_read_all_the_same(gateway: Any, vendor: Any) -> None:
    for key, year in (("8", 2099), ("9", 1971)):
        at = datetime(year, 1, 2, tzinfo=UTC)
        vendor.book.written.append(
            WrittenText(key=key, sender="09000000001", text="۴۸۲", line=vendor.book.line, written_at=at)
        )
    page = gateway.inbox("7")
    assert {message.gateway_key for message in page.messages} == {"8", "9"}
    assert page.cursor == "9"
