"""Texts: what arrives is what was sent, letter by letter, by text or by pattern."""

from typing import Any, Final

from connector.errors import CredentialsRejected
from connector.ports.outcomes import Accepted, Rejected
from connector.ports.pattern import PatternRules, PatternUse
from connector.simulator.fault_kinds import Fault
from connector.simulator.faults import FaultRule
from connector.simulator.gateways import NumberKind, Trait
from connector.testing.checks import Check, demand, told
from connector.testing.gateway_contract.bench import GatewayBench
from connector.testing.gateway_contract.messages import (
    LATIN,
    PERSIAN,
    a_message,
    demand_true,
    kinds,
    pattern_of,
    sent_to,
    strangers,
    taken,
    use_of,
)
from connector.testing.gateway_contract.needs import Need

__all__ = ["PATTERNS", "TEXTS"]

_NASTY: Final = (
    "می‌خواهم «این» را؛ و آن؟",
    "كتاب يك ۀ ة إ أ ؤ ئ ّ َ",
    "<b>&amp; \"نقل\" 'قول' \\ / {0} %s %d $x #1 ;",
    "خط یک\r\nخط دو\nخط سه",
    "+98 + % & = ? پایان",
    "🏛️ مدرک 👨‍👩‍👧 پیوست",
)


def _arrives(bench: GatewayBench, *texts: str) -> None:
    gateway = bench.connect()
    for number, text in enumerate(texts, start=1):
        message = a_message(number, text)
        taken(gateway, message)
        found = [each.text for each in sent_to(bench, message)]
        demand(found == [text], expected=repr(text), came=repr(found))


def _long(bench: GatewayBench) -> None:
    _arrives(bench, "نامهٔ شما ثبت شد. " * 14, "Your letter is registered. " * 15)


def _rules(bench: GatewayBench) -> PatternRules:
    rules = bench.connect().capabilities.patterns
    demand(rules is not None, expected="rules of patterns", came="none")
    assert rules is not None  # noqa: S101 - said by the demand above
    return rules


def _values(bench: GatewayBench) -> None:
    use = use_of(pattern_of(bench), _rules(bench))
    message = a_message(1, pattern=use)
    taken(bench.connect(), message)
    (sent,) = sent_to(bench, message)
    expected = pattern_of(bench).filled(use.values)
    demand(sent.text == expected, expected=repr(expected), came=repr(sent.text))
    demand(sent.pattern == use.code, expected=f"sent by the pattern {use.code}", came=sent.pattern)


def _limits(bench: GatewayBench) -> None:
    """The longest values and the most spaces that the adapter declares are taken by the vendor."""
    rules, pattern = _rules(bench), pattern_of(bench)
    values = {place: _longest(rules, place) for place in pattern.places}
    message = a_message(1, pattern=use_of(pattern, rules, values))
    taken(bench.connect(), message)
    (sent,) = sent_to(bench, message)
    demand(sent.text == pattern.filled(values), expected=repr(values), came=repr(sent.text))


def _longest(rules: PatternRules, place: str) -> str:
    spaces = 0 if place in rules.places_without_spaces else rules.most_spaces.get(place, 1)
    length = min(rules.longest_value or 40, 200)
    words = " ".join(["ا"] * (spaces + 1))
    return words + "ب" * (length - len(words)) if length >= len(words) else "ب" * length


def _unknown(bench: GatewayBench) -> None:
    rules, pattern = _rules(bench), pattern_of(bench)
    use = PatternUse(code="999999", values=use_of(pattern, rules).values)
    message = a_message(1, pattern=use)
    outcome = told(lambda: bench.connect().send([message]))
    demand(not bench.book.sent, expected="nothing is sent", came=f"{len(bench.book.sent)} texts")
    is_told = isinstance(outcome, CredentialsRejected) or (
        isinstance(outcome, list | tuple) and isinstance(outcome[0], Rejected)
    )
    demand(is_told, expected="CredentialsRejected (the operator must act), or Rejected", came=kinds(outcome))


def _mixed(bench: GatewayBench) -> None:
    gateway = bench.connect()
    use = use_of(pattern_of(bench), _rules(bench))
    messages = [a_message(1), a_message(2, pattern=use), a_message(3), a_message(4, pattern=use)]
    messages = messages[: max(1, gateway.capabilities.batch_size)]
    outcomes = told(lambda: gateway.send(messages))
    demand_true(bench, messages, outcomes)
    demand(
        all(isinstance(each, Accepted) for each in outcomes), expected="all Accepted", came=kinds(outcomes)
    )
    for message in messages:
        (sent,) = sent_to(bench, message)
        expected = message.pattern.code if message.pattern else None
        demand(sent.pattern == expected, expected=f"pattern {expected}", came=f"pattern {sent.pattern}")


