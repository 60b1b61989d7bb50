"""Contents that are made while they are sent: files that are packed, and documents with files inside."""

import io
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final, cast

from connector.transport.body import Base64Stream, ByteStream, StreamedBody

__all__ = ["DocumentStream", "MimeLines", "document_of", "packed"]

_BLOCK: Final = 32 * 1024
"""Bytes of one stored block; the pieces of a stream are a whole number of them."""
_HEAD: Final = bytes.fromhex("1f8b08000000000000ff")
_LINE: Final = 76


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentStream(Base64Stream):
    """A document that was written here and is sent as an attachment is, with its media type."""

    media_type: str


class MimeLines(ByteStream):
    """Bytes from a stream that go out as base64 in lines of 76 characters (RFC 2045, section 6.8)."""

    __slots__ = ()

    def __len__(self) -> int:
        """Return the length of the text with the ends of its lines."""
        text = len(_base64(self))
        return text + 2 * max(0, -(-text // _LINE) - 1)

    def __iter__(self) -> Iterator[bytes]:
        """Yield the text in pieces of about 256 KB. Raise BodyBroken when the stream is not as announced."""
        rest, gap = b"", b""
        for piece in _base64(self):
            text = rest + piece
            whole = len(text) // _LINE * _LINE
            lines, rest = [text[at : at + _LINE] for at in range(0, whole, _LINE)], text[whole:]
            if lines:
                yield gap + b"\r\n".join(lines)
                gap = b"\r\n"
        if rest:
            yield gap + rest


def document_of(pieces: Sequence[bytes | ByteStream], media_type: str) -> DocumentStream:
    """Return a document of texts and files in order. Its length is known beforehand; it is never whole in memory."""
    body = StreamedBody(pieces)
    return DocumentStream(open=lambda: _reading(body), size=len(body), media_type=media_type)


def packed(stream: ByteStream) -> Base64Stream:
    """Return the same content as a gzip file (RFC 1952).

    Its blocks are stored and not compressed: so its length is known before the first byte is read.
    """
    plain = ByteStream(open=stream.open, size=stream.size)
    blocks = max(1, -(-stream.size // _BLOCK))
    size = len(_HEAD) + 5 * blocks + stream.size + 8
    return Base64Stream(open=lambda: _reading(_gzip(plain, blocks)), size=size)


def _gzip(plain: ByteStream, blocks: int) -> Iterator[bytes]:
    """Yield the file in pieces. A block has its length, and its length once more with every bit the other way."""
    checksum, left = 0, blocks
    yield _HEAD
    for piece in [b""] if plain.size == 0 else plain:
        checksum = zlib.crc32(piece, checksum)
        written = bytearray()
        for at in range(0, max(1, len(piece)), _BLOCK):
            block = piece[at : at + _BLOCK]
            left -= 1
            written += struct.pack("<BHH", left == 0, len(block), len(block) ^ 0xFFFF) + block
        yield bytes(written)
    yield struct.pack("<II", checksum, plain.size % 2**32)


def _base64(stream: ByteStream) -> Base64Stream:
    return Base64Stream(open=stream.open, size=stream.size)


def _reading(pieces: Iterable[bytes]) -> BinaryIO:
    return cast(BinaryIO, io.BufferedReader(_Pieces(iter(pieces).__next__)))


class _Pieces(io.RawIOBase):
    """Reads pieces as one stream."""

    def __init__(self, following: Callable[[], bytes]) -> None:
        self._following = following
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill the buffer from the next piece. Return the number of bytes, 0 at the end."""
        while not self._rest:
            try:
                self._rest = memoryview(self._following())
            except StopIteration:
                return 0
        target = memoryview(cast(bytearray, buffer))
        size = min(len(target), len(self._rest))
        target[:size], self._rest = self._rest[:size], self._rest[size:]
        return size
