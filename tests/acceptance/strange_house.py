"""One real daemon between a whole agency and the strangest callers, offices and gateways, started once for a table."""

import http.client
import json
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from connector.clock import monotonic
from connector.simulator.agency import SimulatedAgency
from connector.simulator.fates import Fate, FateDeck, Pace
from connector.simulator.office_rest import RestDoor
from connector.simulator.office_soap import SoapDoor
from connector.simulator.process import DaemonProcess, chapar
from connector.simulator.records import OfficeEntry
from connector.simulator.serving import LoopbackServer, Reply, Request

PATIENCE = timedelta(seconds=40)
PAUSE = threading.Event()
"""Never set: a wait on it is a short rest between two looks."""

Spoil = Callable[[Reply], Reply]

OFFICE = """
[offices.{kind}-{number}]
adapter = "{kind}"
mapping = "simulated-{kind}"
http = {{url = "{url}"}}
username = "chapar"
password = {{file = "secrets/office-password"}}
token = {{file = "secrets/office-token"}}
"""
ROUTE = """
  - when: {{service: {kind}-{number}}}
    to: {{office: {kind}-{number}, secretariat: "{secretariat}", gateway: sms}}
"""
SPOILED_AT_ONE_OFFICE = 4
"""One more in a row, and its breaker would hold the letters back for a while, as it should."""
OFFICES_OF_A_KIND = 6

MORE = """
[offices.absent]
adapter = "rest"
mapping = "simulated-rest"
http = {{url = "http://127.0.0.1:9"}}
token = {{file = "secrets/office-token"}}

[offices.locked]
adapter = "soap"
mapping = "simulated-soap"
http = {{url = "{soap}"}}
username = "chapar"
password = {{file = "secrets/wrong-password"}}

[gateways.garbling]
adapter = "kavenegar"
key = {{file = "secrets/gateway-key"}}
sender = "10000000"
http = {{url = "{garbling}"}}
"""
ROUTES = """
  - when: {service: to-absent}
    to: {office: absent, secretariat: "20", gateway: sms}
  - when: {service: to-locked}
    to: {office: locked, secretariat: "10", gateway: sms}
  - when: {service: to-garbling}
    to: {office: branch, secretariat: "20", gateway: garbling}
"""


@dataclass(frozen=True)
class Answer:
    """What the daemon answered."""

    status: int
    document: Any

    @property
    def problems(self) -> set[tuple[str, str]]:
        return {(each["field"], each["code"]) for each in self.document.get("problems", [])}


class StrangeDoor:
    """An office's door whose answers are spoiled: the first to each letter whose subject carries a mark."""

    def __init__(self, door: Callable[[Request], Reply]) -> None:
        self._door = door
        self._spoils: dict[bytes, Spoil] = {}

    def spoil(self, mark: str, spoil: Spoil) -> None:
        self._spoils[mark.encode()] = spoil

    def __call__(self, request: Request) -> Reply:
        body = request.body.read()
        request.body.seek(0)
        reply = self._door(request)
        mark = next((mark for mark in list(self._spoils) if mark in body), None)
        return reply if mark is None else self._spoils.pop(mark)(reply)


