"""Reads what a person typed for a word: dates in either calendar, numbers, reasons. Wrong ones end as wrong usage."""

import re
import sys
from datetime import date
from typing import Final

import typer

from connector.domain.calendar import jalali_for_people, jalali_year, parse_jalali
from connector.domain.registration import LONGEST_NUMBER, Registration
from connector.domain.text import INVISIBLE, is_showable, to_ascii_digits

__all__ = ["ask_reason", "confirm", "is_terminal", "read_day", "read_reason", "read_registration"]

_LONGEST_REASON: Final = 500
_DAY: Final = re.compile(r"(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})")
_FIRST_GREGORIAN_YEAR: Final = 1900


def read_day(text: str, *, today: date) -> date:
    """Return the day that is written ``1405/08/30`` or ``2026-11-21``, in digits of any kind."""
    written = _DAY.fullmatch(to_ascii_digits("".join(c for c in text if c not in INVISIBLE)).strip())
    if written is None:
        raise _wrong("--on", "Write the day as 1405/08/30 or 2026-11-21.")
    year, month, day = (int(part) for part in written.groups())
    try:
        is_gregorian = year >= _FIRST_GREGORIAN_YEAR
        read = date(year, month, day) if is_gregorian else parse_jalali(f"{year:04d}/{month:02d}/{day:02d}")
    except ValueError:
        raise _wrong("--on", "There is no such day in the calendar.") from None
    if read > today:
        raise _wrong("--on", f"That day is still to come; today is {jalali_for_people(today)}.")
    return read


def read_registration(number: str, *, day: date, secretariat: str, reference: str | None) -> Registration:
    """Return the registration that a person names, its year taken from the day."""
    registration = Registration(
        number=to_ascii_digits(number.strip()),
        secretariat=secretariat.strip(),
        year=jalali_year(day),
        registered_on=day,
        office_reference=reference.strip() if reference and reference.strip() else None,
    )
    if not registration.has_number:
        raise _wrong(
            "--registered",
            f"A number has letters or digits in one line, at most {LONGEST_NUMBER}, and no control characters.",
        )
    if not registration.secretariat or not is_showable(registration.secretariat):
        raise _wrong("--secretariat", "Name the secretariat whose number it is.")
    if registration.office_reference and not is_showable(registration.office_reference):
        raise _wrong("--reference", "The office's reference is one line without control characters.")
    return registration


def read_reason(text: str) -> str:
    """Return the reason in one line."""
    reason = " ".join(text.split())
    if not any(letter.isalnum() for letter in reason) or not is_showable(reason):
        raise _wrong("--reason", "Say why in a few words; whoever looks later must understand it.")
    if len(reason) > _LONGEST_REASON:
        raise _wrong("--reason", f"Say it in at most {_LONGEST_REASON} letters.")
    return reason


def ask_reason() -> str:
    """Ask for the reason."""
    return read_reason(str(typer.prompt("Reason · دلیل", err=True)))


def confirm(question: str) -> bool:
    """Ask whether to go on; what is not yes is no."""
    return bool(typer.confirm(question, default=False, err=True))


def is_terminal() -> bool:
    """Return whether somebody sits there who can be asked."""
    return sys.stdin.isatty()


def _wrong(option: str, sentence: str) -> typer.BadParameter:
    return typer.BadParameter(sentence, param_hint=option)
