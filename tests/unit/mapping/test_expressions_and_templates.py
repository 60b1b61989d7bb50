"""The two languages of a mapping: compiled once, checked at load, bounded at work, silent about values."""

from datetime import date
from typing import Any

import pytest

from connector.errors import MappingInvalid, NotPossible
from connector.mapping.dates import DatePattern, OfficeDates
from connector.mapping.expressions import compile_expression
from connector.mapping.functions import OfficeFunctions
from connector.mapping.templates import compile_template

KNOWN = {"letter": {"subject": None, "urgency": None}, "attachments": None}
DATA = {"letter": {"subject": "موضوع", "urgency": "urgent"}, "attachments": [{"name": "a"}, {"name": "b"}]}
FUNCTIONS = OfficeFunctions({"urgency": {"normal": 1, "urgent": "F"}}, OfficeDates())


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("letter.subject", "موضوع"),
        ("letter.fields", None),
        ("attachments[].name", ["a", "b"]),
        ("attachments[?name=='b'].name | [0]", "b"),
        ("length(attachments) > `1`", True),
        ("code('urgency', letter.urgency)", "F"),
        ("code('urgency', letter.nothing)", None),
        ("date('2026-11-21')", "1405/08/30"),
        ("date('2026-11-21T08:00:00+00:00')", "1405/08/30"),
        ("date(letter.nothing)", None),
        ("digits('۱۲٣')", "123"),
        ("persian_digits('12')", "۱۲"),
        ("cut(letter.subject, `2`)", "مو"),
    ],
)
def test_an_expression_finds(source: str, found: Any) -> None:
    assert compile_expression(source, where="here", functions=FUNCTIONS).search(DATA) == found


@pytest.mark.parametrize(
    "source",
    ["code('urgency', 'never')", "date('soon')", "length(`1`)", 'sum(`["a"]`)', "ceil(to_number('1e999'))"],
)
def test_an_expression_that_fails_says_where_and_repeats_nothing(source: str) -> None:
    with pytest.raises(NotPossible) as caught:
        compile_expression(source, where="file:7", functions=FUNCTIONS).search(DATA)
    assert "موضوع" not in str(caught.value)
    assert "never" not in str(caught.value)


@pytest.mark.parametrize(
    "source",
    [
        "letter.subject == 'a' && letter.urgency || 'x'",
        "letter.[subject, urgency]",
        "{a: letter.subject}",
        "attachments[?name=='b'].other",
        "sort_by(attachments, &name)[0].name",
        "letter | subject",
        "@",
        "*.subject",
        "attachments[0].anything",
        "join(', ', attachments[].name)",
    ],
)
def test_names_that_are_known_or_cannot_be_known_pass(source: str) -> None:
    compile_expression(source, where="here", known=KNOWN)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("letter.subjet", "did you mean 'subject'?"),
        ("{a: letter.subjet}", "did you mean 'subject'?"),
        ("join(',', [letter.subjet])", "did you mean 'subject'?"),
        ("attachment[].name", "did you mean 'attachments'?"),
        ("zzz", "known: attachments, letter"),
        ("sort_by(attachments, &lenght(name))", "did you mean 'length'?"),
        ("letter.subject[", "not a JMESPath expression"),
        ("", "not a JMESPath expression"),
    ],
)
def test_a_misspelt_name_is_told_at_load(source: str, words: str) -> None:
    with pytest.raises(MappingInvalid) as caught:
        compile_expression(source, where="file:7", known=KNOWN)
    assert str(caught.value).startswith("file:7: ")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ letter.subject }}\n", "موضوع\n"),
        ("{% for a in attachments %}{{ a.name }};{% endfor %}", "a;b;"),
        ("{{ letter.missing | default('-') }}", "-"),
        ("{% if letter.urgency == 'urgent' %}!{% endif %}", "!"),
        ("<b>{{ '<' }}</b>", "<b><</b>"),
        ("{{ letter.urgency | replace('u', 'U') }}", "Urgent"),
    ],
)
def test_a_template_writes(source: str, text: str) -> None:
    assert compile_template(source, where="here").render(DATA) == text


def test_values_are_escaped_where_the_style_says_so() -> None:
    values = {"a": "x/<&>\"']]>"}
    assert compile_template("<a>{{ a }}</a>", where="", style="xml").render(values) == (
        "<a>x/&lt;&amp;&gt;&#34;&#39;]]&gt;</a>"
    )
    assert compile_template("/l/{{ a }}", where="", style="url").render({"a": "../ب?x=1"}) == (
        "/l/..%2F%D8%A8%3Fx%3D1"
    )


