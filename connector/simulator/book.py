"""The office's own book: who gave which number to what, kept apart from everything that Chapar knows."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Final

from connector import clock
from connector.simulator.fates import Fate, FateDeck, Pace, moves_of
from connector.simulator.jalali import jalali_text, jalali_year, tehran_day
from connector.simulator.records import Call, EntryState, Move, MoveKind, OfficeEntry, Search

__all__ = ["Duplicates", "OfficeBook", "ResultCode", "SecretariatUnknown"]


class Duplicates(StrEnum):
    """What the office does with a second create under the same key."""

    ANSWERED_WITH_THE_NUMBER = "answered_with_the_number"
    NAIVE = "naive"
    """It makes a second entry with a second number. Many real suites do."""
    ANSWERED_WITH_AN_ERROR = "answered_with_an_error"
    """It says that it has the letter, and not under which number."""


class ResultCode(IntEnum):
    """The office's own codes, as its contract lists them."""

    REGISTERED = 0
    KNOWN = 1
    REFUSED = 2
    ACCEPTED = 3
    NOT_FOUND = 4
    DUPLICATE = 5
    """Registered before, without its number."""
    SESSION_UNKNOWN = 8
    BUSY = 9


class SecretariatUnknown(Exception):
    """The office has no secretariat of this code."""


@dataclass(slots=True)
class _Line:
    call: Call
    document_id: str
    entered_at: datetime
    moves: tuple[Move, ...]
    number: str | None = None
    year: int | None = None
    registered_on: date | None = None


@dataclass
class OfficeBook:
    """Entries by correlation key and counters by secretariat and Jalali year. Thread-safe.

    Nothing ticks: every entry is given its whole story with times when it is made, and a look at it shows
    what has happened until now.
    """

    secretariats: frozenset[str]
    """Its desks; empty where any is taken."""
    deck: FateDeck = field(default_factory=lambda: FateDeck(0))
    pace: Pace = field(default_factory=Pace)
    duplicates: Duplicates = Duplicates.ANSWERED_WITH_THE_NUMBER
    key_is_searchable: bool = True
    """Whether a search shows the key under which a letter was registered."""
    now: clock.Now = clock.now
    first_number: int = 1

    def __post_init__(self) -> None:
        """Open an empty book."""
        self._lock = threading.Lock()
        self._lines: dict[str, list[_Line]] = {}
        self._counters: dict[tuple[str, int], int] = {}
        self._documents = 0

    def register(self, call: Call, *, refuse: bool = False) -> tuple[ResultCode, OfficeEntry]:
        """Enter the letter and return what the counter says; with refuse, it is refused whatever its fate.

        Raise SecretariatUnknown when there is no such desk.
        """
        if self.secretariats and call.secretariat not in self.secretariats:
            raise SecretariatUnknown(call.secretariat)
        at = self.now()
        with self._lock:
            known = self._lines.get(call.key)
            if known and self.duplicates is not Duplicates.NAIVE:
                return self._known(self._look(known[0], at))
            line = self._enter(call, at, Fate.REFUSED if refuse else self.deck.deal())
            self._lines.setdefault(call.key, []).append(line)
            entry = self._look(line, at)
            return _standing(entry, first_time=True), entry

    def find(self, key: str, secretariat: str) -> tuple[ResultCode, OfficeEntry | None]:
        """Return what stands under this key in this secretariat."""
        at = self.now()
        with self._lock:
            for line in self._lines.get(key, []):
                if line.call.secretariat == secretariat:
                    entry = self._look(line, at)
                    return _standing(entry, first_time=True), entry
        return ResultCode.NOT_FOUND, None

    def progress(self, keys: Sequence[str]) -> list[OfficeEntry]:
        """Return the letters of these keys as they stand now; unknown keys are left out."""
        at = self.now()
        with self._lock:
            return [self._look(self._lines[key][0], at) for key in keys if key in self._lines]

    def search(self, search: Search) -> list[OfficeEntry]:
        """Return the entries that fit, oldest first; what was only accepted and what was refused is among them."""
        return [entry for entry in self.entries() if _fits(entry, search)]

    def entries(self) -> list[OfficeEntry]:
        """Return every entry as it stands now, a second one under the same key included, oldest first."""
        at = self.now()
        with self._lock:
            entries = [self._look(line, at) for lines in self._lines.values() for line in lines]
        return sorted(entries, key=lambda entry: entry.document_id)

    def _known(self, entry: OfficeEntry) -> tuple[ResultCode, OfficeEntry]:
        if self.duplicates is Duplicates.ANSWERED_WITH_AN_ERROR:
            return ResultCode.DUPLICATE, entry
        return _standing(entry, first_time=False), entry

    def _enter(self, call: Call, at: datetime, fate: Fate) -> _Line:
        self._documents += 1
        moves = moves_of(fate, entered_at=at, units=self.deck.units(), pace=self.pace)
        line = _Line(call, f"D{self._documents:07d}", at, moves)
        numbered = next((move for move in moves if move.kind is MoveKind.NUMBERED), None)
        if numbered is not None:
            line.registered_on = tehran_day(numbered.at)
            line.year = jalali_year(line.registered_on)
            line.number = self._next_number(call.secretariat, line.year)
        return line

    def _next_number(self, secretariat: str, year: int) -> str:
        number = self._counters.get((secretariat, year), self.first_number - 1) + 1
        self._counters[secretariat, year] = number
        return f"{number:06d}"

    @staticmethod
    def _look(line: _Line, at: datetime) -> OfficeEntry:
        happened = tuple(move for move in line.moves if move.at <= at)
        state = _state(happened)
        has_number = any(move.kind is MoveKind.NUMBERED for move in happened)
        return OfficeEntry(
            call=line.call,
            document_id=line.document_id,
            entered_at=line.entered_at,
            number=line.number if has_number else None,
            year=line.year if has_number else None,
            registered_on=line.registered_on if has_number else None,
            state=state,
            moves=happened,
            is_finished=len(happened) == len(line.moves),
        )


_STATE_AFTER: Final = {
    MoveKind.NUMBERED: EntryState.REGISTERED,
    MoveKind.REFUSED: EntryState.REFUSED,
    MoveKind.REFERRED: EntryState.REFERRED,
    MoveKind.ANSWERED: EntryState.ANSWERED,
    MoveKind.RETURNED: EntryState.RETURNED,
    MoveKind.CLOSED: EntryState.CLOSED,
    MoveKind.STRAYED: EntryState.STRAYED,
}


def _fits(entry: OfficeEntry, search: Search) -> bool:
    call = entry.call
    return (
        (call.secretariat, call.sender_id) == (search.secretariat, search.sender_id)
        and search.first_day <= jalali_text(tehran_day(entry.entered_at)) <= search.last_day
        and search.subject in {None, call.subject}
    )


def _state(happened: Sequence[Move]) -> EntryState:
    return _STATE_AFTER[happened[-1].kind] if happened else EntryState.ACCEPTED


def _standing(entry: OfficeEntry, *, first_time: bool) -> ResultCode:
    if entry.state is EntryState.REFUSED:
        return ResultCode.REFUSED
    if entry.number is None:
        return ResultCode.ACCEPTED
    return ResultCode.REGISTERED if first_time else ResultCode.KNOWN
