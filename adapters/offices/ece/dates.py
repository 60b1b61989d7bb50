"""Days as ECE letters write them: free text, whatever ``ShowAs`` says of the calendar."""

import re
from datetime import date
from typing import Final

from connector.domain.calendar import parse_jalali
from connector.domain.text import to_ascii_digits

__all__ = ["day_of"]

_DAY: Final = re.compile(
    r"(?<!\d)(?:(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})|(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}))(?!\d)"
)
_JALALI: Final = range(1300, 1430)
_GREGORIAN: Final = range(1900, 2200)


def day_of(text: str, show_as: str = "") -> date | None:
    """Return the day in a text; None where there is none, or the calendar cannot be told.

    The year says more than ``ShowAs``: the one public implementation writes ``gregorian`` beside Jalali days. The lunar
    years of our time (1440 and later) are no Jalali ones; a lunar day is not turned into another, for it depends on the
    sighting of the moon. ``ShowAs`` alone makes a year lunar that could be both.
    """
    match = _DAY.search(to_ascii_digits(text))
    if match is None:
        return None
    year, month, day = (int(part) for part in (match.group(1, 2, 3) if match[1] else match.group(6, 5, 4)))
    try:
        if year in _GREGORIAN:
            return date(year, month, day)
        if year in _JALALI and not (show_as.strip().casefold() == "hijri" and year >= _LUNAR_FROM):
            return parse_jalali(f"{year:04d}/{month:02d}/{day:02d}")
    except ValueError:
        return None
    return None


_LUNAR_FROM: Final = 1425
"""Lunar 1425 began in 2004, the year in which ECE was proposed; a Jalali 1425 is twenty years ahead."""
