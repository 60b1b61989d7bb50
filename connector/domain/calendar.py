"""The Jalali calendar for people and offices; inside, dates are Gregorian and instants are UTC."""

import re
from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from persiantools import jdatetime

from connector.domain.text import to_ascii_digits, to_persian_digits

__all__ = [
    "TEHRAN",
    "jalali_for_people",
    "jalali_text",
    "jalali_year",
    "local_date",
    "local_time",
    "parse_jalali",
]


def _tehran() -> tzinfo:
    try:
        return ZoneInfo("Asia/Tehran")
    except (
        ZoneInfoNotFoundError
    ):  # small systems have no zone files; since September 2022 there is no summer time
        return timezone(timedelta(hours=3, minutes=30), "Asia/Tehran")


TEHRAN: Final[tzinfo] = _tehran()

_JalaliDate: Final[Any] = jdatetime.JalaliDate  # the library has no types
_JALALI_TEXT: Final = re.compile(r"([0-9]{4})/([0-9]{2})/([0-9]{2})")


def local_time(instant: datetime) -> datetime:
    """Return the instant as a clock in Tehran shows it. Raise ValueError if the instant has no time zone."""
    if instant.tzinfo is None:
        raise ValueError("The instant has no time zone.")
    return instant.astimezone(TEHRAN)


def local_date(instant: datetime) -> date:
    """Return the Gregorian date of an instant in Tehran. Raise ValueError if the instant has no time zone."""
    return local_time(instant).date()


def jalali_text(day: date) -> str:
    """Return the day as offices take it, Jalali ``yyyy/MM/dd`` in ASCII digits: ``1405/08/30``."""
    jalali = _JalaliDate(_plain(day))
    return f"{jalali.year:04d}/{jalali.month:02d}/{jalali.day:02d}"


def jalali_for_people(day: date) -> str:
    """Return the day as people read it: ``۱۴۰۵/۰۸/۳۰``. Slashes keep their order in right-to-left text."""
    return to_persian_digits(jalali_text(day))


def jalali_year(day: date) -> int:
    """Return the Jalali year of the day; the secretariat's book begins anew with it."""
    return int(_JalaliDate(_plain(day)).year)


def parse_jalali(text: str) -> date:
    """Return the Gregorian date of a Jalali ``yyyy/MM/dd`` in ASCII, Persian or Arabic digits.

    Raise ValueError if it is written otherwise, if the calendar has no such day, or if the year is far from
    ours (1200 to 1599): then it is most likely a Gregorian or a Hijri date in the wrong place.
    """
    match = _JALALI_TEXT.fullmatch(to_ascii_digits(text.strip()))
    if match is None:
        raise ValueError("A Jalali date is written yyyy/MM/dd.")
    year, month, day = (int(part) for part in match.groups())
    if not 1200 <= year <= 1599:
        raise ValueError("The year is not one of the Jalali calendar near our time.")
    try:
        gregorian = _JalaliDate(year, month, day).to_gregorian()
    except ValueError:
        raise ValueError("The Jalali calendar has no such day.") from None
    return date(gregorian.year, gregorian.month, gregorian.day)


def _plain(day: date) -> date:
    if isinstance(day, datetime):
        raise TypeError("Give a date; ask local_date() for the date of an instant.")
    return day