def _service_line(bench: GatewayBench) -> None:
    strangers(bench, {1: NumberKind.BLACKLISTED})
    message = a_message(1, pattern=use_of(pattern_of(bench), _rules(bench)))
    taken(bench.connect(), message)
    demand(sent_to(bench, message), expected="the text goes out over the service line", came="nothing")


def _lost(bench: GatewayBench) -> None:
    """What went as a pattern and cannot be asked for is never found by mistake, nor an error."""
    gateway: Any = bench.connect()
    message = a_message(1, pattern=use_of(pattern_of(bench), _rules(bench)))
    bench.arm(FaultRule(fault=Fault.LOSE_ANSWER, deed="send"))
    told(lambda: gateway.send([message]))
    demand(sent_to(bench, message), expected="the vendor has the text", came="nothing")
    found = told(lambda: gateway.find([message.own_id]))
    demand(found == {}, expected="find: nothing, as the rules of patterns declare", came=found)


def _found(bench: GatewayBench) -> None:
    gateway: Any = bench.connect()
    message = a_message(1, pattern=use_of(pattern_of(bench), _rules(bench)))
    bench.arm(FaultRule(fault=Fault.LOSE_ANSWER, deed="send"))
    told(lambda: gateway.send([message]))
    found = told(lambda: gateway.find([message.own_id]))
    is_found = isinstance(found, dict) and message.own_id in found
    demand(is_found, expected="find: the text that went as a pattern", came=found)


def _check(theme: str, name: str, sentence: str, fa: str, run: Any, **facts: Any) -> Check[GatewayBench]:
    look_at = "send: how the text is written on the wire" if theme == "texts" else "send: message.pattern"
    return Check(name=name, theme=theme, sentence=sentence, sentence_fa=fa, run=run, look_at=look_at, **facts)


TEXTS: Final = (
    _check("texts", "persian_letter_by_letter", "A Persian text arrives letter by letter.",
           "متن فارسی حرف‌به‌حرف می‌رسد.", lambda bench: _arrives(bench, PERSIAN)),
    _check("texts", "latin_letter_by_letter", "A Latin text arrives letter by letter.",
           "متن لاتین حرف‌به‌حرف می‌رسد.", lambda bench: _arrives(bench, LATIN)),
    _check("texts", "nasty_letters", "Half-spaces, Arabic letters, marks, line ends and emoji arrive as they are.",
           "نیم‌فاصله، حروف عربی، نشانه‌ها، پایان سطر و شکلک همان‌گونه می‌رسند.", lambda bench: _arrives(bench, *_NASTY),
           needs=(Trait.LETTERS,)),
    _check("texts", "several_parts", "A text of several parts arrives whole.",
           "متن چندبخشی کامل می‌رسد.", _long, needs=(Trait.LETTERS,)),
)  # fmt: skip

_OF_PATTERNS: Final = (Need.PATTERNS,)
PATTERNS: Final = (
    _check("patterns", "values_in_their_places", "A pattern is sent with each value in its place, and no text beside.",
           "الگو با هر مقدار در جای خودش فرستاده می‌شود.", _values, needs=_OF_PATTERNS),
    _check("patterns", "values_at_the_limits", "The longest values and the most spaces that are declared are taken.",
           "بلندترین مقدار و بیشترین فاصلهٔ اعلام‌شده پذیرفته می‌شود.", _limits, needs=_OF_PATTERNS),
    _check("patterns", "unknown_pattern", "A pattern that the vendor does not keep is told, and nothing is sent.",
           "الگویی که درگاه ندارد بازگو می‌شود و چیزی فرستاده نمی‌شود.", _unknown,
           needs=(*_OF_PATTERNS, Trait.UNKNOWN_PATTERN)),
    _check("patterns", "patterns_among_texts", "Patterns and texts of one batch each have their own outcome, in order.",
           "الگوها و متن‌های یک دسته هر یک نتیجهٔ خود را به ترتیب دارند.", _mixed, needs=_OF_PATTERNS),
    _check("patterns", "service_line", "A pattern goes out to a number that takes no advertising.",
           "الگو به شماره‌ای که تبلیغات نمی‌گیرد هم می‌رسد.", _service_line, needs=(*_OF_PATTERNS, Trait.BLACKLIST)),
    _check("patterns", "pattern_lost_and_found", "A pattern whose answer is lost is found by our id.",
           "الگویی که پاسخش گم شد با شناسهٔ ما پیدا می‌شود.", _found,
           needs=(Need.PATTERNS_FOUND, Fault.LOSE_ANSWER)),
    _check("patterns", "pattern_lost_for_good", "A pattern that cannot be asked for is never found by mistake.",
           "الگویی که نمی‌توان سراغش را گرفت همین‌گونه اعلام شده و به‌خطا پیدا نمی‌شود.", _lost,
           needs=(Need.PATTERNS_LOST, Fault.LOSE_ANSWER)),
)  # fmt: skip
