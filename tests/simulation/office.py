"""An office as an adapter shows it. It is as naive as it is told to be, and never lies about what it has."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from connector.domain.registration import LetterReference, Registration
from connector.errors import OutcomeUnknown
from connector.ports.office import (
    Completion,
    Kept,
    OfficeCapabilities,
    RegistrationRequest,
    SearchQuery,
)
from connector.ports.outcomes import Found, Outcome, Progress, Refused, Registered, Submitted
from tests.simulation.book import Book, Entry
from tests.simulation.outside import EFFECT_FATES, Line

__all__ = ["OFFICES", "REGISTER_FATES", "SimulatedOffice"]

REGISTER_FATES = (*EFFECT_FATES, "no_number", "accepted", "refused", "refused_unanswered", "not_possible")

_LONGEST = timedelta(minutes=10)
OFFICES: dict[str, OfficeCapabilities] = {
    "found by key": OfficeCapabilities(find_by_key=True, progress_batch=10, longest_processing=_LONGEST),
    "places are reserved": OfficeCapabilities(reserves=True, progress_batch=10, longest_processing=_LONGEST),
    "creates once": OfficeCapabilities(
        idempotent_create=True, progress_batch=10, longest_processing=_LONGEST
    ),
    "searched by key": OfficeCapabilities(
        search=True, search_sees_key=True, progress_batch=10, longest_processing=_LONGEST
    ),
    "searched by subject": OfficeCapabilities(search=True, progress_batch=10, longest_processing=_LONGEST),
    "many steps": OfficeCapabilities(
        find_by_key=True, prepares=True, completes=True, progress_batch=10, longest_processing=_LONGEST
    ),
    "nothing can be asked": OfficeCapabilities(progress_batch=1, longest_processing=_LONGEST),
}
"""Offices by what they can do. All but one make a second entry of a second create under the same key."""

OnCall = Callable[[str, str], None]
Note = Callable[[bool, str, str], None]


class SimulatedOffice:
    """The adapter of the office, as a node has it."""

    preparations_last = timedelta(hours=1)

    def __init__(
        self, capabilities: OfficeCapabilities, book: Book, line: Line, on_call: OnCall, note: Note
    ) -> None:
        self.capabilities = capabilities
        self._book = book
        self._line = line
        self._on_call = on_call
        self._note = note

    # --- the number

    def register(self, request: RegistrationRequest) -> Outcome:
        key, secretariat = request.correlation_key, request.secretariat
        self._on_call("register", key)
        self._check_what_came_before(request)
        fate = self._line.fate()
        made: list[Entry] = []

        def effect() -> None:
            if fate.startswith("refused"):
                self._book.refused.add(key)
            else:
                made.append(self._entered(request, is_numbered=fate != "accepted"))

        def answer(fate: str) -> Outcome:
            match fate:
                case "refused":
                    return Refused(reason="ناقص است", code="E-12")
                case "refused_unanswered":
                    raise OutcomeUnknown(reason="timeout")
                case "no_number":
                    return Registered(registration=Registration(number=" ", secretariat=secretariat))
            return _told(key, made[0], secretariat)

        return self._line.tell(key, effect, answer, fate)

    def _entered(self, request: RegistrationRequest, *, is_numbered: bool) -> Entry:
        key = request.correlation_key
        earlier = self._book.first(key)
        if earlier is not None and self.capabilities.idempotent_create:
            return earlier
        number = self._book.next_number() if is_numbered else None
        place = request.kept.get("reserve", {}).get("place")
        return self._book.enter(key, request.letter.subject, number, place)

    def _check_what_came_before(self, request: RegistrationRequest) -> None:
        place, upload = (request.kept.get(step, {}) for step in ("reserve", "upload"))
        is_prepared = (not self.capabilities.reserves or "place" in place) and (
            not self.capabilities.prepares or upload.get("handle") in self._book.uploads
        )
        self._note(is_prepared, "steps in their order", f"{dict(request.kept)}")

    # --- before and after it

    def preparations(self, request: RegistrationRequest) -> Sequence[str]:
        return ("upload",)

    def prepare(self, step: str, request: RegistrationRequest) -> Kept:
        return self._line.ask(lambda: {"handle": self._book.next_upload()})

    def reserve(self, request: RegistrationRequest) -> Kept:
        return self._line.ask(lambda: {"place": self._book.next_place()})

    def completions(self, request: RegistrationRequest) -> Sequence[Completion]:
        return (Completion(name="attach"), Completion(name="start", is_repeatable=False))

    def complete(self, step: str, request: RegistrationRequest, reference: LetterReference) -> None:
        key = request.correlation_key
        self._on_call(f"complete {step}", key)
        self._note(reference.registration is not None, "steps in their order", f"{step} without a number")

        def effect() -> None:
            self._book.side_steps.setdefault(key, []).append(step)

        self._line.tell((key, step), effect, lambda _: None, self._line.fate())

    # --- looking

    def find(self, correlation_key: str, secretariat: str) -> Found:
        def look() -> Found:
            entry = self._book.first(correlation_key)
            if entry is None:
                return _refused() if correlation_key in self._book.refused else None
            return _told(correlation_key, entry, secretariat)

        return self._line.ask(look)

    def verify(self, reservation: Kept, secretariat: str) -> Found:
        def look() -> Found:
            entry = self._book.in_place(reservation["place"])
            return None if entry is None else _told(reservation["place"], entry, secretariat)

        return self._line.ask(look)

    def search(self, query: SearchQuery) -> Sequence[Registered | Submitted | Refused]:
        def look() -> Sequence[Registered | Submitted]:
            return [
                _told(key, entry, query.secretariat)
                for key, lines in self._book.entries.items()
                for entry in lines
                if (key == query.correlation_key)
                or (not self.capabilities.search_sees_key and entry.subject == query.letter.subject)
            ]

        return self._line.ask(look)

    def progress(self, references: Sequence[LetterReference]) -> Sequence[Progress]:
        def look() -> Sequence[Progress]:
            told = ((each.correlation_key, self._book.first(each.correlation_key)) for each in references)
            return [_progress(key, entry) for key, entry in told if entry is not None]

        return self._line.ask(look)

    def check(self) -> str:
        return "The office is in this process."

    def close(self) -> None:
        return None


def _refused() -> Refused:
    return Refused(reason="ناقص است", code="E-12")


def _told(handle: str, entry: Entry, secretariat: str) -> Registered | Submitted:
    if entry.number is None:
        return Submitted(office_reference=f"doc-{handle}")
    return Registered(registration=_registration(entry, secretariat), was_known=True)


def _registration(entry: Entry, secretariat: str) -> Registration:
    return Registration(number=str(entry.number), secretariat=secretariat, year=1405)


def _progress(key: str, entry: Entry) -> Progress:
    return Progress(
        correlation_key=key,
        registration=_registration(entry, "central") if entry.number else None,
        referrals=tuple(entry.referrals),
        answer=entry.answer,
        is_closed=entry.is_closed,
        returned_because=entry.returned_because,
    )
