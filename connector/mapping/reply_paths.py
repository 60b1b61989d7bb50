"""Follows an expression through an answer of the WSDL, and tells where it looks for what can never stand there.

Only what is certain is told: where the WSDL is open, or an expression works something out, nothing is known.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, TypeAlias, Union

from connector.mapping.names import nearest
from connector.transport.wsdl_contents import Contents, Part, Times

__all__ = ["Answer", "Told", "Value", "Walk"]


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one call, with what the mapping says of it beyond the WSDL."""

    call: str
    element: str
    """Local name of the element that answers."""
    lists: Collection[str] = ()
    """Elements that are lists besides those that the WSDL knows: ``name`` or ``parent/name``."""
    undeclared: Collection[str] = ()
    """Elements that the office sends although its WSDL does not declare them, written alike."""


@dataclass(frozen=True, slots=True)
class Told:
    """An element of an answer."""

    answer: Answer
    name: str
    contents: Contents | None
    """None for a simple value: a text."""


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    name: str
    item: "Value"


Value: TypeAlias = Union["Told", "Items", Mapping[str, "Value"], None]
"""What an expression finds; None where that is not known. A dict holds the names of an expression's own."""

_Node = Mapping[str, Any]
_BY_FIRST: Final = frozenset({"map"})
_BY_SECOND: Final = frozenset({"sort_by", "max_by", "min_by"})
_SAME: Final = frozenset({"sort", "sort_by", "reverse"})
"""Functions that bring their list as a list of the same."""


class Walk:
    """Follows expressions, and keeps what they look for in vain."""

    def __init__(self) -> None:
        """Begin without any complaint."""
        self.complaints: list[str] = []

    def of(self, node: _Node, value: Value) -> Value:
        """Return what a parsed expression of jmespath finds in this value."""
        followed = self._FOLLOWED.get(node["type"])
        if followed is not None:
            return followed(self, node, value)
        found = [self.of(child, value) for child in node["children"] if isinstance(child, Mapping)]
        is_one = node["type"] == "or_expression" and all(each == found[0] for each in found)
        return found[0] if is_one else None

    def _along(self, node: _Node, value: Value) -> Value:
        for child in node["children"]:
            value = self.of(child, value)
        return value

    def _slice(self, _node: _Node, value: Value) -> Value:
        self._inside(value, "[:]")
        return value

    def _field(self, node: _Node, value: Value) -> Value:
        name = node["value"]
        if isinstance(value, Mapping):
            return value.get(name)
        if isinstance(value, Items):
            self.complaints.append(
                f"{value.name!r} is a list here, and a list has no {name!r}: write {value.name}[0].{name} for the "
                f"first, or {value.name}[].{name} for all"
            )
            return None
        if value is None or _is_named(value, name, value.answer.undeclared):
            return None
        if value.contents is None:
            if not name.startswith(("@", "#")):
                self.complaints.append(f"{value.name!r} is a text here, and a text has no {name!r}")
            return None
        part = value.contents.parts.get(name)
        if part is None:
            if not value.contents.is_open:
                self.complaints.append(_unknown(value, value.contents, name))
            return None
        return _part(value, name, part)

    def _inside(self, value: Value, sign: str) -> Value:
        """Return one item of a list."""
        if isinstance(value, Items):
            return value.item
        if isinstance(value, Told) and not (value.contents is not None and value.contents.is_open):
            self.complaints.append(
                f"{value.name!r} stands once in the WSDL and is no list, so {sign} finds nothing there; where the "
                "office sends several, name it in lists of the service"
            )
        return None

    def _flat(self, node: _Node, value: Value) -> Value:
        value = self.of(node["children"][0], value)
        inside = self._inside(value, "[]")
        if isinstance(inside, Items):
            return inside
        return Items(value.name, inside) if isinstance(value, Items) else None

    def _projection(self, node: _Node, value: Value) -> Value:
        source, *rest = node["children"]
        found = self.of(source, value)
        if node["type"] == "value_projection":
            self.of(rest[0], None)
            return None
        name = found.name if isinstance(found, Items) else ""
        item = self._inside(found, "[…]")
        if len(rest) > 1:
            self.of(rest[1], item)
        inner = self.of(rest[0], item)
        return Items(name, inner) if isinstance(found, Items) else None

    def _function(self, node: _Node, value: Value) -> Value:
        name, children = node["value"], node["children"]
        if name in _BY_FIRST | _BY_SECOND and len(children) == 2:
            by, listed = children if name in _BY_FIRST else reversed(children)
            found = self.of(listed, value)
            item = found.item if isinstance(found, Items) else None
            self.of(by["children"][0] if by["type"] == "expref" else by, item)
            return found if name in _SAME else None
        found_all = [self.of(child, value) for child in children if child["type"] != "expref"]
        first = found_all[0] if found_all else None
        if name == "to_array":
            return first if isinstance(first, Items) or first is None else Items("to_array", first)
        if name == "not_null" and all(each == first for each in found_all):
            return first
        return first if name in _SAME else None

    _FOLLOWED: ClassVar[Mapping[str, Callable[["Walk", _Node, Value], Value]]] = {
        "field": _field,
        "subexpression": _along,
        "index_expression": _along,
        "pipe": _along,
        "identity": lambda _self, _node, value: value,
        "current": lambda _self, _node, value: value,
        "index": lambda self, _node, value: self._inside(value, "[…]"),
        "slice": _slice,
        "flatten": _flat,
        "projection": _projection,
        "filter_projection": _projection,
        "value_projection": _projection,
        "multi_select_dict": lambda self, node, value: {
            each["value"]: self.of(each["children"][0], value) for each in node["children"]
        },
        "function_expression": _function,
    }
    """By the kind of a node; of any other only the parts are followed."""


def _part(parent: Told, name: str, part: Part) -> Value:
    answer = parent.answer
    if part.times is Times.UNSURE:
        return None
    if part.holds is not None and part.holds.is_array:
        return _array(answer, name, part.holds)
    one = Told(answer, name, part.holds)
    is_list = part.times is Times.MANY or _is_named(parent, name, answer.lists)
    return Items(name, one) if is_list else one


def _array(answer: Answer, name: str, contents: Contents) -> Items:
    item = contents.item
    if item is None:
        return Items(name, None)
    return Items(name, _array(answer, name, item) if item.is_array else Told(answer, name, item))


def _is_named(parent: Told, name: str, names: Collection[str]) -> bool:
    return name in names or f"{parent.name}/{name}" in names


def _unknown(place: Told, contents: Contents, name: str) -> str:
    around = "the answer" if place.name == place.answer.element else f"{place.name!r} in the answer"
    return f"by the WSDL {around} to {place.answer.call} has no {name!r}{nearest(name, contents.parts)}"
