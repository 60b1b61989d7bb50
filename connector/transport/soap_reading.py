"""From the elements of an answer to plain values: dicts, lists and text, by local names.

Messages in SOAP encoding say each thing once and refer to it (``href="#id1"``, SOAP 1.1 section 5.4.1): Axis 1 puts
every object beside the answer. What is referred to is read where it is referred to.
"""

from collections.abc import Collection
from typing import Any, Final

from lxml import etree

from connector.transport.soap_shape import Shape

__all__ = ["AnswerReader", "read_element"]

_XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
_ENCODING: Final = "{http://schemas.xmlsoap.org/soap/encoding/}"
_SILENT: Final = (
    _XSI,
    _ENCODING,
    "{http://schemas.xmlsoap.org/soap/envelope/}",
    "{http://www.w3.org/2003/05/soap-",
)
"""Namespaces of attributes that are SOAP's own and no part of the message."""
_MOST_REFERENCES: Final = 20_000
_DEEPEST: Final = 200


def read_element(element: etree._Element, shape: Shape | None) -> Any:
    """Return one element as plain values; see ``AnswerReader``."""
    return AnswerReader().read(element, shape)


class AnswerReader:
    """Reads one answer. Made anew for each."""

    def __init__(self, body: etree._Element | None = None, lists: Collection[str] = ()) -> None:
        """Keep the body, in which elements may refer to each other, and the names of elements that are lists.

        A name is that of the element, or ``parent/element`` where it is a list in one place only.
        """
        self._lists = lists
        self._targets: dict[str, etree._Element] = {}
        self._left = _MOST_REFERENCES
        if body is not None:
            for child in list(body)[1:]:
                target = child.get("id")
                if target and isinstance(child.tag, str):
                    self._targets[f"#{target}"] = child

    def read(self, element: etree._Element, shape: Shape | None, depth: int = 0) -> Any:
        """Return an element as plain values: a dict, or text for one without children and attributes.

        Elements that the shape does not know are read all the same, as lists where they stand several times.
        Attributes are called ``@name``, and the text beside attributes ``#text``. An element that is nil is None,
        a SOAP-encoded array a list. Raise ValueError where references lead into themselves.
        """
        if depth > _DEEPEST:
            raise ValueError("nested too deep")
        href = element.get("href") if self._targets else None
        if href in self._targets:
            self._left -= 1
            if self._left < 0:
                raise ValueError("too many references")
            return self.read(self._targets[href], shape, depth + 1)
        if element.get(f"{_XSI}nil") in {"true", "1"}:
            return None
        children = [child for child in element if isinstance(child.tag, str)]
        if (shape is not None and shape.is_array) or _is_array(element):
            item = shape.item if shape is not None and isinstance(shape.item, Shape) else None
            return [self.read(child, item, depth + 1) for child in children]
        attributes = self._attributes(element)
        is_simple = shape is None or not (shape.elements or shape.is_open)
        if not children and is_simple:
            text = element.text or ""
            return {**attributes, "#text": text} if attributes else text
        return self._fields(element, children, attributes, shape, depth)

    def _fields(
        self,
        element: etree._Element,
        children: list[etree._Element],
        values: dict[str, Any],
        shape: Shape | None,
        depth: int,
    ) -> dict[str, Any]:
        lists = set(shape.lists) if shape else set()
        for name in lists:
            values[name] = []
        parent = etree.QName(element).localname if self._lists else ""
        for child in children:
            name = etree.QName(child).localname
            value = self.read(child, shape.elements.get(name) if shape else None, depth + 1)
            if name in lists:
                values[name].append(value)
            elif name in values:
                lists.add(name)
                values[name] = [values[name], value]
            elif name in self._lists or f"{parent}/{name}" in self._lists:
                lists.add(name)
                values[name] = [value]
            else:
                values[name] = value
        return values

    def _attributes(self, element: etree._Element) -> dict[str, Any]:
        if not element.attrib:
            return {}
        attributes = [(str(name), str(value)) for name, value in element.attrib.items()]
        return {
            f"@{etree.QName(name).localname}": value
            for name, value in attributes
            if not name.startswith(_SILENT) and not (name == "id" and f"#{value}" in self._targets)
        }


def _is_array(element: etree._Element) -> bool:
    return (
        element.get(f"{_ENCODING}arrayType") is not None
        or (element.get(f"{_XSI}type") or "").rpartition(":")[2] == "Array"
    )
