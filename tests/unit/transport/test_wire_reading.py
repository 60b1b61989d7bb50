"""What is taken apart at once is what the standard library reads, however the answer comes in."""

import gzip
import http.client
import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from urllib3.exceptions import InvalidHeader

from connector.transport.wire_reading import WholeAnswer, read_answer

BODY = "<a>سلام</a>".encode()
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
CHUNKED = b"Transfer-Encoding: chunked\r\n"
CHUNKS = b"3\r\n" + BODY[:3] + b"\r\n%X\r\n" % (len(BODY) - 3) + BODY[3:] + b"\r\n0\r\n\r\n"


def told(headers: bytes, body: bytes = BODY, status: bytes = b"HTTP/1.1 200 OK") -> bytes:
    return status + b"\r\n" + headers + b"\r\n" + body


PLAIN = {
    "a length": told(LENGTH),
    "no body": told(b"Content-Length: 0\r\n", b""),
    "several headers": told(
        b"Server: x\r\nX-Empty:\r\nX-Wide: \t a b \t\r\nX-Persian: \xd9\xbe\r\n" + LENGTH
    ),
    "one cookie": told(b"Set-Cookie: a=b; expires=Fri, 27 Nov 2026 10:00:00 GMT\r\n" + LENGTH),
    "a fault": told(LENGTH, status=b"HTTP/1.1 500 Internal Server Error"),
    "the last one": told(LENGTH + b"Connection: Close\r\n"),
    "kept alive": told(LENGTH + b"Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n"),
    "chunks": told(CHUNKED, CHUNKS),
    "no chunks": told(CHUNKED.upper(), b"0\r\n\r\n"),
}
OTHER = {
    "an older version": told(LENGTH, status=b"HTTP/1.0 200 OK"),
    "no reason": told(LENGTH, status=b"HTTP/1.1 200"),
    "a word for the status": told(LENGTH, status=b"HTTP/1.1 OK 200"),
    "informational first": b"HTTP/1.1 100 Continue\r\n\r\n" + told(LENGTH),
    "no content": told(b"", b"", status=b"HTTP/1.1 204 No Content"),
    "not modified": told(LENGTH, b"", status=b"HTTP/1.1 304 Not Modified"),
    "until the end": told(b"Server: x\r\n"),
    "two cookies": told(b"Set-Cookie: a=b\r\nSet-Cookie: c=d\r\n" + LENGTH),
    "a folded header": told(b"X-Long: a\r\n b\r\n" + LENGTH),
    "bare line ends": told(LENGTH).replace(b"\r\n", b"\n"),
    "a header without a colon": told(b"nonsense\r\n" + LENGTH),
    "a space before the colon": told(b"X : y\r\n" + LENGTH),
    "two lengths": told(LENGTH + LENGTH.lower()),
    "a signed length": told(b"Content-Length: +%d\r\n" % len(BODY)),
    "a length below nothing": told(b"Content-Length: -1\r\n"),
    "a length in other digits": told("Content-Length: ۳\r\n".encode()),
    "length and chunks": told(LENGTH + CHUNKED, CHUNKS),
    "another encoding": told(b"Transfer-Encoding: gzip, chunked\r\n" + LENGTH),
    "a chunk with an extension": told(CHUNKED, b"3;a=b\r\nabc\r\n0\r\n\r\n"),
    "trailers": told(CHUNKED, b"3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n"),
    "a chunk of no size": told(CHUNKED, b"zz\r\nabc\r\n0\r\n\r\n"),
    "a chunk that does not end": told(CHUNKED, b"3\r\nabcd\r\n0\r\n\r\n"),
    "half a chunk": told(CHUNKED, b"20\r\nabc"),
    "half a body": told(LENGTH, BODY[:-1]),
    "something behind": told(LENGTH, BODY + b"HTTP/1.1 200 OK\r\n\r\n"),
    "something behind the chunks": told(CHUNKED, CHUNKS + b"x"),
    "half a head": b"HTTP/1.1 200 OK\r\nX: ",
    "nothing": b"",
    "not HTTP": b"SSH-2.0-OpenSSH_9\r\n\r\n",
    "many headers": told(b"".join(b"X-%d: y\r\n" % number for number in range(101)) + LENGTH),
    "a large body": told(b"Content-Length: 100000\r\n", b"x" * 100_000),
    "packed": told(b"Content-Encoding: gzip\r\n" + b"Content-Length: %d\r\n" % len(gzip.compress(BODY)),
                   gzip.compress(BODY)),
}  # fmt: skip


