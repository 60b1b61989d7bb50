"""What an audit finds, in words that name the place exactly and nobody."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

__all__ = ["Break", "Finding", "Verification", "instant"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Break(StrEnum):
    """What is wrong at a place."""

    CHANGED_ROW = "changed_row"
    MISSING_ROW = "missing_row"
    ADDED_ROW = "added_row"
    CUT_TAIL = "cut_tail"
    LETTER_GONE = "letter_gone"
    STATUS_DIFFERS = "status_differs"
    UNLAWFUL_STEP = "unlawful_step"
    NUMBER_DIFFERS = "number_differs"
    PERSONAL_CHANGED = "personal_changed"
    SEAL_CHANGED = "seal_changed"
    SEAL_MISSING = "seal_missing"
    SEALED_EVENTS_DIFFER = "sealed_events_differ"
    ACT_CHANGED = "act_changed"
    ACT_MISSING = "act_missing"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One broken place: of a letter (its tracking code where it still has one), of a seal, or of an act."""

    what: Break
    says: str
    """One sentence for people; nothing personal."""
    letter: str | None = None
    letter_id: str | None = None
    position: int | None = None
    at: datetime | None = None
    seal: int | None = None
    sealed_after: datetime | None = None
    sealed_at: datetime | None = None
    """A seal is over what was committed between these two instants, and a few seconds before."""
    act: int | None = None


@dataclass(kw_only=True, slots=True)
class Verification:
    """What was looked at, and what was found. Whole where nothing was found and no key was missing."""

    letters: int = 0
    events: int = 0
    uncovered: int = 0
    """Events that are older than the chain: nothing can be said of them but that their steps are lawful."""
    unsealed: int = 0
    """Events of the last minute or so; the chain of their letter covers them, no seal does yet."""
    unreadable: int = 0
    """Events whose personal part is sealed with a key that is not in the key ring; the rest of them was looked at."""
    missing_keys: tuple[str, ...] = ()
    seals: int = 0
    acts: int = 0
    last_seal: str | None = None
    """Position and chain of the last seal, to be noted elsewhere: only so the loss of the last seals can show."""
    first: Finding | None = None
    found: int = 0

    @property
    def is_whole(self) -> bool:
        """Return whether everything was looked at and nothing was found."""
        return not self.found and not self.unreadable

    def note(self, finding: Finding) -> None:
        """Count a finding; the first one is kept."""
        self.found += 1
        self.first = self.first or finding


def instant(microseconds: Any) -> datetime | None:
    """Return the instant of a column as the database keeps it; None where it holds none."""
    if not isinstance(microseconds, int):
        return None
    try:
        return _EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        return None