def test_what_is_null_writes_nothing_and_makes_no_other_address() -> None:
    values = {"a": None, "b": {"c": None}}
    for style in ("text", "xml"):
        assert compile_template("<a>{{ a }}{{ b.c }}</a>", where="", style=style).render(values) == "<a></a>"
    assert compile_template("{{ a | tojson }}", where="").render(values) == "null"
    with pytest.raises(NotPossible, match="a part of the address is null"):
        compile_template("/letters/{{ a }}", where="", style="url").render(values)


@pytest.mark.parametrize(
    "source",
    [
        "{{ missing }}",
        "{{ letter.missing }}",
        "{{ letter.missing.deeper }}",
        "{{ letter.__class__ }}",
        "{{ letter.subject + 1 }}",
        "{{ attachments['x' ~ 'y'].z }}",
    ],
)
def test_a_template_that_misses_something_is_not_possible(source: str) -> None:
    with pytest.raises(NotPossible) as caught:
        compile_template(source, where="file:7").render(DATA)
    assert str(caught.value).startswith("file:7: ")
    assert "موضوع" not in str(caught.value)


def test_replacing_cannot_make_much_of_little() -> None:
    template = compile_template("{{ a | replace('x', a) | replace('x', a) | length }}", where="")
    with pytest.raises(NotPossible):
        template.render({"a": "x" * 1000})


@pytest.mark.parametrize("style", ["text", "xml", "url"])
def test_a_missing_value_is_told_in_every_style(style: Any) -> None:
    with pytest.raises(NotPossible):
        compile_template("/{{ missing }}", where="", style=style).render({})


@pytest.mark.parametrize(
    "source",
    [
        "{{ range(9) }}",
        "{{ 'a' * 999999999 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ '%999999999d' % 1 }}",
        "{{ ''.join(attachments) }}",
        "{% include 'x' %}",
        "{% extends 'x' %}",
        "{% macro a() %}{% endmacro %}",
        "{% for a in b recursive %}{% endfor %}",
        "{% for a in b %}{% for c in d %}{% for e in f %}{% endfor %}{% endfor %}{% endfor %}",
        "{% set a = 'x' %}" * 9,
        "{{ 'x' | center(99999999) }}",
        "{% if",
        "x" * 70_000,
    ],
)
def test_a_template_that_could_run_away_or_reach_out_is_refused_at_load(source: str) -> None:
    with pytest.raises(MappingInvalid, match=r"^file:7: "):
        compile_template(source, where="file:7")


def test_an_expression_that_could_run_away_is_refused_at_load() -> None:
    for source in (
        " | ".join(["[@, @]"] * 20),
        "map(&[@, @, @], map(&[@, @, @], a))" + "".join([" | [[@, @], @, @, @, @]"] * 5),
    ):
        with pytest.raises(MappingInvalid, match=r"^file:7: the expression can make its data more than"):
            compile_expression(source, where="file:7")
    for source in (
        "[a, b, c] | [@, @]",
        "list[?a=='b'].{x: a, y: b, z: [a, b]}",
        "join('-', [a, b, c, d, e])",
    ):
        compile_expression(source, where="file:7")


def test_a_template_is_stopped_when_it_writes_too_much() -> None:
    template = compile_template("{% for a in many %}{{ a }}{% endfor %}", where="", limit=100)
    assert len(template.render({"many": ["x" * 10] * 10})) == 100
    with pytest.raises(NotPossible, match="grows over 100"):
        template.render({"many": ["x" * 10] * 1_000_000})


@pytest.mark.parametrize(
    ("pattern", "is_jalali", "text", "day"),
    [
        ("yyyy/MM/dd", True, "1405/08/30", date(2026, 11, 21)),
        ("yyyy/MM/dd", True, " ۱۴۰۵/۰۸/۳۰ ۱۲:۳۰", date(2026, 11, 21)),
        ("yyyy/MM/dd", True, "1405/8/30", date(2026, 11, 21)),
        ("yyyyMMdd", True, "14050830", date(2026, 11, 21)),
        ("yyyyMMdd", True, "140508301230", date(2026, 11, 21)),
        ("yyyy-MM-ddTHH:mm:ss", False, "2026-11-21T10:00:00", date(2026, 11, 21)),
        ("dd-MM-yyyy", False, "21-11-2026", date(2026, 11, 21)),
        ("yyyy-MM-dd", False, "2026-11-21T10:00:00+03:30", date(2026, 11, 21)),
    ],
)
def test_a_date_is_read_as_the_office_writes_it(pattern: str, is_jalali: bool, text: str, day: date) -> None:
    dates = DatePattern(pattern, is_jalali=is_jalali)
    assert dates.read(text) == day
    assert dates.read(dates.write(day)) == day


@pytest.mark.parametrize(
    "text", ["", "2026/11/21", "1405-08-30", "1405/13/01", "1405/07/31", "1405/8/301", "x405/08/30"]
)
def test_what_is_no_jalali_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        DatePattern().read(text)
