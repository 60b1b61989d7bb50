"""Expressions made into plain functions: most are a way through dicts, and go without an interpreter.

The meaning is JMESPath's own; whatever is not named here is left to its interpreter.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from jmespath.functions import Functions
from jmespath.visitor import Options, TreeInterpreter

__all__ = ["Finder", "finder_of"]

Finder = Callable[[Any], Any]
"""Finds one value in the data. Raises what JMESPath raises."""


def finder_of(node: Any, functions: Functions) -> Finder:
    """Return the function that finds what this parsed expression names."""
    kind = node["type"]
    names = _names(node)
    if names is not None:
        return _way(names)
    if kind == "literal":
        value = node["value"]
        return lambda _data: value
    if kind == "function_expression" and not any(child["type"] == "expref" for child in node["children"]):
        return _called(node["value"], [finder_of(child, functions) for child in node["children"]], functions)
    made = _MADE.get(kind)
    if made is not None:
        return made(*(finder_of(child, functions) for child in node["children"]))
    options = Options(custom_functions=functions)
    return lambda data: TreeInterpreter(options).visit(node, data)


def _names(node: Any) -> list[str] | None:
    """Return the names of an expression that is one field after the other; None for any other."""
    if node["type"] == "field":
        return [node["value"]]
    if node["type"] != "subexpression":
        return None
    parts = [_names(child) for child in node["children"]]
    return None if None in parts else [name for part in parts for name in part or ()]


def _way(names: list[str]) -> Finder:
    def find(data: Any) -> Any:
        # As the interpreter has it: whatever can be asked by a name.
        try:
            for name in names:
                data = data.get(name)
        except AttributeError:
            return None
        return data

    return find


def _along(*finders: Finder) -> Finder:
    if len(finders) == 2:
        first, second = finders
        return lambda data: second(first(data))

    def find(data: Any) -> Any:
        for finder in finders:
            data = finder(data)
        return data

    return find


def _of_each(items: Finder, give: Finder) -> Finder:
    def find(data: Any) -> Any:
        found = items(data)
        if not isinstance(found, list):
            return None
        return [given for item in found if (given := give(item)) is not None]

    return find


def _flat(items: Finder) -> Finder:
    def find(data: Any) -> Any:
        found = items(data)
        if not isinstance(found, list):
            return None
        flat: list[Any] = []
        for item in found:
            if isinstance(item, list):
                flat.extend(item)
            else:
                flat.append(item)
        return flat

    return find


def _either(first: Finder, second: Finder) -> Finder:
    def find(data: Any) -> Any:
        found = first(data)
        is_false = found is None or found is False or found in ("", [], {})
        return second(data) if is_false else found

    return find


def _called(name: str, finders: list[Finder], functions: Functions) -> Finder:
    def find(data: Any) -> Any:
        return functions.call_function(name, [finder(data) for finder in finders])

    return find


def _same() -> Finder:
    return lambda data: data


_MADE: Final[Mapping[str, Callable[..., Finder]]] = {
    "subexpression": _along,
    "or_expression": _either,
    "projection": _of_each,
    "flatten": _flat,
    "identity": _same,
}
"""What is made of the finders of its parts, by the name that JMESPath has for it."""
