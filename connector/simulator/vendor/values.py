"""What stands in plain values: files in base64, packed ones, and every text, those inside XML too."""

import binascii
import gzip
import io
import zlib
from collections.abc import Iterator
from typing import Any, Final

from lxml import etree

from connector.transport.strict_xml import strict_parser

__all__ = ["decoded", "texts_in", "unescaped", "unpacked"]

_LARGEST_FILE: Final = 256 * 1024 * 1024


def decoded(value: Any) -> bytes | None:
    """Return the content of a file in base64; None where it is none."""
    try:
        return binascii.a2b_base64("".join(str(value).split()), strict_mode=True)
    except (binascii.Error, ValueError):
        return None


def unpacked(content: bytes) -> bytes | None:
    """Return the content of a gzip file; None where it is none."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            return file.read(_LARGEST_FILE)
    except (OSError, EOFError, zlib.error):
        return None


def unescaped(piece: str) -> str:
    """Return a piece of XML as the text that was escaped in it."""
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&#34;", '"'), ("&#39;", "'"), ("&amp;", "&")):
        piece = piece.replace(entity, sign)
    return piece


def texts_in(value: Any) -> Iterator[str]:
    """Yield every text in plain values, and those inside a text of XML."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_in(inner)
    elif isinstance(value, str) and value:
        yield value
        if value.lstrip().startswith("<"):
            yield from _xml_texts(value)
    elif isinstance(value, int | float):
        yield str(value)


def _xml_texts(text: str) -> Iterator[str]:
    """Yield the texts inside a text of XML; nothing where it is none."""
    try:
        root = etree.fromstring(text.encode(), strict_parser())
    except (etree.XMLSyntaxError, ValueError):
        return
    for element in root.iter():
        if element.text:
            yield element.text
        yield from (str(each) for each in element.attrib.values())
