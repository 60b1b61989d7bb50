"""Bodies that are broken, late, too large or half: each has a clear answer, and nothing stays of it."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from tests.integration.web.house import PDF, TOKEN, House, form, multipart

BOUNDARY = "multipart/form-data; boundary=frontier"


def head(size: int | None, content_type: str = BOUNDARY, **headers: str) -> bytes:
    """Return the head of a submission's request."""
    lines = [
        "POST /portals/city/letters HTTP/1.1",
        "Host: chapar",
        f"Authorization: Bearer {TOKEN}",
        f"Content-Type: {content_type}",
    ]
    lines += [f"Content-Length: {size}"] if size is not None else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def assert_nothing_stayed(web: House) -> None:
    """The house goes on, and holds nothing of what was refused."""
    assert web.letters() == 0
    assert web.kept_files() == []
    assert web.hand_in(form()).status == 201


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"", "line 1"),
        (b'{"submission_id": "1",\n "text" }', "line 2, column 9"),
        (b'{"text": "\xff\xfe"}', "The body"),
        (b'{"text": "\\ud800"}', "The body"),
        (b"[1]", "must be an object"),
        (b"[" * 5000, "The body"),
    ],
)
def test_broken_json_is_a_400_that_says_where(web: House, body: bytes, where: str) -> None:
    answer = web.hand_in(body)
    assert answer.status == 400
    assert answer.json["code"] == "malformed_json"
    assert where in answer.json["detail"]
    assert_nothing_stayed(web)


LETTER = b'--frontier\r\nContent-Disposition: form-data; name="letter"\r\n\r\n{}\r\n'
FILE = b'--frontier\r\nContent-Disposition: form-data; name="attachment"; filename="a.pdf"\r\n'


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"no boundary at all", "Part 1"),
        (b"", "closing boundary is missing"),
        (LETTER, "closing boundary is missing"),
        (LETTER + FILE + b"\r\n" + PDF, "closing boundary is missing after part 2"),
        (b"--frontier--\r\n", ""),
        (LETTER + LETTER + b"--frontier--\r\n", "Part 2 is a letter"),
        (FILE + b"\r\nx\r\n--frontier--\r\n", "Part 1 is an attachment"),
        (LETTER + b"--frontier\r\n\r\nx\r\n--frontier--\r\n", "Part 2 has no Content-Disposition"),
        (LETTER.replace(b"{}", b"{,}") + b"--frontier--\r\n", "Part 1, the letter: line 1, column 2"),
        (LETTER.replace(b'"letter"', b'"other"') + b"--frontier--\r\n", "Part 1 is named neither"),
        (
            LETTER + FILE + b"Content-Transfer-Encoding: base64\r\n\r\nAA==\r\n--frontier--\r\n",
            "Part 2 has a Content-Transfer-Encoding",
        ),
        (LETTER + b"--frontier\r\n" + b"X-Long: " + b"a" * 20_000 + b"\r\n\r\n", "Part 2"),
        (LETTER + b"--frontier\r\nbroken header\r\n\r\nx\r\n--frontier--\r\n", "Part 2"),
    ],
)
def test_a_broken_form_is_a_400_that_says_where(web: House, body: bytes, where: str) -> None:
    answer = web.hand_in(body, Content_Type=BOUNDARY)
    assert answer.status == 400, answer.body
    assert answer.json["code"] in {"malformed_multipart", "malformed_json"}
    assert where in answer.json["detail"]
    assert_nothing_stayed(web)


@pytest.mark.parametrize("content_type", ["multipart/form-data", f"{BOUNDARY[:-8]}{'x' * 300}"])
def test_a_boundary_that_is_missing_or_endless_is_a_400(web: House, content_type: str) -> None:
    answer = web.hand_in(b"x", Content_Type=content_type)
    assert answer.status == 400
    assert "boundary" in answer.json["detail"]


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/xml"])
def test_another_media_type_is_a_415(web: House, content_type: str) -> None:
    answer = web.hand_in(b"x", Content_Type=content_type)
    assert answer.status == 415
    assert answer.json["code"] == "media_type_not_supported"


def test_a_body_that_stops_half_way_leaves_nothing_behind(web: House) -> None:
    body = multipart(form(), ("a.pdf", PDF + b"x" * 900_000))
    with capture_logs() as said:
        web.raw(head(len(body)), body[:600_000], close=True)
        for _ in range(500):
            web.call("GET", "/healthz")  # each call gives the server a turn
            if {"event": "web.caller_went_away", "portal": "city"}.items() <= (said or [{}])[-1].items():
                break
        else:
            raise AssertionError("the end of the connection was not seen")
    assert_nothing_stayed(web)


def test_a_body_that_stalls_is_answered_and_leaves_nothing_behind(house: House) -> None:
    web = house.serve(silence=timedelta(milliseconds=200))
    body = multipart(form(), ("a.pdf", PDF + b"x" * 900_000))
    answer = web.raw(head(len(body)), body[:600_000])
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"body_stalled" in answer
    assert_nothing_stayed(web)


def test_chunks_without_a_length_are_a_411(web: House) -> None:
    answer = web.raw(head(None, Transfer_Encoding="chunked"), b"5\r\n--fro\r\n")
    assert answer.startswith(b"HTTP/1.1 411 ")
    assert b"length_required" in answer
    assert_nothing_stayed(web)


@pytest.mark.parametrize(
    ("size", "content_type"), [(5_000_001, BOUNDARY), (1024 * 1024 + 1, "application/json")]
)
def test_too_much_is_refused_by_its_length_before_it_is_read(
    web: House, size: int, content_type: str
) -> None:
    answer = web.raw(head(size, content_type, Expect="100-continue"))
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"Connection: close" in answer or b"connection: close" in answer
    assert_nothing_stayed(web)


def test_a_letter_part_that_is_too_large_is_refused_while_it_comes(web: House) -> None:
    answer = web.hand_in_multipart(form(text="x" * 300_000))
    assert answer.status == 413
    assert "the letter" in answer.json["detail"]
    assert_nothing_stayed(web)


def test_a_length_that_promises_too_little_ends_in_a_refusal(web: House) -> None:
    body = multipart(form(), ("a.pdf", PDF))
    answer = web.raw(head(len(body) - 60), body)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert_nothing_stayed(web)


def test_a_length_that_is_no_number_is_a_400(web: House) -> None:
    answer = web.raw(head(None, Content_Length="many"), b"x")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert_nothing_stayed(web)


def test_two_lengths_that_disagree_are_a_400(web: House) -> None:
    answer = web.raw(head(4, Content_length="7"), b"12345678")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert_nothing_stayed(web)


def test_what_follows_the_closing_boundary_does_no_harm(web: House) -> None:
    body = multipart(form(), ("a.pdf", PDF)) + b"\r\nepilogue"
    assert web.hand_in(body, Content_Type=BOUNDARY).status == 201
