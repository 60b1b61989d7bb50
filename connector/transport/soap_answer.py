"""Reading SOAP answers: no entities, no document type, no network; faults of both versions."""

from dataclasses import dataclass
from typing import Any, Final, cast

from lxml import etree

__all__ = ["SoapFault", "envelope_body"]

_ENVELOPES: Final = (
    "http://schemas.xmlsoap.org/soap/envelope/",
    "http://www.w3.org/2003/05/soap-envelope",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class SoapFault:
    """What the other side calls a fault."""

    code: str
    text: str


def envelope_body(answer: bytes) -> SoapFault | Any:
    """Return the Body element of a SOAP 1.1 or 1.2 answer, or the fault in it.

    Raise ValueError when it is not a whole SOAP envelope, or has a document type.
    """
    # Its size was bounded while it was received; a single long text is allowed.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, remove_comments=True
    )
    try:
        root = etree.fromstring(answer, parser)
    except etree.XMLSyntaxError:
        raise ValueError("not XML") from None
    if cast(Any, root.getroottree().docinfo).doctype:
        raise ValueError("a document type is not allowed")
    for namespace in _ENVELOPES:
        if root.tag == f"{{{namespace}}}Envelope":
            body = root.find(f"{{{namespace}}}Body")
            if body is None:
                raise ValueError("no body")
            fault = body.find(f"{{{namespace}}}Fault")
            return body if fault is None else _fault(fault)
    raise ValueError("no envelope")


def _fault(fault: etree._Element) -> SoapFault:
    names = {etree.QName(child).localname: child for child in fault if isinstance(child.tag, str)}
    if "faultcode" in names or "faultstring" in names:
        return SoapFault(code=_text(names.get("faultcode")), text=_text(names.get("faultstring")))
    codes = [_text(element) for element in names["Code"].iter("{*}Value")] if "Code" in names else []
    texts = [_text(element) for element in names["Reason"].iter("{*}Text")] if "Reason" in names else []
    # The innermost code is the office's own, the outer ones only say whose fault it was.
    return SoapFault(code=codes[-1] if codes else "", text=" ".join(texts))


def _text(element: etree._Element | None) -> str:
    return "" if element is None else (element.text or "").strip()
