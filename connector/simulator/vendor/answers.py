"""How the answer to one operation is called; and the names of a WSDL whose schemas cannot be loaded."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lxml import etree

from connector.transport.strict_xml import strict_parser
from connector.transport.wsdl_contents import Contents, Times

__all__ = ["Answer", "declared", "outline"]

_WSDL: Final = "{http://schemas.xmlsoap.org/wsdl/}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """How the answer to one operation is written."""

    request: str
    """Local name of the element in the request's body."""
    element: str
    """Name of the element in the answer's body, in Clark notation; rpc: without its namespace."""
    is_rpc: bool = False
    parts: tuple[tuple[str, Any], ...] = ()
    """rpc: the parts by name, each with its type. Document: empty."""
    type: Any = None
    """Document: the type of the element."""
    contents: Contents | None = None
    """What it may hold; None where only names are taken of the WSDL."""


def declared(value: Any, contents: Contents | None, name: str, also: Collection[str]) -> Any:
    """Return plain values without what the WSDL does not declare there; ``also`` names what is kept all the same."""
    if contents is not None and contents.is_array:
        items = value if isinstance(value, list) else [value]
        return [declared(item, contents.item or Contents(is_open=True), name, also) for item in items]
    if isinstance(value, list):
        return [declared(item, contents, name, also) for item in value]
    if not isinstance(value, Mapping):
        return value
    kept = {}
    for key, inner in value.items():
        part = contents.parts.get(key) if contents is not None else None
        if part is not None and part.times is not Times.UNSURE:
            kept[key] = declared(inner, part.holds, key, also)
        elif part is not None or key in also or f"{name}/{key}" in also or (contents and contents.is_open):
            kept[key] = inner
    return kept


def outline(path: Path) -> Iterator[tuple[str, Answer]]:
    """Yield the operations of a WSDL by their names, as far as it is XML; nothing where it is none."""
    try:
        root = etree.parse(str(path), strict_parser()).getroot()
    except (OSError, etree.XMLSyntaxError):
        return
    space = root.get("targetNamespace") or ""
    elements = {message.get("name"): _element(message) for message in root.iter(f"{_WSDL}message")}
    for operation in root.iterfind(f"{_WSDL}portType/{_WSDL}operation"):
        name = operation.get("name") or ""
        asked, told = (_message(operation, word, elements) for word in ("input", "output"))
        request = etree.QName(asked).localname if asked else name
        yield name, Answer(request=request, element=told or f"{{{space}}}{name}Response")


def _message(operation: etree._Element, word: str, elements: dict[str | None, str | None]) -> str | None:
    child = operation.find(f"{_WSDL}{word}")
    name = (child.get("message") or "").rpartition(":")[2] if child is not None else None
    return elements.get(name)


def _element(message: etree._Element) -> str | None:
    part = message.find(f"{_WSDL}part[@element]")
    if part is None:
        return None
    prefix, _, name = (part.get("element") or "").rpartition(":")
    return f"{{{part.nsmap.get(prefix or None, '')}}}{name}"
