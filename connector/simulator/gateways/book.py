"""What a simulated SMS vendor keeps: the texts it took, the account, the numbers it knows, and what citizens wrote."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

__all__ = ["Arrival", "NumberKind", "SentText", "Slip", "VendorBook", "VendorPattern", "WrittenText"]


class Arrival(StrEnum):
    """What became of a text after the vendor took it."""

    UNDERWAY = "underway"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    BLACKLISTED = "blacklisted"
    FORGOTTEN = "forgotten"
    """The vendor no longer knows it."""
    UNHEARD_OF = "unheard_of"
    """It is reported under a code that stands in no table."""


class NumberKind(StrEnum):
    """What the vendor thinks of a number, once it looks right."""

    GOOD = "good"
    INVALID = "invalid"
    BLACKLISTED = "blacklisted"
    STRANGE = "strange"
    """It is refused under a code that stands in no table."""


class Slip(StrEnum):
    """How the next answer to a sending goes wrong although the call went well. The texts are taken all the same."""

    SHORT = "short"
    """The entry of the last text is missing."""
    SHIFTED = "shifted"
    """The entries stand in another order."""
    NO_REFERENCE = "no_reference"
    """The first text has no id."""


@dataclass(frozen=True, kw_only=True, slots=True)
class VendorPattern:
    """A pattern that the vendor keeps for the account."""

    code: str
    places: tuple[str, ...]
    words: str
    """What the handset shows; each place stands in braces."""

    def filled(self, values: Mapping[str, str]) -> str:
        """Return the words with these values in their places."""
        text = self.words
        for place in self.places:
            text = text.replace("{" + place + "}", values.get(place, ""))
        return text


@dataclass(frozen=True, kw_only=True, slots=True)
class SentText:
    """One text that the vendor took."""

    reference: str
    """The vendor's id."""
    mobile: str
    """``09xxxxxxxxx``, however it was written on the wire."""
    text: str
    """As the handset shows it, a pattern's places filled."""
    own_id: int | None = None
    line: str = ""
    pattern: str | None = None
    """The code of the pattern that it was sent by."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenText:
    """One text that a citizen wrote to the line."""

    key: str
    """The vendor's id."""
    sender: str
    text: str
    line: str
    written_at: datetime = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


@dataclass
class VendorBook:
    """Everything on the vendor's side, to arrange and to look into. Thread-safe in its deeds."""

    line: str = "30001234"
    first_reference: int = 8792343
    credit: int = 1_250_000
    price: int = 120
    """Of one text, in the unit of ``credit``."""
    numbers: dict[str, NumberKind] = field(default_factory=dict)
    """By mobile ``09xxxxxxxxx``; all others are good."""
    is_outside_hours: bool = False
    most_at_once: int | None = None
    """The texts that the vendor takes in one call, where that is less than it documents."""
    patterns: dict[str, VendorPattern] = field(default_factory=dict)
    arrivals: dict[str, Arrival] = field(default_factory=dict)
    """By reference; all others are underway."""
    slips: list[Slip] = field(default_factory=list)
    """For the coming answers to a sending."""
    swollen: set[str] = field(default_factory=set)
    """Deeds whose answers are larger than anybody may read."""
    warp: Callable[[bytes], bytes] = lambda body: body
    """What becomes of the body of every answer on its way."""
    written: list[WrittenText] = field(default_factory=list)
    shown: int = 0
    """How many of the written ones the vendor has shown, where it shows each once."""
    calls: list[str] = field(default_factory=list)
    """The deed of each call that was understood: send, find, delivery, credit, inbox."""
    addresses: list[str] = field(default_factory=list)
    """Path and query of each call, whatever it was."""
    look: Callable[[], None] = lambda: None
    """Brings the book up to date before it is looked into, where the vendor is a file or a database."""
    _sent: list[SentText] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        """Make the lock."""
        self._lock = threading.RLock()

    @property
    def sent(self) -> Sequence[SentText]:
        """Return every text that the vendor took, in order."""
        self.look()
        with self._lock:
            return list(self._sent)

    def number(self, mobile: str) -> NumberKind:
        """Return what the vendor thinks of this number."""
        return self.numbers.get(mobile, NumberKind.GOOD)

    def can_pay(self, texts: int = 1) -> bool:
        """Return whether the account has enough for so many texts."""
        with self._lock:
            return self.credit >= self.price * texts

    def take(
        self,
        mobile: str,
        text: str,
        *,
        own_id: int | None = None,
        reference: str | None = None,
        pattern: str | None = None,
        line: str | None = None,
    ) -> SentText:
        """Take one text, let it be paid for, and return it with its id. A repeated own id is another text."""
        with self._lock:
            sent = SentText(
                reference=reference or str(self.first_reference + len(self._sent)),
                mobile=mobile,
                text=text,
                own_id=own_id,
                pattern=pattern,
                line=self.line if line is None else line,
            )
            self._sent.append(sent)
            self.credit -= self.price
            return sent

    def by_reference(self, reference: str) -> SentText | None:
        """Return the text of this id, unless the vendor has forgotten it."""
        return self._known(next((each for each in self.sent if each.reference == reference), None))

    def by_own_id(self, own_id: int) -> SentText | None:
        """Return the first text that came with this id of ours, unless the vendor has forgotten it."""
        return self._known(next((each for each in self.sent if each.own_id == own_id), None))

    def _known(self, sent: SentText | None) -> SentText | None:
        return None if sent is None or self.arrival(sent) is Arrival.FORGOTTEN else sent

    def arrival(self, sent: SentText) -> Arrival:
        """Return what became of this text."""
        return self.arrivals.get(sent.reference, Arrival.UNDERWAY)

    def slipped(self, entries: Sequence[Any]) -> list[Any]:
        """Return the entries of an answer to a sending as the next slip leaves them."""
        with self._lock:
            slip = self.slips.pop(0) if self.slips and self.slips[0] is not Slip.NO_REFERENCE else None
        if slip is Slip.SHORT:
            return list(entries[:-1])
        return [*entries[1:], *entries[:1]] if slip is Slip.SHIFTED else list(entries)

    def loses_reference(self) -> bool:
        """Return whether the coming answer is to lack the id of its first text."""
        with self._lock:
            is_next = bool(self.slips) and self.slips[0] is Slip.NO_REFERENCE
            if is_next:
                self.slips.pop(0)
            return is_next

    def read_once(self, most: int) -> list[WrittenText]:
        """Return the oldest texts that were not shown yet, and show them never again."""
        with self._lock:
            page = self.written[self.shown : self.shown + most]
            self.shown += len(page)
            return page
