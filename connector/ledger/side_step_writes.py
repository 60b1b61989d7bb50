"""Side steps after the number: rows of their own, done one after the other, each with its own patience.

Nothing here touches the letter's row: a side step neither undoes a number nor holds up a message.
"""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from connector.domain.lifecycle import Stage
from connector.errors import IllegalTransition, LetterMoved, LetterUnknown, LostRace
from connector.ledger.claims import GUARD_UNCLAIMED, MOVED, guard_values, guarded_update, moved, unclaimed
from connector.ledger.narrow import narrow
from connector.ledger.outside import note_outside_write
from connector.ledger.prepared import Prepared
from connector.ledger.records import Claim, Lane, WorkKind
from connector.ledger.side_step_queue import write_side_step
from connector.ledger.step_records import (
    ANOTHER_NUMBER,
    SIDE_STEP_PREFIX,
    SideStepHappening,
    SideStepStatus,
    StepEnd,
    StepOutcome,
    WaitingSideStep,
)
from connector.ledger.step_writes import close_left, write_step
from connector.ledger.tables import letters, routes, schedule
from connector.ledger.writer import Transaction

__all__ = ["announce_side_step", "record_side_step", "settle_side_step", "unfold_side_steps", "waiting"]

_AFTER_THE_LETTER: Final = 1_000_000
"""Positions of side steps in the journal lie beyond every version that a letter without a number reaches."""
_WITH_A_PERSON: Final = frozenset({SideStepStatus.UNCERTAIN, SideStepStatus.PARKED})
_ORPHANED: Final = StepEnd(outcome=StepOutcome.LOST, reason="orphaned")
_ANNOUNCE: Final = guarded_update("status", "version")
_MOVE: Final = guarded_update(*MOVED, "status_since")
_TRY_AGAIN: Final = guarded_update(*MOVED)
"""Tries in vain do not begin the wait anew."""
_MOVE_UNCLAIMED: Final = guarded_update(*MOVED, "status_since", condition=GUARD_UNCLAIMED)
_FREE: Final = Prepared(
    sa.update(schedule)
    .where(schedule.c.work_id == sa.bindparam("of_work"))
    .values(due_at=sa.bindparam("due_at"))
)
_ROW: Final = sa.select(schedule).where(
    schedule.c.work_id == sa.bindparam("of_work"), schedule.c.kind == str(WorkKind.SIDE_STEP)
)
_FIRST_UNDONE: Final = (
    sa.select(schedule)
    .where(
        schedule.c.kind != "letter",
        schedule.c.letter_id == sa.bindparam("of_letter"),
        schedule.c.kind == str(WorkKind.SIDE_STEP),
        schedule.c.status != str(SideStepStatus.DONE),
    )
    .order_by(schedule.c.sequence)
    .limit(1)
)
_WAITING: Final = (
    sa.select(schedule, letters.c.tracking_code, routes.c.office)
    .join(letters, letters.c.letter_id == schedule.c.letter_id)
    .outerjoin(routes, routes.c.letter_id == schedule.c.letter_id)
    .where(schedule.c.stage == str(Stage.OPERATOR), schedule.c.kind == str(WorkKind.SIDE_STEP))
    .order_by(schedule.c.status_since, schedule.c.work_id)
)


def unfold_side_steps(transaction: Transaction, claim: Claim, names: Sequence[str]) -> None:
    """Make a row of each side step, in place of the row that stood for all. Raise LostRace like every write."""
    done = SideStepHappening(status=SideStepStatus.DONE)
    if _MOVE.run(transaction.connection, _values(transaction, claim, done, claim.lane)) != 1:
        raise LostRace(work_id=claim.work_id)
    for sequence, name in enumerate(names, start=1):
        write_side_step(
            transaction, claim.letter_id, name, claim.lane, sequence=sequence, is_first=sequence == 1
        )


def announce_side_step(transaction: Transaction, claim: Claim) -> Claim:
    """Write the intent of the call; the claim is kept. Raise LostRace if it no longer holds."""
    version = claim.version + 1
    changes = {"status": str(SideStepStatus.SENDING), "version": version}
    if _ANNOUNCE.run(transaction.connection, guard_values(claim) | changes) != 1:
        raise LostRace(work_id=claim.work_id)
    if claim.status == SideStepStatus.SENDING:
        close_left(transaction, claim.letter_id, _name_of(claim), _ORPHANED)
    write_step(transaction, claim, _position(transaction, claim.work_id, version), _name_of(claim))
    return moved(claim, status=str(SideStepStatus.SENDING), version=version)


def record_side_step(transaction: Transaction, claim: Claim, happening: SideStepHappening) -> None:
    """Write what became of the side step and end the claim; the next one is freed where this one is done."""
    values = _values(transaction, claim, happening, claim.lane)
    statement = _MOVE
    if happening.status is SideStepStatus.QUEUED:
        statement = _TRY_AGAIN
        del values["status_since"]
    if statement.run(transaction.connection, values) != 1:
        raise LostRace(work_id=claim.work_id)
    _follow(transaction, claim, happening)


