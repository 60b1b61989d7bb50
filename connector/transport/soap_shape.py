"""The shape of a message by its WSDL: which elements there are, and which of them are lists.

Answers are read with it and not with zeep's own reader, which drops everything after an element that it does not
know: one new element in a vendor's update must not cost us the number behind it. Every simple value stays text,
so that ``007`` and a code that is no number come through as they were written.
"""

from collections.abc import Iterator
from typing import Any

from lxml import etree

__all__ = ["Shape", "message_shape", "read_element"]

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


class Shape:
    """One complex type: its elements by local name, and which of them may stand several times."""

    __slots__ = ("elements", "is_open", "lists")

    def __init__(self) -> None:
        """Begin empty; types may hold themselves, so the shape is filled afterwards."""
        self.elements: dict[str, Shape | None] = {}
        """None for simple values."""
        self.lists: set[str] = set()
        self.is_open = False
        """True where the schema allows any element."""


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


def read_element(element: etree._Element, shape: Shape | None) -> Any:
    """Return an element as plain values: a dict, or text for one without children and attributes.

    Elements that the shape does not know are read all the same, as lists where they stand several times.
    Attributes are called ``@name``, and the text beside attributes ``#text``. An element that is nil is None.
    """
    if element.get(f"{_XSI}nil") in {"true", "1"}:
        return None
    attributes = {
        f"@{etree.QName(str(name)).localname}": str(value)
        for name, value in element.attrib.items()
        if not str(name).startswith(_XSI)
    }
    children = [child for child in element if isinstance(child.tag, str)]
    is_simple = shape is None or not (shape.elements or shape.is_open)
    if not children and is_simple:
        text = element.text or ""
        return {**attributes, "#text": text} if attributes else text
    values: dict[str, Any] = dict(attributes)
    for name in shape.lists if shape else ():
        values[name] = []
    for child in children:
        _add(values, etree.QName(child).localname, child, shape)
    return values


def _add(values: dict[str, Any], name: str, child: etree._Element, shape: Shape | None) -> None:
    value = read_element(child, shape.elements.get(name) if shape else None)
    if name not in values:
        values[name] = value
    elif isinstance(values[name], list):
        values[name].append(value)
    else:
        values[name] = [values[name], value]


def _shape(xsd_type: Any, memo: dict[int, Shape]) -> Shape | None:
    elements = getattr(xsd_type, "elements", None)
    if elements is None:
        return None
    if id(xsd_type) in memo:
        return memo[id(xsd_type)]
    shape = memo[id(xsd_type)] = Shape()
    for name, element, is_list in _elements(xsd_type):
        if name is None:
            shape.is_open = True
            continue
        shape.elements[name] = _shape(element.type, memo)
        if is_list:
            shape.lists.add(name)
    return shape


def _elements(xsd_type: Any) -> Iterator[tuple[str | None, Any, bool]]:
    for _, element in xsd_type.elements:
        qname = getattr(element, "qname", None)
        name = None if qname is None else etree.QName(qname).localname
        yield name, element, bool(getattr(element, "accepts_multiple", False))
