"""An office in this process that keeps its own book and does to calls what a test tells it to."""

import threading
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto

from connector.clock import Now, now
from connector.domain.registration import LetterReference, Registration
from connector.errors import OutcomeUnknown
from connector.ports.office import OfficeCapabilities, RegistrationRequest
from connector.ports.outcomes import Found, Outcome, Progress, Refused, Registered, Submitted

__all__ = ["Fate", "OfficeDouble"]


class Fate(Enum):
    """What becomes of one call to ``register``."""

    SWALLOW = auto()
    """The letter gets its number, and the answer is lost."""
    LOSE = auto()
    """The call is lost before it takes effect."""
    LATE = auto()
    """The answer is lost, and the letter gets its number only when the test says so."""
    SUBMIT = auto()
    REFUSE = auto()
    NO_NUMBER = auto()


@dataclass
class OfficeDouble:
    """Registers, finds and tells progress. Thread-safe."""

    capabilities: OfficeCapabilities = field(
        default_factory=lambda: OfficeCapabilities(
            find_by_key=True, progress_batch=10, longest_processing=timedelta(minutes=10)
        )
    )
    fates: deque[Fate | Exception | BaseException] = field(default_factory=deque)
    find_fates: deque[Exception] = field(default_factory=deque)
    told: dict[str, Progress | Exception] = field(default_factory=dict)
    numbers: dict[str, list[Registration]] = field(default_factory=dict)
    waiting: dict[str, str] = field(default_factory=dict)
    late: list[tuple[datetime, str, str]] = field(default_factory=list)
    late_after: timedelta | None = None
    """How long after the call a late one takes effect, seen from outside; None: when the test says so."""
    calls: Counter[str] = field(default_factory=Counter)
    now: Now = now
    asked_together: list[int] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def register(self, request: RegistrationRequest) -> Outcome:
        with self.lock:
            self.calls["register"] += 1
            self.take_due_effect()
            fate = self.fates.popleft() if self.fates else None
            if isinstance(fate, BaseException):
                raise fate
            match fate:
                case Fate.LOSE:
                    raise OutcomeUnknown(reason="timeout_before_effect")
                case Fate.LATE:
                    self.late_by_key(request.correlation_key, request.secretariat)
                    raise OutcomeUnknown(reason="timeout")
                case Fate.SUBMIT:
                    self.waiting[request.correlation_key] = request.secretariat
                    return Submitted(office_reference=f"doc-{len(self.waiting)}")
                case Fate.REFUSE:
                    return Refused(reason="ناقص است", code="E-12")
                case Fate.NO_NUMBER:
                    self.number(request.correlation_key, request.secretariat)
                    return Registered(registration=Registration(number=" ", secretariat=request.secretariat))
            registration = self.number(request.correlation_key, request.secretariat)
            if fate is Fate.SWALLOW:
                raise OutcomeUnknown(reason="timeout")
            return Registered(registration=registration)

    def number(self, key: str, secretariat: str) -> Registration:
        """Give the letter a new number: a second one for the same key is what must never happen."""
        count = sum(len(given) for given in self.numbers.values())
        registration = Registration(number=f"1405/{count + 1}", secretariat=secretariat, year=1405)
        self.numbers.setdefault(key, []).append(registration)
        return registration

    def take_effect(self) -> None:
        """Let the late calls take effect."""
        while self.late:
            _, key, secretariat = self.late.pop()
            self.number(key, secretariat)

    def take_due_effect(self) -> None:
        """Let those late calls take effect whose time has come."""
        if self.late_after is not None:
            due = [each for each in self.late if each[0] + self.late_after <= self.now()]
            self.late = [each for each in self.late if each not in due]
            for _, key, secretariat in due:
                self.number(key, secretariat)

    def late_by_key(self, key: str, secretariat: str) -> None:
        """Note a call whose effect comes later."""
        self.late.append((self.now(), key, secretariat))

    def find(self, correlation_key: str, secretariat: str) -> Found:
        with self.lock:
            self.calls["find"] += 1
            self.take_due_effect()
            if self.find_fates:
                raise self.find_fates.popleft()
            if correlation_key in self.numbers:
                return Registered(registration=self.numbers[correlation_key][0], was_known=True)
            return Submitted() if correlation_key in self.waiting else None

    def progress(self, references: Sequence[LetterReference]) -> Sequence[Progress]:
        with self.lock:
            self.calls["progress"] += 1
            self.asked_together.append(len(references))
            told = [self.told.get(reference.correlation_key) for reference in references]
            for word in told:
                if isinstance(word, Exception):
                    raise word
            return [word for word in told if isinstance(word, Progress)]

    def check(self) -> str:
        return "The office is in this process."

    def close(self) -> None:
        return None

    @property
    def registered_twice(self) -> list[str]:
        """Keys that were given more than one number."""
        return [key for key, given in self.numbers.items() if len(given) > 1]
