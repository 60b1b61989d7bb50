"""An office with a book of its own. It is as naive as it is told to be, and never lies about what it has."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from connector.domain.referral import Answer, Referral
from connector.domain.registration import LetterReference, Registration
from connector.errors import OutcomeUnknown
from connector.ports.office import OfficeCapabilities, RegistrationRequest
from connector.ports.outcomes import Found, Outcome, Progress, Refused, Registered, Submitted
from tests.simulation.outside import EFFECT_FATES, Line

__all__ = ["LONGEST_PROCESSING", "OFFICES", "REGISTER_FATES", "Book", "Entry", "SimulatedOffice"]

LONGEST_PROCESSING = timedelta(minutes=10)
REGISTER_FATES = (*EFFECT_FATES, "no_number", "accepted", "refused", "refused_unanswered", "not_possible")

OFFICES: dict[str, OfficeCapabilities] = {
    "found by key": OfficeCapabilities(
        find_by_key=True, progress_batch=10, longest_processing=LONGEST_PROCESSING
    ),
    "nothing can be asked": OfficeCapabilities(progress_batch=1, longest_processing=LONGEST_PROCESSING),
}
"""Offices by what they can do. All of them make a second entry of a second create."""


@dataclass(eq=False)
class Entry:
    """One line of the book."""

    number: str | None
    referrals: list[Referral] = field(default_factory=list)
    answer: Answer | None = None
    is_closed: bool = False
    returned_because: str | None = None
    is_by_hand: bool = False


class Book:
    """What the office has of each letter: the other side's truth."""

    def __init__(self) -> None:
        self.entries: dict[str, list[Entry]] = {}
        self.refused: set[str] = set()
        self._numbers = 0

    def enter(self, key: str, *, is_numbered: bool = True, is_by_hand: bool = False) -> Entry:
        """Write a new line: a second one for the same key is what must never happen."""
        entry = Entry(self.next_number() if is_numbered else None, is_by_hand=is_by_hand)
        self.entries.setdefault(key, []).append(entry)
        return entry

    def next_number(self) -> str:
        self._numbers += 1
        return f"1405/{self._numbers}"

    def first(self, key: str) -> Entry | None:
        return self.entries.get(key, [None])[0]


class SimulatedOffice:
    """The adapter of the office, as a node has it."""

    def __init__(
        self,
        capabilities: OfficeCapabilities,
        book: Book,
        line: Line,
        on_call: Callable[[str], None],
    ) -> None:
        self.capabilities = capabilities
        self._book = book
        self._line = line
        self._on_call = on_call

    def register(self, request: RegistrationRequest) -> Outcome:
        key, secretariat = request.correlation_key, request.secretariat
        self._on_call(key)
        made: list[Entry] = []

        def effect() -> None:
            if fate.startswith("refused"):
                self._book.refused.add(key)
            else:
                made.append(self._book.enter(key, is_numbered=fate != "accepted"))

        def answer(fate: str) -> Outcome:
            match fate:
                case "refused":
                    return Refused(reason="ناقص است", code="E-12")
                case "refused_unanswered":
                    raise OutcomeUnknown(reason="timeout")
                case "accepted":
                    return Submitted(office_reference=f"doc-{key}")
                case "no_number":
                    return Registered(registration=Registration(number=" ", secretariat=secretariat))
            return Registered(registration=_registration(made[0], secretariat))

        fate = self._line.fate()
        return self._line.tell(key, effect, answer, fate)

    def find(self, correlation_key: str, secretariat: str) -> Found:
        return self._line.ask(lambda: self._found(correlation_key, secretariat))

    def progress(self, references: Sequence[LetterReference]) -> Sequence[Progress]:
        return self._line.ask(lambda: [each for each in map(self._progress, references) if each is not None])

    def check(self) -> str:
        return "The office is in this process."

    def close(self) -> None:
        return None

    def _found(self, key: str, secretariat: str) -> Found:
        entry = self._book.first(key)
        if entry is None:
            return Refused(reason="ناقص است", code="E-12") if key in self._book.refused else None
        if entry.number is None:
            return Submitted(office_reference=f"doc-{key}")
        return Registered(registration=_registration(entry, secretariat), was_known=True)

    def _progress(self, reference: LetterReference) -> Progress | None:
        entry = self._book.first(reference.correlation_key)
        if entry is None:
            return None
        return Progress(
            correlation_key=reference.correlation_key,
            registration=_registration(entry, "central") if entry.number else None,
            referrals=tuple(entry.referrals),
            answer=entry.answer,
            is_closed=entry.is_closed,
            returned_because=entry.returned_because,
        )


def _registration(entry: Entry, secretariat: str) -> Registration:
    return Registration(number=str(entry.number), secretariat=secretariat, year=1405)
