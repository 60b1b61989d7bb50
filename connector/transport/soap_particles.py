"""The parts that a compiled message is written by: elements, and how they stand together.

Each part appends pieces of text to a list; start tags and closing tags are ready. Nothing here knows schemas: what
is made from them is in ``soap_compiler``.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

__all__ = [
    "ABSENT",
    "Array",
    "Choice",
    "Complex",
    "Element",
    "InOrder",
    "Simple",
    "Unfit",
    "escaped",
    "quoted",
]

ABSENT: Final = object()
"""Stands for a field that was not given; None is a field that is given as nothing."""

_TEXT: Final = "#text"
_TYPE: Final = "@xsi:type"


class Unfit(Exception):
    """A value does not fit the message: what is wrong, in words that repeat no value, and the way to it."""

    def __init__(self, what: str) -> None:
        """Begin at the place itself; each part above adds its name in front."""
        super().__init__(what)
        self.what = what
        self.way: list[str] = []

    def __str__(self) -> str:
        """Return what is wrong and where."""
        return f"{self.what} ({'.'.join(self.way)})" if self.way else self.what


def escaped(text: str) -> str:
    """Return text as it stands between two tags; a carriage return survives the other side's reading."""
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    return text.replace("\r", "&#13;") if "\r" in text else text


def quoted(text: str) -> str:
    """Return text as it stands in an attribute between double quotes."""
    return escaped(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")


class Particle(Protocol):
    """A part of a complex type's content."""

    names: frozenset[str]
    """Every field that it may write."""

    def write(self, fields: Mapping[str, Any], out: list[str]) -> None:
        """Append what these fields say. Raise Unfit where they do not fit."""
        ...

    def score(self, fields: Mapping[str, Any]) -> int:
        """Return how many of the fields it would write."""
        ...


class Content(Protocol):
    """What stands in one element: its attributes and all between its tags."""

    def write(self, tag: str, value: Any, out: list[str]) -> None:
        """Append the whole element; ``tag`` is its name with prefix. Raise Unfit where the value does not fit."""
        ...


class Simple:
    """A text by a simple type."""

    __slots__ = ("_text", "_type")

    def __init__(self, text: Callable[[Any], str], type_attribute: str = "") -> None:
        """Keep how a value becomes text, and the attribute that names the type where the message wants it."""
        self._text = text
        self._type = type_attribute

    def write(self, tag: str, value: Any, out: list[str]) -> None:
        """Append the element with the text of the value."""
        out.append(f"<{tag}{self._type}>{escaped(self._text(value))}</{tag}>")


class Complex:
    """Attributes and fields by a complex type. It is filled after it is made: types may hold themselves."""

    __slots__ = ("_derived", "_known", "attributes", "is_open", "particle", "text", "type_attribute")

    def __init__(self, derived: Callable[[str], "Content"]) -> None:
        """Keep how a derived type is found by its name."""
        self._derived = derived
        self.attributes: Mapping[str, tuple[str, Callable[[Any], str], Any, bool]] = {}
        """By ``@name``: name with prefix, how it becomes text, default, whether it must be there."""
        self.is_open = False
        """True where any attribute is allowed."""
        self.particle: Particle | None = None
        self.text: Callable[[Any], str] | None = None
        """Where the content is a text beside attributes: how it becomes text."""
        self.type_attribute = ""
        self._known: frozenset[str] | None = None

    @property
    def known(self) -> frozenset[str]:
        """Return every field that may be given."""
        if self._known is None:
            names = self.particle.names if self.particle else frozenset()
            self._known = names | self.attributes.keys() | {_TYPE} | ({_TEXT} if self.text else set())
        return self._known

    def write(self, tag: str, value: Any, out: list[str]) -> None:
        """Append the element with its attributes and fields."""
        fields = self._fields(value)
        if _TYPE in fields:
            rest = {name: inner for name, inner in fields.items() if name != _TYPE}
            self._derived(str(fields[_TYPE])).write(tag, rest, out)
            return
        if not fields.keys() <= self.known:
            unknown = min(fields.keys() - self.known)
            raise Unfit(f"there is no field {unknown!r} here")
        out.append(f"<{tag}{self.type_attribute}")
        for name, attribute in self.attributes.items():
            _write_attribute(name, attribute, fields.get(name), out)
        out.append(">")
        if self.text is not None:
            out.append(escaped(self.text(fields.get(_TEXT, ""))))
        elif self.particle is not None:
            self.particle.write(fields, out)
        out.append(f"</{tag}>")

    def _fields(self, value: Any) -> Mapping[str, Any]:
        if isinstance(value, dict):
            return value
        if value is None:
            return {}
        if self.text is not None and not isinstance(value, list):
            return {_TEXT: value}
        raise Unfit("fields are wanted here and not one value")


def _write_attribute(
    name: str, attribute: tuple[str, Callable[[Any], str], Any, bool], given: Any, out: list[str]
) -> None:
    tag, text, default, is_required = attribute
    value = default if given is None else given
    if value is None:
        if is_required:
            raise Unfit(f"the attribute {name!r} is missing")
        return
    out.append(f' {tag}="{quoted(text(value))}"')


class Array:
    """A SOAP-encoded array (SOAP 1.1 section 5.4.2): a list, each item under the same name."""

    __slots__ = ("_tag", "_type", "item")

    def __init__(self, tag: str, item: Content, type_attribute: str) -> None:
        """Keep the item's name and type; ``{}`` in the attribute is where the number of items goes."""
        self._tag = tag
        self.item = item
        self._type = type_attribute

    def write(self, tag: str, value: Any, out: list[str]) -> None:
        """Append the array with all items."""
        items = [] if value is None else value if isinstance(value, list) else [value]
        out.append(f"<{tag}{self._type.format(len(items))}>")
        for position, item in enumerate(items):
            try:
                self.item.write(self._tag, item, out)
            except Unfit as unfit:
                unfit.way.insert(0, str(position))
                raise
        out.append(f"</{tag}>")


class Element:
    """One element by its declaration: how often it stands, and what it holds."""

    __slots__ = ("_content", "_default", "_is_list", "_least", "_most", "_nil", "_tag", "name", "names")

    def __init__(
        self,
        name: str,
        tag: str,
        content: Content,
        *,
        least: int,
        most: int | None,
        nil: str | None,
        default: Any = None,
    ) -> None:
        """Keep the declaration. ``nil`` is the attribute that says nothing, None where the element must say something;
        ``most`` None is without bound."""
        self.name = name
        self.names = frozenset({name})
        self._tag = tag
        self._content = content
        self._least = least
        self._most = most
        self._is_list = most is None or most > 1
        self._nil = nil
        self._default = default

    def write(self, fields: Mapping[str, Any], out: list[str]) -> None:
        """Append what is given under this name."""
        self.write_value(fields.get(self.name, ABSENT), out)

    def score(self, fields: Mapping[str, Any]) -> int:
        """Return 1 where something is given under this name."""
        return int(fields.get(self.name) is not None)

    def write_value(self, value: Any, out: list[str]) -> None:
        """Append the element once for each item of a list, else once; not at all where it may be absent and is."""
        try:
            if not self._is_list:
                self._write_one(value, out)
                return
            is_nothing = value is ABSENT or value is None
            items = value if isinstance(value, list) else [] if is_nothing else [value]
            if len(items) < self._least:
                raise Unfit(f"at least {self._least} are wanted")
            if self._most is not None and len(items) > self._most:
                raise Unfit(f"at most {self._most} are taken")
            for item in items:
                self._write_one(item, out)
        except Unfit as unfit:
            unfit.way.insert(0, self.name)
            raise

    def _write_one(self, value: Any, out: list[str]) -> None:
        if value is ABSENT or value is None:
            if value is ABSENT and self._default is not None and self._least:
                value = self._default
            elif self._nil is not None and (value is None or self._least):
                out.append(f"<{self._tag}{self._nil}/>")
                return
            elif self._least:
                raise Unfit("this field is missing")
            else:
                return
        self._content.write(self._tag, value, out)


class InOrder:
    """Parts one after the other: a sequence, a group, or all."""

    __slots__ = ("_is_optional", "_parts", "_repeats_as", "names")

    def __init__(
        self, parts: Sequence[Particle], *, is_optional: bool, repeats_as: str | None = None
    ) -> None:
        """Keep the parts. ``repeats_as`` is the field that holds the list, where they may come several times."""
        self._parts = tuple(parts)
        self._is_optional = is_optional
        self._repeats_as = repeats_as
        own = frozenset({repeats_as} if repeats_as else ())
        self.names = own.union(*(part.names for part in parts))

    def write(self, fields: Mapping[str, Any], out: list[str]) -> None:
        """Append every part in order."""
        for inner in _occurrences(fields, self._repeats_as, self.names):
            if self._is_optional and not self.score(inner):
                continue
            for part in self._parts:
                part.write(inner, out)

    def score(self, fields: Mapping[str, Any]) -> int:
        """Return how many fields its parts would write."""
        return sum(part.score(fields) for part in self._parts)


class Choice:
    """One of several parts."""

    __slots__ = ("_parts", "_repeats_as", "names")

    def __init__(self, parts: Sequence[Particle], *, repeats_as: str | None = None) -> None:
        """Keep the parts. ``repeats_as`` is the field that holds the list, where it may be chosen several times."""
        self._parts = tuple(parts)
        self._repeats_as = repeats_as
        own = frozenset({repeats_as} if repeats_as else ())
        self.names = own.union(*(part.names for part in parts))

    def write(self, fields: Mapping[str, Any], out: list[str]) -> None:
        """Append the part that fits best; all that are given where it may be chosen several times."""
        for inner in _occurrences(fields, self._repeats_as, self.names):
            fitting = [part for part in self._parts if part.score(inner)]
            if self._repeats_as:
                for part in fitting:
                    part.write(inner, out)
            elif fitting:
                best = max(fitting, key=lambda part: part.score(inner))
                lost = next((part for part in fitting if part is not best and part.names - best.names), None)
                if lost is not None:
                    raise Unfit(f"only one of {', '.join(sorted(self.names))} can be sent")
                best.write(inner, out)

    def score(self, fields: Mapping[str, Any]) -> int:
        """Return how many fields its best part would write."""
        return max((part.score(fields) for part in self._parts), default=0)


def _occurrences(
    fields: Mapping[str, Any], repeats_as: str | None, names: frozenset[str]
) -> Sequence[Mapping[str, Any]]:
    if repeats_as is None or fields.get(repeats_as) is None:
        return (fields,)
    given = fields[repeats_as]
    items = given if isinstance(given, list) else [given]
    for item in items:
        if not isinstance(item, dict) or not item.keys() <= names:
            raise Unfit(f"{repeats_as} takes a list of fields: {', '.join(sorted(names - {repeats_as}))}")
    return items
