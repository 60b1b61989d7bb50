"""An XML file as a small tree of local names, bounded in depth and number, without entities, DTD and network."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree

from adapters.offices.ece.decoding import xml_text
from adapters.offices.ece.unreadable import Unreadable
from connector.transport.strict_xml import strict_parser

__all__ = ["Element", "read_document"]

_DEEPEST: Final = 24
_MOST_ELEMENTS: Final = 5000
_MOST_ATTRIBUTES: Final = 64
_PIECE: Final = 64 * 1024
_KEPT_TEXT: Final = 1024 * 1024
"""Letters of text kept of one element: what is longer is a file that nobody here reads."""


@dataclass(slots=True)
class Element:
    """One element. Names are local and small: some programs write namespaces, some capitals."""

    name: str
    attributes: Mapping[str, str]
    children: list["Element"] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text directly inside."""
        return "".join(self.pieces).strip()

    def attribute(self, name: str) -> str:
        """Return an attribute, trimmed; empty where it is missing."""
        return self.attributes.get(name.casefold(), "").strip()

    def all(self, name: str) -> list["Element"]:
        """Return the children of this name: any child may be repeated."""
        wanted = name.casefold()
        return [child for child in self.children if child.name == wanted]

    def first_text(self, name: str) -> str:
        """Return the text of the first child of this name that has any."""
        return next((child.text for child in self.all(name) if child.text), "")

    def walk(self) -> Iterator["Element"]:
        """Yield this element and all below it, in the order of the document."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting.extend(reversed(element.children))


def read_document(content: bytes) -> Element:
    """Return the document's tree. Raise Unreadable where it is not XML, or not what a letter can be."""
    text = xml_text(content)
    builder: Any = _Builder()
    # What huge trees permit besides a file in base64 is bounded by the builder.
    parser: Any = strict_parser(target=builder, remove_comments=True, remove_pis=True, encoding="utf-8")
    try:
        for start in range(0, len(text), _PIECE):
            parser.feed(text[start : start + _PIECE].encode("utf-8"))
        root = parser.close()
    except (etree.LxmlError, ValueError):
        raise Unreadable("not_xml") from None
    if not isinstance(root, Element):
        raise Unreadable("not_xml")
    return root


class _Builder:
    """Takes the parser's events; what is too much ends the parsing at once."""

    def __init__(self) -> None:
        self._root: Element | None = None
        self._way: list[Element] = []
        self._elements = 0
        self._letters = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._elements += 1
        if self._elements > _MOST_ELEMENTS or len(attributes) > _MOST_ATTRIBUTES:
            raise Unreadable("too_many_elements")
        if len(self._way) >= _DEEPEST:
            raise Unreadable("too_deep")
        element = Element(_local(tag), {_local(name): value for name, value in attributes.items()})
        if self._way:
            self._way[-1].children.append(element)
        else:
            self._root = element
        self._way.append(element)
        self._letters = 0

    def end(self, _tag: str) -> None:
        self._way.pop()
        self._letters = 0

    def data(self, text: str) -> None:
        self._letters += len(text)
        if self._letters <= _KEPT_TEXT:
            self._way[-1].pieces.append(text)

    def close(self) -> Element | None:
        return self._root


def _local(name: str) -> str:
    return name.rpartition("}")[2].casefold()
