"""What a message may hold by its WSDL, for whoever checks a mapping against it: names, how often, of which kind.

Only what is certain is said. Where a vendor may send more than a type declares (any element, a type that others
extend, an element that others stand for) the place is open.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from lxml import etree
from zeep import xsd
from zeep.xsd.elements.any import Any as AnyElement
from zeep.xsd.elements.any import AnyAttribute
from zeep.xsd.elements.indicators import Choice, Group
from zeep.xsd.types.any import AnyType
from zeep.xsd.types.simple import AnySimpleType

from connector.transport.wsdl_documents import XSD

__all__ = ["Contents", "Part", "Stretched", "Times", "contents_asked", "contents_told", "stretched_by"]


class Times(StrEnum):
    """How often an element may stand at its place."""

    ONCE = "once"
    MANY = "many"
    UNSURE = "unsure"
    """In a group that repeats, or declared twice: what stands there depends on the message."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One element, attribute (``@name``) or the text beside attributes (``#text``)."""

    holds: "Contents | None" = None
    """None for a simple value."""
    kind: Any = None
    """zeep's simple type, where it is one."""
    times: Times = Times.ONCE
    is_required: bool = False
    """True where a message without it cannot be written."""


@dataclass(slots=True, eq=False)
class Contents:
    """What stands in one element. Types may hold themselves."""

    parts: dict[str, Part] = field(default_factory=dict)
    is_open: bool = False
    """True where more may stand here than is named."""
    is_array: bool = False
    """A SOAP-encoded array: its items are what counts."""
    item: "Contents | None" = None
    """Of an array; None for simple items, and for any."""


@dataclass(frozen=True, slots=True)
class Stretched:
    """Where messages may hold more than is declared, by local names: types that are extended, elements stood for."""

    types: frozenset[str] = frozenset()
    elements: frozenset[str] = frozenset()


_ANYTHING: Final = Contents(is_open=True)


def stretched_by(documents: Iterable[etree._Element]) -> Stretched:
    """Return what the schemas in these documents stretch."""
    types, elements = set(), set()
    for root in documents:
        for extension in root.iter(f"{{{XSD}}}extension"):
            types.add(_local(extension.get("base")))
        for element in root.iter(f"{{{XSD}}}element"):
            if element.get("substitutionGroup"):
                elements.add(_local(element.get("substitutionGroup")))
    return Stretched(frozenset(types), frozenset(elements))


def contents_asked(body: Any, stretched: Stretched) -> Contents:
    """Return what a request may hold. ``body`` is the element that zeep holds for it, None for an empty one."""
    found = None if body is None else _Reader(stretched).contents(body.type)
    return found or Contents()


def contents_told(message: Any, stretched: Stretched) -> Contents:
    """Return what an answer may hold: the wrapper's content, or the parts of an rpc message.

    ``message`` is an abstract message of zeep, None for an operation without an answer.
    """
    reader = _Reader(stretched)
    parts = [] if message is None else list(message.parts.items())
    if len(parts) == 1 and parts[0][1].element is not None:
        return reader.contents(parts[0][1].element.type) or Contents()
    told = Contents()
    for name, part in parts:
        kind = part.type if part.element is None else part.element.type
        told.parts[name] = Part(holds=reader.contents(kind), kind=kind)
    return told


class _Reader:
    def __init__(self, stretched: Stretched) -> None:
        self._stretched = stretched
        self._memo: dict[int, Contents] = {}

    def contents(self, xsd_type: Any) -> Contents | None:
        """Return what a type holds; None for a simple one."""
        if type(xsd_type) is AnyType:
            return _ANYTHING
        if not isinstance(xsd_type, xsd.ComplexType):
            return None
        if id(xsd_type) in self._memo:
            return self._memo[id(xsd_type)]
        found = self._memo[id(xsd_type)] = Contents()
        if xsd_type._array_type is not None:
            found.is_array = True
            found.item = self.contents(xsd_type._array_type.array_type)
            return found
        found.is_open = xsd_type.qname is not None and _local(str(xsd_type.qname)) in self._stretched.types
        self._attributes(found, xsd_type)
        inner = xsd_type._element
        if isinstance(inner, xsd.Element) and isinstance(inner.type, AnySimpleType):
            found.parts["#text"] = Part(kind=inner.type)
        elif isinstance(inner, xsd.Element):
            self._add(found, inner, is_required=True, repeats=False)
        elif inner:
            self._walk(found, inner, is_required=True, repeats=False)
        return found

    def _attributes(self, found: Contents, xsd_type: Any) -> None:
        for _, attribute in xsd_type.attributes:
            if isinstance(attribute, AnyAttribute) or not attribute.name:
                found.is_open = True
                continue
            is_required = bool(attribute.required) and attribute.default is None
            found.parts[f"@{attribute.name}"] = Part(kind=attribute.type, is_required=is_required)

    def _walk(self, found: Contents, inner: Any, *, is_required: bool, repeats: bool) -> None:
        is_required = is_required and bool(inner.min_occurs) and not isinstance(inner, Choice)
        repeats = repeats or bool(inner.accepts_multiple)
        if isinstance(inner, Group):
            self._walk(found, inner.child, is_required=is_required, repeats=repeats)
            return
        for _, part in inner.elements_nested:
            if isinstance(part, AnyElement):
                found.is_open = True
            elif isinstance(part, xsd.Element):
                self._add(found, part, is_required=is_required, repeats=repeats)
            else:
                self._walk(found, part, is_required=is_required, repeats=repeats)

    def _add(self, found: Contents, element: Any, *, is_required: bool, repeats: bool) -> None:
        name = etree.QName(element.qname).localname
        if name in self._stretched.elements:
            found.is_open = True
        if name in found.parts:
            found.parts[name] = Part(holds=_ANYTHING, times=Times.UNSURE)
            return
        many = Times.MANY if element.accepts_multiple else Times.ONCE
        found.parts[name] = Part(
            holds=self.contents(element.type),
            kind=element.type,
            times=Times.UNSURE if repeats else many,
            is_required=is_required
            and not repeats
            and bool(element.min_occurs)
            and not element.nillable
            and element.default is None,
        )


def _local(name: str | None) -> str:
    return (name or "").rpartition("}")[2].rpartition(":")[2]
