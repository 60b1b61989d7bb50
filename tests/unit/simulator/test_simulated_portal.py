"""The portal: letters that are the same for the same seed, handed in with patience, and signed news taken."""

import hmac
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

import filetype
import pytest
import requests
from python_multipart.multipart import parse_options_header

from connector.domain.identifiers import normalise_legal_id, normalise_national_id
from connector.simulator.letters import SERVICES, letter
from connector.simulator.people import citizen
from connector.simulator.portal import CitizenPortal, PortalBook, WriteBackDoor
from connector.simulator.serving import HangUp, LoopbackServer, Reply, Request
from connector.testing.builders import HeldClock

PATIENCE = timedelta(seconds=20)


class Intake:
    """Stands in for the daemon's front door: plays a row of answers and remembers what it was given."""

    def __init__(self, *replies: Reply | None) -> None:
        self.replies, self.taken, self.headers = list(replies), [], {}

    def __call__(self, request: Request) -> Reply:
        self.taken.append((request.path, request.headers, request.body.read()))
        reply = self.replies.pop(0)
        if reply is None:
            raise HangUp
        return reply


def a_portal(server: LoopbackServer) -> CitizenPortal:
    return CitizenPortal(
        lambda: server.url, "web", "a-token", retry_after=timedelta(milliseconds=1), answer_within=PATIENCE
    )


ACKNOWLEDGED = Reply(201, b'{"tracking_code": "482915037264118"}')


def test_a_letter_goes_in_as_multipart_with_the_form_first() -> None:
    intake = Intake(ACKNOWLEDGED)
    with LoopbackServer(intake) as server:
        record = a_portal(server).hand_in(letter(1, seed=3), give_up_after=PATIENCE)
    assert record.tracking_code == "482915037264118"
    path, headers, body = intake.taken[0]
    assert (path, headers["authorization"]) == ("/portals/web/letters", "Bearer a-token")
    boundary = parse_options_header(headers["content-type"])[1][b"boundary"]
    parts = body.split(b"--" + boundary)[1:-1]
    names = [re.search(rb'name="(\w+)"', part).group(1) for part in parts]  # type: ignore[union-attr]
    assert names == [b"letter", *[b"attachment"] * len(record.attachments)]
    form = json.loads(parts[0].partition(b"\r\n\r\n")[2])
    assert (form["submission_id"], form["sender"]["mobile"]) == (record.submission_id, "09000000001")
    assert record.mark in form["text"]


def test_a_broken_connection_a_5xx_and_a_429_are_tried_again_with_the_same_id() -> None:
    intake = Intake(None, Reply(503), Reply(429), ACKNOWLEDGED)
    with LoopbackServer(intake) as server:
        record = a_portal(server).hand_in(letter(2, seed=3), give_up_after=PATIENCE)
    assert (record.attempts, record.tracking_code is None) == (4, False)
    assert all(record.submission_id.encode() in body for _, _, body in intake.taken)


def test_a_4xx_is_the_end_of_it() -> None:
    intake = Intake(Reply(422, b"{}"))
    with LoopbackServer(intake) as server:
        record = a_portal(server).hand_in(letter(2, seed=3), give_up_after=PATIENCE)
    assert (record.refused_with, record.tracking_code, len(intake.taken)) == (422, None, 1)


def test_a_daemon_that_never_answers_leaves_the_letter_unacknowledged() -> None:
    with LoopbackServer(Intake()) as server:
        pass
    record = a_portal(server).hand_in(letter(2, seed=3), give_up_after=timedelta(milliseconds=50))
    assert record.tracking_code is None
    assert record.attempts >= 1


def test_the_same_seed_and_serial_give_the_same_letter_and_files() -> None:
    assert letter(4, seed=9) == letter(4, seed=9)
    assert letter(4, seed=9) != letter(4, seed=8)


def test_fifty_letters_have_fifty_marks_both_services_and_all_kinds_of_files() -> None:
    letters = [letter(serial, seed=1) for serial in range(1, 51)]
    assert len({each.mark for each in letters}) == 50
    assert Counter(each.service for each in letters) == dict.fromkeys(SERVICES, 25)
    kinds = {document.media_type for each in letters for document in each.documents}
    assert len(kinds) == 5
    assert len({each.sender.mobile for each in letters}) < 50


def test_every_file_is_what_it_says_it_is() -> None:
    for serial in range(1, 6):
        for document in letter(serial, seed=2).documents:
            assert filetype.guess(document.content).mime == document.media_type


def test_identity_numbers_have_right_check_digits() -> None:
    for serial in range(1, 500):
        person = citizen(serial)
        normalise = normalise_legal_id if person.kind == "legal" else normalise_national_id
        assert normalise(person.identity_number) == person.identity_number
        assert re.fullmatch(r"0900000\d{4}", person.mobile)


class News:
    """Sends news to the portal's address, signed or not."""

    def __init__(self, url: str, clock: HeldClock) -> None:
        self.url, self.clock = url, clock

    def send(self, body: bytes, *, secret: str = "the-secret", age: timedelta = timedelta()) -> int:
        timestamp = str(int((self.clock.now() - age).timestamp()))
        digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, sha256).hexdigest()
        headers = {"Chapar-Timestamp": timestamp, "Chapar-Signature": f"sha256={digest}"}
        return requests.post(self.url, data=body, headers=headers, timeout=10).status_code


@pytest.fixture
def book() -> PortalBook:
    return PortalBook()


@pytest.fixture
def news(book: PortalBook, clock: HeldClock) -> Iterator[News]:
    with LoopbackServer(WriteBackDoor(book, "the-secret", now=clock.now)) as server:
        yield News(server.url, clock)


GOOD = json.dumps(
    {
        "submission_id": "web-1",
        "tracking_code": "1",
        "position": 2,
        "fact": "registered",
        "status": "registered",
        "registration": {"number": "000001", "secretariat": "10", "year": 1405},
    }
).encode()


def test_signed_news_is_written_down(news: News, book: PortalBook) -> None:
    assert news.send(GOOD) == 204
    (told,) = book.write_backs()
    assert (told.submission_id, told.position, told.fact) == ("web-1", 2, "registered")
    assert told.registered_as == ("000001", "10", 1405)


def test_news_with_a_wrong_or_old_signature_is_refused_and_counted(news: News, book: PortalBook) -> None:
    assert news.send(GOOD, secret="other") == 401
    assert news.send(GOOD, age=timedelta(minutes=6)) == 401
    assert (book.bad_signatures, book.stale_signatures, book.write_backs()) == (1, 1, [])


@pytest.mark.parametrize("body", [b"{", b"[]", b"{}"])
def test_news_that_cannot_be_read_is_a_400(news: News, body: bytes) -> None:
    assert news.send(body) == 400
