"""Batches: one call for a full one, an outcome for each text by its position, and none held up by another."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from connector.errors import Misbehaved
from connector.ports.gateway import OutgoingMessage
from connector.ports.outcomes import Accepted, Rejected, Unanswered
from connector.simulator.gateways import NumberKind, Slip, Trait
from connector.testing.checks import Check, demand, told
from connector.testing.gateway_contract.bench import GatewayBench
from connector.testing.gateway_contract.messages import (
    a_batch,
    demand_true,
    kinds,
    outcomes_of,
    sent_to,
    some_messages,
    strangers,
)
from connector.testing.gateway_contract.needs import Need

__all__ = ["BATCHES"]


def _full(bench: GatewayBench) -> None:
    messages = some_messages(bench.connect().capabilities.batch_size)
    outcomes = outcomes_of(bench, messages)
    demand(
        not isinstance(outcomes, Exception) and all(isinstance(each, Accepted) for each in outcomes),
        expected="all Accepted",
        came=kinds(outcomes),
    )
    references = {each.gateway_reference for each in outcomes}
    demand(
        len(references) == len(messages),
        expected="a reference of its own for each",
        came=f"{len(references)}",
    )
    texts = [[each.text for each in sent_to(bench, message)] for message in messages]
    demand(texts == [[each.text] for each in messages], expected="each its own text", came="others")
    calls = bench.book.calls.count("send")
    demand(calls <= 1, expected="one call for a full batch", came=f"{calls} calls")


def _same_number(bench: GatewayBench) -> None:
    """Two texts for one citizen in one batch are two texts, each with its own outcome."""
    gateway = bench.connect()
    first, second = some_messages(2)
    twice = [first, replace(second, mobile=first.mobile)][: gateway.capabilities.batch_size]
    outcomes = told(lambda: gateway.send(twice))
    is_taken = isinstance(outcomes, list | tuple) and all(isinstance(each, Accepted) for each in outcomes)
    demand(is_taken, expected="Accepted for both", came=kinds(outcomes))
    texts = [each.text for each in sent_to(bench, first)]
    expected = [message.text for message in twice]
    demand(texts == expected, expected=f"{expected}, in order", came=f"{texts}")
    references = {each.gateway_reference for each in outcomes}
    demand(len(references) == len(twice), expected="a reference of its own for each", came=f"{references}")


def _one_bad(bench: GatewayBench) -> None:
    messages = a_batch(bench)
    bad = len(messages) // 2
    strangers(bench, {bad + 1: NumberKind.INVALID})
    outcomes = outcomes_of(bench, messages)
    expected = [Rejected if position == bad else Accepted for position in range(len(messages))]
    is_so = not isinstance(outcomes, Exception) and [type(each) for each in outcomes] == expected
    demand(is_so, expected=", ".join(kind.__name__ for kind in expected), came=kinds(outcomes))
    demand(not outcomes[bad].is_blacklisted, expected="not is_blacklisted", came=outcomes[bad])


def _all_bad(bench: GatewayBench) -> None:
    messages = a_batch(bench, 3)
    strangers(bench, dict.fromkeys(range(1, len(messages) + 1), NumberKind.INVALID))
    outcomes = outcomes_of(bench, messages)
    is_so = not isinstance(outcomes, Exception) and all(type(each) is Rejected for each in outcomes)
    demand(is_so, expected="all Rejected", came=kinds(outcomes))


def _blacklisted(bench: GatewayBench) -> None:
    messages = a_batch(bench)
    strangers(bench, {len(messages): NumberKind.BLACKLISTED})
    outcomes = outcomes_of(bench, messages)
    is_so = not isinstance(outcomes, Exception) and type(outcomes[-1]) is Rejected
    demand(is_so, expected="Rejected for the blacklisted number", came=kinds(outcomes))
    demand(outcomes[-1].is_blacklisted, expected="is_blacklisted", came=outcomes[-1])
    demand(
        all(type(each) is Accepted for each in outcomes[:-1]),
        expected="all others Accepted",
        came=kinds(outcomes),
    )


def _strange(bench: GatewayBench) -> None:
    messages = a_batch(bench)
    strangers(bench, {len(messages): NumberKind.STRANGE})
    outcomes = outcomes_of(bench, messages)
    is_so = isinstance(outcomes, Misbehaved) or (
        not isinstance(outcomes, Exception)
        and type(outcomes[-1]) is Unanswered
        and all(type(each) is Accepted for each in outcomes[:-1])
    )
    demand(is_so, expected="Unanswered for the unknown code, the others Accepted", came=kinds(outcomes))


def _split(bench: GatewayBench) -> None:
    messages = a_batch(bench)
    bench.book.most_at_once = 2
    outcomes = outcomes_of(bench, messages)
    is_so = not isinstance(outcomes, Exception) and all(type(each) is Accepted for each in outcomes)
    demand(is_so, expected="all Accepted, in smaller calls", came=kinds(outcomes))


def _short(bench: GatewayBench) -> None:
    _slipped(bench, Slip.SHORT)


def _shifted(bench: GatewayBench) -> None:
    _slipped(bench, Slip.SHIFTED)


def _slipped(bench: GatewayBench, slip: Slip) -> None:
    messages = a_batch(bench, 3)
    bench.book.slips.append(slip)
    outcomes = told(lambda: bench.connect().send(messages))
    demand_true(bench, messages, outcomes)
    accepted = [] if isinstance(outcomes, Exception) else _accepted(messages, outcomes)
    for message, outcome in accepted:
        (sent,) = sent_to(bench, message)
        demand(
            sent.reference == outcome.gateway_reference,
            expected="no text takes another one's reference",
            came=f"{message.own_id} has the reference of another",
        )
    is_told = isinstance(outcomes, Misbehaved) or (
        not isinstance(outcomes, Exception) and any(type(each) is Unanswered for each in outcomes)
    )
    is_right = slip is Slip.SHIFTED and len(accepted) == len(messages)
    demand(is_told or is_right, expected="Misbehaved, or Unanswered for those in doubt", came=kinds(outcomes))


def _accepted(messages: Sequence[OutgoingMessage], outcomes: Any) -> list[tuple[OutgoingMessage, Accepted]]:
    pairs = zip(messages, outcomes, strict=True)
    return [(message, each) for message, each in pairs if isinstance(each, Accepted)]


def _nameless(bench: GatewayBench) -> None:
    messages = a_batch(bench, 3)
    bench.book.slips.append(Slip.NO_REFERENCE)
    outcomes = outcomes_of(bench, messages)
    is_so = isinstance(outcomes, Misbehaved) or (
        not isinstance(outcomes, Exception) and type(outcomes[0]) is Unanswered
    )
    demand(is_so, expected="Unanswered for the text without an id", came=kinds(outcomes))


def _patient(bench: GatewayBench) -> None:
    horizon = bench.connect().capabilities.delivery_horizon
    demand(
        timedelta(0) < horizon <= timedelta(days=14), expected="a horizon of at most two weeks", came=horizon
    )


def _check(name: str, sentence: str, fa: str, run: Any, look_at: str, **facts: Any) -> Check[GatewayBench]:
    return Check(
        name=name, theme="batches", sentence=sentence, sentence_fa=fa, run=run, look_at=look_at, **facts
    )


_PARTS: Final = "send: the outcome of each text, by its position"
BATCHES: Final = (
    _check("full_batch_in_one_call", "A full batch goes out in one call, in order, with a reference for each.",
           "دستهٔ کامل در یک فراخوانی، به ترتیب و هر یک با شناسهٔ خود می‌رود.", _full, "batch_size; send"),
    _check("same_number_twice", "Two texts for one number in one batch both go out, in order.",
           "دو متن برای یک شماره در یک دسته هر دو به ترتیب می‌روند.", _same_number, _PARTS, needs=(Need.BATCH,)),
    _check("one_bad_number", "A bad number is rejected by its position, and holds up no other.",
           "شمارهٔ نادرست در جای خود رد می‌شود و دیگران را نگه نمی‌دارد.", _one_bad, _PARTS, needs=(Trait.BAD_NUMBERS,)),
    _check("nothing_but_bad_numbers", "Where every number is bad, every one is rejected.",
           "اگر همهٔ شماره‌ها نادرست باشند همه رد می‌شوند.", _all_bad, _PARTS, needs=(Trait.BAD_NUMBERS,)),
    _check("blacklisted_number", "A number that takes no advertising is rejected as such.",
           "شماره‌ای که تبلیغات نمی‌گیرد با همین علت رد می‌شود.", _blacklisted, _PARTS, needs=(Trait.BLACKLIST,)),
    _check("strange_code_of_a_part", "A text's code that nobody knows leaves that text open, and no other.",
           "کد ناشناختهٔ یک پیام، همان پیام را نامعلوم می‌گذارد.", _strange, _PARTS, needs=(Trait.CODE_EACH,)),
    _check("too_many_at_once", "A batch that the vendor finds too large is sent in smaller ones.",
           "دسته‌ای که برای درگاه بزرگ است در دسته‌های کوچک‌تر می‌رود.", _split, "send: the code for too many",
           needs=(Need.BATCH, Trait.SPLITS)),
    _check("short_answer", "An answer with too few entries is not believed.",
           "پاسخی که کم دارد باور نمی‌شود.", _short, _PARTS, needs=(Need.BATCH, Trait.ENTRIES)),
    _check("shifted_answer", "An answer in another order gives no text another one's reference.",
           "پاسخی با ترتیب دیگر، شناسهٔ پیامی را به دیگری نمی‌دهد.", _shifted, _PARTS,
           needs=(Need.BATCH, Trait.ENTRIES, Trait.NUMBERS_SHOWN)),
    _check("no_reference", "A text that is taken without an id is left open.",
           "پیامی که بی‌شناسه پذیرفته شود نامعلوم می‌ماند.", _nameless, _PARTS, needs=(Trait.ENTRIES,)),
    _check("horizon_is_said", "It is said how long the vendor knows a text.",
           "گفته شده که درگاه تا کی پیام را می‌شناسد.", _patient, "delivery_horizon", is_harmless=True),
)  # fmt: skip
