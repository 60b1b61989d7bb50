"""What operators are told without asking: troubles, how bad each is, and the hours in which only the worst is told.

A trouble is what stands, in so far as it is told: one reason at one place with a count, and never a citizen's anything.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from connector.domain.attention import Because
from connector.domain.calendar import local_time

__all__ = ["BADNESS", "QuietHours", "Severity", "Trouble", "Unwell"]

_WRITTEN: Final = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_DAY: Final = 24 * 60


class Severity(StrEnum):
    """How bad a trouble is, mildest first."""

    NOTICE = "notice"
    """A person is asked, and nobody waits in vain meanwhile."""
    WARNING = "warning"
    """Letters or citizens wait for a person."""
    CRITICAL = "critical"
    """Nothing moves at some place, or soon will not: told at any hour."""

    @property
    def rank(self) -> int:
        """Return its place, the mildest first."""
        return list(Severity).index(self)


class Unwell(StrEnum):
    """What a node sees of the machine that it stands on; it is on no list, for the list is in the ledger."""

    LEDGER_AWAY = "ledger_away"
    """The database takes no writes."""
    LITTLE_ROOM = "little_room"
    """The disk of the attachments is nearly full."""
    CLOCK_SET = "clock_set"
    """The machine's clock and the daemon's steady one are far apart."""


BADNESS: Final[Mapping[Because | Unwell, Severity]] = {
    Because.PARKED: Severity.WARNING,
    Because.ASKS_A_PERSON: Severity.WARNING,
    Because.IN_REVIEW: Severity.NOTICE,
    Because.BEYOND_DEADLINE: Severity.WARNING,
    Because.WITHOUT_CONNECTION: Severity.CRITICAL,
    Because.SIDE_STEP: Severity.NOTICE,
    Because.PAUSED: Severity.NOTICE,
    Because.SET_ASIDE: Severity.WARNING,
    Because.SUSPENDED: Severity.CRITICAL,
    Because.BUDGET_SPENT: Severity.WARNING,
    Because.LOW_CREDIT: Severity.WARNING,
    Because.INBOX_UNREADABLE: Severity.WARNING,
    Because.ALERTS_FAIL: Severity.WARNING,
    Unwell.LEDGER_AWAY: Severity.CRITICAL,
    Unwell.LITTLE_ROOM: Severity.CRITICAL,
    Unwell.CLOCK_SET: Severity.WARNING,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """One reason at one place."""

    because: Because | Unwell
    where: str = ""
    """The name of a connection, a channel or an office; of a node for what only that node sees. Empty: nowhere yet."""
    count: int = 1
    """How many letters, messages or other things; those that wait behind a connection."""
    since: datetime
    """Since when the oldest stands so."""

    @property
    def key(self) -> str:
        """Return under what it is kept that it was told: it neither grows with the count nor changes with the time."""
        return f"{self.because} {self.where}".strip()

    @property
    def severity(self) -> Severity:
        """Return how bad it is."""
        return BADNESS[self.because]


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Minutes of the day between which only what is critical is told; they may lie over midnight."""

    begin: int
    end: int

    @classmethod
    def read(cls, text: str) -> "QuietHours | None":
        """Return the hours written as ``22:00-07:00``, None where nothing is written. Raise ValueError otherwise."""
        if not text.strip():
            return None
        match = _WRITTEN.fullmatch(text.strip())
        if match is None:
            raise ValueError("write the hours as 22:00-07:00")
        hours = [int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])]
        if (
            any(each > _DAY for each in hours)
            or max(int(match[2]), int(match[4])) > 59
            or hours[0] == hours[1]
        ):
            raise ValueError("the hours lie between 00:00 and 24:00 and are not empty")
        return cls(*hours)

    def holds(self, at: datetime) -> bool:
        """Return whether it is quiet at this instant, by a clock in Tehran."""
        wall = local_time(at)
        minute = wall.hour * 60 + wall.minute
        if self.begin < self.end:
            return self.begin <= minute < self.end
        return minute >= self.begin or minute < self.end
