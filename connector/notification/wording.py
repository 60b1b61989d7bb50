"""What the templates of messages may say: the values of one message, as its reader reads them."""

import re
from collections.abc import Mapping
from typing import Final

from connector.domain.calendar import jalali_for_people, local_date
from connector.domain.letter import Language
from connector.domain.lifecycle import Status
from connector.domain.text import BIDI_OVERRIDES, isolate, to_persian_digits
from connector.domain.tracking_code import grouped_tracking_code
from connector.ledger.records import MessageMaterial

__all__ = ["VALUE_NAMES", "pattern_values", "shortened", "wording"]

VALUE_NAMES: Final = (
    "tracking_code", "number", "registered_on", "unit", "reason", "status", "asks_for_mark", "agency"
)  # fmt: skip
"""Names that a template may use. The letter's text, subject and answer are not among them, on purpose."""

_LATIN: Final = re.compile(r"[A-Za-z]")
_UNWANTED: Final = re.compile(rf"[\x00-\x1f\x7f-\x9f\u2028\u2029{''.join(sorted(BIDI_OVERRIDES))}]+")
_NO_BREAK_SPACE: Final = "\u00a0"


_BEING_REGISTERED: Final = frozenset(
    {
        Status.RECEIVED,
        Status.IN_REVIEW,
        Status.READY,
        Status.REGISTERING,
        Status.SUBMITTED,
        Status.UNCERTAIN,
        Status.PARKED,
    }
)
"""To the citizen these are one: it was received, and the number comes. What holds it up is the house's affair."""


def wording(
    material: MessageMaterial, *, agency: str, room: int, asks_for_mark: bool = False
) -> Mapping[str, str]:
    """Return the values of a message; free words (unit, reason) take at most ``room`` letters each.

    What is not known is an empty text. Persian has Persian digits and Jalali dates; English stays within the
    GSM alphabet, so that it costs half.
    """
    registration = material.registration
    day = registration.registered_on if registration is not None else None
    day = day or local_date(material.happened_at)
    is_persian = material.language is Language.FA
    number = registration.number if registration is not None else ""
    code = grouped_tracking_code(material.tracking_code)
    return {
        "tracking_code": _persian_code(code) if is_persian else code.replace(_NO_BREAK_SPACE, " "),
        "number": _persian_number(number) if is_persian else number,
        "registered_on": jalali_for_people(day) if is_persian else day.isoformat(),
        "unit": shortened(material.unit or "", room, material.language),
        "reason": shortened(material.reason or "", room, material.language),
        "status": _public(material.letter_status),
        "asks_for_mark": "1" if asks_for_mark else "",
        "agency": agency,
    }


def pattern_values(material: MessageMaterial, *, agency: str, room: int) -> Mapping[str, str]:
    """Return the same values as they go into the places of a pattern: no marks of direction, no spaces in a code.

    The vendor's template stands around them, and many vendors refuse what is not a plain word.
    """
    registration = material.registration
    number = registration.number if registration is not None else ""
    is_persian = material.language is Language.FA
    return {
        **wording(material, agency=agency, room=room),
        "tracking_code": to_persian_digits(material.tracking_code) if is_persian else material.tracking_code,
        "number": to_persian_digits(number) if is_persian else number,
    }


def shortened(text: str, room: int, language: Language) -> str:
    """Return a text in one line and at most ``room`` letters, cut between words; no room means no text."""
    plain = " ".join(_UNWANTED.sub(" ", text).split())
    if len(plain) <= room:
        return plain
    mark = "…" if language is Language.FA else "..."
    kept = plain[: max(0, room - len(mark))]
    if not kept:
        return ""
    whole_words = kept.rsplit(" ", 1)[0] if " " in kept and plain[len(kept)] != " " else kept
    return whole_words.rstrip(" ،.,؛;:") + mark


def _public(status: Status | None) -> str:
    """Return the word for where a letter stands that texts may ask for."""
    if status is None:
        return ""
    return str(Status.RECEIVED if status in _BEING_REGISTERED else status)


def _persian_code(code: str) -> str:
    return isolate(to_persian_digits(code)) if code else ""


def _persian_number(number: str) -> str:
    # Latin letters beside digits change places in right-to-left text; digits and Persian letters do not.
    return isolate(to_persian_digits(number)) if _LATIN.search(number) else to_persian_digits(number)
