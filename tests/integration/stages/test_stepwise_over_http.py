"""A stepwise office over real HTTP (an upload for each attachment, the create, a workflow), its connections reset.

It is reached by an adapter as an integrator would program it, and by a mapping.
"""

import base64
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import orjson
import pytest

from adapters.offices.rest import OFFICE, RestOfficeSettings
from connector.domain.attachment import Attachment
from connector.domain.lifecycle import Stage, Status
from connector.domain.registration import LetterReference, Registration
from connector.errors import Misbehaved, Unavailable
from connector.ledger import Ledger
from connector.ledger.records import OutboxPolicy
from connector.ports.catalogue import AdapterSite
from connector.ports.office import Completion, Kept, OfficeAdapter, OfficeCapabilities, RegistrationRequest
from connector.ports.outcomes import Found, Outcome, Registered
from connector.testing.builders import HeldClock, a_submission
from connector.transport.http import HttpClient, HttpOptions
from tests.integration.stages.conftest import Agency

FILES = (b"first file", b"the second file")


class Book(ThreadingHTTPServer):
    """The office's side: what was uploaded, what was numbered, which workflows run; and which calls are reset."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Desk)
        self.uploads: dict[str, str] = {}
        self.letters: list[dict[str, Any]] = []
        self.workflows: list[str] = []
        self.asked: list[str] = []
        self.resets: dict[str, deque[str]] = {}

    def take(self, path: str, body: bytes) -> Any:
        kind = path.split("/")[1].partition("?")[0]
        if kind == "login":
            return {"ticket": f"t-{self.asked.count('login')}"}
        if kind == "uploads":
            if body.startswith(b"{"):
                body = base64.b64decode(orjson.loads(body)["data"])
            handle = f"u-{len(self.uploads) + 1}"
            self.uploads[handle] = sha256(body).hexdigest()
            return {"handle": handle}
        if kind == "workflows":
            self.workflows.append(path.rsplit("/", 1)[1])
            return {}
        letter = orjson.loads(body)
        self.letters.append(letter | {"number": f"1405-{len(self.letters) + 1}"})
        return self.letters[-1]


class Desk(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Book

    def do_POST(self) -> None:
        kind = self.path.split("/")[1]
        self.server.asked.append(kind)
        fates = self.server.resets.get(kind)
        fate = fates.popleft() if fates else None
        if fate == "before":
            self._reset()
            return
        if fate == "over":
            self.rfile.read(int(self.headers["Content-Length"] or 0))
            self._answer({"code": "over"}, is_reset=False)
            return
        answer = self.server.take(self.path, self.rfile.read(int(self.headers["Content-Length"] or 0)))
        self._answer(answer, is_reset=fate == "after")

    def do_GET(self) -> None:
        self.server.asked.append("find")
        fates = self.server.resets.get("find")
        key = self.path.partition("key=")[2]
        found = [letter for letter in self.server.letters if letter["key"] == key]
        self._answer(found, is_reset=bool(fates and fates.popleft()))

    def _answer(self, content: Any, *, is_reset: bool) -> None:
        body = orjson.dumps(content)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if is_reset else body)
        if is_reset:
            self._reset()

    def _reset(self) -> None:
        """Break the connection off so that the other side sees a reset and no end."""
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its parent's word
        """Keep silent."""


class StepwiseOffice:
    """The adapter, as an integrator would write it."""

    preparations_last = timedelta(hours=1)

    def __init__(self, url: str, *, is_repeatable: bool) -> None:
        self.capabilities = OfficeCapabilities(
            find_by_key=True, prepares=True, completes=True, longest_processing=timedelta(minutes=5)
        )
        self._client = HttpClient(
            HttpOptions(url=url, answer_within=timedelta(seconds=10)), 4, pause=lambda _: None
        )
        self._completion = Completion(name="start_workflow", is_repeatable=is_repeatable)

    def preparations(self, request: RegistrationRequest) -> Sequence[str]:
        return [f"upload_{position}" for position in range(len(request.attachments))]

    def prepare(self, step: str, request: RegistrationRequest) -> Kept:
        with request.attachments[int(step.rpartition("_")[2])].open() as stream:
            answer = self._post("/uploads", stream.read())
        return {"handle": answer["handle"]}

    def register(self, request: RegistrationRequest) -> Outcome:
        uploads = [request.kept[name]["handle"] for name in self.preparations(request)]
        letter = {"key": request.correlation_key, "uploads": uploads}
        return Registered(
            registration=self._registration(self._post("/letters", orjson.dumps(letter)), request.secretariat)
        )

    def find(self, correlation_key: str, secretariat: str) -> Found:
        answer = self._client.request("GET", "/letters", params={"key": correlation_key}, is_safe=True)
        found = orjson.loads(answer.body)
        return (
            Registered(registration=self._registration(found[0], secretariat), was_known=True)
            if found
            else None
        )

    def completions(self, request: RegistrationRequest) -> Sequence[Completion]:
        return [self._completion]

    def complete(self, step: str, request: RegistrationRequest, reference: LetterReference) -> None:
        assert reference.registration is not None
        self._post(f"/workflows/{reference.registration.number}", b"")

    def check(self) -> str:
        return "The office answers."

    def close(self) -> None:
        self._client.close()

    def _post(self, path: str, body: bytes) -> Any:
        answer = self._client.request("POST", path, body=body, is_safe=False)
        if answer.status != 200:
            raise Misbehaved(reason=f"http_{answer.status}") if answer.status < 500 else Unavailable()
        return orjson.loads(answer.body)

    def _registration(self, letter: Any, secretariat: str) -> Registration:
        return Registration(number=letter["number"], secretariat=secretariat, year=1405)


MAPPING = """
title: A stepwise office
source: written for this test
transport: rest
services: {office: {}}
session:
  open:
    - {name: log_in, request: {method: POST, path: /login}, take: {ticket: reply.ticket}}
  headers: {X-Ticket: session.ticket}
  expired: {codes: [over]}
