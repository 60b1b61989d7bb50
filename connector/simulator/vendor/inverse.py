"""Expressions read backwards: from a value to an answer in which the expression finds it."""

from collections.abc import Mapping
from typing import Any

import jmespath

__all__ = ["NotInvertible", "inverse", "merged", "satisfying"]

_SAME = frozenset({"digits", "to_string", "to_number", "to_array", "not_null"})
"""Functions that bring of a plain value the same in other clothes."""


class NotInvertible(Exception):
    """The expression computes something; the argument says what, for people."""


def inverse(source: str, value: Any) -> Any:
    """Return the smallest data in which this expression finds the value. Raise NotInvertible where that is unknown."""
    return _inverse(jmespath.compile(source).parsed, value)


def satisfying(source: str) -> Any:
    """Return the smallest data for which this condition holds. Raise NotInvertible where that is unknown."""
    return _satisfying(jmespath.compile(source).parsed)


def merged(one: Any, other: Any) -> Any:
    """Return data in which both are found. Raise NotInvertible where they want different things at one place."""
    if one is None or other is None:
        return other if one is None else one
    if isinstance(one, dict) and isinstance(other, dict):
        return {
            name: merged(one[name], other[name]) if name in one and name in other else {**one, **other}[name]
            for name in {**one, **other}
        }
    if isinstance(one, list) and isinstance(other, list):
        return _merged_lists(one, other)
    if one != other:
        raise NotInvertible("two expressions of the mapping read different things at one place")
    return one


def _merged_lists(one: list[Any], other: list[Any]) -> list[Any]:
    found = list(one)
    for position, item in enumerate(other):
        places = [position, *(place for place in range(len(found)) if place != position)]
        for place in [each for each in places if each < len(found)]:
            try:
                found[place] = merged(found[place], item)
                break
            except NotInvertible:
                continue
        else:
            found.append(item)
    return found


def _inverse(node: Mapping[str, Any], value: Any) -> Any:
    kind, children = node["type"], node["children"]
    if kind in {"subexpression", "pipe", "index_expression"}:
        for child in reversed(children):
            value = _inverse(child, value)
        return value
    if kind in {"projection", "filter_projection"}:
        return _listed(node, value if isinstance(value, list) else [value])
    if kind == "or_expression":
        return _first(children, value)
    if kind == "and_expression" and children[1] == {"type": "literal", "value": value, "children": []}:
        return None  # a word of the mapping's own for what stands there; another expression puts it there
    if kind == "flatten" or (kind == "function_expression" and node["value"] in _SAME):
        return _inverse(children[0], value)
    return _leaf(node, value)


def _leaf(node: Mapping[str, Any], value: Any) -> Any:
    kind = node["type"]
    if kind == "field":
        return {node["value"]: value}
    if kind in {"identity", "current"}:
        return value
    if kind == "index":
        return [value] if node["value"] == -1 else [*([None] * int(node["value"])), value]
    if kind == "literal" and node["value"] == value:
        return None
    raise NotInvertible(f"it computes something ({node.get('value') or kind})")


def _listed(node: Mapping[str, Any], items: list[Any]) -> Any:
    children = node["children"]
    wanted = _satisfying(children[2]) if node["type"] == "filter_projection" else None
    return _inverse(children[0], [merged(wanted, _inverse(children[1], item)) for item in items])


def _first(children: list[Any], value: Any) -> Any:
    for child in children:
        try:
            return _inverse(child, value)
        except NotInvertible:
            continue
    raise NotInvertible("none of its alternatives is a plain place")


def _satisfying(node: Mapping[str, Any]) -> Any:
    kind, children = node["type"], node["children"]
    if kind == "comparator" and node["value"] == "eq":
        one, other = children
        if other["type"] == "literal":
            return _inverse(one, other["value"])
        if one["type"] == "literal":
            return _inverse(other, one["value"])
    if kind == "and_expression":
        return merged(_satisfying(children[0]), _satisfying(children[1]))
    if kind == "or_expression":
        return _satisfying(children[0])
    raise NotInvertible("its condition is no plain comparison")
