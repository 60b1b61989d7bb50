"""The office port: the agency's office-automation suite, as the core sees it.

One required deed, ``register``; everything else is declared in the capabilities and asked for by protocol.
Any deed may raise Unavailable, RateLimited, OutcomeUnknown, Misbehaved or CredentialsRejected. ``register`` may
raise NotPossible before anything was sent. A call that was begun and brought no answer is OutcomeUnknown, always.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, runtime_checkable

from connector.domain.attachment import AttachmentContent
from connector.domain.letter import Letter
from connector.domain.registration import LetterReference
from connector.ports.outcomes import Found, Outcome, Progress, Refused, Registered, Submitted

__all__ = [
    "CompletesRegistration",
    "Completion",
    "Duplicates",
    "FindsByKey",
    "Kept",
    "OfficeAdapter",
    "OfficeCapabilities",
    "PreparesRegistration",
    "RecoveryLevel",
    "RegistrationRequest",
    "ReportsProgress",
    "ReservesNumber",
    "SearchQuery",
    "Searches",
    "recovery_level",
]

Kept = Mapping[str, str]
"""What a step leaves for later ones, by name: an upload's handle, a reservation. Sealed in the ledger."""


class Duplicates(StrEnum):
    """What an office does with a second create under the same key."""

    ANOTHER_ENTRY = "another_entry"
    """It makes a second entry with a second number. The one to assume of an office that says nothing."""
    THE_NUMBER = "the_number"
    """It answers with the first one's number."""
    AN_ERROR = "an_error"
    """It refuses and says that it has the letter, without its number: ``register`` then raises OutcomeUnknown with the
    reason ``duplicate_without_number`` (connector.ports.call_failures), and the letter is looked up."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RegistrationRequest:
    """What the office is asked to register."""

    letter: Letter
    correlation_key: str
    secretariat: str
    unit: str | None
    attachments: tuple[AttachmentContent, ...]
    kept: Mapping[str, Kept] = field(default_factory=dict)
    """What the steps before this one left, by the step's name; see PreparesRegistration and ReservesNumber."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OfficeCapabilities:
    """What an office can do beyond registering. Declared, never discovered by a crash."""

    find_by_key: bool = False
    """An exact look-up by our correlation key."""
    absence_is_proof: bool = True
    """Whether a look-up that finds nothing, late enough, means that the letter may be sent again. False where only what
    came back can be looked at (a mailbox): a sign of the letter is certainty, and the want of one is none."""
    idempotent_create: bool = False
    """A second create with the same key returns the first one's number and makes nothing new."""
    reserves: bool = False
    """A place is reserved first, filled by the create, and can be looked at: exact, like a look-up by key."""
    search: bool = False
    """A search by sender, subject and date window, or by our key in a searchable place."""
    search_sees_key: bool = False
    """The search brings only entries that bear our key. Where it cannot see the key, letters of one sender with one
    subject are mistaken for each other, and what could be either of two is a question for a person."""
    duplicates: Duplicates = Duplicates.ANOTHER_ENTRY
    """What a second create under the same key brings."""
    prepares: bool = False
    """Steps come before the number (uploads); each may be repeated."""
    completes: bool = False
    """Steps come after the number (attaching, starting a workflow); none of them undoes it."""
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
    if capabilities.find_by_key and not capabilities.absence_is_proof:
        return (
            RecoveryLevel.C
        )  # it is asked by key and by nothing else, and its silence is a person's question
    if capabilities.find_by_key or capabilities.idempotent_create or capabilities.reserves:
        return RecoveryLevel.A
    if capabilities.search:
        return RecoveryLevel.B
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


@runtime_checkable
class ReservesNumber(Protocol):
    """An office in which a place is reserved, filled and verified: an exact way back after a lost answer."""

    def reserve(self, request: RegistrationRequest) -> Kept:
        """Reserve a place and return how the office calls it. Safe to repeat: a place that stays empty harms nobody.

        ``register`` then finds it in ``request.kept["reserve"]``.
        """
        ...

    def verify(self, reservation: Kept, secretariat: str) -> Found:
        """Return what stands in the reserved place; None while it is empty."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchQuery:
    """What an office is searched for after a lost answer."""

    letter: Letter
    correlation_key: str
    secretariat: str
    since: datetime
    """Not before this: the first intent to register, with room for clocks that differ."""
    until: datetime


@runtime_checkable
class Searches(Protocol):
    """An office that can only be searched."""

    def search(self, query: SearchQuery) -> Sequence[Registered | Submitted | Refused]:
        """Return every entry that may be this letter; empty where there is none at this moment.

        The adapter compares what the office lets it compare (our key where it is written, else sender, subject and
        dates). The core decides: one match is the letter, several are a question for a person.
        """
        ...


@runtime_checkable
class PreparesRegistration(Protocol):
    """An office that wants something done before the number is given: an upload for each attachment, say."""

    def preparations(self, request: RegistrationRequest) -> Sequence[str]:
        """Return the names of the steps in their order, the same for the same letter. Asks nobody.

        A name has at most 30 characters: letters, digits, underscore; none is given twice, none is ``reserve``.
        """
        ...

    def prepare(self, step: str, request: RegistrationRequest) -> Kept:
        """Do one step and return what later ones need. Safe to repeat; repeated when its outcome was lost."""
        ...

    @property
    def preparations_last(self) -> timedelta:
        """How long what a step left can be used; older ones are done again."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Completion:
    """One side step after the number."""

    name: str
    """At most 20 characters: letters, digits, underscore; a letter first. None is given twice."""
    is_repeatable: bool = True
    """Whether doing it twice harms nobody. Where it does, a lost outcome is a question for a person."""


@runtime_checkable
class CompletesRegistration(Protocol):
    """An office that wants something done after the number: attachments handed in later, a workflow started."""

    def completions(self, request: RegistrationRequest) -> Sequence[Completion]:
        """Return the side steps in their order, the same for the same letter. Asks nobody."""
        ...

    def complete(self, step: str, request: RegistrationRequest, reference: LetterReference) -> None:
        """Do one side step for a letter that has its number.

        ``request.kept`` holds what the steps before the number left. Raise NotPossible where it can never be done: a
        person is asked. It changes nothing about the number, whatever it raises.
        """
        ...
