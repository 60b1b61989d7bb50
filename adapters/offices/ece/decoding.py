"""The bytes of an XML file as text: by its own declaration where that is true, else by what the bytes look like.

Declarations lie in the field: a program that writes through a string declares utf-16 over UTF-8, older ones write
Windows-1256 under a declaration of UTF-8. A DOCTYPE is cut out before anything parses the text, so nothing that it
names can be fetched; one that declares something itself (an internal subset) is refused, for only there entities are
made. Whatever else looks like a declaration is ill-formed further on, and refused by the parser.
"""

import codecs
import re
from typing import Final

from adapters.offices.ece.unreadable import Unreadable

__all__ = ["xml_text"]

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED: Final = re.compile(rb"""^\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_KNOWN: Final = frozenset({"utf-8", "cp1256", "iso8859-6", "ascii", "cp1252", "iso8859-1"})
"""Encodings whose declaration is believed; those of two bytes are told by the bytes."""
_DECLARATION: Final = re.compile(r"^\s*<\?xml\b[^>]{0,500}?\?>")
_DOCTYPE: Final = re.compile(
    r"""<!DOCTYPE\s+[^\s<>\["']+\s*"""
    r"""(?:SYSTEM\s*(?:"[^"]*"|'[^']*')|PUBLIC\s*(?:"[^"]*"|'[^']*')\s*(?:"[^"]*"|'[^']*')?)?\s*>"""
)
_DAMAGED: Final = 0.2


def xml_text(content: bytes) -> str:
    """Return the document without declaration and DOCTYPE.

    Raise Unreadable (``wrong_encoding``, ``declares_entities``) where that cannot be done safely.
    """
    text = _decoded(content).removeprefix("\ufeff")
    declaration = _DECLARATION.match(text)
    rest = text[declaration.end() :] if declaration else text
    place = _after_comments(rest)
    if not rest.startswith("<!", place):
        return rest
    doctype = _DOCTYPE.match(rest, place)
    if doctype is None:
        raise Unreadable("declares_entities")
    return rest[doctype.end() :]


def _after_comments(text: str) -> int:
    """Return where the first thing stands that is neither space nor comment nor processing instruction."""
    place = 0
    while True:
        while place < len(text) and text[place].isspace():
            place += 1
        for opening, closing in (("<!--", "-->"), ("<?", "?>")):
            if text.startswith(opening, place):
                end = text.find(closing, place + len(opening))
                if end < 0:
                    raise Unreadable("not_xml")
                place = end + len(closing)
                break
        else:
            return place


def _decoded(content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _strictly(content[len(mark) :], encoding)
    if content[:2] in {b"<\0", b"\0<"}:
        return _strictly(content, "utf-16-le" if content[:1] == b"<" else "utf-16-be")
    declared = _DECLARED.match(content[:400])
    name = _name_of(declared[1].decode("ascii")) if declared else ""
    for encoding in dict.fromkeys((name if name in _KNOWN else "utf-8", "utf-8")):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return _as_windows_1256(content)


def _as_windows_1256(content: bytes) -> str:
    """Read what is no UTF-8 as the older Windows wrote it, unless it is UTF-8 with some bytes broken."""
    beyond_ascii = sum(len(run) for run in re.findall(rb"[\x80-\xff]+", content))
    broken = content.decode("utf-8", "replace").count("\ufffd")
    if broken < _DAMAGED * beyond_ascii:
        raise Unreadable("wrong_encoding")
    return content.decode("cp1256")


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise Unreadable("wrong_encoding") from None


def _name_of(declared: str) -> str:
    try:
        return codecs.lookup(declared).name
    except LookupError:
        return ""
