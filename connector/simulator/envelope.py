"""Reading SOAP envelopes in pieces: no entities, no DTD, bounded; attachments are digested and not kept."""

import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Any, Final

from lxml import etree

from connector.simulator.records import AttachmentMark
from connector.transport.strict_xml import strict_parser

__all__ = ["ContentDigest", "Element", "EnvelopeBroken", "read_envelope", "soap_fault", "soap_reply"]

SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"

_PIECE: Final = 64 * 1024
_DEEPEST: Final = 12
_LONGEST_TEXT: Final = 1024 * 1024
_DIGESTED: Final = "content"


class EnvelopeBroken(Exception):
    """The request is not a SOAP 1.1 envelope of this contract; the argument says why."""


class ContentDigest:
    """Takes base64 text in pieces of any length and keeps only the size and SHA-256 of what it decodes to."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._hash = hashlib.sha256()
        self._rest = ""
        self.size = 0

    def feed(self, text: str) -> None:
        """Take the next piece. Raise EnvelopeBroken when it is no base64."""
        joined = self._rest + "".join(text.split())
        whole = len(joined) - len(joined) % 4
        self._rest = joined[whole:]
        try:
            piece = binascii.a2b_base64(joined[:whole], strict_mode=True) if whole else b""
        except (binascii.Error, ValueError):
            raise EnvelopeBroken("attachment content is not base64") from None
        self._hash.update(piece)
        self.size += len(piece)

    def mark(self, name: str) -> AttachmentMark:
        """Return what the file is known by. Raise EnvelopeBroken when the last piece was cut."""
        if self._rest:
            raise EnvelopeBroken("attachment content ends inside a base64 group")
        return AttachmentMark(name=name, size=self.size, digest=self._hash.hexdigest())


@dataclass(slots=True)
class Element:
    """One element, read: its local name, namespace, text and children."""

    name: str
    namespace: str
    text: str = ""
    children: "list[Element]" = field(default_factory=list)
    digest: ContentDigest | None = None
    """In place of the text, for attachment contents."""

    def one(self, name: str) -> "Element | None":
        """Return the first child of this name."""
        return next((child for child in self.children if child.name == name), None)

    def all(self, name: str) -> "list[Element]":
        """Return every child of this name."""
        return [child for child in self.children if child.name == name]

    def values(self) -> Mapping[str, str]:
        """Return the text of the children that have no children of their own."""
        return {child.name: child.text for child in self.children if not child.children}


class _Target:
    """What lxml tells of the document, event by event."""

    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._texts: list[str] = []
        self._text_size = 0

    def start(self, tag: str, _attributes: Mapping[str, str]) -> None:
        namespace, _, name = tag.rpartition("}")
        element = Element(name, namespace.lstrip("{"))
        if name == _DIGESTED:
            element.digest = ContentDigest()
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)
        self._texts = []
        if len(self._open) > _DEEPEST:
            raise EnvelopeBroken("too deep")

    def data(self, text: str) -> None:
        digest = self._open[-1].digest if self._open else None
        if digest is not None:
            digest.feed(text)
            return
        self._text_size += len(text)
        if self._text_size > _LONGEST_TEXT:
            raise EnvelopeBroken("too much text")
        self._texts.append(text)

    def end(self, _tag: str) -> None:
        element = self._open.pop()
        if not element.children:
            element.text = "".join(self._texts)
        self._texts = []

    def doctype(self, *_: object) -> None:
        raise EnvelopeBroken("a document type is not allowed")

    def close(self) -> Element | None:
        return self.root


def read_envelope(body: IO[bytes]) -> Element:
    """Return the one element in the SOAP body. Raise EnvelopeBroken when there is none or the XML is bad."""
    target = _Target()
    parser: Any = strict_parser(target=target)
    try:
        while piece := body.read(_PIECE):
            parser.feed(piece)
        parser.close()
    except etree.XMLSyntaxError as error:
        raise EnvelopeBroken(f"not well-formed XML (line {error.lineno})") from None
    return _operation(target.root)


def _operation(root: Element | None) -> Element:
    if root is None or (root.namespace, root.name) != (SOAP, "Envelope"):
        raise EnvelopeBroken("not a SOAP 1.1 envelope")
    soap_body = root.one("Body")
    if soap_body is None or len(soap_body.children) != 1:
        raise EnvelopeBroken("the SOAP body must hold one element")
    return soap_body.children[0]


def soap_reply(content: etree._Element) -> bytes:
    """Return the envelope around an answer, as bytes."""
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    etree.SubElement(envelope, f"{{{SOAP}}}Body").append(content)
    return bytes(etree.tostring(envelope, xml_declaration=True, encoding="UTF-8"))


def soap_fault(code: str, text: str) -> bytes:
    """Return an envelope with a fault: ``Client`` where the request is wrong, ``Server`` elsewhere."""
    fault = etree.Element(f"{{{SOAP}}}Fault", nsmap={"soap": SOAP})
    etree.SubElement(fault, "faultcode").text = f"soap:{code}"
    etree.SubElement(fault, "faultstring").text = text
    return soap_reply(fault)
