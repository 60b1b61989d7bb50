"""The letter, and the submission it is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from connector.domain.attachment import Attachment
from connector.domain.person import Person

__all__ = ["Confidentiality", "Language", "Letter", "Route", "Submission", "Urgency"]


class Urgency(StrEnum):
    """How soon the sender asks for an answer; mapped to the office's own list (ECE: 1, 2, 3)."""

    NORMAL = "normal"
    URGENT = "urgent"
    IMMEDIATE = "immediate"


class Confidentiality(StrEnum):
    """Who may see the letter in the office; mapped to the office's own list (ECE: 1, 2, 3)."""

    NORMAL = "normal"
    CONFIDENTIAL = "confidential"
    SECRET = "secret"  # noqa: S105 - a classification, not a password


class Language(StrEnum):
    """The tongue in which the citizen is told."""

    FA = "fa"
    EN = "en"


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """The portal's form, read and normalised, its files already in the attachment store; dies at the front door."""

    portal: str
    submission_id: str
    """The portal's own id: the same id with the same content is the same submission."""
    sender: Person
    subject: str
    text: str
    service: str
    """Which of the agency's services the citizen chose; the routes decide by it."""
    unit: str | None = None
    urgency: Urgency = Urgency.NORMAL
    confidentiality: Confidentiality = Confidentiality.NORMAL
    language: Language = Language.FA
    attachments: tuple[Attachment, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    """Further fields of the portal's form, for mappings that want them."""
    submitted_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """Where letters of one kind go: an office, a secretariat in it, and the gateway that tells the citizen."""

    office: str
    secretariat: str
    gateway: str
    unit: str | None = None
    """The unit that the letter is addressed to when the citizen chose none."""
    needs_review: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """What the citizen sends and the office registers."""

    letter_id: str
    """ULID, 26 characters, made by us."""
    tracking_code: str
    """What the citizen is given to ask with."""
    portal: str
    submission_id: str
    sender: Person
    subject: str
    text: str
    service: str
    unit: str | None
    urgency: Urgency
    confidentiality: Confidentiality
    language: Language
    attachments: tuple[Attachment, ...]
    fields: Mapping[str, str]
    received_at: datetime

    @property
    def correlation_key(self) -> str:
        """What we give the office so that the letter can be found again: stable for the letter's whole life."""
        return self.letter_id
