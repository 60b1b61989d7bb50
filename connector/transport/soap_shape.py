"""The shape of a message by its WSDL: which elements there are, and which of them are lists.

Answers are read with it and not with zeep's own reader, which drops everything after an element that it does not
know: one new element in a vendor's update must not cost us the number behind it. Every simple value stays text,
so that ``007`` and a code that is no number come through as they were written.
"""

from collections.abc import Iterator
from typing import Any

from lxml import etree

__all__ = ["Shape", "message_shape"]


class Shape:
    """One complex type: its elements by local name, and which of them may stand several times."""

    __slots__ = ("attributes", "elements", "is_open", "item", "lists")

    def __init__(self) -> None:
        """Begin empty; types may hold themselves, so the shape is filled afterwards."""
        self.elements: dict[str, Shape | None] = {}
        """None for simple values."""
        self.lists: set[str] = set()
        self.attributes: set[str] = set()
        """As a mapping calls them: ``@name``, and ``#text`` where text stands beside them."""
        self.is_open = False
        """True where the schema allows any element."""
        self.item: Shape | str | None = ""
        """The shape of the items where this is a SOAP-encoded array; the empty text where it is none."""

    @property
    def is_array(self) -> bool:
        """Return whether this is a SOAP-encoded array."""
        return self.item != ""

    @property
    def fields(self) -> set[str]:
        """Return every name that may be sent here."""
        return {*self.elements, *self.attributes}


def message_shape(message: Any) -> Shape:
    """Return the shape of a whole message: the wrapper's content, or the parts of an rpc message.

    ``message`` is an abstract message of zeep: its parts have an element or a type.
    """
    memo: dict[int, Shape] = {}
    parts = list(message.parts.items())
    if len(parts) == 1 and parts[0][1].element is not None:
        return _shape(parts[0][1].element.type, memo) or Shape()
    shape = Shape()
    for name, part in parts:
        shape.elements[name] = _shape(part.type if part.element is None else part.element.type, memo)
    return shape


def _shape(xsd_type: Any, memo: dict[int, Shape]) -> Shape | None:
    elements = getattr(xsd_type, "elements", None)
    if elements is None:
        return None
    if id(xsd_type) in memo:
        return memo[id(xsd_type)]
    shape = memo[id(xsd_type)] = Shape()
    if xsd_type._array_type is not None:
        shape.is_open = True
        shape.item = _shape(xsd_type._array_type.array_type, memo)
        return shape
    for name, element, is_list in _elements(xsd_type):
        if name is None:
            shape.is_open = True
        elif name == "_value_1":
            shape.attributes.add("#text")
        else:
            shape.elements[name] = _shape(element.type, memo)
            if is_list:
                shape.lists.add(name)
    shape.attributes.update(f"@{attribute.name}" for _, attribute in xsd_type.attributes if attribute.name)
    return shape


def _elements(xsd_type: Any) -> Iterator[tuple[str | None, Any, bool]]:
    for _, element in xsd_type.elements:
        qname = getattr(element, "qname", None)
        name = None if qname is None else etree.QName(qname).localname
        yield name, element, bool(getattr(element, "accepts_multiple", False))
