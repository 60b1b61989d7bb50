"""Side steps are queued in the transaction of the number: what is on disk with it cannot be forgotten.

Which steps they are only the adapter knows, and no transaction asks an adapter. So one row is queued for all of them,
and the completion stage makes a row of each before it does the first.
"""

from typing import Final

import sqlalchemy as sa

from connector.domain.lifecycle import Stage
from connector.ledger.prepared import Prepared
from connector.ledger.records import Lane, WorkKind
from connector.ledger.step_records import ANOTHER_NUMBER, EVERY_SIDE_STEP, SideStepStatus
from connector.ledger.tables import schedule
from connector.ledger.writer import Transaction

__all__ = ["ask_about_number", "queue_side_steps", "write_side_step"]

_INSERT: Final = Prepared(sa.insert(schedule))
_LAST: Final = 1000
"""Where a question about the number stands behind a letter's side steps: it holds none of them up."""
_STANDS: Final = sa.select(schedule.c.work_id).where(schedule.c.work_id == sa.bindparam("of_work"))


def queue_side_steps(transaction: Transaction, letter_id: str, office: str) -> None:
    """Queue the side steps of a letter that has its number now."""
    lane = Lane(Stage.COMPLETION, office)
    write_side_step(transaction, letter_id, EVERY_SIDE_STEP, lane, sequence=0, is_first=True)


def write_side_step(
    transaction: Transaction, letter_id: str, name: str, lane: Lane, *, sequence: int, is_first: bool
) -> None:
    """Write the row of one side step; only the first of them is due, the others wait behind it."""
    _INSERT.run(
        transaction.connection,
        {
            "work_id": f"{letter_id}/{name}",
            "kind": str(WorkKind.SIDE_STEP),
            "letter_id": letter_id,
            "sequence": sequence,
            "stage": str(lane.stage),
            "connection": lane.connection,
            "status": str(SideStepStatus.QUEUED),
            "due_at": transaction.at if is_first else None,
            "version": 0,
            "attempts": 0,
            "status_since": transaction.at,
        },
    )
    if is_first:
        transaction.due_lanes.add(lane)


def ask_about_number(transaction: Transaction, letter_id: str) -> bool:
    """Let a person find out which number the letter has; False where that was asked before, answered or not."""
    work_id = f"{letter_id}/{ANOTHER_NUMBER}"
    if transaction.connection.execute(_STANDS, {"of_work": work_id}).first() is not None:
        return False
    lane = Lane(Stage.OPERATOR, "")
    _INSERT.run(
        transaction.connection,
        {
            "work_id": work_id,
            "kind": str(WorkKind.SIDE_STEP),
            "letter_id": letter_id,
            "sequence": _LAST,
            "stage": str(lane.stage),
            "connection": lane.connection,
            "status": str(SideStepStatus.UNCERTAIN),
            "due_at": transaction.at,
            "version": 0,
            "attempts": 0,
            "last_reason": ANOTHER_NUMBER,
            "status_since": transaction.at,
        },
    )
    transaction.due_lanes.add(lane)
    return True
