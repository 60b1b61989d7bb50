"""An office in this process that can do whatever a test declares: reserve, prepare, search, complete."""

from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from connector.domain.registration import LetterReference, Registration
from connector.domain.text import fold
from connector.errors import OutcomeUnknown
from connector.ports.office import Completion, Kept, OfficeCapabilities, RegistrationRequest, SearchQuery
from connector.ports.outcomes import Found, Outcome, Registered
from tests.integration.stages.office_double import Fate, OfficeDouble

__all__ = ["LadderOffice", "able"]


def able(**abilities: Any) -> OfficeCapabilities:
    """Return capabilities with ten minutes of longest processing."""
    return OfficeCapabilities(**{"longest_processing": timedelta(minutes=10)} | abilities)


@dataclass
class LadderOffice(OfficeDouble):
    """Keeps a book of places and entries; each step fails as the test tells it to, by the step's name."""

    preparing: tuple[str, ...] = ()
    completing: tuple[Completion, ...] = ()
    usable_for: timedelta = timedelta(hours=1)
    step_fates: defaultdict[str, deque[Any]] = field(default_factory=lambda: defaultdict(deque))
    """An exception: it fails and did nothing. Fate.SWALLOW: it is done, and the answer is lost."""
    done: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Steps that took effect, by our key and the step's name."""
    places: dict[str, Registration | None] = field(default_factory=dict)
    entries: list[tuple[SearchQuery | RegistrationRequest, Registration]] = field(default_factory=list)
    requests: list[RegistrationRequest] = field(default_factory=list)
    shows: Any = None
    """What every search brings, where the test says so."""

    @property
    def preparations_last(self) -> timedelta:
        return self.usable_for

    def register(self, request: RegistrationRequest) -> Outcome:
        self.requests.append(request)
        known = self.numbers.get(request.correlation_key)
        if known and self.capabilities.idempotent_create and not self.fates:
            self.calls["register"] += 1
            return Registered(registration=known[0], was_known=True)
        return super().register(request)

    def number(self, key: str, secretariat: str) -> Registration:
        if key in self.numbers and self.capabilities.idempotent_create:
            return self.numbers[key][0]
        registration = super().number(key, secretariat)
        request = next((each for each in reversed(self.requests) if each.correlation_key == key), None)
        if request is not None:
            self.entries.append((request, registration))
            if "reserve" in request.kept:
                self.places[request.kept["reserve"]["place"]] = registration
        return registration

    def reserve(self, request: RegistrationRequest) -> Kept:
        place = f"place-{len(self.places) + 1}"
        self._step("reserve", request.correlation_key, lambda: self.places.setdefault(place))
        return {"place": place}

    def verify(self, reservation: Kept, secretariat: str) -> Found:
        self._step("verify", reservation["place"])
        registration = self.places[reservation["place"]]
        return None if registration is None else Registered(registration=registration, was_known=True)

    def search(self, query: SearchQuery) -> Any:
        self._step("search", query.correlation_key)
        if self.shows is not None:
            return self.shows
        return [Registered(registration=number) for entry, number in self.entries if self._fits(entry, query)]

    def _fits(self, entry: Any, query: SearchQuery) -> bool:
        if self.capabilities.search_sees_key:
            return bool(entry.correlation_key == query.correlation_key)
        mine, its = query.letter, entry.letter
        is_same_sender = mine.sender.identity_number == its.sender.identity_number
        return is_same_sender and fold(mine.subject) == fold(its.subject)

    def preparations(self, request: RegistrationRequest) -> Sequence[str]:
        return self.preparing

    def prepare(self, step: str, request: RegistrationRequest) -> Kept:
        self._step(step, request.correlation_key)
        return {"handle": f"{step}-{self.done[request.correlation_key, step]}"}

    def completions(self, request: RegistrationRequest) -> Sequence[Completion]:
        return self.completing

    def complete(self, step: str, request: RegistrationRequest, reference: LetterReference) -> None:
        assert reference.registration is not None
        self.requests.append(request)
        self._step(step, request.correlation_key)

    def _step(self, name: str, key: str, effect: Any = None) -> None:
        with self.lock:
            self.calls[name] += 1
            fates = self.step_fates[name]
            fate = fates.popleft() if fates else None
            if isinstance(fate, BaseException):
                raise fate
            self.done[key, name] += 1
            if effect is not None:
                effect()
            if fate is Fate.SWALLOW:
                raise OutcomeUnknown(reason="timeout")
