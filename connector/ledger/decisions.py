"""What a person decides about a letter. Nobody claims a letter for it: the version is the guard, and the person wins.

Each word is one transaction: the event with who said it and why, the new status, and everything that follows. Whoever
holds the letter at that moment (a node that looks it up, say) finds another version and loses its race. Only a call
that is under way right now is waited for: what it brings is not known to anybody yet.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from connector.domain.letter import Route
from connector.domain.lifecycle import Event, Status
from connector.domain.registration import Registration
from connector.errors import IllegalTransition, LetterMoved, LetterUnknown
from connector.ledger.acts import note_act
from connector.ledger.delays import tell_delayed
from connector.ledger.number_check import check_number
from connector.ledger.outside import note_outside_write
from connector.ledger.records import Happening, OutboxPolicy
from connector.ledger.seal import KeyRing
from connector.ledger.side_step_writes import settle_side_step
from connector.ledger.step_records import REGISTER_AGAIN
from connector.ledger.step_writes import is_step_open
from connector.ledger.tables import events, letters, schedule
from connector.ledger.transitions import record_unclaimed
from connector.ledger.writer import Transaction, Unit

__all__ = ["Decisions", "Said"]

_ORPHANED: Final = "orphaned"
_GONE_ON: Final = (
    sa.select(events.c.position)
    .where(
        events.c.letter_id == sa.bindparam("of_letter"),
        events.c.position > sa.bindparam("seen"),
        events.c.event.not_in([str(Event.LOOKED_UP), str(Event.DELAYED)]),
    )
    .limit(1)
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """A person's word: whose it is, and why."""

    by: str
    """The name of the login."""
    reason: str
    """In the person's own words; kept sealed, and shown only to whoever may see what is personal."""


