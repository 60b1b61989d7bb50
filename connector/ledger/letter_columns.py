"""How a letter is kept: a few plain columns to find it by, and everything personal sealed in one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from connector.domain.attachment import Attachment
from connector.domain.letter import Confidentiality, Language, Letter, Submission, Urgency
from connector.domain.person import Person, PersonKind
from connector.domain.text import fold
from connector.ledger.seal import KeyRing

__all__ = ["content_index", "letter_columns", "letter_of", "submission_digest"]


def letter_columns(
    submission: Submission, ring: KeyRing, *, letter_id: str, tracking_code: str, received_at: datetime
) -> dict[str, Any]:
    """Return the column values of a new letter."""
    sender = submission.sender
    return {
        "letter_id": letter_id,
        "tracking_code": tracking_code,
        "portal": submission.portal,
        "submission_id": submission.submission_id,
        "submission_digest": submission_digest(submission, ring),
        "service": submission.service,
        "received_at": received_at,
        "sealed": ring.seal(_personal(submission), f"letters:{letter_id}"),
        "sender_index": ring.blind(sender.identity_number, "sender"),
        "mobile_index": ring.blind(sender.mobile, "mobile"),
        "content_index": content_index(submission, ring),
    }


def submission_digest(submission: Submission, ring: KeyRing) -> str:
    """Return a keyed digest of everything the portal handed in; equal digests mean the same submission."""
    return ring.blind(_canonical(_personal(submission) | {"service": submission.service}), "submission")


def content_index(content: Submission | Letter, ring: KeyRing) -> str:
    """Return a keyed digest of who says what, to find the same letter sent twice under different submission ids.

    Words are compared folded: Arabic and Persian spellings of the same text are the same text.
    """
    said = {
        "sender": content.sender.identity_number,
        "service": content.service,
        "unit": content.unit,
        "subject": fold(content.subject),
        "text": fold(content.text),
        "attachments": [attachment.digest for attachment in content.attachments],
    }
    return ring.blind(_canonical(said), "content")


def letter_of(row: Any, ring: KeyRing) -> Letter:
    """Return the letter in a row of the letters table. Raise SealBroken if it does not open."""
    kept: Mapping[str, Any] = ring.open(row.sealed, f"letters:{row.letter_id}")
    sender = kept["sender"]
    return Letter(
        letter_id=row.letter_id,
        tracking_code=row.tracking_code,
        portal=row.portal,
        submission_id=row.submission_id,
        sender=Person(**(sender | {"kind": PersonKind(sender["kind"])})),
        subject=kept["subject"],
        text=kept["text"],
        service=row.service,
        unit=kept["unit"],
        urgency=Urgency(kept["urgency"]),
        confidentiality=Confidentiality(kept["confidentiality"]),
        language=Language(kept["language"]),
        attachments=tuple(Attachment(**attachment) for attachment in kept["attachments"]),
        fields=kept["fields"],
        received_at=row.received_at,
    )


def _personal(submission: Submission) -> dict[str, Any]:
    sender = submission.sender
    return {
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
        "subject": submission.subject,
        "text": submission.text,
        "unit": submission.unit,
        "urgency": str(submission.urgency),
        "confidentiality": str(submission.confidentiality),
        "language": str(submission.language),
        "attachments": [
            {"name": a.name, "media_type": a.media_type, "size": a.size, "digest": a.digest}
            for a in submission.attachments
        ],
        "fields": dict(submission.fields),
    }


def _canonical(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
