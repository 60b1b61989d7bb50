"""XML as plain values, as the house's own reader brings them; written apart, for the office is another's program."""

from typing import Any, Final, cast

from lxml import etree

from connector.transport.strict_xml import strict_parser

__all__ = ["parsed_xml", "plain_values"]

_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"


def parsed_xml(text: bytes) -> etree._Element:
    """Return the root. Raise lxml's XMLSyntaxError where it is no XML, and ValueError for a document type."""
    root: etree._Element = etree.fromstring(text, strict_parser(remove_comments=True))
    if cast(Any, root.getroottree().docinfo).doctype:
        raise ValueError("a document type is not allowed")
    return root


def plain_values(element: etree._Element) -> Any:
    """Return an element by local names: attributes as ``@name``, the text beside them as ``#text``."""
    values: dict[str, Any] = {
        f"@{etree.QName(str(name)).localname}": str(value)
        for name, value in element.attrib.items()
        if etree.QName(str(name)).namespace != _XSI
    }
    children = [child for child in element if isinstance(child.tag, str)]
    if not children:
        return {**values, "#text": element.text or ""} if values else element.text or ""
    for child in children:
        name, value = etree.QName(child).localname, plain_values(child)
        if name in values:
            value = [*(values[name] if isinstance(values[name], list) else [values[name]]), value]
        values[name] = value
    return values
