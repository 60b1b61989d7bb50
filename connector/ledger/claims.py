"""Leases on rows of the schedule: who may act on what, and until when.

A row is free when nobody holds it or when its lease has run out; a lease that ran out is how a killed process is
noticed. Every claim raises the row's version, so a late write of the old holder finds nothing and loses the race.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from connector.domain.lifecycle import Stage
from connector.errors import LostRace
from connector.ledger.narrow import narrow
from connector.ledger.prepared import Prepared
from connector.ledger.records import Claim, Lane, WorkKind
from connector.ledger.tables import schedule
from connector.ledger.writer import Transaction

__all__ = [
    "GUARD",
    "GUARD_UNCLAIMED",
    "MOVED",
    "end_claim",
    "free_all",
    "guard_values",
    "guarded_update",
    "is_anything_due",
    "keep_waiting",
    "moved",
    "next_due_at",
    "release",
    "renew",
    "take_due",
    "unclaimed",
]

_IS_FREE = sa.or_(
    schedule.c.lease_expires_at.is_(None),
    schedule.c.lease_expires_at <= sa.bindparam("at", type_=schedule.c.due_at.type),
)
_IN_LANE = sa.and_(
    schedule.c.stage == sa.bindparam("in_stage"),
    schedule.c.connection == sa.bindparam("in_connection"),
    schedule.c.due_at.is_not(None),
)
_DUE = (
    sa.select(schedule.c.work_id)
    .where(_IN_LANE, schedule.c.due_at <= sa.bindparam("at", type_=schedule.c.due_at.type), _IS_FREE)
    .order_by(schedule.c.due_at)
    .limit(sa.bindparam("most", type_=sa.Integer))
)
_CHOSEN = _DUE.with_for_update(skip_locked=True).cte("chosen")
"""Apart, so that PostgreSQL works it out once: as a subquery it may be run again for each row of the table, each time
locking and taking others, far beyond the limit."""
_TAKE = (
    sa.update(schedule)
    .where(schedule.c.work_id.in_(sa.select(_CHOSEN.c.work_id)))
    .values(
        lease_holder=sa.bindparam("by"),
        lease_expires_at=sa.bindparam("until", type_=schedule.c.due_at.type),
        version=schedule.c.version + 1,
    )
    .returning(schedule)
)

GUARD: Final = sa.and_(
    schedule.c.work_id == sa.bindparam("claimed_work_id"),
    schedule.c.version == sa.bindparam("claimed_version"),
    schedule.c.lease_holder == sa.bindparam("claimed_holder"),
    schedule.c.status == sa.bindparam("claimed_status"),
)
"""The condition under which a claim still holds; see guard_values."""

GUARD_UNCLAIMED: Final = sa.and_(
    schedule.c.work_id == sa.bindparam("claimed_work_id"),
    schedule.c.version == sa.bindparam("claimed_version"),
)
"""For what comes without a claim (a delivery report, a person's word): the version alone is the guard."""


MOVED: Final = (
    "status", "version", "stage", "connection", "due_at", "attempts", "last_reason", "lease_holder", "lease_expires_at"
)  # fmt: skip
"""The columns that an event changes."""


def guarded_update(*columns: str, condition: sa.ColumnElement[bool] = GUARD) -> Prepared:
    """Return an update of these columns of a claimed row, made once and run often."""
    return Prepared(
        sa.update(schedule).where(condition).values({name: sa.bindparam(name) for name in columns})
    )


_NEXT_FREE: Final = (
    sa.select(schedule.c.due_at)
    .where(_IN_LANE, schedule.c.lease_expires_at.is_(None))
    .order_by(schedule.c.due_at)
    .limit(1)
)
_NEXT_LEASE_END: Final = (
    sa.select(schedule.c.lease_expires_at)
    .where(
        schedule.c.stage == sa.bindparam("in_stage"),
        schedule.c.connection == sa.bindparam("in_connection"),
        schedule.c.lease_expires_at.is_not(None),
    )
    .order_by(schedule.c.lease_expires_at)
    .limit(1)
)
_END: Final = guarded_update(
    "due_at", "attempts", "last_reason", "version", "lease_holder", "lease_expires_at"
)
_REMIND: Final = guarded_update("due_at", "version", "lease_holder", "lease_expires_at")
_RENEW: Final = Prepared(
    sa.update(schedule)
    .where(schedule.c.work_id == sa.bindparam("of_work"), schedule.c.lease_holder == sa.bindparam("by"))
    .values(lease_expires_at=sa.bindparam("lease_expires_at"))
)
_RELEASE: Final = guarded_update("version", "lease_holder", "lease_expires_at")


def is_anything_due(connection: sa.Connection, lane: Lane, at: datetime) -> bool:
    """Return whether a claim would find something; reads only."""
    found = connection.execute(
        _DUE, {"in_stage": str(lane.stage), "in_connection": lane.connection, "at": at, "most": 1}
    )
    return found.first() is not None


def take_due(
    transaction: Transaction, lane: Lane, *, holder: str, lease_for: timedelta, limit: int
) -> list[Claim]:
    """Lease up to ``limit`` due rows of the lane, oldest due first."""
    rows = transaction.connection.execute(
        _TAKE,
        {
            "in_stage": str(lane.stage),
            "in_connection": lane.connection,
            "at": transaction.at,
            "most": limit,
            "by": holder,
            "until": transaction.at + lease_for,
        },
    )
    claims = [
        Claim(
            kind=WorkKind(row.kind),
            work_id=row.work_id,
            letter_id=row.letter_id,
            lane=lane,
            status=row.status,
            version=row.version,
            attempts=row.attempts,
            holder=holder,
            due_at=row.due_at,
        )
        for row in rows
    ]
    return sorted(claims, key=lambda claim: claim.due_at)


def guard_values(claim: Claim) -> dict[str, object]:
    """Return what fills in GUARD so that it holds exactly while this claim does."""
    return {
        "claimed_work_id": claim.work_id,
        "claimed_version": claim.version,
        "claimed_holder": claim.holder,
        "claimed_status": claim.status,
    }


def end_claim(
    transaction: Transaction, claim: Claim, *, due_at: datetime, attempts: int, reason: str | None
) -> None:
    """Give the row back, due again at this time. Raise LostRace if the claim no longer holds."""
    changed = _END.run(
        transaction.connection,
        guard_values(claim)
        | {
            "due_at": due_at,
            "attempts": attempts,
            "last_reason": narrow(reason),
            "version": claim.version + 1,
            "lease_holder": None,
            "lease_expires_at": None,
        },
    )
    if changed != 1:
        raise LostRace(work_id=claim.work_id)
    transaction.due_lanes.add(claim.lane)


def keep_waiting(transaction: Transaction, claim: Claim, *, due_at: datetime) -> None:
    """Give the row back with all that is known of it, due again at this time. Raise LostRace like every write."""
    changed = _REMIND.run(
        transaction.connection,
        guard_values(claim)
        | {"due_at": due_at, "version": claim.version + 1, "lease_holder": None, "lease_expires_at": None},
    )
    if changed != 1:
        raise LostRace(work_id=claim.work_id)
    transaction.due_lanes.add(claim.lane)


def release(transaction: Transaction, claims: Iterable[Claim]) -> None:
    """Give rows back as they were; those that no longer hold are left alone."""
    for claim in claims:
        changed = _RELEASE.run(
            transaction.connection,
            guard_values(claim)
            | {"version": claim.version + 1, "lease_holder": None, "lease_expires_at": None},
        )
        if changed:
            transaction.due_lanes.add(claim.lane)


def renew(transaction: Transaction, claims: Sequence[Claim], lease_for: timedelta) -> list[Claim]:
    """Lengthen the leases; return the claims that no longer hold (their letters moved on, or were taken over).

    The version is not compared: a letter that was announced meanwhile keeps its holder and has a new version.
    """
    lost = []
    for claim in claims:
        values = {
            "of_work": claim.work_id,
            "by": claim.holder,
            "lease_expires_at": transaction.at + lease_for,
        }
        if not _RENEW.run(transaction.connection, values):
            lost.append(claim)
    return lost


def free_all(transaction: Transaction) -> int:
    """Free every lease. Only for a process that alone may use the database."""
    result = transaction.connection.execute(
        sa.update(schedule)
        .where(schedule.c.lease_expires_at.is_not(None))
        .values(lease_holder=None, lease_expires_at=None, version=schedule.c.version + 1)
    )
    return result.rowcount


def next_due_at(connection: sa.Connection, lane: Lane) -> datetime | None:
    """Return when the lane next has something to claim: a free row that falls due, or a lease that runs out."""
    where = {"in_stage": str(lane.stage), "in_connection": lane.connection}
    candidates = [connection.execute(query, where).scalar() for query in (_NEXT_FREE, _NEXT_LEASE_END)]
    return min((instant for instant in candidates if instant is not None), default=None)


def unclaimed(row: sa.Row[Any], stage: Stage, at: datetime) -> Claim:
    """Return a claim that nobody took, made of a row of the schedule: for writes under GUARD_UNCLAIMED."""
    return Claim(
        kind=WorkKind(row.kind),
        work_id=row.work_id,
        letter_id=row.letter_id,
        lane=Lane(stage, row.connection or ""),
        status=row.status,
        version=row.version,
        attempts=row.attempts,
        holder=row.lease_holder or "",
        due_at=row.due_at or at,
    )


def moved(claim: Claim, *, status: str, version: int, stage: Stage | None = None) -> Claim:
    """Return the claim as it stands after a write that kept it."""
    lane = claim.lane if stage is None else Lane(stage, claim.lane.connection)
    return replace(claim, status=status, version=version, lane=lane)