def settle_side_step(transaction: Transaction, work_id: str, *, done: bool, seen: int | None = None) -> None:
    """Write a person's word: it is done (or need not be), or it is to be done (again) by us.

    Raise LetterUnknown where there is no such side step, and LetterMoved (fact ``status``) where it no longer waits
    for a person, or has another version than the person has seen. Raise IllegalTransition where it is a question that
    only a person answers, and is to be done by us.
    """
    note_outside_write(transaction)
    row = transaction.connection.execute(_ROW.with_for_update(), {"of_work": work_id}).first()
    if row is None:
        raise LetterUnknown("There is no such side step.", work_id=work_id)
    if row.status not in _WITH_A_PERSON:
        raise LetterMoved("This side step no longer waits for a person.", work_id=work_id, status=row.status)
    if not done and work_id.endswith(f"/{ANOTHER_NUMBER}"):
        raise IllegalTransition(
            "Only a person can find out which number is right: this is no step that Chapar does.",
            next_step="Ask the secretariat, then say --done.",
            status=row.status,
        )
    if seen is not None and row.version != seen:
        raise LetterMoved(
            "Something has happened to this side step since you looked. Nothing was changed.",
            next_step="Look at it once more: chapar letters explain LETTER",
            work_id=work_id,
            status=row.status,
        )
    office = sa.select(routes.c.office).where(routes.c.letter_id == row.letter_id)
    lane = Lane(Stage.COMPLETION, str(transaction.connection.execute(office).scalar_one()))
    claim = unclaimed(row, Stage.OPERATOR, transaction.at)
    happening = SideStepHappening(
        status=SideStepStatus.DONE if done else SideStepStatus.QUEUED,
        due_at=None if done else transaction.at,
        reason="settled_by_hand",
    )
    values = _values(transaction, claim, happening, lane) | {"attempts": 0}
    if _MOVE_UNCLAIMED.run(transaction.connection, values) != 1:
        raise LostRace(work_id=work_id)
    transaction.due_lanes.add(lane)
    _follow(transaction, claim, happening)


def waiting(connection: sa.Connection) -> list[WaitingSideStep]:
    """Return the side steps that wait for a person, longest first."""
    return [
        WaitingSideStep(
            work_id=row.work_id,
            letter_id=row.letter_id,
            tracking_code=row.tracking_code,
            office=row.office,
            name=row.work_id.rsplit("/", 1)[1],
            status=SideStepStatus(row.status),
            reason=row.last_reason,
            since=row.status_since,
            due_at=row.due_at,
            version=row.version,
        )
        for row in connection.execute(_WAITING)
    ]


def _values(
    transaction: Transaction, claim: Claim, happening: SideStepHappening, lane: Lane
) -> dict[str, Any]:
    after = _lane_after(happening.status, lane)
    is_again = happening.status is SideStepStatus.QUEUED
    return guard_values(claim) | {
        "status": str(happening.status),
        "version": claim.version + 1,
        "stage": None if after is None else str(after.stage),
        "connection": None if after is None else after.connection,
        "due_at": happening.due_at,
        "attempts": claim.attempts + 1 if is_again else 0,
        "last_reason": narrow(happening.reason),
        "lease_holder": None,
        "lease_expires_at": None,
        "status_since": transaction.at,
    }


def _lane_after(status: SideStepStatus, lane: Lane) -> Lane | None:
    if status is SideStepStatus.DONE:
        return None
    return Lane(Stage.OPERATOR, "") if status in _WITH_A_PERSON else lane


def _follow(transaction: Transaction, claim: Claim, happening: SideStepHappening) -> None:
    """Close the open step of the journal, and free the letter's next side step."""
    if claim.status == SideStepStatus.SENDING:
        end = StepEnd(outcome=happening.outcome, reason=happening.reason)
        close_left(transaction, claim.letter_id, _name_of(claim), end)
    if happening.status is SideStepStatus.DONE:
        _free_next(transaction, claim.letter_id)
    else:
        after = _lane_after(happening.status, claim.lane)
        if after is not None:
            transaction.due_lanes.add(after)


def _free_next(transaction: Transaction, letter_id: str) -> None:
    row = transaction.connection.execute(_FIRST_UNDONE, {"of_letter": letter_id}).first()
    if row is not None and row.due_at is None:
        _FREE.run(transaction.connection, {"of_work": row.work_id, "due_at": transaction.at})
        transaction.due_lanes.add(Lane(Stage(row.stage), row.connection))


def _name_of(claim: Claim) -> str:
    return SIDE_STEP_PREFIX + claim.work_id.rsplit("/", 1)[1]


def _position(transaction: Transaction, work_id: str, version: int) -> int:
    row = transaction.connection.execute(_ROW, {"of_work": work_id}).one()
    return int(_AFTER_THE_LETTER * row.sequence + version)
