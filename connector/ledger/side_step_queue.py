"""Side steps are queued in the transaction of the number: what is on disk with it cannot be forgotten.

Which steps they are only the adapter knows, and no transaction asks an adapter. So one row is queued for all of them,
and the completion stage makes a row of each before it does the first.
"""

from typing import Final

import sqlalchemy as sa

from connector.domain.lifecycle import Stage
from connector.ledger.prepared import Prepared
from connector.ledger.records import Lane, WorkKind
from connector.ledger.step_records import EVERY_SIDE_STEP, SideStepStatus
from connector.ledger.tables import schedule
from connector.ledger.writer import Transaction

__all__ = ["queue_side_steps", "write_side_step"]

_INSERT: Final = Prepared(sa.insert(schedule))


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
