"""The file name of a part, in all the ways in which programs write one that is not ASCII.

RFC 7578 wants plain UTF-8 in ``filename``. Older clients of Python write ``filename*`` (RFC 5987) and nothing else;
.NET writes it beside a ``filename`` that is a MIME word (RFC 2047).
"""

import re
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from typing import Final
from urllib.parse import unquote_to_bytes

__all__ = ["file_name_of"]

_EXTENDED: Final = re.compile(rb";\s*filename\*\s*=\s*\"?(utf-8|iso-8859-1)'[^']*'([^\s;\"]*)", re.IGNORECASE)
_MIME_WORDS: Final = re.compile(
    r"=\?[!->@-~]+\?[bq]\?[!->@-~]*\?=(\s+=\?[!->@-~]+\?[bq]\?[!->@-~]*\?=)*", re.IGNORECASE
)


def file_name_of(disposition: bytes, plain: bytes) -> str:
    """Return the file name of a part: ``disposition`` is its whole header, ``plain`` the ``filename`` in it."""
    extended = _EXTENDED.search(disposition)
    if extended:
        return unquote_to_bytes(extended[2]).decode(extended[1].decode("ascii"), "replace")
    name = plain.decode("utf-8", "replace")
    return _from_mime_words(name) if _MIME_WORDS.fullmatch(name) else name


def _from_mime_words(name: str) -> str:
    try:
        return str(make_header(decode_header(name))) or name
    except (HeaderParseError, LookupError, ValueError):
        return name
