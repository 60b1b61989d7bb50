"""The hours in which citizens are told things, by the agency's clock and the kind of day."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

from connector.domain.calendar import TEHRAN
from connector.domain.working_days import DayKind, WorkingDays

__all__ = ["ADVERTISING_HOURS", "Hours", "SendingWindow"]

_WRITTEN: Final = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_DAY: Final = 24 * 60
_SEARCHED: Final = 60
"""Days that are looked at for the next opening: no holidays last longer."""


@dataclass(frozen=True, slots=True)
class Hours:
    """From a minute of the day until another; ``closes`` may be 1440, the end of the day."""

    opens: int
    closes: int

    @classmethod
    def read(cls, text: str) -> "Hours":
        """Return the hours written as ``07:00-22:00``. Raise ValueError when they are not, or when they are none."""
        match = _WRITTEN.fullmatch(text.strip())
        if match is None:
            raise ValueError("write the hours as 07:00-22:00")
        first, first_minute, last, last_minute = (int(part) for part in match.groups())
        opens, closes = first * 60 + first_minute, last * 60 + last_minute
        if max(first_minute, last_minute) > 59 or closes > _DAY or opens >= closes:
            raise ValueError("the hours begin before they end, and lie between 00:00 and 24:00")
        return cls(opens, closes)

    def __str__(self) -> str:
        """Return them as they are written."""
        return f"{self.opens // 60:02d}:{self.opens % 60:02d}-{self.closes // 60:02d}:{self.closes % 60:02d}"


ADVERTISING_HOURS: Final = Hours(7 * 60, 22 * 60)
"""When gateways let advertising through (Magfa's code 8: between 07:00 and 22:00)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SendingWindow:
    """When citizens may be told things that are not urgent."""

    working: Hours = ADVERTISING_HOURS
    closed: Hours | None = ADVERTISING_HOURS
    """On closed days; None: nothing on such a day."""
    days: WorkingDays = field(default_factory=WorkingDays)
    zone: tzinfo = TEHRAN

    def next_opening(self, at: datetime) -> datetime:
        """Return the first instant from ``at`` on at which it is open: ``at`` itself where it is open now.

        Where no day within two months is open, two months from now: then somebody looks again.
        """
        local = at.astimezone(self.zone)
        for ahead in range(_SEARCHED):
            day = local.date() + timedelta(days=ahead)
            hours = self.working if self.days.kind(day) is DayKind.WORKING else self.closed
            if hours is None:
                continue
            if at < self._instant(day, hours.closes):
                return max(at, self._instant(day, hours.opens).astimezone(at.tzinfo))
        return at + timedelta(days=_SEARCHED)

    def closes_at(self, at: datetime) -> datetime | None:
        """Return when it closes that is open at this instant; None where it stays open beyond the end of the day."""
        day = at.astimezone(self.zone).date()
        hours = self.working if self.days.kind(day) is DayKind.WORKING else self.closed
        if hours is None:
            return None
        closing = self._instant(day, hours.closes).astimezone(at.tzinfo)
        return None if self.is_open(closing) else closing

    def is_open(self, at: datetime) -> bool:
        """Return whether it is open at this instant."""
        return self.next_opening(at) == at

    def _instant(self, day: date, minute: int) -> datetime:
        """Return when a clock on the wall shows this minute of the day, 1440 being the next midnight."""
        days, rest = divmod(minute, _DAY)
        wall = time(rest // 60, rest % 60)
        return datetime.combine(day + timedelta(days=days), wall, self.zone)
