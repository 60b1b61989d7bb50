"""What the ledger hands out and takes in about messages that citizens send, as plain records."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from connector.domain.letter import Language
from connector.domain.message import ReplyKind

__all__ = [
    "ClosedLetter",
    "InboxState",
    "IncomingOutcome",
    "IncomingRow",
    "OwnLetter",
    "Question",
    "SentReply",
    "Verdict",
]


class IncomingOutcome(StrEnum):
    """What became of a message, besides what it asked for."""

    ANSWERED = "answered"
    SILENT = "silent"
    """Obeyed, and not answered: too many came from this number, or it is too long ago."""
    IGNORED = "ignored"
    """Its sender is no mobile: a bank, a short code."""
    UNREADABLE = "unreadable"
    """What is sealed of it does not open: its key is not in the ring, or the row was tampered with."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A message that is not handled yet."""

    incoming_id: str
    gateway: str
    received_at: datetime
    """By our clock; the gateway's decides nothing."""
    mobile: str | None = field(repr=False)
    """None where the sender is no mobile."""
    text: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnLetter:
    """A letter of the number that wrote to us."""

    letter_id: str
    language: Language


@dataclass(frozen=True, kw_only=True, slots=True)
class ClosedLetter:
    """The letter of a number that was closed last, with the mark that it has."""

    letter_id: str
    language: Language
    mark: int | None = None
    marked_at: datetime | None = None
    """When it got its first mark."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SentReply:
    """A reply that a number got before."""

    kind: ReplyKind
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What is done about a message; the ledger writes all of it in one transaction."""

    command: str
    """A closed word."""
    outcome: IncomingOutcome
    reply: ReplyKind | None = None
    language: Language = Language.FA
    letter_id: str | None = None
    """The letter that it is about."""
    wants_messages: bool | None = None
    """The number's own word on whether it wants our messages; None where it said nothing of it."""
    mark: int | None = None
    """For the letter that it is about."""


@dataclass(frozen=True, kw_only=True, slots=True)
class InboxState:
    """Where an inbox was left."""

    cursor: str | None = None
    brought_at: datetime | None = None
    """When it last brought a message."""
    failing_since: datetime | None = None
    """Since when it cannot be read; None while it can."""
    reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class IncomingRow:
    """One line of the list of messages; nothing personal, unless it was asked for."""

    incoming_id: str
    gateway: str
    received_at: datetime
    handled_at: datetime | None
    command: str | None
    outcome: str | None
    reply: str | None
    tracking_code: str | None
    """Of the letter that it is about."""
    sender: str | None = field(default=None, repr=False)
    text: str | None = field(default=None, repr=False)
    line: str | None = None
