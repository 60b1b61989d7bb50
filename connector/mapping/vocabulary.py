"""The names that expressions and templates may use, and how a letter is laid out under them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from connector.domain.attachment import Attachment
from connector.domain.calendar import TEHRAN, local_date
from connector.domain.letter import Letter
from connector.domain.registration import LetterReference
from connector.mapping.expressions import Known
from connector.mapping.schema import OfficeMapping
from connector.mapping.writing import ContentMark, packed_mark

__all__ = [
    "REGISTRATION",
    "REPLY",
    "known_in_session",
    "known_of",
    "letter_values",
    "office_time",
    "registration_values",
]

_ALWAYS: Final[Known] = {
    "credentials": {"username": None, "password": None, "token": None},
    "now": None,
}

_LETTER: Final[Known] = dict.fromkeys(
    (
        "letter_id",
        "tracking_code",
        "portal",
        "submission_id",
        "subject",
        "text",
        "service",
        "urgency",
        "confidentiality",
        "language",
        "fields",
        "received_at",
        "received_on",
    )
)

_SENDER: Final[Known] = dict.fromkeys(
    (
        "kind",
        "identity_number",
        "name",
        "mobile",
        "representative",
        "email",
        "postcode",
        "address",
    )
)

_KNOWN: Final[Mapping[str, Known]] = {
    "register": {
        "letter": _LETTER,
        "sender": _SENDER,
        "correlation_key": None,
        "secretariat": None,
        "unit": None,
        "attachments": None,
    },
    "find": {"correlation_key": None, "secretariat": None},
    "verify": {"secretariat": None},
    "search": {
        "letter": _LETTER,
        "sender": _SENDER,
        "correlation_key": None,
        "secretariat": None,
        "since": None,
        "until": None,
    },
    "progress": {"references": None, "reference": None},
    "check": {},
}

REPLY: Final[Known] = {"reply": None, "http": {"status": None}, "outer": None}
"""The names that expressions over an answer may use."""

REGISTRATION: Final[Known] = dict.fromkeys(("number", "year", "secretariat", "office_reference"))
"""The names that a letter's registration has for the steps that follow it."""


def known_of(operation: str, mapping: OfficeMapping) -> Known:
    """Return the names that the ``send`` of this operation may use."""
    known = {**_KNOWN[operation], **_ALWAYS}
    return known if mapping.session is None else {**known, "session": dict.fromkeys(mapping.session.names)}


def known_in_session(names: Sequence[str]) -> Known:
    """Return the names that a step of the session may use, after these were taken."""
    return {**_ALWAYS, "session": dict.fromkeys(names)}


def registration_values(reference: LetterReference) -> dict[str, Any]:
    """Return a letter's registration as plain values under their names."""
    registration = reference.registration
    return {
        "office_reference": reference.office_reference
        or (registration.office_reference if registration else None),
        "number": registration.number if registration else None,
        "secretariat": reference.secretariat,
        "year": registration.year if registration else None,
    }


def letter_values(letter: Letter, attachments: Sequence[tuple[Attachment, ContentMark]]) -> dict[str, Any]:
    """Return the letter, its sender and its attachments as plain values under their names."""
    sender = letter.sender
    return {
        "letter": {
            "letter_id": letter.letter_id,
            "tracking_code": letter.tracking_code,
            "portal": letter.portal,
            "submission_id": letter.submission_id,
            "subject": letter.subject,
            "text": letter.text,
            "service": letter.service,
            "urgency": str(letter.urgency),
            "confidentiality": str(letter.confidentiality),
            "language": str(letter.language),
            "fields": dict(letter.fields),
            "received_at": letter.received_at.isoformat(),
            "received_on": local_date(letter.received_at).isoformat(),
        },
        "sender": {
            "kind": str(sender.kind),
            "identity_number": sender.identity_number,
            "name": sender.name,
            "mobile": sender.mobile,
            "representative": sender.representative,
            "email": sender.email,
            "postcode": sender.postcode,
            "address": sender.address,
        },
        "attachments": [_attachment(attachment, mark) for attachment, mark in attachments],
    }


def office_time(at: datetime) -> str:
    """Return an instant as expressions see it: the local time of the offices, so that ``date`` gives their day."""
    return at.astimezone(TEHRAN).isoformat()


def _attachment(attachment: Attachment, mark: ContentMark) -> dict[str, Any]:
    name, dot, extension = attachment.name.rpartition(".")
    return {
        "name": attachment.name,
        "extension": extension.lower() if dot and name else "",
        "media_type": attachment.media_type,
        "size": attachment.size,
        "digest": attachment.digest,
        "content": mark,
        "gzip_content": ContentMark(packed_mark(mark)),
    }
