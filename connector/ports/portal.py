"""The portal port: the agency's citizen portal, as the core sees it.

A portal either hands submissions in by itself (``push``: our web API takes them) or is asked for them.
Publishing is idempotent by nature: each publication carries the letter's whole state and a position, so a
repeat changes nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol, runtime_checkable

from connector.domain.referral import Answer
from connector.domain.registration import Registration
from connector.errors import FieldProblem

__all__ = [
    "HandsInSubmissions",
    "PortalAdapter",
    "PortalCapabilities",
    "Publication",
    "PublishesProgress",
    "StandsSomewhere",
    "SubmittedFile",
    "SubmittedForm",
    "TakesSubmissions",
    "WaitingSubmission",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class PortalCapabilities:
    """What a portal can do."""

    hands_in: bool = False
    """True where we must ask the portal for new submissions; False where it calls us."""
    publishes: bool = False
    """True where progress can be written back."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SubmittedFile:
    """One file that comes with a submission, not yet read; what is said about it is not yet believed."""

    name: str
    declared: str | None
    """Media type as the portal says it."""
    open: Callable[[], BinaryIO]
    """Opens the bytes; the caller closes the stream. Raises SubmissionInvalid if the file is not there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SubmittedForm:
    """The portal's form, translated into our keys and not yet checked; intake reads it (connector.intake.form)."""

    data: Mapping[str, object]
    files: tuple[SubmittedFile, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingSubmission:
    """One submission that waits at the portal."""

    reference: str
    """How the portal names it (a file name, a row id); given back on acknowledge and refuse."""
    read: Callable[[], SubmittedForm]
    """Raises SubmissionInvalid if the form cannot even be read, and Unavailable to be asked again later."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Publication:
    """What the portal is told about a letter: its whole public state after one fact."""

    submission_id: str
    tracking_code: str
    position: int
    """Rises with every publication of a letter; a portal that has seen a higher one ignores a lower one."""
    fact: str
    status: str
    happened_at: datetime
    registration: Registration | None = None
    unit: str | None = None
    answer: Answer | None = None
    reason: str | None = None


class PortalAdapter(Protocol):
    """One portal, connected."""

    @property
    def capabilities(self) -> PortalCapabilities:
        """What this portal can do."""
        ...

    def check(self) -> str:
        """Look at the portal without changing anything and return a plain sentence of what was seen."""
        ...

    def close(self) -> None:
        """Let go of sessions and sockets. May be called twice."""
        ...


@runtime_checkable
class HandsInSubmissions(Protocol):
    """A portal that we ask for new submissions."""

    def waiting(self) -> Iterator[WaitingSubmission]:
        """Yield the submissions that wait, oldest first."""
        ...

    def acknowledge(self, reference: str, tracking_code: str) -> None:
        """Tell the portal that we have it, safely on disk. May be repeated."""
        ...

    def refuse(self, reference: str, problems: Sequence[FieldProblem]) -> None:
        """Tell the portal what is wrong, field by field. May be repeated."""
        ...


@runtime_checkable
class StandsSomewhere(Protocol):
    """A portal that hands in at a place which other nodes may or may not share: a folder, say."""

    def place(self) -> str | None:
        """Return a word of at most 16 characters that every node sees which looks at the same place, and no other.

        Then one of these nodes collects for all. None where that cannot be told: then each node collects by itself.
        """
        ...


@runtime_checkable
class PublishesProgress(Protocol):
    """A portal to which progress can be written back."""

    def publish(self, publication: Publication) -> None:
        """Write the letter's state back. May be repeated."""
        ...


@runtime_checkable
class TakesSubmissions(Protocol):
    """A portal that calls our web address with its submissions."""

    def admits(self, authorization: str | None) -> bool:
        """Return whether this ``Authorization`` header proves that the caller is the portal.

        Must take as long for a wrong proof as for a right one.
        """
        ...
