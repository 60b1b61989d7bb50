"""The names that expressions and templates may use, and how a letter is laid out under them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from connector.domain.attachment import Attachment
from connector.domain.calendar import TEHRAN, local_date
from connector.domain.letter import Letter
from connector.mapping.expressions import Known
from connector.mapping.writing import ContentMark

__all__ = ["REPLY", "known_of", "letter_values", "office_time"]

_CREDENTIALS: Final[Known] = {"username": None, "password": None, "token": None}

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
        "credentials": _CREDENTIALS,
    },
    "find": {"correlation_key": None, "secretariat": None, "credentials": _CREDENTIALS},
    "search": {
        "letter": _LETTER,
        "sender": _SENDER,
        "correlation_key": None,
        "secretariat": None,
        "since": None,
        "until": None,
        "credentials": _CREDENTIALS,
    },
    "progress": {"references": None, "reference": None, "credentials": _CREDENTIALS},
    "check": {"credentials": _CREDENTIALS},
}

REPLY: Final[Known] = {"reply": None, "http": {"status": None}}
"""The names that expressions over an answer may use."""


def known_of(operation: str) -> Known:
    """Return the names that the ``send`` of this operation may use."""
    return _KNOWN[operation]


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
    }
