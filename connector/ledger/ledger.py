"""The ledger's front: one object that the stages, the web and the command line talk to."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from connector.clock import Now
from connector.domain.letter import Route, Submission
from connector.domain.lifecycle import Stage, Status
from connector.errors import LostRace
from connector.ledger import claims as leases
from connector.ledger import message_writes, publication_writes, transitions, views
from connector.ledger.admission import admit, known_submission
from connector.ledger.alerts_told import AlertsTold
from connector.ledger.attachments import AttachmentStore
from connector.ledger.attention import Attention
from connector.ledger.audit import Audit
from connector.ledger.call_rates import CallRates
from connector.ledger.contents import get_content, is_referenced, put_content, sweep_contents
from connector.ledger.database import Database, reading
from connector.ledger.decisions import Decisions
from connector.ledger.incoming import Incoming
from connector.ledger.journal import Journal
from connector.ledger.message_reading import material_at, materials
from connector.ledger.nodes import Nodes
from connector.ledger.opt_outs import OptOuts
from connector.ledger.outside_watch import OutsideWatch
from connector.ledger.pauses import Pauses
from connector.ledger.reading import publication, states, twins
from connector.ledger.records import (
    Admission,
    Claim,
    DailyBudget,
    Happening,
    Lane,
    LetterFilter,
    LetterRow,
    LetterState,
    MessageHappening,
    MessageMaterial,
    MessagePlan,
    OnDue,
    OutboxPolicy,
    TimelineEntry,
)
from connector.ledger.run_turns import RunTurns
from connector.ledger.seal import KeyRing
from connector.ledger.sendings import Sendings
from connector.ledger.set_aside import SetAside
from connector.ledger.suspensions import Suspensions
from connector.ledger.writer import AWAY, DirectWriter, GroupWriter, Transaction, Unit, Writer, unavailable
from connector.observability.metrics import count_happening
from connector.ports.portal import Publication

__all__ = ["Ledger"]

T = TypeVar("T")
_ADMISSION_TRIES = 3
_AT_AN_OFFICE = frozenset({Stage.REGISTRATION, Stage.RECONCILIATION, Stage.TRACKING})
"""Stages whose lane bears the name of an office."""


class Ledger:
    """Durable state of every letter, message and publication. Thread-safe. Every write is synced when it returns.

    Writes raise LostRace when the claim no longer holds, IllegalTransition when the lifecycle has no such step, and
    LedgerUnavailable when the database cannot be written (nothing changed).
    """

    def __init__(
        self, database: Database, ring: KeyRing, *, attachments: Path, policy: OutboxPolicy, now: Now
    ) -> None:
        """Take a database that is at this version (see connector.ledger.opening.open_ledger, which makes sure)."""
        self.policy = policy
        self._database = database
        self._ring = ring
        self._now = now
        self._callbacks: list[OnDue] = []
        make = GroupWriter if database.is_sqlite else DirectWriter
        self._writer: Writer = make(database.writing, now, self.tell_due)
        self._closing: list[Callable[[], None]] = []
        self._is_closed = threading.Event()
        self.run_turns = RunTurns(database, now)
        self.nodes = Nodes(database, self._write, self._read, now)
        self.pauses = Pauses(self._write, self._read, ring)
        self.suspensions = Suspensions(self._write, self._read)
        self.set_aside = SetAside(self._write, self._read)
        self.call_rates = CallRates(database)
        self.sendings = Sendings(self._write, self._read, now)
        self.outside = OutsideWatch(self._read, is_sqlite=database.is_sqlite)
        self.decisions = Decisions(self._write, self._read, ring, lambda: self.policy)
        self.journal = Journal(self._write, self._read, ring, lambda: self.policy)
        self.alerts_told = AlertsTold(self._write, self._read)
        self.attention = Attention(self._read, now)
        self.incoming = Incoming(self._write, self._read, ring)
        self.opt_outs = OptOuts(self._write, self._read, ring)
        self.audit = Audit(self._write, self._read, ring)
        self.attachments = AttachmentStore(
            attachments,
            put_row=lambda digest, content: self._write(lambda t: put_content(t, ring, digest, content)),
            get_row=lambda digest: self._read(lambda c: get_content(c, ring, digest)),
        )

    # --- opening and closing

    def on_due(self, callback: OnDue) -> None:
        """Call this with a lane after each commit that made something due in it. The callback returns at once."""
        self._callbacks.append(callback)

    def on_close(self, callback: Callable[[], None]) -> None:
        """Call this when the ledger closes, before its connections go."""
        self._closing.append(callback)

    def close(self) -> None:
        """Write what waits and close all connections. May be called twice."""
        if self._is_closed.is_set():
            return
        self._is_closed.set()
        for callback in self._closing:
            callback()
        self._writer.close()
        self._database.dispose()

    # --- front door

    def admit(self, submission: Submission, *, route: Route | None) -> Admission:
        """Make the letter, or return what the same submission made before.

        Raise SubmissionConflict when the submission id was used with other content.
        """
        for _ in range(_ADMISSION_TRIES):
            try:
                return self._write(lambda t: admit(t, self._ring, self.policy, submission, route))
            except (
                IntegrityError
            ):  # another node took the same submission, or the tracking code, at this moment
                continue
        raise LostRace(submission_portal=submission.portal)

    def known_submission(self, submission: Submission) -> Admission | None:
        """Return what the same submission made before; None for one that is new.

        Raise SubmissionConflict when the submission id was used with other content.
        """
        return self._read(lambda c: known_submission(c, self._ring, submission))

    def twins(self, state: LetterState, *, since: datetime) -> list[str]:
        """Return the tracking codes of earlier letters of the same sender with the same content, oldest first."""
        return self._read(lambda c: twins(c, self._ring, state, since))

    # --- claims

    def claim(
        self, lane: Lane, *, holder: str, lease_for: timedelta, limit: int, is_expected: bool = False
    ) -> list[Claim]:
        """Lease due rows of the lane that nobody holds or whose lease has run out, oldest due first.

        An empty lane costs a read and no write; who was just told that something is due may spare the read.
        """
        if not is_expected and not self._read(lambda c: leases.is_anything_due(c, lane, self._now())):
            return []

        def look(transaction: Transaction) -> list[Claim]:
            return leases.take_due(transaction, lane, holder=holder, lease_for=lease_for, limit=limit)

        return self._write(look)

    def renew(self, claims: Iterable[Claim], *, lease_for: timedelta) -> list[Claim]:
        """Lengthen the leases; return the claims that no longer hold."""
        held = list(claims)
        return self._write(lambda t: leases.renew(t, held, lease_for)) if held else []

    def give_back(self, claims: Iterable[Claim]) -> None:
        """End the claims as if they had never been: due as before."""
        held = list(claims)
        if held:
            self._write(lambda t: leases.release(t, held))

    def postpone(self, claim: Claim, *, due_at: datetime, reason: str) -> None:
        """End the claim without an event: due again later, one attempt more."""
        self._write(
            lambda t: leases.end_claim(t, claim, due_at=due_at, attempts=claim.attempts + 1, reason=reason)
        )

    def reschedule(self, claim: Claim, *, due_at: datetime) -> None:
        """End the claim without an event, attempts back to 0: a look that found nothing new."""
        self.reschedule_all([(claim, due_at)])

    def keep_waiting(self, claim: Claim, *, due_at: datetime) -> None:
        """End the claim without an event and with its reason: a person was reminded of it."""
        self._write(lambda t: leases.keep_waiting(t, claim, due_at=due_at))

    def reschedule_all(self, claims: Sequence[tuple[Claim, datetime]]) -> None:
        """The same for many in one transaction; those that no longer hold are left alone."""

        def write(transaction: Transaction) -> None:
            for claim, due_at in claims:
                try:
                    leases.end_claim(transaction, claim, due_at=due_at, attempts=0, reason=None)
                except LostRace:
                    continue

        self._write(write)

    def next_due_at(self, lane: Lane) -> datetime | None:
        """Return when the lane next has something to claim, or None when nothing is in sight."""
        return self._read(lambda c: leases.next_due_at(c, lane))

    def release_leases(self) -> int:
        """Free every lease, only where this process alone may use the database (SQLite, at start)."""
        return self._write(leases.free_all)

    # --- letters

    def state(self, letter_id: str) -> LetterState:
        """Return one letter with its way so far. Raise LetterUnknown if there is none."""
        return self.states([letter_id])[0]

    def states(self, letter_ids: Sequence[str]) -> list[LetterState]:
        """Return letters with their ways so far, in the order asked."""
        return self._read(lambda c: states(c, self._ring, letter_ids))

    def announce(self, claim: Claim, *, step: str = "register") -> Claim:
        """Write the intent to register (ready to registering); the claim is kept, with its new version."""
        return self._write(lambda t: transitions.announce(t, self._ring, claim, step))

    def record(self, claim: Claim, *happenings: Happening) -> None:
        """Write the happenings in order, in one transaction, and end the claim."""
        self._write(lambda t: transitions.record(t, self._ring, self.policy, claim, happenings))
        office = claim.lane.connection if claim.lane.stage in _AT_AN_OFFICE else None
        for happening in happenings:
            count_happening(str(happening.event), happening.route.office if happening.route else office)

    # --- messages

    def materials(self, claims: Sequence[Claim]) -> list[MessageMaterial]:
        """Return what the notification stage needs for each message, in the order of the claims."""
        return self._read(lambda c: materials(c, self._ring, claims))

    def announce_messages(
        self,
        claims: Sequence[Claim],
        plans: Mapping[str, MessagePlan] | None = None,
        budget: DailyBudget | None = None,
    ) -> list[Claim]:
        """Write the intent to send for all, with how each is to be sent, by its work id.

        Return the claims that still hold, with their new versions. Those for which the budget has no room are put off
        until the time in their plan, and are not among them.
        """
        return self._write(lambda t: message_writes.announce_messages(t, claims, plans or {}, budget))

    def record_messages(self, results: Sequence[tuple[Claim, MessageHappening]]) -> int:
        """Write one event for each message and end the claims; return how many were lost to somebody else."""
        return self._write(lambda t: message_writes.record_messages(t, results))

    def looked_up_messages(self, claims: Sequence[tuple[Claim, datetime]]) -> None:
        """Note a look-up that brought no certainty for each message, due again at its time, and end the claims."""

        def write(transaction: Transaction) -> None:
            for claim, due_at in claims:
                try:
                    leases.end_claim(transaction, claim, due_at=due_at, attempts=0, reason="looked_up")
                except LostRace:
                    continue
                message_writes.count_lookups(transaction, [claim])

        self._write(write)

    def record_receipt(self, gateway: str, own_id: int, happening: MessageHappening) -> bool:
        """Write a delivery report that a gateway brought; False where it has no such message or says nothing new."""
        return self._write(lambda t: message_writes.record_receipt(t, gateway, own_id, happening))

    def message(self, gateway: str, own_id: int) -> MessageMaterial | None:
        """Return a message that this gateway has now; None where it has none of this id."""
        return self._read(lambda c: material_at(c, self._ring, gateway, own_id))

    # --- publications

    def publication(self, claim: Claim) -> Publication:
        """Return what the portal is told by this publication."""
        return self._read(lambda c: publication(c, self._ring, claim))

    def published(self, claim: Claim) -> None:
        """Note that the portal has it, and free the letter's next publication."""

        self._write(lambda t: publication_writes.published(t, claim))

    # --- views

    def letters(self, which: LetterFilter) -> list[LetterRow]:
        """Return one row for each letter that the filter shows, newest first."""
        return self._read(lambda c: views.letter_rows(c, self._ring, which))

    def letter_row(self, letter_id: str) -> LetterRow:
        """Return the row of one letter. Raise LetterUnknown if there is none."""
        self.state(letter_id)
        return self._read(lambda c: views.letter_rows(c, self._ring, LetterFilter(), letter_id))[0]

    def find_letter(self, text: str) -> str:
        """Return the letter id for a tracking code, letter id or registration number. Raise LetterUnknown."""
        return self._read(lambda c: views.find_letter(c, text))

    def find_submission(self, portal: str, submission_id: str) -> str:
        """Return the letter id for a portal's own submission id. Raise LetterUnknown if it was never admitted."""
        return self._read(lambda c: views.find_submission(c, portal, submission_id))

    def timeline(self, letter_id: str) -> list[TimelineEntry]:
        """Return everything that happened to a letter, in the order of happening."""
        return self._read(lambda c: views.timeline(c, self._ring, letter_id))

    def counts(self) -> dict[Status, int]:
        """Return how many letters stand in each status."""
        return self._read(views.counts)

    def silent(self) -> int:
        """Return how many letters are not at their end and have no owner or no due time: must be 0."""
        return self._read(views.silent)

    def unfinished_outbox(self) -> int:
        """Return how many messages and publications are not at their end."""
        return self._read(views.unfinished_outbox)

    def oldest_due(self) -> dict[tuple[str, str], datetime]:
        """Return the oldest due time of each lane, by stage and connection."""
        return self._read(views.oldest_due)

    def ping(self) -> None:
        """Make sure that the database takes writes. Raise LedgerUnavailable if it does not."""
        self._write(lambda t: t.connection.execute(sa.text("SELECT 1")))

    def sweep_attachments(self, *, grace: timedelta) -> int:
        """Remove contents that no letter names and that have lain longer than the grace time; return how many.

        They are the remains of submissions that broke off, and of processes that were killed.
        """
        before = self._now() - grace
        removed = self.attachments.sweep_incoming(older_than=before)
        removed += self.attachments.sweep_unreferenced(self._is_referenced, older_than=before)
        return removed + self._write(lambda t: sweep_contents(t, older_than=before))

    # --- inside

    def _write(self, unit: Unit[T]) -> T:
        return self._writer.run(unit)

    def _read(self, look: Callable[[sa.Connection], T]) -> T:
        with _translating(), reading(self._database.reading) as connection:
            return look(connection)

    def _is_referenced(self, digest: str) -> bool:
        return self._read(lambda c: is_referenced(c, digest))

    def tell_due(self, lanes: set[Lane]) -> None:
        """Tell the callbacks that something is due in these lanes."""
        for callback in self._callbacks:
            for lane in lanes:
                callback(lane)


@contextmanager
def _translating() -> Iterator[None]:
    try:
        yield
    except AWAY as error:
        raise unavailable(error) from error
