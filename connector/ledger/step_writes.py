"""The journal of the steps before the number: each intent and each end, under the letter's claim.

A step's position is the letter's version after its intent was written, so a late write of a killed node finds another
version and nothing of it is kept. No step but the decisive one changes the letter's status.
"""

from typing import Any, Final

import sqlalchemy as sa

from connector.errors import LostRace
from connector.ledger.claims import guard_values, guarded_update, moved
from connector.ledger.narrow import narrow
from connector.ledger.prepared import Prepared
from connector.ledger.records import Claim
from connector.ledger.seal import KeyRing
from connector.ledger.step_records import Step, StepEnd, StepOutcome
from connector.ledger.tables import steps
from connector.ledger.writer import Transaction

__all__ = ["begin_step", "close_left", "conclude_step", "is_step_open", "steps_of", "write_step"]

_BEGIN: Final = guarded_update("version")
_INSERT: Final = Prepared(sa.insert(steps))
_ENDING: Final = ("concluded_at", "outcome", "reason", "sealed")
_CONCLUDE: Final = Prepared(
    sa.update(steps)
    .where(steps.c.letter_id == sa.bindparam("of_letter"), steps.c.position == sa.bindparam("at_position"))
    .values({name: sa.bindparam(name) for name in _ENDING})
)
_CLOSE_LEFT: Final = Prepared(
    sa.update(steps)
    .where(
        steps.c.letter_id == sa.bindparam("of_letter"),
        steps.c.concluded_at.is_(None),
        steps.c.name == sa.bindparam("of_name"),
    )
    .values({name: sa.bindparam(name) for name in _ENDING})
)
_LEFT_OPEN: Final = sa.select(steps.c.position).where(
    steps.c.letter_id == sa.bindparam("of_letter"),
    steps.c.name == sa.bindparam("of_name"),
    steps.c.concluded_at.is_(None),
)
_ORPHANED: Final = StepEnd(outcome=StepOutcome.LOST, reason="orphaned")
_STEPS: Final = (
    sa.select(steps).where(steps.c.letter_id == sa.bindparam("of_letter")).order_by(steps.c.position)
)


def begin_step(
    transaction: Transaction,
    ring: KeyRing,
    claim: Claim,
    name: str,
    *,
    after: StepEnd | None,
    left_open: str | None,
) -> Claim:
    """Write the intent of a step, and with it the end of the one before; the claim is kept, with its new version.

    ``left_open`` names a step that a killed process left without an end: it is closed as lost. Raise LostRace if the
    claim no longer holds; then nothing is written.
    """
    position = claim.version + 1
    if _BEGIN.run(transaction.connection, guard_values(claim) | {"version": position}) != 1:
        raise LostRace(work_id=claim.work_id)
    if after is not None:
        conclude_step(transaction, ring, claim.letter_id, claim.version, after)
    elif left_open is not None:
        close_left(transaction, claim.letter_id, left_open, _ORPHANED)
    write_step(transaction, claim, position, name)
    return moved(claim, status=claim.status, version=position)


def write_step(transaction: Transaction, claim: Claim, position: int, name: str) -> None:
    """Write the row of a step that begins now. The claim was guarded in this transaction before."""
    _INSERT.run(
        transaction.connection,
        {
            "letter_id": claim.letter_id,
            "position": position,
            "name": name,
            "holder": claim.holder,
            "announced_at": transaction.at,
        },
    )


def conclude_step(
    transaction: Transaction, ring: KeyRing, letter_id: str, position: int, end: StepEnd
) -> None:
    """Write how the step at this position ended."""
    kept = dict(end.kept)
    _CONCLUDE.run(
        transaction.connection,
        {
            "of_letter": letter_id,
            "at_position": position,
            "concluded_at": transaction.at,
            "outcome": end.outcome,
            "reason": narrow(end.reason),
            "sealed": ring.seal(kept, _context(letter_id, position)) if kept else None,
        },
    )


def close_left(transaction: Transaction, letter_id: str, name: str, end: StepEnd) -> None:
    """Write how the step of this name ended, where it is open."""
    _CLOSE_LEFT.run(
        transaction.connection,
        {
            "of_letter": letter_id,
            "of_name": name,
            "concluded_at": transaction.at,
            "outcome": end.outcome,
            "reason": narrow(end.reason),
            "sealed": None,
        },
    )


def is_step_open(transaction: Transaction, letter_id: str, name: str) -> bool:
    """Return whether a step of this name was announced and nobody has written how it ended."""
    left = {"of_letter": letter_id, "of_name": name}
    return transaction.connection.execute(_LEFT_OPEN, left).first() is not None


def steps_of(connection: sa.Connection, ring: KeyRing, letter_id: str) -> list[Step]:
    """Return the letter's steps in their order. Raise SealBroken if what one of them left does not open."""
    return [_step(row, ring) for row in connection.execute(_STEPS, {"of_letter": letter_id})]


def _step(row: Any, ring: KeyRing) -> Step:
    return Step(
        position=row.position,
        name=row.name,
        announced_at=row.announced_at,
        outcome=row.outcome,
        kept=ring.open(row.sealed, _context(row.letter_id, row.position)) if row.sealed else {},
    )


def _context(letter_id: str, position: int) -> str:
    return f"steps:{letter_id}:{position}"
