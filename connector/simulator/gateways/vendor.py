"""A simulated SMS vendor: what the contract of gateways asks of one, and the ground for those that speak HTTP.

A vendor holds to the rules that it documents (credentials, limits, arrays of equal length, levels of success) and
keeps a book. It is written from the vendor's documents, apart from the adapter: two readings find more than one.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any, ClassVar, Final, Protocol, runtime_checkable

from connector.simulator.exchange import Reply, Request
from connector.simulator.fault_kinds import GATEWAY_FAULTS, Fault
from connector.simulator.faults import FaultPlan
from connector.simulator.gateways.book import Arrival, SentText, VendorBook, VendorPattern, WrittenText
from connector.simulator.serving import LoopbackServer

__all__ = [
    "BringsByCall",
    "CallToUs",
    "Heard",
    "HttpVendor",
    "Place",
    "ReportsByCall",
    "Trait",
    "Vendor",
]

_SWOLLEN: Final = 5 * 1024 * 1024


class Trait(StrEnum):
    """One thing that a vendor can do or play; each has it unless ``exempt`` says why not."""

    NETWORK = "network"
    """It is reached over a network: nobody may be there, and answers may be lost."""
    CREDENTIALS = "credentials"
    """It asks who is calling."""
    BAD_NUMBERS = "bad_numbers"
    """It refuses a number that it knows to be none, at the sending."""
    BLACKLIST = "blacklist"
    """It says at the sending that a number takes no advertising."""
    HOURS = "hours"
    """It refuses to send at certain hours."""
    ACCOUNT = "account"
    """It sends nothing without credit."""
    SPLITS = "splits"
    """It has a word for: too many texts in one call."""
    ENTRIES = "entries"
    """One call is answered with an entry for each text, by position."""
    NUMBERS_SHOWN = "numbers_shown"
    """The entries tell the number that they are about, so that another order is seen."""
    CODE_EACH = "code_each"
    """Each text of a call has a code of its own."""
    HUGE_ANSWERS = "huge_answers"
    """Its answers can be made larger than anybody may read."""
    LETTERS = "letters"
    """What it took can be read in its book letter by letter, however long and nasty."""
    STRANGE_REFERENCES = "strange_references"
    """Asked what became of a text that is not its own it says that it does not know."""
    UNKNOWN_PATTERN = "unknown_pattern"
    """It refuses a pattern that it does not keep."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where an adapter finds the vendor, and how it is to call."""

    url: str
    """The vendor's address, or one where nobody listens."""
    secret: Mapping[str, Any]
    """A reference to the secret, the right one or a wrong one, as a setting is written."""
    answer_within: timedelta

    @property
    def http(self) -> dict[str, Any]:
        """Return the address and the patience as the ``http`` section of a gateway's settings."""
        return {"url": self.url, "answer_within": self.answer_within}


@dataclass(frozen=True, kw_only=True, slots=True)
class CallToUs:
    """One call of the vendor to our web address: a delivery report, or what a citizen wrote."""

    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    proof: frozenset[str] = frozenset()
    """The names in query and headers that prove who is calling."""


class Vendor(Protocol):
    """A simulated vendor, fresh for each check. It is built with the secret that callers must know."""

    adapter: str
    """The name of the gateway adapter that speaks to it."""
    book: VendorBook
    faults: FaultPlan
    url: str

    def start(self) -> None:
        """Let it answer."""
        ...

    def stop(self) -> None:
        """End it. May be called twice."""
        ...

    def settings(self, place: Place) -> Mapping[str, Any]:
        """Return the settings of an adapter that is connected to it, as they stand in a configuration."""
        ...

    def lacks(self, need: StrEnum) -> str | None:
        """Return why this vendor cannot do or play a trait, an arrival or a fault; None where it can."""
        ...


@dataclass(frozen=True, slots=True)
class Heard:
    """One call, read to its end."""

    request: Request
    body: bytes


