"""Messages to test a gateway with, and what must be true of every sending. Every number is made up."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from connector.errors import CredentialsRejected, Unavailable
from connector.ports.gateway import GatewayAdapter, OutgoingMessage
from connector.ports.outcomes import Accepted, NotSent, Rejected, SendOutcome
from connector.ports.pattern import PatternRules, PatternUse
from connector.simulator.gateways import NumberKind, SentText, VendorPattern
from connector.testing.checks import demand, look, told
from connector.testing.gateway_contract.bench import GatewayBench

__all__ = [
    "LATIN",
    "PERSIAN",
    "a_batch",
    "a_message",
    "demand_true",
    "kinds",
    "outcomes_of",
    "pattern_of",
    "sent_to",
    "some_messages",
    "strangers",
    "taken",
    "use_of",
]

PERSIAN: Final = (
    "نامهٔ شما در دبیرخانه ثبت شد.\nشمارهٔ ثبت: ۱۲۳۴۵\nکد رهگیری: \u2066۴۸۲\u00a0۹۱۵\u2069 & + % «سپاس» 👋"
)
LATIN: Final = "Your letter is registered as number 12/345 {urgent}."
_OWN_IDS: Final = 7_000_000_000_000_000_000


def a_message(number: int = 1, text: str = PERSIAN, *, pattern: PatternUse | None = None) -> OutgoingMessage:
    """Return the message of this number: the same own id and mobile each time."""
    return OutgoingMessage(
        own_id=_OWN_IDS + number, mobile=f"0900000{number:04d}", text=text, pattern=pattern
    )


def some_messages(count: int, *, first: int = 1) -> list[OutgoingMessage]:
    """Return so many messages, each with a text of its own."""
    return [a_message(number, f"متن شمارهٔ {number}") for number in range(first, first + count)]


def a_batch(bench: GatewayBench, most: int = 5) -> list[OutgoingMessage]:
    """Return as many messages as one call takes, and no more than are wanted."""
    return some_messages(min(most, bench.connect().capabilities.batch_size))


def outcomes_of(bench: GatewayBench, messages: Sequence[OutgoingMessage]) -> Any:
    """Send these messages, demand that what is said of them is true, and return the outcomes, or the failure."""
    outcomes = told(lambda: bench.connect().send(messages))
    demand_true(bench, messages, outcomes)
    return outcomes


def sent_to(bench: GatewayBench, message: OutgoingMessage) -> list[SentText]:
    """Return what the vendor took for the number of this message."""
    return [each for each in list(bench.book.sent) if each.mobile == message.mobile]


def taken(gateway: GatewayAdapter, message: OutgoingMessage) -> Accepted:
    """Send a message that nothing speaks against, and demand that it is accepted."""
    outcomes = told(lambda: gateway.send([message]))
    is_taken = isinstance(outcomes, Sequence) and len(outcomes) == 1 and isinstance(outcomes[0], Accepted)
    demand(is_taken, expected="send: Accepted", came=outcomes)
    accepted: Accepted = outcomes[0]
    return accepted


def kinds(outcomes: Any) -> str:
    """Return the kinds of outcomes in their order, for people; a failure as it is."""
    if isinstance(outcomes, Exception):
        return look(outcomes)
    return ", ".join(type(each).__name__ for each in outcomes)


def demand_true(bench: GatewayBench, messages: Sequence[OutgoingMessage], outcomes: Any) -> None:
    """Demand that what the adapter says of each message is what stands in the vendor's book.

    ``outcomes`` is what ``send`` returned, or the failure that it raised.
    """
    if not isinstance(outcomes, Exception):
        demand(
            len(outcomes) == len(messages),
            expected="one outcome for each message, in their order",
            came=f"{len(outcomes)} outcomes for {len(messages)} messages",
        )
    for position, message in enumerate(messages):
        found = sent_to(bench, message)
        demand(len(found) <= 1, expected="no text goes out twice by itself", came=f"{len(found)} texts")
        outcome = outcomes if isinstance(outcomes, Exception) else outcomes[position]
        _demand_true_of(outcome, position, found)


def _demand_true_of(outcome: SendOutcome | Exception, position: int, found: list[SentText]) -> None:
    says_nothing_sent = isinstance(outcome, Rejected | NotSent | Unavailable | CredentialsRejected)
    demand(
        not (says_nothing_sent and found),
        expected="who says that a text was certainly not sent is right",
        came=f"{type(outcome).__name__} for message {position}, and the vendor has it",
    )
    if isinstance(outcome, Accepted):
        demand(found, expected="Accepted only where the vendor has the text", came=f"message {position}")


def pattern_of(bench: GatewayBench) -> VendorPattern:
    """Return the pattern that the vendor keeps for the account."""
    demand(bench.book.patterns, expected="a pattern on the vendor's side", came="none")
    return next(iter(bench.book.patterns.values()))


def use_of(
    pattern: VendorPattern, rules: PatternRules, values: Mapping[str, str] | None = None
) -> PatternUse:
    """Return a use of this pattern: short values, or the given ones, that keep the declared rules."""
    short = {place: f"ش‌{number}/۱۲" for number, place in enumerate(pattern.places, start=1)}
    use = PatternUse(code=pattern.code, values=short | dict(values or {}))
    objection = rules.objection(use)
    demand(objection is None, expected="plain values keep the declared rules", came=f"{objection}")
    return use


def strangers(bench: GatewayBench, numbers: Mapping[int, NumberKind]) -> None:
    """Let the vendor think so of the mobiles of these messages."""
    bench.book.numbers.update({a_message(number).mobile: kind for number, kind in numbers.items()})
