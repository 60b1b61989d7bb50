"""The citizen's letter as a page of plain text: ECE has no element for the words themselves, only files."""

from collections.abc import Iterator
from typing import Final

from connector.domain.calendar import jalali_text, local_date
from connector.domain.letter import Letter
from connector.domain.person import PersonKind

__all__ = ["letter_text"]

_MARK: Final = "\ufeff"
"""Programs on Windows tell UTF-8 by it."""


def letter_text(letter: Letter) -> str:
    """Return the letter with its sender, day and tracking code above the words."""
    return _MARK + "\r\n".join([*_head(letter), "", *letter.text.splitlines(), ""])


def _head(letter: Letter) -> Iterator[str]:
    sender = letter.sender
    is_legal = sender.kind is PersonKind.LEGAL
    lines = (
        ("موضوع", letter.subject),
        ("فرستنده", sender.name),
        ("شناسهٔ ملی" if is_legal else "کد ملی", sender.identity_number),
        ("نماینده", sender.representative),
        ("تلفن همراه", sender.mobile),
        ("رایانامه", sender.email),
        ("کد پستی", sender.postcode),
        ("نشانی", sender.address),
        ("کد رهگیری", letter.tracking_code),
        ("تاریخ دریافت", jalali_text(local_date(letter.received_at))),
        *letter.fields.items(),
    )
    for label, value in lines:
        if value:
            yield f"{label}: {' '.join(value.split())}"