class Decisions:
    """Writes what persons decide. Thread-safe, and beside a running daemon.

    Every word raises LetterUnknown where there is no such letter, LetterMoved (facts ``status`` and, of a call that
    is under way, ``until``) where it no longer stands as the person saw it, IllegalTransition where the lifecycle has
    no such step, and LedgerUnavailable. Then nothing was changed.

    Where a letter is settled, ``seen`` is the position of the last event that the person saw (LetterState.position):
    the status alone does not tell two losses apart. A letter that was sent again meanwhile, and lost again, is
    uncertain as before, and what the person knows is of the first call. Look-ups, and the word to the citizen, in
    between change nothing of that.
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

    def check_number(
        self, letter_id: str, registration: Registration, route: Route | None, *, zeros_matter: bool = False
    ) -> None:
        """Raise NumberTaken where settle_registered would, as far as it can be known beforehand. Only reads."""
        self._read(lambda c: check_number(c, letter_id, registration, route, zeros_matter=zeros_matter))

    def settle_registered(
        self,
        letter_id: str,
        expected: Status,
        said: Said,
        registration: Registration,
        *,
        track_after: timedelta,
        route: Route | None = None,
        seen: int | None = None,
        zeros_matter: bool = False,
    ) -> None:
        """Write that it was registered by hand under this number; the office is asked how it goes on.

        ``route`` is for a letter that has none, or was registered elsewhere. Raise NumberTaken (fact
        ``tracking_code``) where another letter has the number at the same office, secretariat and year; also where only
        leading zeros tell the two apart, unless ``zeros_matter``.
        """

        def write(transaction: Transaction) -> None:
            self._begin(transaction, letter_id, expected, seen)
            check_number(transaction.connection, letter_id, registration, route, zeros_matter=zeros_matter)
            settled = Happening(
                event=Event.SETTLED_REGISTERED,
                due_at=transaction.at + track_after,
                reason="settled_by_hand",
                remark=said.reason,
                by=said.by,
                registration=registration,
                route=route,
            )
            self._record(transaction, letter_id, expected, settled)

        self._write(write)

    def settle_absent(self, letter_id: str, expected: Status, said: Said, *, seen: int | None = None) -> None:
        """Write that the office does not have it, or never got it: it is ready, and sent again at once."""
        self._say(
            letter_id, expected, said, Event.SETTLED_ABSENT, "not_there_by_hand", is_due=True, seen=seen
        )

    def settle_refused(
        self, letter_id: str, expected: Status, said: Said, *, seen: int | None = None
    ) -> None:
        """Write that the office refused a letter that it had taken. The citizen is told, and the reason with it."""
        if expected is not Status.SUBMITTED:
            raise IllegalTransition(
                "Only of a letter that the office took is it said by hand that it was refused there.",
                status=str(expected),
                event=str(Event.REFUSED),
            )
        self._say(letter_id, expected, said, Event.REFUSED, "settled_by_hand", is_due=False, seen=seen)

    def release(self, letter_id: str, expected: Status, said: Said) -> None:
        """Send a parked letter on again; it is screened anew, under the routes of today."""
        self._say(letter_id, expected, said, Event.RELEASED, "released_by_hand", is_due=True)

    def withdraw(self, letter_id: str, expected: Status, said: Said) -> None:
        """End a letter that certainly no office has; the citizen is told."""
        self._say(letter_id, expected, said, Event.WITHDRAWN, "withdrawn_by_hand", is_due=False)

    def approve(self, letter_id: str, expected: Status, said: Said) -> None:
        """Let a letter in review be registered."""
        self._say(letter_id, expected, said, Event.APPROVED, "approved_by_hand", is_due=True)

    def refuse(self, letter_id: str, expected: Status, said: Said) -> None:
        """Refuse a letter in review. The citizen is told, and the reason is told with it."""
        if expected is not Status.IN_REVIEW:  # that the office refused it is settled: settle_refused
            raise IllegalTransition(
                "Only a letter in review is refused by a person.",
                status=str(expected),
                event=str(Event.REFUSED),
            )
        self._say(letter_id, expected, said, Event.REFUSED, "refused_by_hand", is_due=False)

    def settle_step(
        self, letter_id: str, step: str, said: Said, *, done: bool, seen: int | None = None
    ) -> None:
        """Settle a side step that waits for a person: it is done (or need not be), or Chapar does it (again).

        ``seen`` is the version that the person saw (WaitingSideStep.version): a step that another person let be done
        again, and that waits once more, looks the same. Raise LetterUnknown where there is no such side step,
        LetterMoved where it does not wait for a person, or no longer for this word.
        """

        def write(transaction: Transaction) -> None:
            act = "step_done" if done else "step_again"
            subject = f"{_tracking_code(transaction, letter_id)} {step}"
            settle_side_step(transaction, f"{letter_id}/{step}", done=done, seen=seen)
            note_act(transaction, self._ring, said.by, act, subject, said.reason)

        self._write(write)

    def tell_delayed(self, letter_id: str) -> bool:
        """Tell the citizen, once for each letter, that it takes long and is not forgotten; False where that is not due.

        Nothing else changes: neither due time nor owner, attempts, reason or lease. A letter that somebody holds at
        this moment is left alone, and so is one that was told of before, or that the lifecycle no longer lets wait.
        """
        return self.tell_all_delayed([letter_id]) == 1

    def tell_all_delayed(self, letter_ids: Sequence[str]) -> int:
        """The same for many in one transaction; return how many were told."""

        def write(transaction: Transaction) -> int:
            policy = self._policy()
            return sum(tell_delayed(transaction, self._ring, policy, letter_id) for letter_id in letter_ids)

        return int(self._write(write))

    def _say(
        self,
        letter_id: str,
        expected: Status,
        said: Said,
        event: Event,
        reason: str,
        *,
        is_due: bool,
        seen: int | None = None,
    ) -> None:
        def write(transaction: Transaction) -> None:
            row = self._begin(transaction, letter_id, expected, seen)
            if event is Event.SETTLED_ABSENT:
                _let_look_up_end(transaction, row)
            happening = Happening(
                event=event,
                due_at=transaction.at if is_due else None,
                reason=reason,
                remark=said.reason,
                by=said.by,
            )
            self._record(transaction, letter_id, expected, happening)

        self._write(write)

    def _begin(self, transaction: Transaction, letter_id: str, expected: Status, seen: int | None) -> Any:
        # First of all: so persons' words go one after the other, and no two give away the same number.
        note_outside_write(transaction)
        row = _row(transaction, letter_id)
        if row.status != expected:
            raise LetterMoved(letter_id=letter_id, status=row.status)
        if not _is_orphan(row, transaction.at) and _may_be_registered_now(transaction, row):
            raise LetterMoved(
                "A call that registers the letter is under way right now. Nothing was changed.",
                letter_id=letter_id,
                status=row.status,
                until=row.lease_expires_at,
            )
        if seen is not None and _has_gone_on(transaction, letter_id, seen):
            raise LetterMoved(
                "More has happened to the letter meanwhile.", letter_id=letter_id, status=row.status
            )
        return row

    def _record(
        self, transaction: Transaction, letter_id: str, expected: Status, happening: Happening
    ) -> None:
        lost = Happening(event=Event.OUTCOME_LOST, due_at=transaction.at, reason=_ORPHANED)
        happenings = (lost, happening) if expected is Status.REGISTERING else (happening,)
        record_unclaimed(transaction, self._ring, self._policy(), letter_id, expected, *happenings)


def _tracking_code(transaction: Transaction, letter_id: str) -> str:
    code = transaction.connection.execute(
        sa.select(letters.c.tracking_code).where(letters.c.letter_id == letter_id)
    ).scalar()
    if code is None:
        raise LetterUnknown(letter_id=letter_id)
    return str(code)


def _row(transaction: Transaction, letter_id: str) -> Any:
    row = transaction.connection.execute(
        sa.select(schedule)
        .where(schedule.c.work_id == letter_id, schedule.c.kind == "letter")
        .with_for_update()
    ).first()
    if row is None:
        raise LetterUnknown(letter_id=letter_id)
    return row


def _let_look_up_end(transaction: Transaction, row: Any) -> None:
    """Raise LetterMoved while somebody asks the office for it: what is found at this moment is not to be sent again."""
    is_asked_for = row.status in (Status.UNCERTAIN, Status.SUBMITTED)
    if is_asked_for and not _is_orphan(row, transaction.at):
        raise LetterMoved(
            "The office is being asked for the letter right now. Nothing was changed.",
            letter_id=row.letter_id,
            status=row.status,
            until=row.lease_expires_at,
        )


def _has_gone_on(transaction: Transaction, letter_id: str, seen: int) -> bool:
    after = {"of_letter": letter_id, "seen": seen}
    return transaction.connection.execute(_GONE_ON, after).first() is not None


def _is_orphan(row: Any, at: datetime) -> bool:
    """Return whether whoever called is gone: nobody holds the letter, or the lease has run out."""
    return row.lease_expires_at is None or row.lease_expires_at <= at


def _may_be_registered_now(transaction: Transaction, row: Any) -> bool:
    """Return whether a call may be under way that registers the letter, a create that is made again among them."""
    if row.status != Status.UNCERTAIN:
        return bool(row.status == Status.REGISTERING)
    return is_step_open(transaction, row.letter_id, REGISTER_AGAIN)
