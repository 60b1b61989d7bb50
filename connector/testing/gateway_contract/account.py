"""The account: how much is left on it."""

from decimal import Decimal
from typing import Any, Final

from connector.ports.credit import Credit
from connector.simulator.gateways import Trait
from connector.testing.checks import Check, demand, told
from connector.testing.gateway_contract.bench import GatewayBench
from connector.testing.gateway_contract.messages import a_message, taken
from connector.testing.gateway_contract.needs import Need

__all__ = ["ACCOUNT"]


def _credit(bench: GatewayBench) -> Credit:
    gateway: Any = bench.connect()
    credit = told(gateway.credit)
    demand(isinstance(credit, Credit), expected="credit: Credit", came=credit)
    told_credit: Credit = credit
    demand(told_credit.unit.strip(), expected="a word for its unit", came=told_credit)
    return told_credit


def _told(bench: GatewayBench) -> None:
    demand(
        _credit(bench).amount == Decimal(bench.book.credit),
        expected=f"{bench.book.credit}",
        came=f"{_credit(bench).amount}",
    )


def _spent(bench: GatewayBench) -> None:
    before = _credit(bench).amount
    taken(bench.connect(), a_message())
    after = _credit(bench).amount
    demand(
        after == before - bench.book.price, expected=f"{bench.book.price} less", came=f"{before} → {after}"
    )


def _harmless(bench: GatewayBench) -> None:
    _credit(bench)
    demand(not bench.book.sent, expected="nothing is sent", came=f"{len(bench.book.sent)} texts")


ACCOUNT: Final = (
    Check(name="credit_is_told", theme="account", sentence="What is left on the account is told to the unit.",
          sentence_fa="ماندهٔ حساب دقیق گفته می‌شود.", look_at="credit", run=_told, needs=(Need.CREDIT, Trait.ACCOUNT)),
    Check(name="credit_is_spent", theme="account", sentence="After a text there is less on the account.",
          sentence_fa="پس از یک پیام ماندهٔ حساب کمتر است.", look_at="credit", run=_spent,
          needs=(Need.CREDIT, Trait.ACCOUNT)),
    Check(name="credit_is_harmless", theme="account", sentence="To ask for the credit sends nothing.",
          sentence_fa="پرسیدن اعتبار چیزی نمی‌فرستد.", look_at="credit", run=_harmless, needs=(Need.CREDIT,),
          is_harmless=True),
)  # fmt: skip
