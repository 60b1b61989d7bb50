"""An answer as it comes from the socket. Most lie whole in what is received first, and are taken apart at once.

That is done for the plain form alone: HTTP/1.1, a final status, each header once and in one line, the length told or
chunks without extensions, nothing behind the end. Whatever is written in another way, or is larger, or breaks off, is
read by the standard library, with what was received put in front: what it means and how it fails is decided there.
"""

import http.client
import io
import re
from typing import Any, Final

from urllib3 import HTTPHeaderDict, HTTPResponse

from connector.transport.wire_call import be_patient

__all__ = ["WholeAnswer", "read_answer"]

_AT_ONCE: Final = 64 * 1024
"""Bytes that are received before an answer is left to the standard library."""
_PIECE: Final = 16 * 1024
_MOST_PIECES: Final = 8
"""Each piece is looked at from the beginning: an answer that comes in drops is left to the standard library as well."""
_MOST_HEADERS: Final = 100
"""As the standard library has it."""
_PLAIN: Final = re.compile(
    rb"HTTP/1\.1 ([2-5][0-9][0-9]) [^\r\n\0]*\r\n((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\r\n\0]*\r\n)*)\r\n"
)
"""Status line and headers (RFC 9112, sections 4 and 5), none of them folded."""
_LENGTH: Final = re.compile("[0-9]{1,5}")
_CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,5})\r\n")
_WITHOUT_BODY: Final = frozenset({204, 304})


class WholeAnswer:
    """An answer that lies in memory."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        """Keep it."""
        self.status = status
        self.headers = headers
        self.body = body

    def close(self) -> None:
        """Do nothing: its connection was given back when it was there."""


class _NotPlain(Exception):
    """The answer is for the standard library."""


class _MoreThanOne(_NotPlain):
    """Behind the answer stands something that nobody asked for: what comes next on this connection is not believed."""


def read_answer(sock: Any, method: str, url: str) -> tuple[WholeAnswer | HTTPResponse, bool]:
    """Return the answer to a request, and whether the connection ends with it.

    Of an urllib3 response only the head is read, the body is still to come. Raise what the socket and the standard
    library raise where there is no answer.
    """
    received = b""
    pieces = 0
    try:
        while method != "HEAD" and len(received) < _AT_ONCE and pieces < _MOST_PIECES:
            be_patient(sock)
            piece = sock.recv(_PIECE)
            pieces += 1
            received = received + piece if received else piece
            found = _taken_apart(received) if piece else None
            if found is not None:
                return found
            if not piece:
                break
    except _MoreThanOne:
        return _by_the_library(sock, received, method, url)[0], True
    except _NotPlain:
        pass
    return _by_the_library(sock, received, method, url)


def _taken_apart(received: bytes) -> tuple[WholeAnswer, bool] | None:
    """Return the answer; None while more of it is to come. Raise _NotPlain where it is not in the plain form."""
    head = _PLAIN.match(received)
    if head is None:
        if b"\r\n\r\n" in received:
            raise _NotPlain
        return None
    status = int(head[1])
    headers: dict[str, str] = {}
    told: dict[str, str] = {}
    for line in head[2].decode("latin-1").split("\r\n")[:-1]:
        name, _, value = line.partition(":")
        headers[name] = told[name.lower()] = value.strip(" \t")
    lines = head[2].count(b"\r\n")
    if lines != len(told) or lines > _MOST_HEADERS or status in _WITHOUT_BODY or "content-encoding" in told:
        raise _NotPlain
    body = _body(received, head.end(), told)
    if body is None:
        return None
    return WholeAnswer(status, headers, body), "close" in told.get("connection", "").lower()


def _body(received: bytes, begin: int, told: dict[str, str]) -> bytes | None:
    length, encoding = told.get("content-length"), told.get("transfer-encoding")
    if encoding is not None:
        if length is not None or encoding.lower() != "chunked":
            raise _NotPlain
        return _unchunked(received, begin)
    if length is None or _LENGTH.fullmatch(length) is None:
        raise _NotPlain
    end = begin + int(length)
    if end > _AT_ONCE:
        raise _NotPlain
    if len(received) > end:
        raise _MoreThanOne
    return received[begin:end] if len(received) == end else None


def _unchunked(received: bytes, at: int) -> bytes | None:
    pieces: list[bytes] = []
    while True:
        size = _CHUNK.match(received, at)
        if size is None:
            if b"\r\n" in received[at:]:
                raise _NotPlain
            return None
        at, length = size.end(), int(size[1], 16)
        end = received[at + length : at + length + 2]
        if end != b"\r\n"[: len(end)]:
            raise _NotPlain
        if length == 0 and len(received) > at + 2:
            raise _MoreThanOne
        if len(end) < 2:
            return None
        if length == 0:
            return b"".join(pieces)
        pieces.append(received[at : at + length])
        at += length + 2


def _by_the_library(sock: Any, received: bytes, method: str, url: str) -> tuple[HTTPResponse, bool]:
    answer = http.client.HTTPResponse(_ReceivingSocket(sock, received), method=method)  # type: ignore[arg-type]
    try:
        answer.begin()
    except BaseException:
        answer.close()
        raise
    response = HTTPResponse(
        body=answer,
        headers=HTTPHeaderDict((name, _in_one_line(value)) for name, value in answer.msg.items()),
        status=answer.status,
        version=answer.version,
        reason=answer.reason,
        preload_content=False,
        decode_content=False,
        original_response=answer,
        enforce_content_length=True,
        request_method=method,
        request_url=url,
    )
    return response, answer.will_close


def _in_one_line(value: str) -> str:
    """Return a header's value without the line breaks that it may have been folded with (RFC 9112, 5.2)."""
    return " ".join(value.split()) if "\n" in value or "\r" in value else value


class _Reader(io.RawIOBase):
    """The receiving end of a socket, with the patience of the call before each read."""

    def __init__(self, sock: Any, received: bytes) -> None:
        self._sock = sock
        self._received = memoryview(received)
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._received:
            size = min(len(buffer), len(self._received))
            buffer[:size], self._received = self._received[:size], self._received[size:]
            return size
        be_patient(self._sock)
        received: int | None = self._raw.readinto(buffer)
        return received

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _ReceivingSocket:
    """What http.client asks of a socket when it builds an answer."""

    def __init__(self, sock: Any, received: bytes) -> None:
        self._sock = sock
        self._received = received

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self._sock, self._received), buffer_size=64 * 1024)
