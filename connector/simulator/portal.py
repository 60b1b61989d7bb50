"""The agency's citizen portal: hands letters in as a real one does, keeps its own book, is called back."""

import hmac
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final

import orjson
import requests

from connector import clock
from connector.simulator.letters import SyntheticLetter
from connector.simulator.records import AttachmentMark, SubmissionRecord, WriteBack
from connector.simulator.serving import Reply, Request

__all__ = ["CitizenPortal", "PortalBook", "WriteBackDoor", "submission_document"]

SIGNATURE_AGE: Final = timedelta(minutes=5)


class PortalBook:
    """What the portal knows: submissions, what came back at once, and the write-backs. Thread-safe."""

    def __init__(self) -> None:
        """Begin empty."""
        self._lock = threading.Lock()
        self._submissions: dict[str, SubmissionRecord] = {}
        self._write_backs: list[WriteBack] = []
        self.bad_signatures = 0
        self.stale_signatures = 0

    def open(self, record: SubmissionRecord) -> None:
        """Write a submission down before it is handed in for the first time."""
        with self._lock:
            self._submissions[record.submission_id] = record

    def change(self, submission_id: str, **changes: Any) -> None:
        """Write down what came back for a submission."""
        with self._lock:
            self._submissions[submission_id] = replace(self._submissions[submission_id], **changes)

    def tried(self, submission_id: str) -> None:
        """Count one attempt."""
        with self._lock:
            record = self._submissions[submission_id]
            self._submissions[submission_id] = replace(record, attempts=record.attempts + 1)

    def write_back(self, news: WriteBack) -> None:
        """Keep a write-back, repeats included."""
        with self._lock:
            self._write_backs.append(news)

    def refuse_signature(self) -> None:
        """Count a call back whose signature is wrong."""
        with self._lock:
            self.bad_signatures += 1

    def refuse_age(self) -> None:
        """Count a call back that is signed rightly, by a clock that is far from ours."""
        with self._lock:
            self.stale_signatures += 1

    def submissions(self) -> list[SubmissionRecord]:
        """Return every submission, in the order in which the citizens handed them in."""
        with self._lock:
            return list(self._submissions.values())

    def write_backs(self) -> list[WriteBack]:
        """Return every write-back in order of arrival."""
        with self._lock:
            return list(self._write_backs)


def submission_document(letter: SyntheticLetter, *, submission_id: str, submitted_at: str) -> dict[str, Any]:
    """Return the JSON part of a submission, as the daemon's push interface wants it."""
    sender = letter.sender
    return {
        "submission_id": submission_id,
        "service": letter.service,
        "subject": letter.subject,
        "text": letter.text,
        "urgency": letter.urgency,
        "confidentiality": letter.confidentiality,
        "language": letter.language,
        "submitted_at": submitted_at,
        "sender": {
            "kind": sender.kind,
            "identity_number": sender.identity_number,
            "name": sender.name,
            "mobile": sender.mobile,
            **({"representative": sender.representative} if sender.representative else {}),
        },
    }


