"""Messages in words: several facts in one text, patterns by the gateway's rules, and what it costs."""

from dataclasses import replace
from decimal import Decimal

import pytest

from connector.domain.letter import Language
from connector.domain.message import FactKind
from connector.domain.segments import segments
from connector.domain.text import to_ascii_digits
from connector.notification.composing import Composer, Prices, joined, within
from connector.notification.patterns import GatewayPatterns, PatternChoice
from connector.ports.pattern import PatternRules
from tests.unit.notification.test_choosing import TEXTS, message

RULES = PatternRules(
    places=("token", "token10"), longest_value=25, places_without_spaces=frozenset({"token"}), separator=";"
)


def patterns(*, go_first: bool = True, **values: str) -> GatewayPatterns:
    choice = PatternChoice(code="registered-1", values=values)
    return GatewayPatterns(
        rules=RULES, choices={(Language.FA, FactKind.REGISTERED): choice}, go_first=go_first
    )


def test_a_joined_text_says_everything_once_in_the_order_of_the_facts() -> None:
    registered, referred = message("registered"), message("referred", 2)
    text = Composer(TEXTS, GatewayPatterns()).compose(within(referred, registered)).text
    lines = to_ascii_digits(text).splitlines()
    assert len(lines) == len(set(lines))
    assert text.index("ثبت شد") < text.index("ارجاع شد") < text.index("کد رهگیری")
    assert "1405/77" in to_ascii_digits(text)


def test_a_line_that_comes_again_stands_at_its_last_place() -> None:
    assert joined(["a\ncode", "b\ncode"]) == "a\nb\ncode"


def test_a_fact_with_a_pattern_goes_as_one_with_plain_values() -> None:
    composed = Composer(TEXTS, patterns(token="tracking_code", token10="unit")).compose(message("registered"))
    assert composed.pattern is not None
    assert composed.pattern.code == "registered-1"
    assert to_ascii_digits(composed.pattern.values["token"]) == "100000000000008"
    assert composed.reason is None
    assert composed.says("100000000000008")
    assert not composed.says("1405/77")


@pytest.mark.parametrize(
    ("values", "changes", "reason"),
    [
        ({"token": "unit"}, {}, "pattern_value_has_spaces"),
        ({"token": "reason"}, {}, "pattern_value_empty"),
        ({"token": "number"}, {"carried": (message("registered", 9),)}, "pattern_tells_one_fact"),
        ({"token10": "unit"}, {"unit": "الف;ب"}, "pattern_value_has_separator"),
    ],
)
def test_a_message_that_breaks_the_gateways_rule_goes_as_free_text_and_says_why(
    values: dict[str, str], changes: dict[str, object], reason: str
) -> None:
    composed = Composer(TEXTS, patterns(**values)).compose(replace(message("registered"), **changes))  # type: ignore[arg-type]
    assert composed.pattern is None
    assert composed.reason == reason


def test_free_words_are_cut_to_what_the_vendor_takes() -> None:
    long = message("registered", unit="واحد " * 20)
    composed = Composer(TEXTS, patterns(token10="unit")).compose(long)
    assert composed.pattern is not None
    assert len(composed.pattern.values["token10"]) <= 25


def test_patterns_kept_for_blacklisted_numbers_wait_until_the_gateway_says_so() -> None:
    composer = Composer(TEXTS, patterns(go_first=False, token="number"))
    plain = message("registered")
    assert composer.compose(plain).pattern is None
    assert composer.goes_as_pattern(plain)
    assert composer.compose(replace(plain, is_blacklisted=True)).pattern is not None
    assert not composer.goes_as_pattern(message("closed"))


@pytest.mark.parametrize(
    ("text", "prices", "cost"),
    [
        ("س" * 71, Prices(per_part=Decimal(250)), 500_000),
        ("a" * 10, Prices(per_part=Decimal(250), per_latin_part=Decimal("500.5")), 500_500),
        ("a" * 10, Prices(per_part=Decimal("0.0001")), 1),
        ("س", Prices(), None),
    ],
)
def test_a_text_costs_its_parts(text: str, prices: Prices, cost: int | None) -> None:
    assert prices.cost(segments(text)) == cost


def test_what_an_operator_chose_wrongly_is_said_in_sentences() -> None:
    wrong = replace(
        patterns(token="number"),
        choices={
            (Language.FA, FactKind.CLOSED): PatternChoice(code="c", values={"toket": "number"}),
            (Language.EN, FactKind.CLOSED): PatternChoice(code="c", values={"token": "nubmer"}),
        },
    )
    first, second = wrong.complaints()
    assert "'toket'" in first
    assert "'nubmer'" in second
    assert replace(wrong, rules=None).complaints() == ["this gateway has no patterns"]
    assert patterns(token="number").complaints() == []


def test_a_pattern_that_leaves_out_what_an_older_message_left_to_it_gives_way_to_free_text() -> None:
    newer = message("answered", 2, replaced=(message("registered"),))
    answered = {(Language.FA, FactKind.ANSWERED): PatternChoice(code="a1", values={"token": "tracking_code"})}
    composer = Composer(TEXTS, GatewayPatterns(rules=PatternRules(), choices=answered))
    composed = composer.compose(newer)
    assert (composed.pattern, composed.reason) == (None, "pattern_leaves_out")
    assert composed.says("1405/77")
    assert composer.compose(replace(newer, replaced=())).pattern is not None
