"""Which days an agency works: its weekend, the holidays, and what the operator says of single days."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

__all__ = ["WEEKDAYS", "DayKind", "WorkingDays"]

WEEKDAYS: Final[Mapping[str, int]] = {
    "monday": 0,
    "tuesday": 1,
    "wednesday": 2,
    "thursday": 3,
    "friday": 4,
    "saturday": 5,
    "sunday": 6,
}
"""By name, as ``date.weekday()`` counts them."""


class DayKind(StrEnum):
    """What kind of day it is."""

    WORKING = "working"
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkingDays:
    """The agency's calendar. What the operator says of a day goes before holidays, and those before the weekend."""

    weekend: frozenset[int] = frozenset({4})
    """As ``date.weekday()`` counts: Friday is 4."""
    holidays: frozenset[date] = field(default=frozenset(), repr=False)
    closed: frozenset[date] = frozenset()
    """Days that the operator closed: an order from above, a local mourning."""
    opened: frozenset[date] = frozenset()
    """Days that the operator opened although they are a holiday or the weekend."""

    def kind(self, day: date) -> DayKind:
        """Return what kind of day this is."""
        if day in self.opened:
            return DayKind.WORKING
        is_off = day in self.closed or day in self.holidays or day.weekday() in self.weekend
        return DayKind.CLOSED if is_off else DayKind.WORKING
