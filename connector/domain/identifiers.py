"""The numbers by which persons are known in Iran, and the ids that we give to letters."""

import re
from datetime import datetime
from typing import Final

from ulid import ULID

from connector.clock import now
from connector.domain.text import INVISIBLE, to_ascii_digits

__all__ = ["new_letter_id", "normalise_legal_id", "normalise_national_id"]

_NATIONAL_DIGITS: Final = 10
_LEGAL_DIGITS: Final = 11
_LEGAL_WEIGHTS: Final = (29, 27, 23, 19, 17, 29, 27, 23, 19, 17)
_DECORATION: Final = re.compile(rf"[\s\-{''.join(sorted(INVISIBLE))}]")


def normalise_national_id(text: str) -> str:
    """Return the national id of a natural person as ten ASCII digits; eight or nine are padded with zeros
    in front.

    Accepts Persian and Arabic digits, spaces and dashes. Raise ValueError if it is not digits, has the
    wrong length, repeats one digit, or if its check digit (weights 10 to 2, modulo 11) is wrong.
    """
    digits = _digits(text, name="national id")
    if not _NATIONAL_DIGITS - 2 <= len(digits) <= _NATIONAL_DIGITS:
        raise ValueError("The national id must have 10 digits.")
    digits = digits.zfill(_NATIONAL_DIGITS)
    if len(set(digits)) == 1:
        raise ValueError("The national id repeats one digit; such a number is never given.")
    remainder = sum(int(digit) * (10 - position) for position, digit in enumerate(digits[:-1])) % 11
    if int(digits[-1]) != (remainder if remainder < 2 else 11 - remainder):
        raise ValueError("The check digit of the national id is wrong.")
    return digits


def normalise_legal_id(text: str) -> str:
    """Return the national id of a legal person as eleven ASCII digits.

    Accepts Persian and Arabic digits, spaces and dashes. Raise ValueError if it is not digits, has the
    wrong length, repeats one digit, or if its check digit (tenth digit plus two added to each, weights 29
    27 23 19 17, modulo 11) is wrong.
    """
    digits = _digits(text, name="legal id")
    if len(digits) != _LEGAL_DIGITS:
        raise ValueError("The legal id must have 11 digits.")
    if len(set(digits)) == 1:
        raise ValueError("The legal id repeats one digit; such a number is never given.")
    added = int(digits[9]) + 2
    weighted = zip(digits[:10], _LEGAL_WEIGHTS, strict=True)
    remainder = sum((int(digit) + added) * weight for digit, weight in weighted) % 11
    if int(digits[10]) != remainder % 10:
        raise ValueError("The check digit of the legal id is wrong.")
    return digits


def new_letter_id(at: datetime | None = None) -> str:
    """Return a fresh letter id: a ULID, 26 characters, sorted by the time of making (``at``, or now)."""
    return str(ULID.from_datetime(at or now()))


def _digits(text: str, *, name: str) -> str:
    digits = to_ascii_digits(_DECORATION.sub("", text))
    if not re.fullmatch(r"[0-9]+", digits):
        raise ValueError(f"The {name} must be written in digits alone.")
    return digits
