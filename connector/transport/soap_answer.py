"""Reading SOAP answers: no entities, no document type, no network; faults of both versions."""

from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, cast

from lxml import etree

from connector.transport.soap_envelope import SoapVersion
from connector.transport.strict_xml import strict_parser

__all__ = ["SoapFault", "envelope_body", "parsed"]

_MOST_WORDS: Final = 500
"""Elements of a fault's detail that are looked at."""
_LONGEST_WORD: Final = 200
_NAMES: Final = {
    f"{{{version.namespace}}}Envelope": (f"{{{version.namespace}}}Body", f"{{{version.namespace}}}Fault")
    for version in SoapVersion
}
"""Of each version the names of body and fault, by that of the envelope."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SoapFault:
    """What the other side calls a fault."""

    code: str
    text: str
    detail: frozenset[str] = frozenset()
    """The local names of the elements in its detail, and their short texts.

    The fault's text is for people, and often in their language; what the office declares stands here."""

    @property
    def is_of_version(self) -> bool:
        """Return whether the other side speaks another version of SOAP, and so did not read the message."""
        return self.code.rpartition(":")[2] == "VersionMismatch"


def parsed(content: bytes) -> etree._Element:
    """Return the root of XML that another system sent. Raise ValueError where it is none, or has a document type."""
    # Its size was bounded while it was received; a single long text is allowed.
    parser = strict_parser(remove_comments=True)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError:
        raise ValueError("not XML") from None
    if cast(Any, root.getroottree().docinfo).doctype:
        raise ValueError("a document type is not allowed")
    return root


def envelope_body(answer: bytes | etree._Element) -> SoapFault | Any:
    """Return the Body element of a SOAP 1.1 or 1.2 answer, or the fault in it.

    Raise ValueError when it is not a whole SOAP envelope, or has a document type.
    """
    root = parsed(answer) if isinstance(answer, bytes) else answer
    names = _NAMES.get(str(root.tag))
    if names is None:
        raise ValueError("no envelope")
    body = next(root.iterchildren(names[0]), None)
    if body is None:
        raise ValueError("no body")
    fault = next(body.iterchildren(names[1]), None)
    return body if fault is None else _fault(fault)


def _fault(fault: etree._Element) -> SoapFault:
    names = {etree.QName(child).localname: child for child in fault if isinstance(child.tag, str)}
    detail = _words(names.get("detail" if "faultcode" in names or "faultstring" in names else "Detail"))
    if "faultcode" in names or "faultstring" in names:
        return SoapFault(
            code=_text(names.get("faultcode")), text=_text(names.get("faultstring")), detail=detail
        )
    codes = [_text(element) for element in names["Code"].iter("{*}Value")] if "Code" in names else []
    texts = [_text(element) for element in names["Reason"].iter("{*}Text")] if "Reason" in names else []
    # The innermost code is the office's own, the outer ones only say whose fault it was.
    return SoapFault(code=codes[-1] if codes else "", text=" ".join(texts), detail=detail)


def _words(detail: etree._Element | None) -> frozenset[str]:
    words: set[str] = set()
    for element in () if detail is None else islice(detail.iterdescendants("{*}*"), _MOST_WORDS):
        told = (etree.QName(element).localname, _text(element))
        words.update(word for word in told if 0 < len(word) <= _LONGEST_WORD)
    return frozenset(words)


def _text(element: etree._Element | None) -> str:
    return "" if element is None else (element.text or "").strip()
