"""Ghasedak before its simulated vendor, which holds to the documented rules and speaks either list of statuses."""

from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, ClassVar

import pytest

from connector.ports.credit import Credit
from connector.ports.outcomes import Accepted, Delivered, NotSent, StillUnderway, Undelivered
from connector.ports.pattern import PatternUse
from connector.simulator.gateways import Arrival, NumberKind
from connector.simulator.gateways.ghasedak import GhasedakVendor
from connector.testing.checks import Check, Verdict
from connector.testing.gateway_contract import CHECKS, GatewayBench, run_check, vendor_bench
from connector.testing.gateway_contract.messages import a_message, some_messages
from tests.contract.gateways.ours import OurGateway

VENDOR = GhasedakVendor


class TestGhasedak(OurGateway):
    """The contract, in the statuses of the vendor's packages."""

    adapter = "ghasedak"
    unmet = frozenset(
        [
            "account",
            "bad_numbers",
            "blacklist",
            "busy",
            "code_each",
            "cursor",
            "hours",
            "incoming",
            "no_find",
            "patterns_lost",
            "receipts",
            "splits",
            "unknown_pattern",
        ]
    )


class DocumentedVendor(GhasedakVendor):
    """The same account, in the statuses of the vendor's documents."""

    statuses: ClassVar[str] = "documentation"
    codes = MappingProxyType(
        {
            Arrival.UNDERWAY: "3",
            Arrival.DELIVERED: "5",
            Arrival.UNDELIVERED: "4",
            Arrival.BLACKLISTED: "2",
            Arrival.FORGOTTEN: "",
            Arrival.UNHEARD_OF: "77",
        }
    )


OF_DELIVERY = [check for check in CHECKS if check.theme == "delivery"]


@pytest.mark.parametrize("check", OF_DELIVERY, ids=[check.name for check in OF_DELIVERY])
def test_the_documented_list_keeps_the_contract_of_delivery(check: Check[GatewayBench]) -> None:
    result = run_check(check, lambda _fate: vendor_bench(DocumentedVendor))
    assert result.verdict is Verdict.PASSED, result.text


@pytest.mark.parametrize("vendor_class", [GhasedakVendor, DocumentedVendor])
def test_who_chose_neither_list_is_never_told_something_false(vendor_class: type[GhasedakVendor]) -> None:
    class Chosen(vendor_class):  # type: ignore[valid-type, misc]
        statuses = "agreed"

    true = {Arrival.DELIVERED: Delivered, Arrival.UNDELIVERED: Undelivered, Arrival.BLACKLISTED: Undelivered}
    for arrival in Arrival:
        with vendor_bench(Chosen) as bench:
            gateway: Any = bench.connect()
            (outcome,) = gateway.send([a_message(1)])
            bench.book.arrivals[outcome.gateway_reference] = arrival
            state = gateway.delivery([outcome.gateway_reference]).get(outcome.gateway_reference)
            assert state is None or isinstance(state, true.get(arrival, StillUnderway))


def test_a_bad_number_waits_alone_and_the_others_go_out(gateway: Any, vendor: Any) -> None:
    vendor.book.numbers[a_message(3).mobile] = NumberKind.INVALID
    outcomes = gateway.send(some_messages(5))
    waiting = NotSent(reason="gateway_split", code="400")
    assert [each for each in outcomes if not isinstance(each, Accepted)] == [waiting]
    assert outcomes[2] == waiting


def test_credit_that_ends_in_the_middle_of_a_batch_loses_nothing(gateway: Any, vendor: Any) -> None:
    vendor.book.credit = vendor.book.price * 2
    outcomes = gateway.send(some_messages(4))
    assert sorted(type(each).__name__ for each in outcomes) == ["Accepted", "Accepted", "NotSent", "NotSent"]
    assert len(vendor.book.sent) == 2


def test_the_account_is_told_in_rials_with_the_end_of_its_plan(gateway: Any) -> None:
    assert gateway.credit() == Credit(amount=Decimal(1_250_000), unit="rial", runs_until=date(2027, 12, 28))


def test_a_template_that_nobody_keeps_is_not_sent(gateway: Any, vendor: Any) -> None:
    use = PatternUse(code="nobody", values={"Number": "1", "Code": "2"})
    assert gateway.send([a_message(1, pattern=use)]) == [NotSent(reason="gateway_split", code="400")]
    assert vendor.book.sent == []


def test_two_texts_to_one_number_keep_their_ids(gateway: Any, vendor: Any) -> None:
    first, second = a_message(1, "یک"), a_message(1, "دو")
    outcomes = gateway.send([first, second])
    by_text = {each.text: each.reference for each in vendor.book.sent}
    assert [each.gateway_reference for each in outcomes] == [by_text["یک"], by_text["دو"]]