class Pieces:
    """The receiving end of a socket that brings its bytes in pieces, and then the end."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = [piece for piece in pieces if piece]

    def recv(self, size: int) -> bytes:
        if not self.pieces:
            return b""
        piece = self.pieces.pop(0)
        if len(piece) > size:
            self.pieces.insert(0, piece[size:])
        return piece[:size]

    def makefile(self, *_arguments: Any, **_options: Any) -> Any:
        outer = self

        class Raw(io.RawIOBase):
            def readable(self) -> bool:
                return True

            def readinto(self, buffer: Any) -> int:
                piece = outer.recv(len(buffer))
                buffer[: len(piece)] = piece
                return len(piece)

        raw = Raw()
        return raw if _options.get("buffering") == 0 else io.BufferedReader(raw)


def by_us(sock: Pieces) -> Any:
    answer, is_last = read_answer(sock, "POST", "/")
    if isinstance(answer, WholeAnswer):
        return answer.status, dict(answer.headers), answer.body, is_last
    body = answer.read(decode_content=False)
    return answer.status, dict(answer.headers), body, is_last


def by_the_library(sock: Pieces) -> Any:
    answer = http.client.HTTPResponse(sock, method="POST")  # type: ignore[arg-type]
    answer.begin()
    headers: dict[str, str] = {}
    for name, value in answer.msg.items():
        known = next((other for other in headers if other.lower() == name.lower()), None)
        plain = " ".join(value.split()) if "\n" in value else value
        headers[known or name] = f"{headers[known]}, {plain}" if known else plain
    return answer.status, headers, answer.read(), answer.will_close


def outcome(read: Any, pieces: list[bytes]) -> Any:
    try:
        status, headers, body, is_last = read(Pieces(pieces))
    except Exception:
        return "no answer"
    return status, {name: value.strip(" \t") for name, value in headers.items()}, body, is_last


def are_the_same(ours: Any, theirs: Any) -> bool:
    """Whether both read the same; only that a connection ends with it we may say more often."""
    if isinstance(ours, str) or isinstance(theirs, str):
        return bool(ours == theirs)
    return bool(ours[:3] == theirs[:3] and ours[3] >= theirs[3])


@given(data=st.data())
@pytest.mark.parametrize("name", [*PLAIN, *OTHER])
@settings(max_examples=12, deadline=None)
def test_it_is_what_the_library_reads_wherever_the_pieces_end(name: str, data: st.DataObject) -> None:
    answer = (PLAIN | OTHER)[name]
    cuts = sorted(data.draw(st.sets(st.integers(0, len(answer)), max_size=4)))
    pieces = [answer[one:other] for one, other in zip([0, *cuts], [*cuts, len(answer)], strict=True)]
    ours, theirs = outcome(by_us, pieces), outcome(by_the_library, [answer])
    assert are_the_same(ours, theirs), (ours, theirs)


@pytest.mark.parametrize("name", PLAIN)
def test_the_plain_form_is_taken_apart_at_once(name: str) -> None:
    assert isinstance(read_answer(Pieces([PLAIN[name]]), "POST", "/")[0], WholeAnswer)


@pytest.mark.parametrize("name", OTHER)
def test_every_other_form_is_left_to_the_library(name: str) -> None:
    try:
        answer, _ = read_answer(Pieces([OTHER[name]]), "POST", "/")
    except (http.client.HTTPException, OSError, ValueError):
        return
    assert not isinstance(answer, WholeAnswer)


@pytest.mark.parametrize("name", ["something behind", "something behind the chunks"])
def test_a_connection_ends_with_an_answer_behind_which_something_stands(name: str) -> None:
    assert by_us(Pieces([OTHER[name]]))[3] is True


def test_two_lengths_that_differ_are_no_answer() -> None:
    with pytest.raises(InvalidHeader):
        read_answer(Pieces([told(LENGTH + b"content-length: 3\r\n")]), "POST", "/")


def test_the_answer_to_a_question_for_the_head_has_no_body() -> None:
    answer, _ = read_answer(Pieces([told(LENGTH, b"")]), "HEAD", "/")
    assert not isinstance(answer, WholeAnswer)
    assert answer.read() == b""


@settings(max_examples=150, deadline=None)
@given(noise=st.binary(max_size=80), at=st.integers(0, 120), name=st.sampled_from(sorted(PLAIN)))
def test_noise_in_an_answer_never_makes_it_another_one_than_the_library_reads(
    noise: bytes, at: int, name: str
) -> None:
    answer = PLAIN[name][:at] + noise + PLAIN[name][at + len(noise) // 2 :]
    ours, theirs = outcome(by_us, [answer]), outcome(by_the_library, [answer])
    if ours != "no answer" and theirs != "no answer":
        assert ours[0] == theirs[0]
        assert ours[2] == theirs[2]
        assert ours[3] >= theirs[3]
    else:
        assert ours == theirs
