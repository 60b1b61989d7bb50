"""XML inside a text: read without entities, document types and network, and checked before it is sent."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from lxml import etree

from connector.errors import NotPossible
from connector.mapping.expressions import CompiledExpression
from connector.mapping.reading import Reply
from connector.transport.soap_reading import read_element
from connector.transport.strict_xml import strict_parser

__all__ = ["is_true", "read_inner_xml", "read_xml_text", "xml_complaint"]


def read_inner_xml(reply: Reply, place: CompiledExpression) -> Reply:
    """Return the reply with the XML inside its text as its content, and what was around it as ``outer``.

    The content is a dict of the root's local name. It is None where the text is not there or empty, and the reply
    cannot be read where the text is no XML.
    """
    if reply.fault is not None or not reply.is_readable:
        return reply
    try:
        text = place.search({"reply": reply.content, "http": {"status": reply.status}})
        content = read_xml_text(text) if text is not None else None
    except (NotPossible, ValueError, etree.XMLSyntaxError):
        return replace(reply, outer=reply.content, content=None, is_readable=False)
    return replace(reply, outer=reply.content, content=content)


def read_xml_text(text: object) -> dict[str, Any] | None:
    """Return a text of XML as plain values under the root's local name; None for an empty text.

    Its size was bounded when the answer was received. Raise ValueError when it is no text or has a document type, and
    lxml's XMLSyntaxError when it is no XML.
    """
    if not isinstance(text, str):
        raise ValueError("no text")  # noqa: TRY004 - one error for whatever is no XML
    if not text.strip("\ufeff \t\r\n"):
        return None
    root = _parsed(text)
    return {etree.QName(root).localname: read_element(root, None)}


def xml_complaint(text: str) -> str | None:
    """Return where and why this text is no XML; None where it is. Nothing of the text is repeated."""
    try:
        _parsed(text)
    except etree.XMLSyntaxError as error:
        line, _ = error.position
        return f"line {line} of what is written is no XML"
    except ValueError as error:
        return str(error)
    return None


def is_true(value: object) -> bool:
    """Return whether a condition holds: as in JMESPath null, false and what is empty do not."""
    return not (value is None or value is False or (isinstance(value, str | Mapping | list) and not value))


def _parsed(text: str) -> etree._Element:
    # The declaration may name another encoding than the one that the text came in: what counts is the text.
    parser = strict_parser(remove_comments=True, remove_pis=True, encoding="utf-8")
    # Some vendors begin a text with the mark of its encoding.
    root = etree.fromstring(text.lstrip("\ufeff").strip().encode("utf-8", "surrogatepass"), parser)
    if cast(Any, root.getroottree().docinfo).doctype:
        raise ValueError("a document type is not allowed")
    return root
