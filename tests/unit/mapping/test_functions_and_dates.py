"""Codes both ways, dates in several patterns and by several clocks, and what vendors' protocols ask for."""

import base64
import gzip
from datetime import date
from typing import Any

import pytest

from connector.errors import MappingInvalid, NotPossible
from connector.mapping.dates import DatePattern, OfficeDates
from connector.mapping.expressions import compile_expression
from connector.mapping.functions import OfficeFunctions

DATES = OfficeDates(
    DatePattern(),
    {
        "instant": DatePattern("yyyy-MM-ddTHH:mm:ss", is_jalali=False, is_utc=True),
        "minute": DatePattern("yyyyMMddHHmm"),
        "european": DatePattern("dd.MM.yyyy", is_jalali=False),
    },
)
FUNCTIONS = OfficeFunctions({"urgency": {"normal": 1, "calm": 1, "urgent": "F"}}, DATES)
LATE = "2026-11-21T22:30:05+00:00"  # in Tehran it is two in the morning of the next day


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("word('urgency', 'F')", "urgent"),
        ("word('urgency', `1`)", "normal"),
        ("word('urgency', '1')", "normal"),
        ("word('urgency', '7')", None),
        ("word('urgency', nothing)", None),
        (f"date('{LATE}')", "1405/09/01"),
        (f"date_as('{LATE}', 'instant')", "2026-11-21T22:30:05"),
        (f"date_as('{LATE}', 'minute')", "140509010200"),
        ("date_as('2026-11-21', 'minute')", "140508300000"),
        ("date_as('2026-11-21', 'european')", "21.11.2026"),
        ("date_as(nothing, 'instant')", None),
        ("split('a/b/c', '/')", ["a", "b", "c"]),
        ("split('a/b', '/')[1]", "b"),
        ("split(nothing, '/')", []),
        ("split('ab', '')", []),
        ("sha1_hex('secret')", "e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4"),
        ("sha1_hex('رمز')", "04e2d4bc9494f7067241f4f94a71e6ffb24f22bc"),
        ("sha1_hex(nothing)", None),
        ("base64('سلام')", "2LPZhNin2YU="),
        ("base64(nothing)", None),
        ("uuid('KEY1') == uuid('KEY1')", True),
        ("uuid('KEY1') == uuid('KEY2')", False),
        ("uuid(nothing)", None),
    ],
)
def test_a_function_gives(source: str, found: Any) -> None:
    assert compile_expression(source, where="here", functions=FUNCTIONS).search({}) == found


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("code('urgncy', a)", "code knows no 'urgncy'; did you mean 'urgency'?"),
        ("[word('x', a)]", "word knows no 'x'; known: urgency"),
        ("date_as(a, 'instnt')", "date_as knows no 'instnt'; did you mean 'instant'?"),
    ],
)
def test_a_list_or_a_pattern_that_is_not_there_is_told_at_load(source: str, words: str) -> None:
    with pytest.raises(MappingInvalid, match=r"^file:7: ") as caught:
        compile_expression(source, where="file:7", functions=FUNCTIONS)
    assert words in caught.value.sentence


def test_a_name_that_only_the_letter_tells_is_told_by_the_letter() -> None:
    for source in ("code(list, 'normal')", "date_as('2026-11-21', list)", "date('2026-13-01')"):
        with pytest.raises(NotPossible):
            compile_expression(source, where="", functions=FUNCTIONS).search({"list": "other"})


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1405/08/30", date(2026, 11, 21)),
        ("۱۴۰۵/۸/۳۰ ۱۰:۱۵", date(2026, 11, 21)),
        ("2026-11-21T08:00:00Z", date(2026, 11, 21)),
        ("2026-11-21T22:30:05.123", date(2026, 11, 22)),
        ("140508301530", date(2026, 11, 21)),
        ("21.11.2026", date(2026, 11, 21)),
    ],
)
def test_a_date_is_read_by_the_first_pattern_that_fits(text: str, day: date) -> None:
    assert DATES.read(text) == day


@pytest.mark.parametrize(
    "text",
    ["", "2026/11/21", "1405/08/301", "1405-08-30T08:00:00", "2026-11-31T08:00:00", "99.99.2026", "soon"],
)
def test_what_no_pattern_fits_is_no_date(text: str) -> None:
    with pytest.raises(ValueError):
        DATES.read(text)


def test_a_text_is_packed_into_base64() -> None:
    compiled = compile_expression("gzip_base64(text)", where="here", functions=OfficeFunctions())
    packed = compiled.search({"text": "سلام"})
    assert gzip.decompress(base64.b64decode(packed)).decode() == "سلام"
    assert compiled.search({"text": None}) is None
