"""SMS.ir before its simulated vendor, which holds to the documented rules."""

from typing import Any

import pytest

from connector.ports.outcomes import Accepted, Delivered, NotSent, Rejected, StillUnderway
from connector.ports.pattern import PatternUse
from connector.simulator.gateways import Arrival, NumberKind
from connector.simulator.gateways.smsir import SmsIrVendor
from connector.testing.gateway_contract import VendorBench
from connector.testing.gateway_contract.messages import a_message, some_messages
from tests.contract.gateways.ours import OurGateway

TWENTY_PARTS = "نامه " * 268

VENDOR = SmsIrVendor


class TestSmsIr(OurGateway):
    """The contract."""

    adapter = "smsir"
    unmet = frozenset(
        [
            "busy",
            "code_each",
            "cursor",
            "find",
            "hours",
            "incoming",
            "numbers_shown",
            "patterns_found",
            "patterns_lost",
            "receipts",
        ]
    )


def test_zero_and_null_in_a_pack_are_told_apart_and_hold_up_no_other(gateway: Any, vendor: Any) -> None:
    vendor.book.numbers |= {
        a_message(2).mobile: NumberKind.BLACKLISTED,
        a_message(4).mobile: NumberKind.INVALID,
    }
    outcomes = gateway.send([*some_messages(4), a_message(5, TWENTY_PARTS)])
    assert [type(each) for each in outcomes] == [Accepted, Rejected, Accepted, Rejected, Rejected]
    assert [each.is_blacklisted for each in outcomes if isinstance(each, Rejected)] == [True, False, False]
    assert vendor.book.calls == ["send"]


def test_a_pack_that_is_refused_as_a_whole_is_halved(gateway: Any, vendor: Any) -> None:
    vendor.book.numbers |= {a_message(number).mobile: NumberKind.INVALID for number in (1, 2)}
    outcomes = gateway.send(some_messages(2))
    assert [(type(each), each.code) for each in outcomes] == [(Rejected, "104")] * 2


def test_credit_that_ends_between_two_halves_leaves_the_second_waiting(gateway: Any, vendor: Any) -> None:
    vendor.book.most_at_once = 2
    vendor.book.credit = vendor.book.price * 3
    outcomes = gateway.send(some_messages(4))
    waiting = NotSent(reason="gateway_stopped", code="102")
    assert [type(each) for each in outcomes[:2]] == [Accepted, Accepted]
    assert outcomes[2:] == [waiting, waiting]


def test_a_full_pack_is_asked_about_in_one_call(gateway: Any, vendor: Any) -> None:
    references = [each.gateway_reference for each in gateway.send(some_messages(100))]
    vendor.book.arrivals[references[7].partition("@")[0]] = Arrival.DELIVERED
    vendor.book.calls.clear()
    states = gateway.delivery(references[: gateway.capabilities.delivery_batch])
    assert vendor.book.calls == ["delivery"]
    assert len(states) == gateway.capabilities.delivery_batch
    assert states[references[7]] == Delivered()
    assert states[references[8]] == StillUnderway()


def test_a_reference_fits_into_the_ledger(gateway: Any) -> None:
    assert all(len(each.gateway_reference) <= 100 for each in gateway.send(some_messages(3)))


@pytest.mark.parametrize(("length", "kind"), [(25, Accepted), (26, Rejected)])
def test_the_vendor_itself_refuses_a_value_that_is_too_long(gateway: Any, length: int, kind: type) -> None:
    use = PatternUse(code="123456", values={"NUMBER": "x" * length, "CODE": "1"})
    (outcome,) = gateway.send([a_message(1, pattern=use)])
    assert type(outcome) is kind


def test_the_check_names_a_line_that_is_not_the_accounts(bench: VendorBench, vendor: Any) -> None:
    assert bench.connect().check().endswith("and the line 30001234 is the account's.")
    vendor.book.line = "30009999"
    assert "30001234 is not among the account's lines" in bench.connect().check()
