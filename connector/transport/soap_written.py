"""SOAP without a WSDL: messages that somebody wrote out, and answers read by the names of their elements."""

from collections.abc import Collection
from typing import Any

from lxml import etree

from connector.errors import NotPossible
from connector.transport.soap_answer import SoapFault, envelope_body, parsed
from connector.transport.soap_envelope import (
    SoapMessage,
    SoapVersion,
    enveloped,
    is_envelope,
    without_declaration,
)
from connector.transport.soap_reading import AnswerReader

__all__ = ["not_a_message", "read_answer", "with_header", "written_message"]


def written_message(version: SoapVersion, text: str, *, header: str = "", action: str = "") -> SoapMessage:
    """Return the message whose body, or whose whole envelope, somebody wrote out.

    The content of a body gets its envelope here, with these blocks in the header; a whole envelope is sent as it is,
    with the blocks in front of its own. Raise NotPossible where the outcome is no XML, or is of another version.
    """
    try:
        if not is_envelope(text):
            envelope = enveloped(version, without_declaration(text), header=header)
            _refuse_empty(parsed(envelope), version)
        else:
            envelope = without_declaration(text).encode()
            _refuse_empty(parsed(envelope), version)
            envelope = with_header(envelope, header) if header else envelope
    except (ValueError, UnicodeEncodeError) as error:
        raise NotPossible(f"The written message cannot be sent: {error}.") from None
    return SoapMessage(envelope=envelope, version=version, action=action)


def not_a_message(text: str) -> str | None:
    """Return what is wrong with a written text; None where it can be the content of a body, or an envelope."""
    version = SoapVersion.V11
    try:
        parsed(without_declaration(text).encode() if is_envelope(text) else enveloped(version, text))
    except (ValueError, UnicodeEncodeError) as error:
        return f"what it writes is {error}"
    return None


def with_header(envelope: bytes, blocks: str) -> bytes:
    """Return the envelope with these blocks in front of those in its header. Raise ValueError where they are no XML."""
    root = parsed(envelope)
    namespace = etree.QName(root).namespace
    written = parsed(f'<a xmlns:soap="{namespace}">{blocks}</a>'.encode())
    header = root.find(f"{{{namespace}}}Header")
    if header is None:
        header = etree.Element(f"{{{namespace}}}Header")
        root.insert(0, header)
    for position, block in enumerate(list(written)):
        header.insert(position, block)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=False)


def read_answer(answer: bytes | etree._Element, lists: Collection[str] = ()) -> SoapFault | Any:
    """Return what the first element in the body holds, as plain values; a SoapFault where there is one.

    ``lists`` names elements that are lists also where one stands alone. Raise ValueError where it is no SOAP answer.
    """
    body = envelope_body(answer)
    if isinstance(body, SoapFault):
        return body
    content = next((child for child in body if isinstance(child.tag, str)), None)
    return {} if content is None else AnswerReader(body, lists).read(content, None)


def _refuse_empty(root: etree._Element, version: SoapVersion) -> None:
    if root.tag != f"{{{version.namespace}}}Envelope":
        raise ValueError(f"it is no envelope of SOAP {version}")
    body = root.find(f"{{{version.namespace}}}Body")
    if body is None or not len(body):
        raise ValueError("its body is empty")
