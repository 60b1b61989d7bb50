"""The office port: the agency's office-automation suite, as the core sees it.

One required deed, ``register``; everything else is declared in the capabilities and asked for by protocol.
Any deed may raise Unavailable, RateLimited, OutcomeUnknown, Misbehaved or CredentialsRejected. ``register`` may
raise NotPossible before anything was sent. A call that was begun and brought no answer is OutcomeUnknown, always.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, runtime_checkable

from connector.domain.attachment import AttachmentContent
from connector.domain.letter import Letter
from connector.domain.registration import LetterReference
from connector.ports.outcomes import Found, Outcome, Progress

__all__ = [
    "FindsByKey",
    "OfficeAdapter",
    "OfficeCapabilities",
    "RecoveryLevel",
    "RegistrationRequest",
    "ReportsProgress",
    "recovery_level",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class RegistrationRequest:
    """What the office is asked to register."""

    letter: Letter
    correlation_key: str
    secretariat: str
    unit: str | None
    attachments: tuple[AttachmentContent, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class OfficeCapabilities:
    """What an office can do beyond registering. Declared, never discovered by a crash."""

    find_by_key: bool = False
    """An exact look-up by our correlation key."""
    idempotent_create: bool = False
    """A second create with the same key returns the first one's number and makes nothing new."""
    progress_batch: int = 0
    """Letters that one progress call may ask about: 0 none, 1 one at a time, more in batches."""
    numbers_later: bool = False
    """The office may accept a letter first and number it afterwards."""
    longest_processing: timedelta = timedelta(minutes=10)
    """The longest time after which a create whose answer was lost may still take effect."""
    concurrency: int = 4
    """Calls that the office stands at the same time."""
    calls_per_second: float | None = None


class RecoveryLevel:
    """How certainty is regained after a lost answer: A by key, B by search, C by a person."""

    A = "A"
    B = "B"
    C = "C"


def recovery_level(capabilities: OfficeCapabilities) -> str:
    """Return the strongest way back to certainty that these capabilities allow."""
    if capabilities.find_by_key or capabilities.idempotent_create:
        return RecoveryLevel.A
    return RecoveryLevel.C


class OfficeAdapter(Protocol):
    """One office, connected."""

    @property
    def capabilities(self) -> OfficeCapabilities:
        """What this office can do."""
        ...

    def register(self, request: RegistrationRequest) -> Outcome:
        """Register the letter under the key, or say that the office refuses it."""
        ...

    def check(self) -> str:
        """Ask the office for something harmless and return a plain sentence of what was seen."""
        ...

    def close(self) -> None:
        """Let go of sessions and sockets. May be called twice."""
        ...


@runtime_checkable
class FindsByKey(Protocol):
    """An office that can be asked for a letter by our correlation key."""

    def find(self, correlation_key: str, secretariat: str) -> Found:
        """Return what the office has under this key; None when it has nothing at this moment."""
        ...


@runtime_checkable
class ReportsProgress(Protocol):
    """An office that tells how far its letters are."""

    def progress(self, references: Sequence[LetterReference]) -> Sequence[Progress]:
        """Return what the office says of these letters, at most ``progress_batch`` of them, in any order.

        A letter that the office does not mention is left out: it is asked about again later.
        """
        ...
