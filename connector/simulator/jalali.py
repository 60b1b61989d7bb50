"""The agency's calendar: Tehran's day, written in the Jalali way."""

from datetime import date, datetime, timedelta, timezone
from typing import Final

from persiantools.jdatetime import JalaliDate

__all__ = ["is_jalali", "jalali_text", "jalali_year", "tehran_day", "tehran_time"]

_TEHRAN: Final = timezone(timedelta(hours=3, minutes=30))
"""Iran keeps no summer time since 1401."""


def tehran_day(at: datetime) -> date:
    """Return the day that it is in Tehran at this instant."""
    return at.astimezone(_TEHRAN).date()


def jalali_year(day: date) -> int:
    """Return the Jalali year of a Gregorian day."""
    return int(JalaliDate(day).year)  # type: ignore[no-untyped-call]


def jalali_text(day: date) -> str:
    """Return a Gregorian day as ``yyyy/MM/dd`` of the Jalali calendar, in ASCII digits."""
    jalali = JalaliDate(day)  # type: ignore[no-untyped-call]
    return f"{jalali.year:04d}/{jalali.month:02d}/{jalali.day:02d}"


def is_jalali(text: str) -> bool:
    """Tell whether the text is a day of the Jalali calendar, ``yyyy/MM/dd``."""
    try:
        year, month, day = (int(part) for part in text.split("/"))
        JalaliDate(year, month, day)  # type: ignore[no-untyped-call]
    except ValueError:
        return False
    return True


def tehran_time(at: datetime) -> str:
    """Return the time of day in Tehran, ``HH:MM:SS``."""
    return at.astimezone(_TEHRAN).strftime("%H:%M:%S")
