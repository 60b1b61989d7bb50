"""Contents that are made while they are sent."""

import base64
import gzip
import io
from functools import partial

import pytest

from connector.transport.body import Base64Stream, BodyBroken, ByteStream
from connector.transport.documents import MimeLines, document_of, packed


def stream_of(content: bytes) -> Base64Stream:
    return Base64Stream(open=partial(io.BytesIO, content), size=len(content))


@pytest.mark.parametrize("size", [0, 1, 32 * 1024 - 1, 32 * 1024, 32 * 1024 + 1, 192 * 1024, 500_001])
def test_a_file_is_packed_in_a_length_that_is_known_beforehand(size: int) -> None:
    content = bytes(number % 251 for number in range(size))
    stream = packed(stream_of(content))
    sent = b"".join(stream)
    assert len(sent) == len(stream)
    assert gzip.decompress(base64.b64decode(sent, validate=True)) == content


@pytest.mark.parametrize("size", [0, 1, 56, 57, 58, 114, 200_000])
def test_a_part_in_base64_has_lines_of_76_characters(size: int) -> None:
    content = b"x" * size
    lines = MimeLines(open=partial(io.BytesIO, content), size=size)
    sent = b"".join(lines)
    assert len(sent) == len(lines)
    assert base64.b64decode(sent) == content
    assert all(len(line) <= 76 for line in sent.split(b"\r\n"))


def test_a_document_is_read_as_often_as_it_is_sent() -> None:
    document = document_of([b"<a>", stream_of(b"abc"), b"</a>"], "text/xml")
    for _ in range(2):
        assert base64.b64decode(b"".join(document)) == b"<a>YWJj</a>"
    assert len(document) == len(base64.b64encode(b"<a>YWJj</a>"))


def test_a_file_that_became_shorter_breaks_the_document_it_stands_in() -> None:
    short = ByteStream(open=partial(io.BytesIO, b"ab"), size=3)
    for stream in (packed(short), document_of([short], "text/xml")):
        with pytest.raises(BodyBroken):
            b"".join(stream)
