"""The account and the line: what is left, what happens when nothing is, and the hours in which nothing goes out."""

from decimal import Decimal
from typing import Any, Final

from connector.errors import CredentialsRejected, Unavailable
from connector.ports.credit import Credit
from connector.ports.gateway import OutgoingMessage
from connector.ports.outcomes import Accepted, NotSent
from connector.simulator.gateways import Trait
from connector.testing.checks import Check, demand, told
from connector.testing.gateway_contract.bench import GatewayBench
from connector.testing.gateway_contract.messages import a_batch, a_message, kinds, outcomes_of, taken
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


def _no_credit(bench: GatewayBench) -> None:
    bench.book.credit = 0
    _stopped(bench, a_batch(bench, 3))


def _credit_gone(bench: GatewayBench) -> None:
    bench.book.credit = bench.book.price * 2
    _stopped(bench, a_batch(bench))


def _stopped(bench: GatewayBench, messages: list[OutgoingMessage]) -> None:
    """Demand that those without credit wait, whole or in part: none is rejected, and none is in doubt."""
    outcomes = outcomes_of(bench, messages)
    if isinstance(outcomes, Exception):
        demand(
            isinstance(outcomes, CredentialsRejected),
            expected="CredentialsRejected: the channel stops until the operator acts",
            came=outcomes,
        )
        return
    unsent = [each for each in outcomes if not isinstance(each, Accepted)]
    demand(
        unsent and all(isinstance(each, NotSent) and each.reason == "gateway_stopped" for each in unsent),
        expected="NotSent(gateway_stopped) for those without credit",
        came=kinds(outcomes),
    )


def _hours(bench: GatewayBench) -> None:
    bench.book.is_outside_hours = True
    messages = a_batch(bench, 3)
    outcomes = outcomes_of(bench, messages)
    if isinstance(outcomes, Exception):
        is_so = type(outcomes) is Unavailable and outcomes.reason == "outside_hours"
    else:
        is_so = all(isinstance(each, NotSent) and each.reason == "outside_hours" for each in outcomes)
    demand(is_so, expected="outside_hours: put off, never lost", came=kinds(outcomes))
    bench.book.is_outside_hours = False
    again = told(lambda: bench.connect().send(messages))
    is_sent = isinstance(again, list | tuple) and all(isinstance(each, Accepted) for each in again)
    demand(is_sent, expected="Accepted inside the hours", came=kinds(again))


def _check(name: str, sentence: str, fa: str, run: Any, look_at: str, **facts: Any) -> Check[GatewayBench]:
    return Check(
        name=name, theme="account", sentence=sentence, sentence_fa=fa, run=run, look_at=look_at, **facts
    )


ACCOUNT: Final = (
    _check("no_credit", "Without credit nothing is lost: the channel stops, and every text waits.",
           "بی‌اعتبار چیزی گم نمی‌شود: کانال می‌ایستد و هر پیام می‌ماند.", _no_credit, "the code for credit",
           needs=(Trait.ACCOUNT,)),
    _check("credit_gone_in_the_middle", "Where credit runs out within a batch, the rest waits and is not rejected.",
           "اگر اعتبار در میانهٔ دسته تمام شود بقیه می‌مانند و رد نمی‌شوند.", _credit_gone, "the code for credit",
           needs=(Trait.ACCOUNT, Need.BATCH)),
    _check("outside_hours", "Outside the line's hours a text is put off, and goes out later.",
           "بیرون از ساعت مجاز خط، پیام به تعویق می‌افتد و سپس می‌رود.", _hours, "the code for hours",
           needs=(Trait.HOURS,)),
    _check("credit_is_told", "What is left on the account is told to the unit.",
           "ماندهٔ حساب دقیق گفته می‌شود.", _told, "credit", needs=(Need.CREDIT, Trait.ACCOUNT)),
    _check("credit_is_spent", "After a text there is less on the account.",
           "پس از یک پیام ماندهٔ حساب کمتر است.", _spent, "credit", needs=(Need.CREDIT, Trait.ACCOUNT)),
    _check("credit_is_harmless", "To ask for the credit sends nothing.",
           "پرسیدن اعتبار چیزی نمی‌فرستد.", _harmless, "credit", needs=(Need.CREDIT,), is_harmless=True),
)  # fmt: skip
