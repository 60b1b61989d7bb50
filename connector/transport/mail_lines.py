"""A mail as it goes over the wire: lines that end in CR LF, base64 of what is read from disk meanwhile."""

from collections.abc import Iterable, Iterator
from typing import Final

import pybase64

from connector.transport.body import StreamedBody

__all__ = ["Base64Lines", "MailBody", "dot_stuffed"]

_LINE: Final = 57
"""Bytes in a line of 76 letters of base64 (RFC 2045, 6.8)."""
_CHUNK: Final = _LINE * 4096


class Base64Lines:
    """A body as lines of base64. Its length is known beforehand, and it can be repeated."""

    def __init__(self, body: StreamedBody) -> None:
        """Keep the body; nothing is opened yet."""
        self._body = body

    def __len__(self) -> int:
        """Return the number of bytes that will go out, line ends counted."""
        size = len(self._body)
        return 4 * ((size + 2) // 3) + 2 * ((size + _LINE - 1) // _LINE)

    def __iter__(self) -> Iterator[bytes]:
        """Yield whole lines in pieces of some 300 KB. Raise BodyBroken when a stream fails."""
        waiting = bytearray()
        for piece in self._body:
            waiting += piece
            whole = len(waiting) - len(waiting) % _LINE
            for start in range(0, whole, _CHUNK):
                yield _lines(bytes(waiting[start : min(start + _CHUNK, whole)]))
            del waiting[:whole]
        if waiting:
            yield _lines(bytes(waiting))


class MailBody:
    """A whole mail: its header, and its parts in order."""

    def __init__(self, parts: Iterable[bytes | Base64Lines]) -> None:
        """Keep the parts; each ends with the end of a line."""
        self._parts = tuple(parts)

    def __len__(self) -> int:
        """Return the number of bytes, without the dots that SMTP puts in."""
        return sum(len(part) for part in self._parts)

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes. Raise BodyBroken when a stream fails."""
        for part in self._parts:
            if isinstance(part, bytes):
                yield part
            else:
                yield from part


def dot_stuffed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the pieces with a second dot before each line that begins with one (RFC 5321, 4.5.2).

    Raise ValueError where a line ends in anything but CR LF: servers differ in what they take for the end of a mail
    then, and another mail could hide in this one.
    """
    is_line_start = True
    held = b""
    for piece in pieces:
        text = held + piece
        held = text[-1:] if text.endswith(b"\r") else b""
        text = text.removesuffix(b"\r") if held else text
        if not text:
            continue
        if text.count(b"\n") != text.count(b"\r\n") or text.count(b"\r") != text.count(b"\r\n"):
            raise ValueError("a line of the mail does not end in CR LF")
        yield (b"." if is_line_start and text.startswith(b".") else b"") + text.replace(b"\r\n.", b"\r\n..")
        is_line_start = text.endswith(b"\r\n")
    if held:
        raise ValueError("a line of the mail does not end in CR LF")
    if not is_line_start:
        yield b"\r\n"


def _lines(content: bytes) -> bytes:
    encoded: bytes = pybase64.encodebytes(content)
    return encoded.replace(b"\n", b"\r\n")
