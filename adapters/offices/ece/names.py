"""The names that both sides know a letter by, and ECE's closed lists."""

import re
from typing import Final

from connector.domain.letter import Confidentiality, Urgency
from connector.domain.text import to_ascii_digits
from connector.errors import NotPossible

__all__ = [
    "CLASSIFICATIONS",
    "PRIORITIES",
    "SOFTWARE",
    "keys_in",
    "letter_number",
    "mail_subject",
    "message_id",
    "office_reference",
    "secretariat_in",
]

SOFTWARE: Final = "Chapar"

PRIORITIES: Final[dict[Urgency, tuple[str, str]]] = {
    Urgency.NORMAL: ("1", "عادی"),
    Urgency.URGENT: ("2", "فوری"),
    Urgency.IMMEDIATE: ("3", "خیلی فوری"),
}
CLASSIFICATIONS: Final[dict[Confidentiality, tuple[str, str]]] = {
    Confidentiality.NORMAL: ("1", "عادی"),
    Confidentiality.CONFIDENTIAL: ("2", "محرمانه"),
    Confidentiality.SECRET: ("3", "خیلی محرمانه"),
}

_KEY: Final = re.compile(r"(?<![0-9A-Z])[0-7][0-9A-HJKMNP-TV-Z]{25}(?![0-9A-Z])")
"""A ULID: 26 characters that nobody can guess, so whoever names one has had our letter in hand."""


def letter_number(correlation_key: str) -> str:
    """Return the number that the letter has with us: our key itself. Raise NotPossible if it is not one of ours."""
    if not _KEY.fullmatch(correlation_key):
        raise NotPossible("The letter's key is not of the form by which answers to it are recognised.")
    return correlation_key


def message_id(correlation_key: str, our_mailbox: str) -> str:
    """Return the Message-ID of the letter's mail, the same each time that it is sent."""
    return f"<chapar.{correlation_key}@{our_mailbox.rpartition('@')[2].casefold()}>"


def mail_subject(correlation_key: str) -> str:
    """Return the subject of the letter's mail: it names nobody."""
    return f"ECE {correlation_key}"


def keys_in(text: str) -> list[str]:
    """Return the keys that stand in a text, each once. Digits may be Persian, letters small."""
    return list(dict.fromkeys(_KEY.findall(to_ascii_digits(text).upper())))


def office_reference(secretariat: str, mail: str) -> str:
    """Return the handle that the ledger keeps: where answers are looked for, and what the mail servers' logs say."""
    return f"{secretariat} {mail}"


def secretariat_in(reference: str | None) -> str:
    """Return the secretariat in a handle; empty where there is none."""
    return (reference or "").rpartition(" <")[0]