@runtime_checkable
class ReportsByCall(Protocol):
    """A vendor that calls our web address with delivery reports."""

    def reported(self, sent: SentText, arrival: Arrival) -> CallToUs:
        """Return the call by which this vendor reports what became of a text."""
        ...


@runtime_checkable
class BringsByCall(Protocol):
    """A vendor that calls our web address with what citizens wrote."""

    def brought(self, written: WrittenText) -> CallToUs:
        """Return the call by which this vendor brings what a citizen wrote."""
        ...


class HttpVendor(ABC):
    """The ground of a vendor that speaks HTTP: listening, faults, and the record of what was called.

    A vendor of its own says ``adapter``, ``exempt``, ``codes`` and, where it has patterns, ``pattern``; it answers in
    ``answer``, wraps each deed in ``around``, and says in ``words`` what stands for a fault in its own language.
    """

    adapter: ClassVar[str]
    exempt: ClassVar[Mapping[StrEnum, str]] = {}
    """What it cannot do or play (Trait, Arrival, Fault), each with the reason that stands in the certificate."""
    codes: ClassVar[Mapping[Arrival, str]] = {}
    """How it says what became of a text."""
    pattern: ClassVar[VendorPattern | None] = None
    """The pattern that the account keeps."""

    def __init__(self, secret: str) -> None:
        """Bind the address; ``start`` lets it answer."""
        self.secret = secret
        self.book = VendorBook()
        self.faults = FaultPlan()
        self.replies: list[Reply | None] = []
        """What the coming deeds are answered with in place of being done; None lets one pass."""
        if self.pattern is not None:
            self.book.patterns[self.pattern.code] = self.pattern
        self._server = LoopbackServer(self._heard)
        self.url = self._server.url

    def start(self) -> None:
        """Answer calls until stopped."""
        self._server.start()

    def stop(self) -> None:
        """Take no more calls."""
        self.faults.disarm()
        self._server.stop()

    @abstractmethod
    def settings(self, place: Place) -> Mapping[str, Any]:
        """Return the settings of an adapter that is connected to it."""

    @abstractmethod
    def answer(self, heard: Heard) -> Reply:
        """Answer one call. Credentials and form are looked at first; deeds are done in ``around``."""

    def words(self, fault: Fault) -> Reply | None:
        """Return what this vendor says in its own language: busy, an unheard-of code, a wrong password, too many calls.

        None leaves the fault to the way (HTTP 401, 429), or makes it one that this vendor cannot play (busy, codes).
        """
        return None

    def lacks(self, need: StrEnum) -> str | None:
        """Return why this vendor cannot do or play it."""
        if need in self.exempt:
            return self.exempt[need]
        if isinstance(need, Fault) and need not in GATEWAY_FAULTS["find"] and self.words(need) is None:
            return "This vendor has no word for it."
        if isinstance(need, Arrival) and need not in self.codes:
            return "This vendor has no code for it."
        return None

    def around(self, deed: str, key: str, do: Callable[[], Reply]) -> Reply:
        """Do a deed (send, find, delivery, credit, inbox) and answer it, or whatever a fault makes of both.

        Raise HangUp where the socket is to be closed.
        """
        self.book.calls.append(deed)
        instead = self.replies.pop(0) if self.replies else None
        if instead is not None:
            return instead
        injection = self.faults.draw(deed, key)
        if injection is None:
            reply = do()
        elif (own := self.words(injection.fault)) is not None:
            if injection.play.is_done:
                do()
            reply = own
        else:
            reply = injection.around(do)
        body = self.book.warp(reply.body)
        return replace(reply, body=body + b" " * _SWOLLEN if deed in self.book.swollen else body)

    def _heard(self, request: Request) -> Reply:
        query = "&".join(f"{name}={value}" for name, value in request.query.items())
        self.book.addresses.append(f"{request.path}?{query}" if query else request.path)
        return self.answer(Heard(request, request.body.read()))
