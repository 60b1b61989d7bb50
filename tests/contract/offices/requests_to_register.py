"""Requests to register, with made-up people and nasty texts."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from typing import Any

from connector.domain.attachment import Attachment, AttachmentContent
from connector.domain.letter import Confidentiality, Language, Letter, Urgency
from connector.ports.office import RegistrationRequest
from connector.testing.builders import a_person

NASTY = "درخواست <b>&amp;</b> ]]> «متن» 😀 \u200fABC ۱۲۳\u200e {{ subject }} ${x} \"'\\ می‌شود"


def content_of(name: str, content: bytes, media_type: str = "application/pdf") -> AttachmentContent:
    attachment = Attachment(
        name=name, media_type=media_type, size=len(content), digest=sha256(content).hexdigest()
    )
    return AttachmentContent(attachment=attachment, open=partial(io.BytesIO, content))


def a_letter(key: str, **changes: Any) -> Letter:
    letter = Letter(
        letter_id=key,
        tracking_code="CODE1",
        portal="web",
        submission_id="1",
        sender=a_person(),
        subject=NASTY,
        text=f"سطر یک\nسطر دو\t{NASTY}",
        service="general",
        unit=None,
        urgency=Urgency.URGENT,
        confidentiality=Confidentiality.CONFIDENTIAL,
        language=Language.FA,
        attachments=(),
        fields={},
        received_at=datetime(2026, 11, 21, 8, tzinfo=UTC),
    )
    return replace(letter, **changes)


def a_request(key: str = "K1", *contents: AttachmentContent, **changes: Any) -> RegistrationRequest:
    letter = a_letter(key, attachments=tuple(content.attachment for content in contents), **changes)
    return RegistrationRequest(
        letter=letter, correlation_key=key, secretariat="10", unit="امور مالی", attachments=contents
    )
