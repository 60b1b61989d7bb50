"""A bench made of any office that is served over HTTP on loopback: the simulator's book, faults and listener."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from connector.domain.letter import Letter
from connector.ports.office import Duplicates, OfficeAdapter
from connector.simulator import book
from connector.simulator.book import OfficeBook
from connector.simulator.counter import Counter
from connector.simulator.exchange import Answering
from connector.simulator.fates import Fate, FateDeck, Pace
from connector.simulator.fault_kinds import Fault
from connector.simulator.faults import FaultPlan, FaultRule
from connector.simulator.records import AttachmentMark, OfficeEntry
from connector.simulator.serving import LoopbackServer
from connector.testing.builders import HeldClock
from connector.testing.office_contract.bench import BookEntry, OpenBench, Wish
from connector.testing.office_contract.letters import a_plain_letter
from connector.testing.office_contract.needs import Need

__all__ = ["Place", "ServedBench", "served"]

_PATIENT: Final = timedelta(seconds=10)
_HURRIED: Final = timedelta(seconds=0.3)
_NOWHERE: Final = "http://127.0.0.1:9"
"""The discard port, where nobody listens."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where an adapter finds the office of a bench, and how it is to call."""

    url: str
    answer_within: timedelta
    has_wrong_credentials: bool = False


_BOOKS: Final = {
    Duplicates.ANOTHER_ENTRY: book.Duplicates.NAIVE,
    Duplicates.THE_NUMBER: book.Duplicates.ANSWERED_WITH_THE_NUMBER,
    Duplicates.AN_ERROR: book.Duplicates.ANSWERED_WITH_AN_ERROR,
}


@dataclass
class ServedBench:
    """An office on loopback with the simulator's book behind a door of its own making."""

    connects: Callable[[Place], OfficeAdapter]
    """Builds the adapter under test for this place."""
    door: Callable[[Counter], Answering]
    """Makes the office: what answers its requests, over the counter with book and faults."""
    fate: Fate = Fate.ANSWERED
    secretariats: Sequence[str] = ("10", "20")
    example: Letter = field(default_factory=a_plain_letter)
    page: int | None = None
    exempt: Mapping[Need | Fault, str] = field(default_factory=dict)
    """What this office cannot do or play, each with the reason that stands in the certificate."""
    texts_of: Callable[[Any], Sequence[str]] = lambda call: (call.subject, call.body)
    files_of: Callable[[OfficeEntry], Sequence[AttachmentMark]] = lambda entry: entry.call.attachments

    def __post_init__(self) -> None:
        """Bind the office's address; ``open`` lets it answer."""
        self._clock = HeldClock()
        self._offices: dict[Wish, OfficeAdapter] = {}
        self._book = OfficeBook(
            frozenset(),
            deck=FateDeck(1, (self.fate,)),
            pace=Pace(),
            now=self._clock.now,
        )
        self._counter = Counter(self._book, FaultPlan())
        self._server = LoopbackServer(self.door(self._counter))

    def open(self) -> None:
        """Let the office answer; it deals with second creates as the adapter declares."""
        self._server.start()
        capabilities = self.connect().capabilities
        self._book.duplicates = _BOOKS[capabilities.duplicates]
        if capabilities.search and not capabilities.search_sees_key:
            self._book.key_is_searchable = False

    def close(self) -> None:
        """Close the adapters and the office."""
        self.calm()
        self._server.stop()
        for office in self._offices.values():
            office.close()

    def connect(self, wish: Wish = Wish.PLAIN) -> OfficeAdapter:
        """Return an adapter that is connected to this office; a plain one is built once."""
        if wish not in self._offices:
            self._offices[wish] = self.connects(self._place(wish))
        return self._offices[wish]

    def _place(self, wish: Wish) -> Place:
        return Place(
            url=_NOWHERE if wish is Wish.UNREACHABLE else self._server.url,
            answer_within=_HURRIED if wish is Wish.HURRIED else _PATIENT,
            has_wrong_credentials=wish is Wish.WRONG_CREDENTIALS,
        )

    def arm(self, rule: FaultRule) -> None:
        """Let calls go wrong from now on."""
        self._counter.faults.arm(rule)

    def calm(self) -> None:
        """Let nothing go wrong any more."""
        self._counter.faults.disarm()

    def entries(self) -> Sequence[BookEntry]:
        """Return what stands in the office's book."""
        return [self._entry(entry) for entry in self._book.entries()]

    def advance(self, by: timedelta) -> datetime:
        """Let time pass in the office."""
        return self._clock.advance(by)

    def lacks(self, need: Need | Fault) -> str | None:
        """Return why this office cannot do or play it."""
        if need in self.exempt:
            return self.exempt[need]
        if need is Need.SECOND_SECRETARIAT and len(self.secretariats) < 2:
            return "One connection to this office is one secretariat."
        if need is Need.FULL_PAGE and self.page is None:
            return "It is not known how many entries one answer of this office holds."
        return None

    def _entry(self, entry: OfficeEntry) -> BookEntry:
        return BookEntry(
            secretariat=entry.call.secretariat,
            number=entry.number,
            year=entry.year,
            texts=tuple(self.texts_of(entry.call)),
            files=tuple((mark.size, mark.digest) for mark in self.files_of(entry)),
        )


def served(bench: Callable[[Fate], ServedBench]) -> OpenBench:
    """Return what opens such benches: each is served while its check runs, and closed after it."""

    @contextmanager
    def opened(fate: Fate) -> Iterator[ServedBench]:
        one = bench(fate)
        try:
            one.open()
            yield one
        finally:
            one.close()

    return opened
