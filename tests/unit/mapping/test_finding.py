"""What is found without the interpreter is what the interpreter finds."""

from typing import Any

import jmespath
import pytest
from jmespath.functions import Functions

from connector.mapping.expressions import compile_expression
from connector.mapping.finding import finder_of

DATA: list[Any] = [
    {"a": {"b": {"c": 1}}, "list": [{"x": 1}, {"x": 2}], "none": None, "empty": "", "zero": 0, "no": False},
    {"a": "text", "list": {"x": 1}},
    {"a": [1, 2], "list": [[{"x": {"y": 1}}, {"x": None}], [], [[{"x": 2}]], None, "x"], "none": [None, 1]},
    {},
    [],
    "text",
    None,
]


@pytest.mark.parametrize(
    "source",
    [
        "a", "a.b", "a.b.c", "a.b.c.d", "list[].x", "list[0].x", "list[?x>`1`].x", "none || a", "empty || 'x'",
        "zero || 'x'", "no || none || 'x'", "!a", "!(a.b)", "a && 'y'", "'fixed'", "`{\"k\": [1]}`", "@", "a == `null`",
        "length(list || `[]`)", "join('+', ['a', 'b'])", "{k: a.b, l: list}", "[a, none]", "a | b", "keys(@ || `{}`)",
        "list[1:]", "sort_by(list || `[]`, &x)", "not_null(none, empty, a)", "type(a)", "list.x", "a.b | c",
        "list[]", "list[][]", "list[][].x", "list[].x.y", "list[].[x, y]", "none[]", "a[]", "[].x", "list[*].x", "a.*",
        "list[].x || 'none'", "length(list[].x || `[]`)", "list[].type(@)", "list[].x | [0]",
    ],
)  # fmt: skip
@pytest.mark.parametrize("data", DATA, ids=str)
def test_a_finder_finds_what_the_interpreter_finds(source: str, data: Any) -> None:
    parsed: Any = jmespath.compile(source)

    def by(find: Any) -> Any:
        try:
            return find(data)
        except jmespath.exceptions.JMESPathError as error:
            return type(error)

    assert by(finder_of(parsed.parsed, Functions())) == by(parsed.search)


def test_an_expression_keeps_what_its_values_are() -> None:
    found = compile_expression("a.b || `[]`", where="").search({"a": {"b": [{"c": None}]}})
    assert found == [{"c": None}]
