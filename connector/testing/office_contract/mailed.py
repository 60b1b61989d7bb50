"""A bench for an office that takes letters by mail: the adapter on one side, a simulated secretariat on the other."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Protocol

from connector.domain.letter import Letter
from connector.ports.catalogue import OFFICES, AdapterSite, adapter_kind
from connector.ports.office import OfficeAdapter
from connector.simulator.book import Duplicates, OfficeBook
from connector.simulator.fates import Fate, FateDeck, Pace
from connector.simulator.fault_kinds import Fault
from connector.simulator.faults import FaultRule
from connector.simulator.records import OfficeEntry
from connector.simulator.secretariat import PASSWORD, Desk, PostOffice, some_desks
from connector.simulator.secretariat.faults import NOT_PLAYED
from connector.simulator.secretariat.writing import ReceiptForm
from connector.testing.builders import HeldClock
from connector.testing.office_contract.bench import BookEntry, Wish
from connector.testing.office_contract.letters import a_plain_letter
from connector.testing.office_contract.needs import Need

__all__ = ["MailBench", "MailBenches", "MailHouse", "open_bench"]

_CODES: Final = ("10", "20")
_NOBODY: Final = 9
"""The discard port, where nobody listens."""
_PATIENT: Final = timedelta(seconds=10)
_HURRIED: Final = timedelta(seconds=0.3)
_LACKING: Final[Mapping[Need, str]] = {
    Need.NUMBER_WHEN_FOUND: "By mail the number comes in a receipt of its own; a look-up before it knows no number.",
    Need.REFERRALS: "ECE tells nothing of referrals.",
    Need.HUGE_FILES: "Secretariats take no mails of more than a hundred megabytes.",
}
_KEPT: Final = (
    "office_drops_duplicates",
    "copy_to_ourselves",
    "ye_and_kaf",
    "longest_processing",
    "receipts",
)
"""Options of a configured connection that are not about where its mailboxes are."""


class MailHouse(Protocol):
    """Mail servers with a suite behind them."""

    smtp_port: int
    imap_port: int
    ca_file: Path

    def start(self) -> None:
        """Begin to answer."""
        ...

    def stop(self) -> None:
        """Let go of everything."""
        ...

    def arm(self, rule: FaultRule) -> None:
        """Let calls go wrong from now on."""
        ...

    def calm(self) -> None:
        """Let nothing go wrong any more."""
        ...

    def write_back(self) -> int:
        """Write a mail for whatever happened in the book since the last time; return how many."""
        ...


@dataclass
class MailBench:
    """One secretariat with an empty book; it numbers each letter later, as every office by mail does."""

    fate: Fate
    adapter: str
    options: Mapping[str, Any]
    opens: Callable[[Sequence[Desk], OfficeBook, ReceiptForm], MailHouse] = PostOffice
    """Makes the mail servers; another one than the simulated has mailboxes and a password of its own."""
    desks: Sequence[Desk] = some_desks(_CODES)
    password: str = PASSWORD
    example: Letter = field(default_factory=a_plain_letter)
    page: int | None = None

    def __post_init__(self) -> None:
        """Bind both servers; ``open`` lets them answer."""
        self._clock = HeldClock()
        self._offices: dict[Wish, OfficeAdapter] = {}
        self._kind = adapter_kind(OFFICES, self.adapter)
        self.secretariats: Sequence[str] = [desk.code for desk in self.desks]
        fate = Fate.NUMBERED_LATER if self.fate is Fate.ANSWERED else self.fate
        drops = bool(self.options.get("office_drops_duplicates"))
        self._book = OfficeBook(
            frozenset(self.secretariats),
            deck=FateDeck(1, (fate,)),
            pace=Pace(),
            duplicates=Duplicates.ANSWERED_WITH_THE_NUMBER if drops else Duplicates.NAIVE,
            now=self._clock.now,
        )
        self._post = self.opens(self.desks, self._book, _form_of(self.options.get("receipts") or {}))
        self._folder = TemporaryDirectory(prefix="chapar-bench-")
        for name, word in (("right", self.password), ("wrong", "wrong")):
            (Path(self._folder.name) / name).write_text(word, encoding="ascii")

    def open(self) -> None:
        """Let the servers answer."""
        self._post.start()

    def close(self) -> None:
        """Close the adapters and the servers."""
        self._post.calm()
        for office in self._offices.values():
            office.close()
        self._post.stop()
        self._folder.cleanup()

    def connect(self, wish: Wish = Wish.PLAIN) -> OfficeAdapter:
        """Return an adapter that is connected to this secretariat; a plain one is built once."""
        if wish not in self._offices:
            settings = self._kind.settings.model_validate(self._settings(wish))
            self._offices[wish] = self._kind.build(
                settings, AdapterSite(name="bench", mappings=(), pool_size=8)
            )
        return self._offices[wish]

    def arm(self, rule: FaultRule) -> None:
        """Let calls go wrong from now on."""
        self._post.arm(rule)

    def calm(self) -> None:
        """Let nothing go wrong any more."""
        self._post.calm()

    def entries(self) -> Sequence[BookEntry]:
        """Return what stands in the secretariat's book."""
        return [_entry(entry) for entry in self._book.entries()]

    def advance(self, by: timedelta) -> datetime:
        """Let time pass in the office, and the mails come that it writes meanwhile."""
        at = self._clock.advance(by)
        self._post.write_back()
        return at

    def lacks(self, need: Need | Fault) -> str | None:
        """Return why mail cannot do or play it."""
        if isinstance(need, Fault):
            return NOT_PLAYED.get(need)
        if need is Need.FIND and self.options.get("copy_to_ourselves") is False:
            return "Without a copy to ourselves nothing shows that a mail went before its receipt comes."
        return _LACKING.get(need)

    def _settings(self, wish: Wish) -> dict[str, Any]:
        server = {
            "host": "127.0.0.1",
            "ca_file": self._post.ca_file,
            "answer_within": _HURRIED if wish is Wish.HURRIED else _PATIENT,
        }
        is_away = wish is Wish.UNREACHABLE
        word = "wrong" if wish is Wish.WRONG_CREDENTIALS else "right"
        password = {"file": Path(self._folder.name) / word}
        return {
            **self.options,
            "smtp": {**server, "port": _NOBODY if is_away else self._post.smtp_port},
            "imap": {**server, "port": _NOBODY if is_away else self._post.imap_port},
            "secretariats": {
                desk.code: {
                    "our_mailbox": desk.our_mailbox,
                    "office_mailbox": desk.office_mailbox,
                    "password": password,
                }
                for desk in self.desks
            },
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class MailBenches:
    """Opens benches for an adapter that sends and reads mail: an OpenBench."""

    adapter: str = "ece"
    options: Mapping[str, Any] = field(default_factory=dict)

    @contextmanager
    def __call__(self, fate: Fate) -> Iterator[MailBench]:
        """Open a bench on which every letter meets this fate."""
        bench = MailBench(fate, self.adapter, self.options)
        try:
            bench.open()
            yield bench
        finally:
            bench.close()

    def configured(self, options: Mapping[str, Any]) -> "MailBenches":
        """Return the same for the options of a configured connection, but where its mailboxes are."""
        kept = {name: options[name] for name in _KEPT if name in options}
        return MailBenches(adapter=self.adapter, options=kept)


open_bench: Final = MailBenches()


def _form_of(words: Mapping[str, Any]) -> ReceiptForm:
    """Return a receipt that names things as the operator's settings say first."""
    named = {
        name: words[name][0] for name in ("number", "date", "status", "reason", "refused") if words.get(name)
    }
    return ReceiptForm(**named)


def _entry(entry: OfficeEntry) -> BookEntry:
    return BookEntry(
        secretariat=entry.call.secretariat,
        number=entry.number,
        year=entry.year,
        texts=(entry.call.subject, entry.call.body),
        files=tuple((mark.size, mark.digest) for mark in entry.call.attachments),
    )
