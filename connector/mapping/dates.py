"""How an office writes days and moments: a calendar, a pattern, and whose clock."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Final

from connector.domain.calendar import TEHRAN, jalali_text, parse_jalali
from connector.domain.text import to_ascii_digits

__all__ = ["DatePattern", "OfficeDates", "moment_of"]

_PARTS: Final = re.compile("yyyy|MM|dd|HH|mm|ss")
_GREGORIAN_YEARS: Final = range(1800, 2300)
"""Another year stands in another calendar."""
_KEPT_DAYS: Final = 512
"""Days that were read and are kept: polls ask for the same letters again and again, and get the same days."""


def moment_of(text: str) -> datetime | date:
    """Return what expressions call a day or an instant, the instant by the clock of the offices.

    Raise ValueError when it is neither.
    """
    if len(text) <= len("2026-11-21"):
        return date.fromisoformat(text)
    instant = datetime.fromisoformat(text)
    return instant.astimezone(TEHRAN) if instant.tzinfo is not None else instant.replace(tzinfo=TEHRAN)


class DatePattern:
    """One way to write: a pattern of ``yyyy``, ``MM``, ``dd``, perhaps with ``HH``, ``mm`` and ``ss``."""

    def __init__(self, pattern: str = "yyyy/MM/dd", *, is_jalali: bool = True, is_utc: bool = False) -> None:
        """Keep the pattern; each part stands in it once at most, year, month and day always."""
        self._pattern = pattern
        self._is_jalali = is_jalali
        self._zone = UTC if is_utc else TEHRAN
        self._reads = _reader(pattern)

    def write(self, moment: date) -> str:
        """Return the day as the office writes it, in ASCII digits; of an instant also the time, where it has its place.

        A day has its midnight.
        """
        if isinstance(moment, datetime):
            moment = moment.astimezone(self._zone)
        day = moment.date() if isinstance(moment, datetime) else moment
        clock = moment.time() if isinstance(moment, datetime) else time()
        year, month, dom = jalali_text(day).split("/") if self._is_jalali else f"{day:%Y/%m/%d}".split("/")
        words = {"yyyy": year.zfill(4), "MM": month, "dd": dom} | {
            "HH": f"{clock.hour:02d}", "mm": f"{clock.minute:02d}", "ss": f"{clock.second:02d}"
        }  # fmt: skip
        return _PARTS.sub(lambda part: words[part[0]], self._pattern)

    def read(self, text: str) -> date:
        """Return the day that the office wrote, in any digits; what stands after the pattern is passed over.

        An instant by another clock is the day that it is in Tehran. Raise ValueError when this calendar has no such
        day.
        """
        found = self._reads.match(to_ascii_digits(text.strip()))
        if found is None:
            raise ValueError("the date is not written in the office's pattern")
        parts = {name: int(part) for name, part in found.groupdict().items()}
        year, month, dom = parts["yyyy"], parts["MM"], parts["dd"]
        if self._is_jalali:
            day = parse_jalali(f"{year:04d}/{month:02d}/{dom:02d}")
        elif year in _GREGORIAN_YEARS:
            day = date(year, month, dom)
        else:
            raise ValueError("the year is not one of the Gregorian calendar near our time")
        if self._zone is TEHRAN or "HH" not in parts:
            return day
        clock = time(parts["HH"] % 24, parts.get("mm", 0), min(parts.get("ss", 0), 59), tzinfo=self._zone)
        return datetime.combine(day, clock).astimezone(TEHRAN).date()


class OfficeDates:
    """Every way in which an office writes dates: the usual one, and others by name."""

    def __init__(
        self, usual: DatePattern | None = None, also: Mapping[str, DatePattern] | None = None
    ) -> None:
        """Keep the patterns."""
        self.usual = usual or DatePattern()
        self.also = also or {}
        self._kept = lru_cache(maxsize=_KEPT_DAYS)(self._by_the_first)

    def read(self, text: str) -> date:
        """Return the day by the first pattern that fits. Raise ValueError when none does."""
        return self._kept(text)

    def _by_the_first(self, text: str) -> date:
        for pattern in (self.usual, *self.also.values()):
            try:
                return pattern.read(text)
            except ValueError:
                continue
        raise ValueError("the date is not written in any of the office's patterns")


def _reader(pattern: str) -> re.Pattern[str]:
    """Return what reads this pattern. A day or month of one digit is taken where a separator ends it."""
    written, end, size = "", 0, ""
    parts = list(_PARTS.finditer(pattern))
    for position, part in enumerate(parts):
        touches = part.start() == end and position > 0
        followed = position + 1 < len(parts) and parts[position + 1].start() == part.end()
        size = "4" if part[0] == "yyyy" else "2" if touches or followed else "1,2"
        written += re.escape(pattern[end : part.start()]) + f"(?P<{part[0]}>[0-9]{{{size}}})"
        end = part.end()
    return re.compile(written + ("(?![0-9])" if size == "1,2" else ""))