@dataclass
class CitizenPortal:
    """Hands letters in at the daemon's address. Thread-safe as long as each thread hands in other letters."""

    address: Callable[[], str]
    """Where the daemon listens now, without the path."""
    name: str
    token: str
    book: PortalBook = field(default_factory=PortalBook)
    now: clock.Now = clock.now
    answer_within: timedelta = timedelta(seconds=20)
    retry_after: timedelta = timedelta(milliseconds=200)
    _stopping: threading.Event = field(default_factory=threading.Event)

    def hand_in(self, letter: SyntheticLetter, *, give_up_after: timedelta) -> SubmissionRecord:
        """Hand one letter in and return its line of the book.

        A refused connection, a broken one, a 429 and a 5xx are tried again with the same submission id until
        the time is over, as a careful portal does; a 4xx is the end of it.
        """
        submission_id = f"{self.name}-{letter.mark}"
        self.book.open(_record(letter, submission_id))
        document = submission_document(
            letter, submission_id=submission_id, submitted_at=self.now().isoformat(timespec="seconds")
        )
        deadline = clock.monotonic() + give_up_after.total_seconds()
        with requests.Session() as session:
            session.trust_env = False
            while not self._stopping.is_set() and clock.monotonic() < deadline:
                if self._attempt(session, submission_id, document, letter):
                    break
                self._stopping.wait(self.retry_after.total_seconds())
        return next(each for each in self.book.submissions() if each.submission_id == submission_id)

    def stop(self) -> None:
        """Give up every submission that is being tried again."""
        self._stopping.set()

    def _attempt(
        self, session: requests.Session, submission_id: str, document: dict[str, Any], letter: SyntheticLetter
    ) -> bool:
        self.book.tried(submission_id)
        try:
            answer = session.post(
                f"{self.address()}/portals/{self.name}/letters",
                headers={"Authorization": f"Bearer {self.token}"},
                files=_parts(document, letter),
                timeout=(2, self.answer_within.total_seconds()),
            )
        except requests.RequestException:
            return False
        if answer.status_code in {200, 201}:
            self.book.change(
                submission_id, tracking_code=answer.json()["tracking_code"], acknowledged_at=self.now()
            )
            return True
        if answer.status_code < 500 and answer.status_code != 429:
            self.book.change(submission_id, refused_with=answer.status_code)
            return True
        return False


def _parts(
    document: dict[str, Any], letter: SyntheticLetter
) -> Sequence[tuple[str, tuple[str | None, bytes, str]]]:
    return [
        ("letter", (None, orjson.dumps(document), "application/json")),
        *(("attachment", (each.name, each.content, each.media_type)) for each in letter.documents),
    ]


def _record(letter: SyntheticLetter, submission_id: str) -> SubmissionRecord:
    return SubmissionRecord(
        submission_id=submission_id,
        mark=letter.mark,
        mobile=letter.sender.mobile,
        identity_number=letter.sender.identity_number,
        service=letter.service,
        attachments=tuple(
            AttachmentMark(name=each.name, size=len(each.content), digest=sha256(each.content).hexdigest())
            for each in letter.documents
        ),
    )


@dataclass
class WriteBackDoor:
    """The portal's address for news about letters. Give it to a LoopbackServer."""

    book: PortalBook
    secret: str
    now: clock.Now = clock.now

    def __call__(self, request: Request) -> Reply:
        """Take one piece of news: 401 when it is not signed with our secret, 400 when it cannot be read."""
        if request.method == "HEAD":
            return Reply(405, headers={"Allow": "POST"})
        body = request.body.read()
        timestamp = request.headers.get("chapar-timestamp", "")
        if not self._is_signed(request, timestamp, body):
            self.book.refuse_signature()
            return Reply(401)
        if abs(self.now().timestamp() - int(timestamp)) > SIGNATURE_AGE.total_seconds():
            self.book.refuse_age()
            return Reply(401)
        try:
            read = orjson.loads(body)
            news = WriteBack(
                submission_id=str(read["submission_id"]),
                tracking_code=str(read["tracking_code"]),
                position=int(read["position"]),
                fact=str(read["fact"]),
                status=str(read["status"]),
                received_at=self.now(),
                registered_as=_registered_as(read["registration"]),
            )
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            return Reply(400)
        self.book.write_back(news)
        return Reply(204)

    def _is_signed(self, request: Request, timestamp: str, body: bytes) -> bool:
        if not timestamp.isdecimal():
            return False
        wanted = hmac.new(self.secret.encode(), timestamp.encode() + b"." + body, sha256).hexdigest()
        given = request.headers.get("chapar-signature", "")
        return hmac.compare_digest(given.encode(), f"sha256={wanted}".encode())


def _registered_as(registration: Any) -> tuple[str, str, int | None] | None:
    if registration is None:
        return None
    year = registration["year"]
    return str(registration["number"]), str(registration["secretariat"]), None if year is None else int(year)
