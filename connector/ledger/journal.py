"""The journal of steps: what an office wanted done before the number and after it, intent by intent."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from connector.ledger import others, side_step_queue, side_step_writes, step_writes, transitions
from connector.ledger.claims import end_claim
from connector.ledger.lookup_records import OtherLetter
from connector.ledger.records import Claim, Happening, LetterState, OutboxPolicy
from connector.ledger.seal import KeyRing
from connector.ledger.step_records import REGISTER, SideStepHappening, Step, StepEnd, WaitingSideStep
from connector.ledger.writer import Transaction, Unit
from connector.observability.metrics import count_happening

__all__ = ["Journal"]

T = TypeVar("T")


class Journal:
    """Writes and reads the steps of letters. Thread-safe. Every write is synced when it returns.

    Writes under a claim raise LostRace when it no longer holds, and all of them LedgerUnavailable when the database
    cannot be written (nothing changed).
    """

    def __init__(
        self,
        write: Callable[[Unit[Any]], Any],
        read: Callable[[Callable[[sa.Connection], Any]], Any],
        ring: KeyRing,
        policy: Callable[[], OutboxPolicy],
    ) -> None:
        """Take the ledger's ways to write and to read, its keys, and who is told of facts at this moment."""
        self._write = write
        self._read = read
        self._ring = ring
        self._policy = policy

    # --- before the number

    def steps(self, letter_id: str) -> list[Step]:
        """Return the letter's steps so far, in order. Raise SealBroken if what one of them left does not open."""
        return self._seen(lambda c: step_writes.steps_of(c, self._ring, letter_id))

    def begin(
        self, claim: Claim, name: str, *, after: StepEnd | None = None, left_open: str | None = None
    ) -> Claim:
        """Write the intent of a step, and with it how the one before ended; the claim is kept, with its new version.

        ``left_open`` names a step whose process died in the middle of it.
        """

        def write(transaction: Transaction) -> Claim:
            return step_writes.begin_step(
                transaction, self._ring, claim, name, after=after, left_open=left_open
            )

        return self._done(write)

    def announce(self, claim: Claim, after: StepEnd) -> Claim:
        """Write how the last step before it ended, and the intent to register (ready to registering)."""

        def write(transaction: Transaction) -> Claim:
            announced = transitions.announce(transaction, self._ring, claim, REGISTER)
            step_writes.conclude_step(transaction, self._ring, claim.letter_id, claim.version, after)
            return announced

        return self._done(write)

    def postpone(self, claim: Claim, end: StepEnd, *, due_at: datetime, reason: str) -> None:
        """Write how the open step ended, and end the claim without an event: due again later, one attempt more."""

        def write(transaction: Transaction) -> None:
            end_claim(transaction, claim, due_at=due_at, attempts=claim.attempts + 1, reason=reason)
            step_writes.conclude_step(transaction, self._ring, claim.letter_id, claim.version, end)

        self._done(write)

    def record(self, claim: Claim, end: StepEnd, happening: Happening) -> None:
        """Write how the open step ended, and what happened to the letter with it; this ends the claim."""

        def write(transaction: Transaction) -> None:
            transitions.record(transaction, self._ring, self._policy(), claim, (happening,))
            step_writes.conclude_step(transaction, self._ring, claim.letter_id, claim.version, end)

        self._done(write)
        count_happening(str(happening.event), claim.lane.connection)

    # --- what else of ours an office has

    def holders_of(
        self, letter_id: str, office: str, *, numbers: Sequence[str], references: Sequence[str]
    ) -> list[OtherLetter]:
        """Return the other letters at this office that have one of these numbers, or one of the office's handles."""
        return self._seen(lambda c: others.holders_of(c, letter_id, office, numbers, references))

    def look_alikes(self, state: LetterState, *, since: datetime) -> list[OtherLetter]:
        """Return the other letters of the same sender with the same subject that were announced to the office since."""
        return self._seen(lambda c: others.look_alikes(c, self._ring, state, since))

    # --- after the number

    def unfold(self, claim: Claim, names: Sequence[str]) -> None:
        """Make a row of each side step, in place of the row that stood for all of them; the first one is due."""
        self._done(lambda t: side_step_writes.unfold_side_steps(t, claim, names))

    def announce_side_step(self, claim: Claim) -> Claim:
        """Write the intent of a side step's call; the claim is kept, with its new version."""
        return self._done(lambda t: side_step_writes.announce_side_step(t, claim))

    def record_side_step(self, claim: Claim, happening: SideStepHappening) -> None:
        """Write what became of a side step and end the claim; the letter's next one is freed where it is done."""
        self._done(lambda t: side_step_writes.record_side_step(t, claim, happening))

    def ask_about_number(self, letter_id: str) -> bool:
        """Ask a person which of two numbers is the letter's; False where that was asked before."""
        return self._done(lambda t: side_step_queue.ask_about_number(t, letter_id))

    def side_steps_waiting(self) -> list[WaitingSideStep]:
        """Return the side steps that wait for a person, longest first."""
        return self._seen(side_step_writes.waiting)

    def settle_side_step(self, work_id: str, *, done: bool, seen: int | None = None) -> None:
        """Write a person's word about a side step that waits for one: it is done, or it is to be done by us.

        Raise LetterUnknown where there is no such side step, and LetterMoved (fact ``status``) where it no longer
        waits for a person or has another version than ``seen``; then nothing was changed.
        """
        self._done(lambda t: side_step_writes.settle_side_step(t, work_id, done=done, seen=seen))

    def _done(self, unit: Unit[T]) -> T:
        value: T = self._write(unit)
        return value

    def _seen(self, look: Callable[[sa.Connection], T]) -> T:
        value: T = self._read(look)
        return value
