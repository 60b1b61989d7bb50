"""Callers that send too much, too slowly, or no HTTP at all: each reads a clear answer, and nobody is held up."""

import http.client
import json
import select
import socket
from datetime import timedelta
from typing import Any

import pytest

from tests.integration.web.house import PDF, TOKEN, House, form, multipart

ADDRESS = "/portals/city/letters"
JSON = "application/json"
FORM = "multipart/form-data; boundary=frontier"


def head(content_type: str, size: int, **headers: str) -> bytes:
    lines = [
        f"POST {ADDRESS} HTTP/1.1",
        "Host: chapar",
        f"Content-Type: {content_type}",
        f"Content-Length: {size}",
    ]
    lines += [f"{name}: {value}" for name, value in ({"Authorization": f"Bearer {TOKEN}"} | headers).items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


@pytest.mark.parametrize("connection", ["keep-alive", "close"])
@pytest.mark.parametrize(
    ("content_type", "token", "status", "code"),
    [
        (JSON, TOKEN, 413, "too_large"),
        (FORM, TOKEN, 413, "too_large"),
        (FORM, "a-wrong-one", 401, "not_authenticated"),
        ("application/xml", TOKEN, 415, "media_type_not_supported"),
    ],
)
def test_whoever_sends_all_before_reading_reads_the_refusal_and_not_a_reset(
    web: House, content_type: str, token: str, status: int, code: str, connection: str
) -> None:
    caller = http.client.HTTPConnection("127.0.0.1", web.port, timeout=20)
    headers = {
        "Content-Type": content_type,
        "Authorization": f"Bearer {token}",
        "Connection": connection,
    }
    try:
        caller.request("POST", ADDRESS, b"x" * 20_000_000, headers)
        answer = caller.getresponse()
        assert answer.status == status
        assert json.loads(answer.read())["code"] == code
    finally:
        caller.close()


def test_a_connection_serves_on_after_a_refusal_in_the_middle_of_a_body(web: House) -> None:
    caller = http.client.HTTPConnection("127.0.0.1", web.port, timeout=20)
    headers = {"Content-Type": FORM, "Authorization": f"Bearer {TOKEN}"}
    try:
        caller.request("POST", ADDRESS, multipart(form(), *[("a.pdf", PDF)] * 5000), headers)
        answer = caller.getresponse()
        assert [each["code"] for each in json.loads(answer.read())["problems"]] == ["too_many"]
        wire: Any = caller.sock
        caller.request("POST", ADDRESS, multipart(form()), headers)
        assert caller.getresponse().status == 201
        assert caller.sock is wire
    finally:
        caller.close()


def test_a_body_that_only_drips_is_given_up(house: House) -> None:
    web = house.serve(silence=timedelta(milliseconds=400))
    with socket.create_connection(("127.0.0.1", web.port), timeout=20) as wire:
        wire.sendall(head(JSON, 1000))
        for _ in range(200):
            wire.sendall(b" ")  # never silent for long
            if select.select([wire], [], [], 0.05)[0]:
                break
        assert wire.recv(65536).startswith(b"HTTP/1.1 408 ")
    assert web.letters() == 0


def test_whoever_opens_a_connection_and_says_half_a_sentence_is_hung_up_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.web.protocol.HEAD_WITHIN", timedelta(milliseconds=200))
    web = house.serve()
    for said in (b"", b"POST / HTTP/1.1\r\nHost: cha"):
        with socket.create_connection(("127.0.0.1", web.port), timeout=20) as wire:
            wire.sendall(said)
            assert wire.recv(100) == b""


@pytest.mark.parametrize(
    "said",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"no http at all\r\n\r\n",
        head(JSON, 2).replace(b"Content-Length: 2", b"Content-Length: -2"),
        head(JSON, 2).replace(b"Content-Length: 2", b"Content-Length: " + b"9" * 5000),
        head(JSON, 2).replace(b"Host: chapar", b"Host : chapar"),
    ],
)
def test_what_is_no_http_is_told_so_in_both_tongues(web: House, said: bytes) -> None:
    answer = web.raw(said)
    top, _, body = answer.partition(b"\r\n\r\n")
    assert top.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in top
    document = json.loads(body)
    assert document["code"] == "malformed_request"
    assert document["title_fa"]
    assert web.hand_in(form()).status == 201


def test_a_chunk_that_is_none_ends_in_a_refusal(web: House) -> None:
    chunked = head(JSON, 4).replace(b"Content-Length: 4", b"Content-Length: 4\r\nTransfer-Encoding: chunked")
    answer = web.raw(chunked + b"zz\r\n{}\r\n0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert web.letters() == 0


def test_a_conflict_leaves_no_file_behind(web: House) -> None:
    assert web.hand_in_multipart(form(), ("a.pdf", PDF)).status == 201
    answer = web.hand_in_multipart(form(), ("a.pdf", PDF + b"x" * 400_000))
    assert answer.status == 409
    assert web.kept_files() == []


def test_a_thousand_names_that_nobody_knows_are_not_all_repeated(web: House) -> None:
    answer = web.hand_in(form(**{f"name-{number}": 1 for number in range(50_000)}))
    assert answer.status == 422
    assert {each["code"] for each in answer.json["problems"]} == {"unknown_key"}
    assert len(answer.body) < 10_000