class StrangeHouse:
    """The daemon, everything around it, and what it kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.agency = SimulatedAgency(folder, pace=Pace(refer_after=timedelta(hours=1)))
        for office in self.agency.offices:
            office.book.deck = FateDeck(1, (Fate.ANSWERED,))
        self.soap = StrangeDoor(SoapDoor(self.agency.main, "chapar", self.secret("office-password")))
        self.rest = StrangeDoor(RestDoor(self.agency.branch, self.secret("office-token")))
        self._servers = [LoopbackServer(door) for door in (self.soap, self.rest, _garble)]
        self._daemon = DaemonProcess(self.agency.files, self.agency.daemon_url)

    @property
    def config(self) -> Path:
        return self.agency.files.configuration

    def secret(self, name: str) -> str:
        return (self.folder / "secrets" / name).read_text().strip()

    def __enter__(self) -> "StrangeHouse":
        self.agency.__enter__()
        for server in self._servers:
            server.start()
        self._configure()
        made = self.chapar("db", "upgrade")
        assert made.returncode == 0, made.stderr
        self._daemon.start()
        self._daemon.wait_alive(PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        self._daemon.leave_none_behind()
        for server in self._servers:
            server.stop()
        self.agency.__exit__()

    def _configure(self) -> None:
        soap, rest, garbling = (server.url for server in self._servers)
        text = self.config.read_text(encoding="utf-8")
        text = re.sub(r'(\[offices\.main\][^\[]*?url = )"[^"]*"', rf'\1"{soap}/soap"', text)
        text = re.sub(r'(\[offices\.branch\][^\[]*?url = )"[^"]*"', rf'\1"{rest}"', text)
        text = text.replace("[intake]\n", '[intake]\nlargest_attachment = "2MB"\nmost_attachments = 3\n')
        text = text.replace("[web]\n", '[web]\nlargest_submission = "8MB"\n')
        text += MORE.format(soap=f"{soap}/soap", garbling=garbling)
        routes = ROUTES
        for kind, url, secretariat in (("soap", f"{soap}/soap", "10"), ("rest", rest, "20")):
            for number in range(OFFICES_OF_A_KIND):
                text += OFFICE.format(kind=kind, number=number, url=url)
                routes += ROUTE.format(kind=kind, number=number, secretariat=secretariat)
        self.config.write_text(text, encoding="utf-8")
        (self.folder / "secrets" / "wrong-password").write_text("a wrong one")
        with (self.folder / "routes.yaml").open("a", encoding="utf-8") as file:
            file.write(routes.removeprefix("\n"))

    # --- calling

    def chapar(self, *arguments: str) -> Any:
        """Run a command of the operator."""
        return chapar(*arguments, "--config", str(self.config), within=PATIENCE)

    def call(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Make an ordinary call as the portal."""
        caller = http.client.HTTPConnection(
            "127.0.0.1", self.agency.daemon_port, timeout=PATIENCE.total_seconds()
        )
        token = {"Authorization": f"Bearer {self.agency.portal.token}"}
        try:
            caller.request(method, path, body, token | dict(headers or {}))
            answer = caller.getresponse()
            return Answer(answer.status, json.loads(answer.read()))
        finally:
            caller.close()

    def hand_in(self, body: bytes, content_type: str = "application/json") -> Answer:
        """Hand a submission in."""
        return self.call("POST", "/portals/web/letters", body, {"Content-Type": content_type})

    def letter(self, submission_id: str) -> Any:
        """Ask how far a letter is."""
        return self.call("GET", f"/portals/web/letters/{submission_id}").document

    # --- what it kept

    def kept(self) -> tuple[Any, ...]:
        """Everything that a submission leaves behind: rows, and files whole or half."""
        with _reading(self.folder / "chapar.db") as database:
            tables = ("letters", "letter_attachments", "attachment_contents")
            rows = [database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]
        files = sorted(path.name for path in (self.folder / "attachments").rglob("*") if path.is_file())
        return (*rows, *files)

    def messages(self) -> list[tuple[str, str]]:
        """Gateway and status of every message."""
        with _reading(self.folder / "chapar.db") as database:
            return list(
                database.execute(
                    "SELECT messages.gateway, schedule.status FROM messages"
                    " JOIN schedule ON schedule.work_id = CAST(messages.own_id AS TEXT)"
                )
            )

    def entries(self, subject: str) -> list[OfficeEntry]:
        """The lines of the offices' books about the letter of this subject."""
        return [entry for entry in self.agency.entries() if entry.call.subject == subject]

    def log(self) -> str:
        return self.agency.files.log.read_text(encoding="utf-8")

    def is_running(self) -> bool:
        return self._daemon.is_running()


class _reading:
    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)

    def __enter__(self) -> sqlite3.Connection:
        return self._connection

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def _garble(_: Request) -> Reply:
    return Reply(200, b"<html>\xff\xfe{")


def until(look: Callable[[], Any]) -> Any:
    """Look until there is something to see, within a bound, and return it."""
    deadline = monotonic() + PATIENCE.total_seconds()
    while monotonic() < deadline:
        seen = look()
        if seen:
            return seen
        PAUSE.wait(0.05)
    raise AssertionError("it was not seen in time")


def form(submission_id: str, **changes: Any) -> dict[str, Any]:
    """Return a form that is accepted."""
    return {
        "submission_id": submission_id,
        "service": "request",
        "subject": f"درخواست {submission_id}",
        "text": f"با سلام، متن {submission_id}.",
        "sender": sender(),
        **changes,
    }


def sender(**changes: Any) -> dict[str, Any]:
    """Return a sender who is accepted."""
    return {
        "kind": "natural",
        "identity_number": "0084575948",
        "name": "شهروند نمونه",
        "mobile": "09000000001",
        **changes,
    }


def as_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


BOUNDARY = "multipart/form-data; boundary=frontier"


def a_file(
    name: str, content: bytes, *, media_type: str | None = None, disposition: str | None = None
) -> bytes:
    """Return one part with a file."""
    head = disposition or f'form-data; name="attachment"; filename="{name}"'
    lines = [f"Content-Disposition: {head}"] + ([f"Content-Type: {media_type}"] if media_type else [])
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def as_multipart(letter: bytes, *files: bytes, end: bytes = b"--frontier--\r\n") -> bytes:
    """Return a body with the letter and then the files."""
    parts = [b'Content-Disposition: form-data; name="letter"\r\n\r\n' + letter, *files]
    return b"".join(b"--frontier\r\n" + part + b"\r\n" for part in parts) + end


def lines_of(log: str) -> Iterator[dict[str, Any]]:
    """Yield the log's lines."""
    for line in log.splitlines():
        yield json.loads(line)