limits: {longest_processing: PT5M}
operations:
  register:
    steps:
      - name: upload
        role: prepares
        each: attachments
        request: {method: POST, path: /uploads}
        send: {data: item.content}
        take: {handle: reply.handle}
        verdict: {code: "reply.code || 'ok'", means: {ok: done}}
      - name: create
        request: {method: POST, path: /letters}
        send: {key: correlation_key, uploads: taken.upload.handle}
        verdict: {code: "reply.code || 'ok'", means: {ok: registered}}
      - name: start_workflow
        role: follows
        repeatable: %s
        request: {method: POST, path: "/workflows/{{ registration.number }}"}
        verdict: {code: "reply.code || 'ok'", means: {ok: done}}
    registration: {number: reply.number, year: "'1405'"}
  find:
    steps:
      - name: look
        request: {path: /letters, query: {key: correlation_key}}
        verdict: {code: length(reply), means: {"0": absent, "1": known}}
    registration: {number: "reply[0].number", year: "'1405'"}
"""


def mapped(folder: Path, url: str, *, is_repeatable: bool) -> OfficeAdapter:
    """Return the adapter, as an integrator would write it down."""
    (folder / "offices").mkdir(exist_ok=True)
    (folder / "offices" / "mine.yaml").write_text(MAPPING % str(is_repeatable).lower(), encoding="utf-8")
    settings = {"mapping": "mine", "http": {"url": url}, "may_lack_cases": True}
    site = AdapterSite(name="main", mappings=(folder,), pool_size=4)
    return OFFICE.build(RestOfficeSettings.model_validate(settings), site)


@pytest.fixture(params=["programmed", "mapped"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def book() -> Iterator[Book]:
    server = Book()
    thread = threading.Thread(target=partial(server.serve_forever, poll_interval=0.01), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def make(
    book: Book, sqlite_url: str, open_on: Callable[..., Ledger], clock: HeldClock, way: str, tmp_path: Path
) -> Iterator[Callable[..., Agency]]:
    offices: list[Any] = []

    def agency(*, is_repeatable: bool = True) -> Agency:
        url = f"http://127.0.0.1:{book.server_port}"
        office: Any
        if way == "mapped":
            office = mapped(tmp_path, url, is_repeatable=is_repeatable)
        else:
            office = StepwiseOffice(url, is_repeatable=is_repeatable)
        offices.append(office)
        ledger = open_on(sqlite_url, policy=OutboxPolicy(completing_offices=frozenset({"main"})))
        return Agency(ledger=ledger, clock=clock, office=office)

    yield agency
    for office in offices:
        office.close()


def a_letter(agency: Agency) -> str:
    attachments = []
    for content in FILES:
        incoming = agency.ledger.attachments.begin()
        incoming.write(content)
        stored = incoming.finish()
        attachments.append(
            Attachment(name="a.txt", media_type="text/plain", size=stored.size, digest=stored.digest)
        )
    return agency.letter(a_submission(attachments=tuple(attachments)))


def live(agency: Agency, letter: str) -> None:
    for _ in range(40):
        agency.register()
        agency.reconcile()
        agency.complete()
        is_open = any(stage == "completion" for stage, _ in agency.ledger.oldest_due())
        if agency.status(letter) is Status.REGISTERED and not is_open:
            return
        agency.pass_time(timedelta(seconds=31))
    raise AssertionError(f"it does not come to its end: {agency.events(letter)}")


def compare(agency: Agency, book: Book, letter: str) -> None:
    (entry,) = book.letters
    registration = agency.state(letter).registration
    assert registration is not None
    assert (entry["key"], entry["number"]) == (letter, registration.number)
    assert [book.uploads[handle] for handle in entry["uploads"]] == [
        sha256(each).hexdigest() for each in FILES
    ]


def test_uploads_the_create_and_the_workflow_go_out_in_their_order(
    make: Callable[..., Agency], book: Book
) -> None:
    agency = make()
    letter = a_letter(agency)
    live(agency, letter)
    compare(agency, book, letter)
    assert [kind for kind in book.asked if kind != "login"] == ["uploads", "uploads", "letters", "workflows"]


@pytest.mark.parametrize("way", ["mapped"], indirect=True)
@pytest.mark.parametrize("kind", ["uploads", "letters", "workflows"])
def test_a_session_that_ends_in_the_middle_of_a_step_doubles_nothing(
    make: Callable[..., Agency], book: Book, kind: str
) -> None:
    book.resets = {kind: deque(["over"])}
    agency = make(is_repeatable=False)
    letter = a_letter(agency)
    live(agency, letter)
    compare(agency, book, letter)
    expected = {"uploads": 2, "letters": 1, "workflows": 1, "login": 2}
    expected[kind] += 1
    assert {each: book.asked.count(each) for each in expected} == expected
    assert "outcome_lost" not in agency.events(letter)


@pytest.mark.parametrize("fate", ["before", "after"])
@pytest.mark.parametrize("kind", ["uploads", "letters", "workflows"])
def test_a_connection_that_is_reset_in_the_middle_of_a_step_doubles_nothing(
    make: Callable[..., Agency], book: Book, kind: str, fate: str
) -> None:
    book.resets = {kind: deque([fate]), "find": deque(["after"])}
    agency = make()
    letter = a_letter(agency)
    live(agency, letter)
    compare(agency, book, letter)
    assert len(book.workflows) == (2 if (kind, fate) == ("workflows", "after") else 1)
    expected = {"uploads": 2, "letters": 1, "workflows": 1}
    if (kind, fate) != ("letters", "after"):  # that one is found, and not sent again
        expected[kind] += 1
    if (kind, fate) == ("letters", "before"):  # a lost create may have used up what was uploaded for it
        expected["uploads"] += 2
    assert {each: book.asked.count(each) for each in expected} == expected


def test_every_connection_is_reset_once(make: Callable[..., Agency], book: Book) -> None:
    kinds = ("uploads", "letters", "workflows", "find")
    book.resets = {kind: deque(["after", "before"][: 1 + (kind != "find")]) for kind in kinds}
    agency = make()
    letter = a_letter(agency)
    live(agency, letter)
    compare(agency, book, letter)


@pytest.mark.parametrize("fate", ["before", "after"])
def test_a_workflow_that_must_not_start_twice_is_a_question_for_a_person(
    make: Callable[..., Agency], book: Book, fate: str
) -> None:
    book.resets = {"workflows": deque([fate])}
    agency = make(is_repeatable=False)
    letter = a_letter(agency)
    live(agency, letter)
    agency.pass_time(timedelta(days=2))
    assert agency.claims(Stage.COMPLETION) == []
    assert book.asked.count("workflows") == 1
    (waiting,) = agency.ledger.journal.side_steps_waiting()
    assert (waiting.name, waiting.status) == ("start_workflow", "uncertain")
    agency.ledger.journal.settle_side_step(waiting.work_id, done=fate == "after")
    agency.complete()
    assert len(book.workflows) == 1
    compare(agency, book, letter)
