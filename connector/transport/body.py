"""Request bodies that are sent without ever being whole in memory."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

import pybase64

__all__ = ["NO_STREAMS", "Base64Stream", "BodyBroken", "ByteStream", "StreamedBody", "Streams", "spliced"]

_CHUNK: Final = 192 * 1024
"""Bytes read at a time; divisible by three, so that no chunk but the last one ends in padding."""


class BodyBroken(Exception):
    """A stream brought more or fewer bytes than were announced, or could not be read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ByteStream:
    """Bytes from a stream that go out as they are. ``open`` may be called several times."""

    open: Callable[[], BinaryIO]
    size: int
    """Bytes, known before the first one is read."""

    def __len__(self) -> int:
        """Return the number of bytes that will go out."""
        return self.size

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes in pieces of 192 KB. Raise BodyBroken when the stream is not as announced."""
        left = self.size
        try:
            with self.open() as stream:
                while left:
                    chunk = _read_fully(stream, min(_CHUNK, left))
                    left -= len(chunk)
                    yield chunk
                if stream.read(1):
                    raise BodyBroken("a file is longer than it was")
        except OSError as error:
            # Not an OSError any more: below us it would look like trouble with the socket.
            raise BodyBroken(f"a file cannot be read: {type(error).__name__}") from error


class Base64Stream(ByteStream):
    """Bytes from a stream that go out as base64 text."""

    __slots__ = ()

    def __len__(self) -> int:
        """Return the length of the text: four thirds of the bytes."""
        return 4 * ((self.size + 2) // 3)

    def __iter__(self) -> Iterator[bytes]:
        """Yield the text in pieces of 256 KB. Raise BodyBroken when the stream is not as announced."""
        for chunk in super().__iter__():
            yield pybase64.b64encode(chunk)


def _read_fully(stream: BinaryIO, size: int) -> bytes:
    chunk = stream.read(size)
    while len(chunk) < size:
        more = stream.read(size - len(chunk))
        if not more:
            raise BodyBroken("a file is shorter than it was")
        chunk += more
    return chunk


class StreamedBody:
    """A body of fixed bytes and streams in order. Its length is known beforehand, and it can be repeated."""

    def __init__(self, parts: Sequence[bytes | ByteStream]) -> None:
        """Keep the parts; nothing is opened yet."""
        self._parts = tuple(parts)
        self._length = sum(len(part) for part in self._parts)

    def __len__(self) -> int:
        """Return the number of bytes that will go out."""
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes in pieces of 256 KB. Raise BodyBroken when a stream fails."""
        for part in self._parts:
            if isinstance(part, bytes):
                yield part
            else:
                yield from part


class Streams(dict[bytes, Base64Stream]):
    """The streams that may go into a message, by their marks. A mark is a word that occurs nowhere else."""

    def settle(self, found: frozenset[bytes]) -> None:
        """Take note of the marks that a message has, before it is sent. Raise KeyError with one that it must have.

        Here all must be there; whoever needs another rule makes a class of it.
        """
        missing = self.keys() - found
        if missing:
            raise KeyError(missing.pop())


NO_STREAMS: Final = Streams()


def spliced(message: bytes, streams: Streams) -> bytes | StreamedBody:
    """Return the message with each mark, or the base64 of it, replaced by its stream.

    Raise what the streams raise where the message has not the marks that it must have.
    """
    if not streams:
        return message
    places = {form: mark for mark in streams for form in (mark, pybase64.b64encode(mark))}
    pieces = re.split(b"(" + b"|".join(re.escape(form) for form in places) + b")", message)
    streams.settle(frozenset(places[piece] for piece in pieces if piece in places))
    return StreamedBody([streams[places[piece]] if piece in places else piece for piece in pieces])
