"""Whether what a mapping sends fits what the WSDL says of requests: what is missing, and constants of another kind."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import jmespath
from zeep.xsd.types import builtins

from connector.mapping.located import Location
from connector.mapping.schema_parts import BESIDE, Each, Leaf, Send
from connector.transport.wsdl_contents import Contents, Part, Times

__all__ = ["left_out", "misfits", "unknown_fields"]

CodeLists = Mapping[str, Mapping[str, str | int]]
"""By the list's name: our word, and the office's code."""

_TYPE: Final = "@xsi:type"
_REPEATS: Final = "_value_1"
"""What a group that may stand several times is called."""
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?INF|NaN")
_WHOLE: Final = re.compile(r"[+-]?\d+")
_KINDS: Final[tuple[tuple[type[Any], re.Pattern[str], str], ...]] = (
    (builtins.Boolean, re.compile("(?i:true|false)|0|1"), "true or false"),
    (builtins.Integer, _WHOLE, "a whole number"),
    (builtins.Decimal, _NUMBER, "a number"),
    (builtins.Float, _NUMBER, "a number"),
    (builtins.Double, _NUMBER, "a number"),
    (builtins.DateTime, re.compile(r"-?\d{4,}-\d\d-\d\dT.+"), "a date with a time"),
    (builtins.Date, re.compile(r"-?\d{4,}-\d\d-\d\d.*"), "a date"),
)
"""What a constant must look like where the WSDL declares such a type; other types take any text."""


def unknown_fields(send: Send, contents: Contents, place: Location) -> Iterator[tuple[Location, list[str]]]:
    """Yield every field that the request does not have, with those that it has there."""
    for way, tree, around in _groups(send, contents, place):
        if _TYPE in tree or around.is_open:
            continue
        for name in tree:
            if name not in around.parts and name != _REPEATS:
                yield (*way, name), sorted(around.parts)


def left_out(send: Send, contents: Contents, place: Location) -> Iterator[tuple[Location, str]]:
    """Yield every required field of the request that the mapping never writes, at the fields around it."""
    for way, tree, around in _groups(send, contents, place):
        if _TYPE in tree or around.is_open or around.is_array:
            continue
        for name, part in around.parts.items():
            if part.is_required and name not in tree and _REPEATS not in tree:
                yield way, name


def misfits(
    send: Send, contents: Contents, place: Location, lists: CodeLists
) -> Iterator[tuple[Location, str]]:
    """Yield every constant that is not of the simple type that the WSDL declares at its place, with what is wanted.

    The codes of a list that stands there are constants too. An empty text is passed over: it is sent on purpose.
    """
    for way, tree, around in _groups(send, contents, place):
        if _TYPE in tree:
            continue
        for name, inner in tree.items():
            part = around.parts.get(name)
            wanted = None if part is None else _wanted(part)
            if wanted is None:
                continue
            pattern, words = wanted
            texts = (text.strip() for text in _constants(inner, lists))
            if any(text and pattern.fullmatch(text) is None for text in texts):
                yield (*way, name), words


def _groups(
    send: Send, contents: Contents | None, place: Location
) -> Iterator[tuple[Location, Mapping[str, Send], Contents]]:
    """Yield every group of fields with what the WSDL has at its place."""
    tree = send.root
    if contents is None:
        return
    if isinstance(tree, Each):
        yield from _groups(tree.give, contents.item if contents.is_array else contents, (*place, "$give"))
    elif isinstance(tree, list):
        inside = contents.item if contents.is_array else contents
        for position, inner in enumerate(tree):
            yield from _groups(inner, inside, (*place, position))
    elif isinstance(tree, dict):
        tree = {name: inner for name, inner in tree.items() if name != BESIDE}  # no field of the message
        yield place, tree, contents
        for name, inner in tree.items():
            part = contents.parts.get(name)
            if name == _REPEATS:
                yield from _groups(inner, contents, (*place, name))
            elif part is not None and part.times is not Times.UNSURE and _TYPE not in tree:
                yield from _groups(inner, part.holds, (*place, name))


def _wanted(part: Part) -> tuple[re.Pattern[str], str] | None:
    kind = part.kind
    if part.holds is not None:
        text = part.holds.parts.get("#text")
        kind = None if text is None else text.kind
    return next((rest for wanted, *rest in _KINDS if isinstance(kind, wanted)), None)  # type: ignore[return-value]


def _constants(send: Send, lists: CodeLists) -> Iterator[str]:
    """Yield the texts that may stand at this place whatever the letter is."""
    tree = send.root
    if isinstance(tree, list):
        for inner in tree:
            yield from _constants(inner, lists)
    elif isinstance(tree, str):
        yield from _literals(tree, lists)
    elif isinstance(tree, Leaf) and tree.pick is not None:
        yield from _literals(tree.pick, lists)
    elif isinstance(tree, Leaf) and tree.write is None and tree.xml is None:
        yield from _texts([tree.value])
    elif isinstance(tree, int | float):
        yield from _texts([tree])


def _literals(source: str, lists: CodeLists) -> Iterator[str]:
    node = jmespath.compile(source).parsed
    if node["type"] == "literal":
        yield from _texts([node["value"]])
    elif node["type"] == "function_expression" and node["value"] == "code":
        yield from _texts(_codes(node["children"], lists))


def _codes(arguments: Sequence[Mapping[str, Any]], lists: CodeLists) -> Iterable[Any]:
    """Return the codes that ``code`` may bring: that of a fixed word, else all of its list; none where unknown."""
    if len(arguments) != 2 or arguments[0]["type"] != "literal":
        return ()
    codes, word = lists.get(str(arguments[0]["value"]), {}), arguments[1]
    return [codes.get(str(word["value"]))] if word["type"] == "literal" else codes.values()


def _texts(values: Iterable[Any]) -> Iterator[str]:
    """Yield what a constant is as a text of the message; none for null, and for what is no simple value."""
    for value in values:
        if isinstance(value, bool):
            yield "true" if value else "false"
        elif isinstance(value, float) and value.is_integer():
            yield str(int(value))
        elif isinstance(value, str | int | float):
            yield str(value)
