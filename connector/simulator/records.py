"""What the three books of the outside world hold: plain records, made to be compared."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

__all__ = [
    "AttachmentMark",
    "Call",
    "EntryState",
    "HandsetMessage",
    "Move",
    "MoveKind",
    "OfficeEntry",
    "Search",
    "SubmissionRecord",
    "ToldFact",
    "WriteBack",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class AttachmentMark:
    """By what a file is known again on the other side: its content, not its bytes."""

    name: str
    size: int
    digest: str
    """SHA-256, hexadecimal."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SubmissionRecord:
    """One line of the portal's book: what a citizen handed in, and what came back."""

    submission_id: str
    mark: str
    """A word in the letter's text that is found again wherever the letter goes; unique in this book."""
    mobile: str
    identity_number: str
    service: str
    attachments: tuple[AttachmentMark, ...]
    attempts: int = 0
    tracking_code: str | None = None
    """Given when the daemon acknowledged; None where it never did."""
    refused_with: int | None = None
    """The HTTP status of a refusal at the door (4xx)."""
    acknowledged_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WriteBack:
    """One call of the daemon to the portal: the letter's public state after one fact."""

    submission_id: str
    tracking_code: str
    position: int
    fact: str
    status: str
    received_at: datetime
    registered_as: tuple[str, str, int | None] | None = None
    """Number, secretariat and year; None where it tells of no registration."""


class MoveKind(StrEnum):
    """What happens to a letter in the office."""

    NUMBERED = "numbered"
    REFUSED = "refused"
    REFERRED = "referred"
    ANSWERED = "answered"
    RETURNED = "returned"
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """One step of a letter through the office; it has happened once its time has come."""

    kind: MoveKind
    at: datetime
    unit: str | None = None
    reference: str | None = None
    is_confidential: bool = False
    text: str | None = None
    """The answer, or the reason of a refusal or return."""
    number: str | None = None
    """The answer's own number."""
    code: str | None = None


class EntryState(StrEnum):
    """Where an entry of the office's book stands, in the office's own words."""

    ACCEPTED = "accepted"
    REGISTERED = "registered"
    REFERRED = "referred"
    ANSWERED = "answered"
    CLOSED = "closed"
    RETURNED = "returned"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """What the office is asked to register, read from the wire."""

    key: str
    secretariat: str
    subject: str
    body: str
    sender_kind: str
    sender_id: str
    sender_name: str
    sender_mobile: str
    unit: str | None
    urgency: int
    confidentiality: int
    letter_date: str
    attachments: tuple[AttachmentMark, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Search:
    """By what the office is searched; every condition that is given must hold."""

    secretariat: str
    sender_id: str
    first_day: str
    """Jalali, ``yyyy/MM/dd``: such texts sort as their days do."""
    last_day: str
    subject: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OfficeEntry:
    """One line of the office's book, with everything that will happen to the letter and when."""

    call: Call
    document_id: str
    entered_at: datetime
    number: str | None
    """None for letters that were refused, or are only accepted so far."""
    year: int | None
    registered_on: date | None
    state: EntryState
    moves: tuple[Move, ...]
    """What has happened until now, in order."""
    is_finished: bool
    """True when nothing more will happen."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HandsetMessage:
    """One SMS that arrived at the gateway for a citizen's handset."""

    mobile: str
    text: str
    local_id: int | None
    received_at: datetime
    sequence: int
    """Order of arrival over all handsets."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldFact:
    """One SMS, read by a person's eye: which letter, which fact."""

    mobile: str
    text: str
    sequence: int
    tracking_code: str | None
    """None where the text names no letter that is known."""
    kind: str | None
    """``received``, ``registered``, ...; None where the text tells no fact that is known."""
    unit: str | None = None
    """The unit that it names, for referrals."""
