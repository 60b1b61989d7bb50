"""The ledger's front: one object that the stages, the web and the command line talk to.

STUB: signatures; the implementation is being written.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from connector.domain.letter import Route, Submission
from connector.domain.lifecycle import Status
from connector.ledger.attachments import AttachmentStore
from connector.ledger.records import (
    Admission, Claim, Happening, Lane, LetterFilter, LetterRow, LetterState, MessageHappening, MessageMaterial,
    OnDue, OutboxPolicy, TimelineEntry,
)
from connector.ports.portal import Publication


class Ledger:
    """Durable state of every letter, message and publication. Thread-safe. Every write is synced when it returns.

    Writes raise LostRace when the claim no longer holds, IllegalTransition when the lifecycle has no such step, and
    LedgerUnavailable when the database cannot be written (nothing changed).
    """

    attachments: AttachmentStore
    policy: OutboxPolicy  # may be replaced at run time

    def on_due(self, callback: OnDue) -> None: ...
    def close(self) -> None: ...

    # front door
    def admit(self, submission: Submission, *, route: Route | None) -> Admission: ...
    def twins(self, state: LetterState, *, since: datetime) -> list[str]:
        """Tracking codes of earlier letters of the same sender with the same content."""

    # claims
    def claim(self, lane: Lane, *, holder: str, lease_for: timedelta, limit: int) -> list[Claim]:
        """Lease due rows of the lane: rows that nobody holds, or whose lease has expired. Oldest due first."""
    def renew(self, claims: Iterable[Claim], *, lease_for: timedelta) -> None: ...
    def give_back(self, claims: Iterable[Claim]) -> None: ...
    def postpone(self, claim: Claim, *, due_at: datetime, reason: str) -> None:
        """End the claim without an event: due again later, attempts + 1."""
    def reschedule(self, claim: Claim, *, due_at: datetime) -> None:
        """End the claim without an event; attempts back to 0 (a poll that found nothing new)."""
    def next_due_at(self, lane: Lane) -> datetime | None: ...
    def release_leases(self) -> int:
        """Free every lease: only where this process alone may use the database (SQLite, at start)."""

    # letters
    def state(self, letter_id: str) -> LetterState: ...
    def states(self, letter_ids: Sequence[str]) -> list[LetterState]: ...
    def announce(self, claim: Claim, *, step: str = "register") -> Claim:
        """ready -> registering: the intent is on disk when this returns; the claim is kept (new version)."""
    def record(self, claim: Claim, *happenings: Happening) -> None:
        """Write the happenings in order, in one transaction, and end the claim."""

    # messages
    def materials(self, claims: Sequence[Claim]) -> list[MessageMaterial]: ...
    def announce_messages(self, claims: Sequence[Claim]) -> list[Claim]:
        """queued -> sending for all, in one transaction; claims are kept (new versions). Lost ones are left out."""
    def record_messages(self, results: Sequence[tuple[Claim, MessageHappening]]) -> None:
        """Write one event for each message and end the claims. Lost ones are skipped."""
    def record_receipt(self, own_id: int, happening: MessageHappening) -> bool:
        """A delivery report came from outside a claim. False where the message is unknown or already at that end."""

    # publications
    def publication(self, claim: Claim) -> Publication: ...
    def published(self, claim: Claim) -> None: ...

    # views (nothing personal unless said)
    def letters(self, which: LetterFilter) -> list[LetterRow]: ...
    def find_letter(self, text: str) -> str:
        """Letter id for a tracking code, letter id or registration number. Raise LetterUnknown."""
    def timeline(self, letter_id: str) -> list[TimelineEntry]: ...
    def counts(self) -> dict[Status, int]: ...
    def silent(self) -> int:
        """Letters that are not at their end and have no owner or no due time: must be 0."""
