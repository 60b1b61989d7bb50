"""How a vendor's office speaks SOAP: requests of both versions read, with files beside them; answers and faults."""

import binascii
import re
from typing import Any, Final
from urllib.parse import unquote

from lxml import etree

from connector.mapping.schema_parts import BESIDE
from connector.simulator.exchange import Reply, Request
from connector.simulator.vendor.asking import Message
from connector.simulator.vendor.plain_xml import parsed_xml, plain_values
from connector.transport.soap_parts import unnamed

__all__ = ["SoapBroken", "read_soap", "soap_answer", "soap_failure", "xml_text"]

_ONE: Final = "http://schemas.xmlsoap.org/soap/envelope/"
_TWO: Final = "http://www.w3.org/2003/05/soap-envelope"
_BOUNDARY: Final = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)
_IN_BASE64: Final = re.compile(rb"^content-transfer-encoding:\s*base64\s*$", re.IGNORECASE | re.MULTILINE)
_CONTENT_ID: Final = re.compile(rb"^content-id:\s*<?([^>\r\n]+)>?", re.IGNORECASE | re.MULTILINE)


class SoapBroken(Exception):
    """The request is no SOAP; the argument says why."""


def read_soap(request: Request) -> Message:
    """Return what a SOAP request asks. Raise SoapBroken where it is none."""
    body = request.body.read()
    boundary = _BOUNDARY.search(request.headers.get("content-type", ""))
    files: dict[str, bytes] = {}
    if boundary and body.lstrip().startswith(b"--"):
        body, files = _parts(body, boundary[1].encode())
    root = _root(body)
    space = etree.QName(root).namespace or ""
    soap_body = root.find(f"{{{space}}}Body")
    content = (
        next((each for each in soap_body if isinstance(each.tag, str)), None)
        if soap_body is not None
        else None
    )
    if space not in {_ONE, _TWO} or content is None:
        raise SoapBroken("it is no SOAP envelope with one element in its body")
    return Message(
        call=etree.QName(content).localname,
        namespace=etree.QName(content).namespace or "",
        envelope=space,
        method=request.method,
        path=request.path,
        query=request.query,
        headers=request.headers,
        fields=_with_files(content, files, unnamed(body, files)),
        soap_header=[plain_values(block) for block in root.iterfind(f"{{{space}}}Header/*")],
    )


def soap_answer(message: Message, content: etree._Element | str, status: int = 200) -> Reply:
    """Return the envelope around an answer, in the version of the request."""
    if isinstance(content, str):
        content = etree.fromstring(content.strip().encode())
    space = message.envelope or _ONE
    envelope = etree.Element(f"{{{space}}}Envelope", nsmap={"soap": space})
    etree.SubElement(envelope, f"{{{space}}}Body").append(content)
    written = bytes(etree.tostring(envelope, xml_declaration=True, encoding="UTF-8"))
    kind = "application/soap+xml" if space == _TWO else "text/xml"
    return Reply(status, written, f"{kind}; charset=utf-8")


def soap_failure(message: Message, code: str, text: str, detail: str = "", status: int = 500) -> Reply:
    """Return a fault, in the version of the request; ``detail`` is a word that stands in its detail."""
    space = message.envelope or _ONE
    fault = etree.Element(f"{{{space}}}Fault", nsmap={"soap": space})
    if space == _ONE:
        etree.SubElement(fault, "faultcode").text = code
        etree.SubElement(fault, "faultstring").text = text
        told = etree.SubElement(fault, "detail") if detail else None
    else:
        outer = etree.SubElement(fault, f"{{{space}}}Code")
        etree.SubElement(outer, f"{{{space}}}Value").text = "soap:Receiver"
        inner = etree.SubElement(outer, f"{{{space}}}Subcode")
        etree.SubElement(inner, f"{{{space}}}Value").text = code
        reason = etree.SubElement(fault, f"{{{space}}}Reason")
        etree.SubElement(reason, f"{{{space}}}Text").text = text
        told = etree.SubElement(fault, f"{{{space}}}Detail") if detail else None
    if told is not None:
        etree.SubElement(told, "fault").text = detail
    return soap_answer(message, fault, status)


def _root(body: bytes) -> etree._Element:
    try:
        return parsed_xml(body)
    except etree.XMLSyntaxError as error:
        raise SoapBroken(f"it is no well-formed XML (line {error.lineno})") from None
    except ValueError as error:
        raise SoapBroken(str(error)) from None


def _parts(body: bytes, boundary: bytes) -> tuple[bytes, dict[str, bytes]]:
    """Return the first part of a message with files beside it, and the files by their content id."""
    pieces = []
    for piece in body.split(b"--" + boundary)[1:-1]:
        head, _, content = piece.partition(b"\r\n\r\n")
        name = _CONTENT_ID.search(head.lstrip())
        content = content.removesuffix(b"\r\n")
        if _IN_BASE64.search(head):
            content = binascii.a2b_base64(content)
        pieces.append((name[1].decode() if name else "", content))
    if not pieces:
        raise SoapBroken("it has no parts")
    return pieces[0][1], dict(pieces[1:])


def _with_files(content: etree._Element, files: dict[str, bytes], beside: list[bytes]) -> Any:
    """Return the element as plain values; what came beside the envelope is bytes, also what nothing names."""
    fields = plain_values(content)
    fields = _included(fields, files) if files else fields
    return {**(fields if isinstance(fields, dict) else {}), BESIDE: beside} if beside else fields


def _included(value: Any, files: dict[str, bytes]) -> Any:
    if isinstance(value, dict):
        # MTOM names a file in an element of its own, SwA in an attribute or in the text.
        include = value.get("Include", value)
        if isinstance(include, dict) and str(include.get("@href", "")).startswith("cid:"):
            return files.get(unquote(str(include["@href"]).removeprefix("cid:")), b"")
        return {name: _included(inner, files) for name, inner in value.items()}
    if isinstance(value, list):
        return [_included(inner, files) for inner in value]
    is_name = isinstance(value, str) and value.startswith("cid:")
    return files.get(unquote(value.removeprefix("cid:")), value) if is_name else value


def xml_text(content: Any) -> str:
    """Return plain values under one name as a text of XML."""
    values = content if isinstance(content, dict) and content else {"reply": None}
    name, inner = next(iter(values.items()))
    root = etree.Element(name)
    _put(root, inner)
    return etree.tostring(root, encoding="unicode")


def _put(element: etree._Element, value: Any) -> None:
    if not isinstance(value, dict):
        element.text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        return
    for name, inner in value.items():
        if name == "#text":
            element.text = str(inner)
        elif name.startswith("@"):
            element.set(name[1:], str(inner))
        else:
            for item in inner if isinstance(inner, list) else [inner]:
                _put(etree.SubElement(element, name), item)
