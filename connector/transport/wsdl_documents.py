"""WSDL and schema documents as they lie on disk: parsed without entities and DTD, with what they import."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from lxml import etree

from connector.transport.strict_xml import strict_parser

__all__ = [
    "DOCUMENT_LIMIT",
    "WSDL",
    "XSD",
    "DocumentBroken",
    "Reference",
    "parse_document",
    "read_document",
    "references",
]

DOCUMENT_LIMIT: Final = 16 * 1024 * 1024
"""Bytes of one document."""

WSDL: Final = "http://schemas.xmlsoap.org/wsdl/"
XSD: Final = "http://www.w3.org/2001/XMLSchema"

_KINDS: Final = {
    f"{{{WSDL}}}import": "location",
    f"{{{XSD}}}import": "schemaLocation",
    f"{{{XSD}}}include": "schemaLocation",
    f"{{{XSD}}}redefine": "schemaLocation",
    f"{{{XSD}}}override": "schemaLocation",
}
"""Elements that refer to another document, and the attribute that says where it is."""


class DocumentBroken(Exception):
    """A document cannot be read; the argument says why, in a sentence's second half."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One place in a document that refers to another document."""

    element: etree._Element
    attribute: str

    @property
    def kind(self) -> str:
        """Return what the element is called: import, include, redefine or override."""
        return etree.QName(self.element).localname

    @property
    def is_wsdl(self) -> bool:
        """Return whether a WSDL is referred to and not a schema."""
        return self.attribute == "location"

    @property
    def namespace(self) -> str | None:
        """Return the namespace that is imported; an include takes that of its own schema."""
        if self.kind == "import":
            return self.element.get("namespace")
        schema = next(self.element.iterancestors(f"{{{XSD}}}schema"), None)
        return None if schema is None else schema.get("targetNamespace")

    @property
    def location(self) -> str | None:
        """Return where the document says that the other one is."""
        return (self.element.get(self.attribute) or "").strip() or None

    @property
    def line(self) -> int:
        """Return the line of the place."""
        line: Any = self.element.sourceline
        return int(line or 0)

    def point_to(self, location: str) -> None:
        """Let the document say that the other one is here."""
        self.element.set(self.attribute, location)


def parse_document(content: bytes) -> etree._Element:
    """Return the root. Raise DocumentBroken where it is no XML, is too large, or has a DTD or entities."""
    if len(content) > DOCUMENT_LIMIT:
        raise DocumentBroken(f"it is larger than {DOCUMENT_LIMIT // (1024 * 1024)} MB.")
    parser = strict_parser(remove_pis=True)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise DocumentBroken(f"it is not XML (line {error.lineno}).") from None
    if cast(Any, root.getroottree().docinfo).doctype:
        raise DocumentBroken("it has a document type or entities of its own, and those are not read.")
    return root


def read_document(path: Path) -> bytes:
    """Return the content of a file, bounded. Raise DocumentBroken where it cannot be read."""
    try:
        with path.open("rb") as stream:
            content = stream.read(DOCUMENT_LIMIT + 1)
    except OSError as error:
        raise DocumentBroken(f"it cannot be read ({error.strerror}).") from None
    if len(content) > DOCUMENT_LIMIT:
        raise DocumentBroken(f"it is larger than {DOCUMENT_LIMIT // (1024 * 1024)} MB.")
    return content


def references(root: etree._Element) -> Iterator[Reference]:
    """Yield every place that refers to another document, in the order of the document."""
    for element in root.iter(*_KINDS):
        yield Reference(element, _KINDS[str(element.tag)])
