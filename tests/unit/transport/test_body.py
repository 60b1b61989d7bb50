"""A body of streams goes out with its length known, in pieces, and may go out again."""

import base64
import io
import os
import tempfile
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.errors import OutcomeUnknown
from connector.transport.http import Base64Stream, BodyBroken, HttpClient, HttpOptions, StreamedBody
from tests.unit.transport.fault_server import fault_server, ok, say


def stream(content: bytes, size: int | None = None) -> Base64Stream:
    return Base64Stream(open=lambda: io.BytesIO(content), size=len(content) if size is None else size)


@settings(max_examples=60)
@given(st.integers(0, 1000), st.integers(-3, 3), st.integers(0, 2))
def test_the_length_is_known_beforehand(extra: int, around: int, chunks: int) -> None:
    content = os.urandom(max(0, chunks * 192 * 1024 + around + extra))
    body = StreamedBody([b"<a>", stream(content), b"</a>"])
    for _ in range(2):
        sent = b"".join(body)
        assert sent == b"<a>" + base64.b64encode(content) + b"</a>"
        assert len(sent) == len(body)


def test_a_stream_that_reads_in_drops_is_filled_up() -> None:
    class Drops(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 1, 7))

    content = os.urandom(1000)
    assert b"".join(Base64Stream(open=lambda: Drops(content), size=1000)) == base64.b64encode(content)


@pytest.mark.parametrize("size", [2, 4])
def test_a_file_that_changed_its_size_is_not_sent_as_if_it_were_whole(size: int) -> None:
    with pytest.raises(BodyBroken):
        list(stream(b"abc", size))


def test_a_body_is_sent_with_its_length_and_not_in_chunks() -> None:
    content = os.urandom(500_000)
    with tempfile.TemporaryFile() as file, fault_server(say(ok(b""))) as server:
        file.write(content)

        def opened() -> io.BufferedReader:
            copy = os.fdopen(os.dup(file.fileno()), "rb")
            copy.seek(0)
            return copy

        body = StreamedBody([b'{"content":"', Base64Stream(open=opened, size=len(content)), b'"}'])
        client = HttpClient(HttpOptions(url=server.url), 1)
        client.request(
            "POST", "letters", headers={"Content-Type": "application/json"}, body=body, is_safe=False
        )
        client.close()
    head, _, sent = server.requests[0].partition(b"\r\n\r\n")
    assert sent == b'{"content":"' + base64.b64encode(content) + b'"}'
    assert b"transfer-encoding" not in head.lower()
    assert head.lower().count(b"content-length") == 1


def test_a_file_that_fails_half_way_leaves_the_outcome_unknown_and_says_why() -> None:
    with fault_server(say(ok(b""))) as server:
        client = HttpClient(HttpOptions(url=server.url, answer_within=timedelta(seconds=1)), 1)
        with pytest.raises(OutcomeUnknown) as caught:
            client.request("POST", body=StreamedBody([b"x" * 10, stream(b"abc", 900_000)]), is_safe=False)
        client.close()
    assert caught.value.reason == "file"
