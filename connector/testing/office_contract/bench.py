"""The bench: the counterpart of an adapter under test, an office with a book of its own and switches for faults."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from connector.domain.letter import Letter
from connector.ports.office import OfficeAdapter
from connector.simulator.fates import Fate
from connector.simulator.fault_kinds import Fault
from connector.simulator.faults import FaultRule
from connector.testing.office_contract.needs import Need

__all__ = ["BookEntry", "OfficeBench", "OpenBench", "Wish"]


class Wish(StrEnum):
    """How an adapter is connected to the bench."""

    PLAIN = "plain"
    OWN = "own"
    """Another plain one, which the check may close."""
    HURRIED = "hurried"
    """It waits for an answer three tenths of a second."""
    WRONG_CREDENTIALS = "wrong_credentials"
    UNREACHABLE = "unreachable"
    """Nobody listens where it calls."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BookEntry:
    """One line of the office's own book, as far as the office was told."""

    secretariat: str
    number: str | None
    """None while it waits for its number, and where it was refused."""
    year: int | None
    texts: tuple[str, ...]
    """Every text that came with the letter."""
    files: tuple[tuple[int, str], ...]
    """Size and SHA-256 of every file that came with it."""


class OfficeBench(Protocol):
    """An office to test an adapter against. Each check is given a fresh one, with an empty book."""

    secretariats: Sequence[str]
    """Desks that register, two where the office has several."""
    example: Letter
    """A letter that fits the office; checks change its key, subject, text and attachments."""
    page: int | None
    """Entries that one answer to a search holds at most, where that is known."""

    def connect(self, wish: Wish = Wish.PLAIN) -> OfficeAdapter:
        """Return the adapter that is connected in this way; built once, and closed by the bench at the end."""
        ...

    def arm(self, rule: FaultRule) -> None:
        """Let calls go wrong from now on."""
        ...

    def calm(self) -> None:
        """Let nothing go wrong any more; calls that are held back go on."""
        ...

    def entries(self) -> Sequence[BookEntry]:
        """Return what stands in the office's book, oldest first."""
        ...

    def advance(self, by: timedelta) -> datetime:
        """Let time pass in the office, and return the new instant."""
        ...

    def lacks(self, need: Need | Fault) -> str | None:
        """Return why this office cannot do or play what a check needs; None where it can."""
        ...


OpenBench = Callable[[Fate], AbstractContextManager[OfficeBench]]
"""Opens a fresh bench on which every letter meets this fate."""
