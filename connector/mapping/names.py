"""Checks the names in an expression against what the data will hold, so that a misspelt field is told at load."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, Final, Union

__all__ = ["Known", "nearest", "unknown_argument", "unknown_name"]

Known = Mapping[str, Union["Known", None]]
"""The names that the data holds at the top, each with what it holds in turn; None where that is not known."""


_ELSEWHERE: Final = {"projection": 1, "filter_projection": 1, "value_projection": 1, "pipe": 1, "expref": 0}
"""Kinds of nodes, with the number of their children that are asked of the data itself."""


def unknown_name(node: Any, known: Known | None, functions: frozenset[str]) -> str | None:
    """Return a complaint about the first name that is not known, with the nearest known one; None if all are.

    ``node`` is a parsed expression as jmespath keeps it. ``known`` None checks the functions only.
    """
    if not isinstance(node, dict):  # the bounds of a slice
        return None
    if node["type"] == "function_expression" and node["value"] not in functions:
        return f"there is no function {node['value']!r}{nearest(node['value'], functions)}"
    if known is not None and node["type"] == "field" and node["value"] not in known:
        return f"there is no {node['value']!r} here{nearest(node['value'], known)}"
    if node["type"] == "subexpression":
        return _along(node["children"], known, functions)
    if node["type"] in _ELSEWHERE:
        # What comes after the first child is asked of other data: only its functions are checked.
        first = _ELSEWHERE[node["type"]]
        return _first(
            unknown_name(child, known if position < first else None, functions)
            for position, child in enumerate(node["children"])
        )
    return _first(unknown_name(child, known, functions) for child in node["children"])


def unknown_argument(node: Any, named: Mapping[str, tuple[int, Iterable[str]]]) -> str | None:
    """Return a complaint about the first argument that must be one of some names and is not; None if all are.

    ``named`` says for a function which of its arguments is such a name, and which names there are.
    """
    if not isinstance(node, dict):
        return None
    if node["type"] == "function_expression" and node["value"] in named:
        position, names = named[node["value"]]
        arguments = node["children"]
        given = arguments[position] if position < len(arguments) else None
        if given is not None and given["type"] == "literal" and given["value"] not in names:
            return f"{node['value']} knows no {given['value']!r}{nearest(str(given['value']), names)}"
    return _first(unknown_argument(child, named) for child in node["children"])


def _along(children: list[Any], known: Known | None, functions: frozenset[str]) -> str | None:
    inside: Known | None = known
    for child in children:
        complaint = unknown_name(child, inside, functions)
        if complaint:
            return complaint
        inside = _inside(child, inside)
    return None


def _inside(node: Any, known: Known | None) -> Known | None:
    if known is None:
        return None
    if node["type"] == "field":
        return known.get(node["value"])
    if node["type"] == "subexpression":
        inside: Known | None = known
        for child in node["children"]:
            inside = _inside(child, inside)
        return inside
    return None


def _first(complaints: Iterable[str | None]) -> str | None:
    return next((complaint for complaint in complaints if complaint), None)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the end of a complaint about a name: the one that was meant, or those that there are."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(names) or 'none'}"
