"""From the elements of an answer to plain values: dicts, lists and text, by local names.

Messages in SOAP encoding say each thing once and refer to it (``href="#id1"``, SOAP 1.1 section 5.4.1): Axis 1 puts
every object beside the answer. SOAP 1.2 refers to it where it stands first (``enc:ref``, part 2 section 3.1.5). What is
referred to is read where it is referred to.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from lxml import etree

from connector.transport.soap_shape import Shape

__all__ = ["AnswerReader", "read_element"]

_XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
_ENCODING: Final = "{http://schemas.xmlsoap.org/soap/encoding/}"
_ENCODING_12: Final = "{http://www.w3.org/2003/05/soap-encoding}"
_NIL: Final = f"{_XSI}nil"
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
        self._body = body
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
        told = element.items()
        is_array = shape is not None and shape.is_array
        if told:  # most elements have no attributes, and then none of this
            target = self._referred_to(element)
            if target is not None:
                return self.read(target, shape, depth + 1)
            if element.get(_NIL) in {"true", "1"}:
                return None
            is_array = is_array or _is_array(element)
        if is_array:
            item = shape.item if shape is not None and isinstance(shape.item, Shape) else None
            return [self.read(child, item, depth + 1) for child in element if isinstance(child.tag, str)]
        attributes = self._attributes(told) if told else {}
        is_simple = shape is None or not (shape.elements or shape.is_open)
        if is_simple and not any(isinstance(child.tag, str) for child in element):
            text = element.text or ""
            return {**attributes, "#text": text} if attributes else text
        return self._fields(element, attributes, shape, depth)

    def _referred_to(self, element: etree._Element) -> etree._Element | None:
        named = element.get(f"{_ENCODING_12}ref")
        target: etree._Element | None
        if named is not None:
            target = self._marked(named.removeprefix("#"))
        else:
            target = self._targets.get(element.get("href") or "") if self._targets else None
        if target is not None:
            self._left -= 1
            if self._left < 0:
                raise ValueError("too many references")
        return target

    def _marked(self, name: str) -> etree._Element:
        for element in () if self._body is None else self._body.iter("{*}*"):
            if element.get(f"{_ENCODING_12}id") == name:
                return element
        raise ValueError("a reference leads nowhere")

    def _fields(
        self,
        element: etree._Element,
        values: dict[str, Any],
        shape: Shape | None,
        depth: int,
    ) -> dict[str, Any]:
        inner: Mapping[str, Shape | None] = shape.elements if shape else {}
        several = set(shape.lists) if shape and shape.lists else set()
        for name in several:
            values[name] = []
        parent = _local_name(element.tag) if self._lists else ""
        for child in element:
            tag: Any = child.tag
            if not isinstance(tag, str):
                continue
            name = _local_name(tag)
            within = inner.get(name)
            if within is None and not len(child) and not child.keys():
                value: Any = child.text or ""  # as `read` has it; most elements are such
            else:
                value = self.read(child, within, depth + 1)
            if name in several:
                values[name].append(value)
            elif name in values:
                several.add(name)
                values[name] = [values[name], value]
            elif self._lists and (name in self._lists or f"{parent}/{name}" in self._lists):
                several.add(name)
                values[name] = [value]
            else:
                values[name] = value
        return values

    def _attributes(self, told: Sequence[tuple[Any, Any]]) -> dict[str, Any]:
        return {
            f"@{_local_name(str(name))}": str(value)
            for name, value in told
            if not str(name).startswith(_SILENT) and not (name == "id" and f"#{value}" in self._targets)
        }


def _local_name(tag: Any) -> str:
    name: str = tag.rpartition("}")[2]
    return name


def _is_array(element: etree._Element) -> bool:
    return (
        element.get(f"{_ENCODING}arrayType") is not None
        or element.get(f"{_ENCODING_12}itemType") is not None
        or element.get(f"{_ENCODING_12}arraySize") is not None
        or (element.get(f"{_XSI}type") or "").rpartition(":")[2] == "Array"
    )
