"""YAML that remembers where each value stands, so that an error can name file, line and path.

The dialect is the plain part of YAML: no anchors, no tags, no key twice. Only ``true`` and ``false`` are
booleans and a number with a leading zero stays text: vendor codes such as ``no`` and ``007`` must not change
on the way.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from connector.errors import MappingInvalid, OperatorError

__all__ = ["Located", "Location", "load_located", "spell"]

Location = tuple[str | int, ...]
"""The way from the root of a file to a value: keys and positions."""

_FILE_LIMIT: Final = 1024 * 1024
_DEPTH_LIMIT: Final = 40
_TAG: Final = "tag:yaml.org,2002:"


@dataclass(frozen=True, kw_only=True, slots=True)
class Located:
    """The values of one YAML file, with the line of each."""

    path: Path
    values: Any
    """Plain dicts with text keys, lists, text, numbers, booleans and None."""
    lines: Mapping[Location, int] = field(default_factory=dict)
    """The line (from 1) of each key and list item, by its location."""

    def line(self, location: Location) -> int:
        """Return the line of this location, or of the nearest place around it that is in the file."""
        while location not in self.lines and location:
            location = location[:-1]
        return self.lines.get(location, 1)

    def where(self, location: Location) -> str:
        """Return ``file:line: path`` for people."""
        return f"{self.path}:{self.line(location)}: {spell(location)}"


def spell(location: Location) -> str:
    """Return a location as people write it: ``operations.register.steps[0].send``."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text or "(top)"


def load_located(
    path: Path, *, error: type[OperatorError] = MappingInvalid, limit: int = _FILE_LIMIT
) -> Located:
    """Read a YAML file of at most ``limit`` bytes.

    Raise ``error`` with file and line when it cannot be read.
    """
    text = _read(path, error, limit)
    try:
        _refuse_odd(path, text, error)
        node = yaml.compose(text, Loader=_PlainLoader)
    except yaml.YAMLError as problem:
        raise error(_sentence(path, problem), next_step="Correct the YAML at this place.") from None
    reader = _Reader(path, error)
    values = {} if node is None else reader.value(node, ())
    return Located(path=path, values=values, lines=reader.lines)


def _read(path: Path, error: type[OperatorError], limit: int) -> str:
    try:
        with path.open("rb") as stream:
            content = stream.read(limit + 1)
    except OSError as problem:
        raise error(
            f"{path}: the file cannot be read: {problem.strerror or type(problem).__name__}.",
            next_step="Check that the path is right and that Chapar may read it.",
        ) from None
    if len(content) > limit:
        raise error(
            f"{path}: the file is larger than {limit} bytes.", next_step="Make it smaller, or split it."
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        raise error(f"{path}:{line}: the file is not UTF-8.", next_step="Save it as UTF-8.") from None


class _PlainLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Nothing but text, decimal numbers, true, false and null."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own way


_NUMERIC: Final = list("-0123456789")
_PlainLoader.add_implicit_resolver(_TAG + "bool", re.compile(r"^(?:true|false)$"), list("tf"))
_PlainLoader.add_implicit_resolver(
    _TAG + "int", re.compile(r"^(?:0|-?[1-9][0-9]{0,17})$"), list("-0123456789")
)
_PlainLoader.add_implicit_resolver(
    _TAG + "float", re.compile(r"^-?(?:0|[1-9][0-9]{0,17})\.[0-9]+$"), _NUMERIC
)
_PlainLoader.add_implicit_resolver(_TAG + "null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""])


def _refuse_odd(path: Path, text: str, error: type[OperatorError]) -> None:
    # Before anything is built: nesting and aliases can make a small file into a very large one.
    depth = 0
    for event in yaml.parse(text, Loader=_PlainLoader):
        place = f"{path}:{event.start_mark.line + 1 if event.start_mark else 1}"
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise error(f"{place}: anchors and aliases are not used here.", next_step="Write the value out.")
        if getattr(event, "tag", None):
            raise error(f"{place}: tags are not used here.", next_step="Write a plain value.")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEPTH_LIMIT:
            raise error(f"{place}: nested deeper than {_DEPTH_LIMIT}.", next_step="Make it flatter.")


class _Reader:
    """Turns YAML nodes into plain values and keeps the line of each."""

    def __init__(self, path: Path, error: type[OperatorError]) -> None:
        self.path = path
        self.error = error
        self.lines: dict[Location, int] = {(): 1}

    def value(self, node: yaml.Node, location: Location) -> Any:
        if isinstance(node, yaml.SequenceNode):
            return [self._item(item, (*location, index)) for index, item in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            return self._keys(node, location)
        return _scalar(node)

    def _item(self, node: yaml.Node, location: Location) -> Any:
        self.lines[location] = node.start_mark.line + 1
        return self.value(node, location)

    def _keys(self, node: yaml.MappingNode, location: Location) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise self.error(
                    f"{self.path}:{line}: a key must be plain text.", next_step="Put it in quotes."
                )
            key = str(key_node.value)
            inner = (*location, key)
            if key in values:
                raise self.error(
                    f"{self.path}:{line}: {spell(inner)}: this key stands here twice.",
                    next_step=f"Keep one of them; the first is in line {self.lines[inner]}.",
                )
            self.lines[inner] = line
            values[key] = self.value(value_node, inner)
        return values


def _scalar(node: yaml.Node) -> Any:
    text = str(node.value)
    match node.tag.removeprefix(_TAG):
        case "int":
            return int(text)
        case "float":
            return float(text)
        case "bool":
            return text == "true"
        case "null":
            return None
    return text


def _sentence(path: Path, problem: yaml.YAMLError) -> str:
    mark = getattr(problem, "problem_mark", None)
    what = getattr(problem, "problem", None) or getattr(problem, "reason", None) or type(problem).__name__
    return f"{path}:{mark.line + 1 if mark else 1}: this is not YAML: {what}."
