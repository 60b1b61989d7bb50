"""Events of letters: the guarded status, the event row, and everything that follows, in one transaction.

The guard is the row's version together with its holder and status: one row is changed, or the race is lost and nothing
is written. The version is also the event's position, so it rises for ever and needs no counting.
"""

from typing import Final

import sqlalchemy as sa

from connector.domain.lifecycle import ENDS, STAGE_OF, Event, Stage, Status, next_status
from connector.domain.message import FACT_OF, Fact
from connector.errors import LedgerError, LetterMoved, LetterUnknown, LostRace
from connector.ledger.admission import insert_route
from connector.ledger.claims import GUARD_UNCLAIMED, MOVED, guard_values, guarded_update, moved, unclaimed
from connector.ledger.event_writes import write_event
from connector.ledger.narrow import narrow
from connector.ledger.outbox import tell
from connector.ledger.prepared import Prepared, prepared_update
from connector.ledger.records import Claim, Happening, Lane, OutboxPolicy
from connector.ledger.seal import KeyRing
from connector.ledger.side_step_queue import queue_side_steps
from connector.ledger.step_writes import write_step
from connector.ledger.tables import events, letters, registrations, routes, schedule, steps
from connector.ledger.writer import Transaction

__all__ = ["announce", "record", "record_unclaimed"]

_ANNOUNCE: Final = guarded_update("status", "version")
_MOVE: Final = guarded_update(*MOVED)
_MOVE_ON: Final = guarded_update(*MOVED, "status_since")
_MOVE_UNCLAIMED: Final = guarded_update(*MOVED, "status_since", condition=GUARD_UNCLAIMED)
_INSERT_REGISTRATION: Final = Prepared(sa.insert(registrations))
_PORTAL: Final = sa.select(letters.c.portal).where(letters.c.letter_id == sa.bindparam("of_letter"))
_OFFICE: Final = sa.select(routes.c.office).where(routes.c.letter_id == sa.bindparam("of_letter"))
_CONCLUDE_STEP: Final = Prepared(
    sa.update(steps)
    .where(steps.c.letter_id == sa.bindparam("of_letter"), steps.c.concluded_at.is_(None))
    .values({name: sa.bindparam(name) for name in ("concluded_at", "outcome", "reason")})
)
_ANSWERED_BEFORE: Final = sa.select(events.c.position).where(
    events.c.letter_id == sa.bindparam("of_letter"),
    events.c.position < sa.bindparam("before"),
    events.c.event == str(Event.ANSWERED),
)
_NUMBERED: Final = frozenset({Event.REGISTERED, Event.FOUND, Event.SETTLED_REGISTERED})
"""With these a letter has its number, and nothing takes it away again: so the side steps are queued once."""
_FORGET_HANDLE: Final = (
    sa.update(registrations)
    .where(registrations.c.letter_id == sa.bindparam("of_letter"))
    .values(office_reference=None)
)
"""What is not there has no handle there: else a search that does not show it would be taken for one that hides it."""
_OFFICE_STAGES: Final = frozenset({Stage.REGISTRATION, Stage.RECONCILIATION, Stage.TRACKING})


def announce(transaction: Transaction, ring: KeyRing, claim: Claim, step: str) -> Claim:
    """Write the intent of the registering call; the claim is kept. Raise LostRace if it no longer holds.

    A letter that is announced, postponed and announced again does not get on: its deadline runs since it became ready.
    """
    status = next_status(Status(claim.status), Event.ANNOUNCED)
    position = claim.version + 1
    changes = {"status": str(status), "version": position}
    _move(transaction, claim, _ANNOUNCE, changes)
    write_event(transaction, ring, claim.letter_id, position, Happening(event=Event.ANNOUNCED), status)
    write_step(transaction, claim, position, step)
    return moved(claim, status=str(status), version=position)


def record(
    transaction: Transaction,
    ring: KeyRing,
    policy: OutboxPolicy,
    claim: Claim,
    happenings: tuple[Happening, ...],
) -> None:
    """Write the happenings in their order and end the claim.

    Raise LostRace if the claim no longer holds and IllegalTransition if the lifecycle has no such step; then nothing
    is written.
    """
    _record(transaction, ring, policy, claim, happenings, _MOVE, _MOVE_ON)


def record_unclaimed(
    transaction: Transaction,
    ring: KeyRing,
    policy: OutboxPolicy,
    letter_id: str,
    expected: Status,
    *happenings: Happening,
) -> None:
    """Write what happened to a letter that nobody claimed for it: a person's word. Whoever holds it loses the race.

    Raise LetterUnknown if there is no such letter, LetterMoved (fact ``status``) if it no longer stands where the
    person saw it, and IllegalTransition if the lifecycle has no such step; then nothing is written.
    """
    row = transaction.connection.execute(
        sa.select(schedule).where(schedule.c.work_id == letter_id).with_for_update()
    ).first()
    if row is None:
        raise LetterUnknown(letter_id=letter_id)
    if row.status != expected:
        raise LetterMoved(letter_id=letter_id, status=row.status)
    claim = unclaimed(row, Stage(row.stage) if row.stage else Stage.OPERATOR, transaction.at)
    _record(transaction, ring, policy, claim, happenings, _MOVE_UNCLAIMED, _MOVE_UNCLAIMED)


def _record(
    transaction: Transaction,
    ring: KeyRing,
    policy: OutboxPolicy,
    claim: Claim,
    happenings: tuple[Happening, ...],
    move: Prepared,
    move_on: Prepared,
) -> None:
    status = Status(claim.status)
    statuses = [status := next_status(status, happening.event) for happening in happenings]
    last = happenings[-1]
    _check_due(last, status)
    lane = _lane_after(transaction, claim, status, happenings)
    _move(
        transaction,
        claim,
        move if status == claim.status or last.event is Event.POSTPONED else move_on,
        {
            "status": str(status),
            "version": claim.version + len(happenings),
            "stage": None if lane is None else str(lane.stage),
            "connection": None if lane is None else lane.connection,
            "due_at": last.due_at,
            "attempts": claim.attempts + 1 if last.event is Event.POSTPONED else 0,
            "last_reason": narrow(last.reason),
            "lease_holder": None,
            "lease_expires_at": None,
            "status_since": transaction.at,
        },
    )
    for offset, (happening, after) in enumerate(zip(happenings, statuses, strict=True), start=1):
        _apply(transaction, ring, policy, claim, claim.version + offset, happening, after)
    if claim.status == Status.REGISTERING or _ends_a_doubt(claim, status):
        _conclude_step(transaction, claim.letter_id, happenings[0])
    if policy.completing_offices and any(happening.event in _NUMBERED for happening in happenings):
        _queue_side_steps(transaction, policy, claim.letter_id, lane)
    if lane is not None:
        transaction.due_lanes.add(lane)


def _queue_side_steps(
    transaction: Transaction, policy: OutboxPolicy, letter_id: str, lane: Lane | None
) -> None:
    office = lane.connection if lane is not None else _office(transaction, letter_id)
    if office in policy.completing_offices:
        queue_side_steps(transaction, letter_id, office)


def _check_due(last: Happening, status: Status) -> None:
    if (last.due_at is None) != (status in ENDS):
        raise LedgerError(
            "A letter has a due time unless it is at its end.", status=str(status), event=str(last.event)
        )


def _move(transaction: Transaction, claim: Claim, statement: Prepared, values: dict[str, object]) -> None:
    if statement.run(transaction.connection, guard_values(claim) | values) != 1:
        raise LostRace(work_id=claim.work_id)


def _apply(
    transaction: Transaction,
    ring: KeyRing,
    policy: OutboxPolicy,
    claim: Claim,
    position: int,
    happening: Happening,
    status: Status,
) -> None:
    letter_id = claim.letter_id
    write_event(transaction, ring, letter_id, position, happening, status)
    if happening.route is not None:
        insert_route(transaction, letter_id, happening.route)
    if happening.registration is not None or happening.office_reference is not None:
        _keep_registration(transaction, letter_id, happening)
    if happening.event is Event.SETTLED_ABSENT:
        transaction.connection.execute(_FORGET_HANDLE, {"of_letter": letter_id})
    kind = FACT_OF.get(happening.event)
    if kind is not None and (happening.referral is None or happening.referral.is_public):
        occurrence = _occurrence(transaction, letter_id, position, happening)
        tell(transaction, policy, letter_id, position, Fact(kind=kind, occurrence=occurrence))


def _occurrence(transaction: Transaction, letter_id: str, position: int, happening: Happening) -> str:
    """Return what tells this fact apart from others of its kind: a letter that was reopened is answered anew."""
    if happening.referral is not None:
        return happening.referral.reference
    if happening.event is Event.ANSWERED:
        before = {"of_letter": letter_id, "before": position}
        if transaction.connection.execute(_ANSWERED_BEFORE, before).first() is not None:
            return str(position)
    return ""


def _keep_registration(transaction: Transaction, letter_id: str, happening: Happening) -> None:
    values: dict[str, object] = {}
    if happening.office_reference is not None:
        values["office_reference"] = _handle(happening.office_reference)
    if happening.registration is not None:
        registration = happening.registration
        values |= {
            "number": registration.number,
            "secretariat": registration.secretariat,
            "year": registration.year,
            "registered_on": registration.registered_on,
        }
        if registration.office_reference is not None:
            values["office_reference"] = _handle(registration.office_reference)
    connection = transaction.connection
    update = prepared_update(registrations, "letter_id", frozenset(values))
    if not update.run(connection, {"of_row": letter_id, **values}):
        _INSERT_REGISTRATION.run(connection, {"letter_id": letter_id, **values})


def _handle(office_reference: str) -> str | None:
    """Return the office's handle, or None where it is too long to be one: a part of it would find another letter."""
    return office_reference if narrow(office_reference, 200) == office_reference else None


def _ends_a_doubt(claim: Claim, status: Status) -> bool:
    """Whoever made a create again and died left its step open: what ends the doubt ends that, too."""
    return claim.status == Status.UNCERTAIN and status is not Status.UNCERTAIN


def _conclude_step(transaction: Transaction, letter_id: str, happening: Happening) -> None:
    _CONCLUDE_STEP.run(
        transaction.connection,
        {
            "of_letter": letter_id,
            "concluded_at": transaction.at,
            "outcome": str(happening.event),
            "reason": narrow(happening.reason),
        },
    )


def _lane_after(
    transaction: Transaction, claim: Claim, status: Status, happenings: tuple[Happening, ...]
) -> Lane | None:
    stage = STAGE_OF.get(status)
    if stage is None:
        return None
    if stage in (Stage.OPERATOR, Stage.REVIEW):
        return Lane(stage, "")
    if stage is Stage.INTAKE:
        asked = {"of_letter": claim.letter_id}
        return Lane(stage, str(transaction.connection.execute(_PORTAL, asked).scalar_one()))
    for happening in happenings:
        if happening.route is not None:
            return Lane(stage, happening.route.office)
    if claim.lane.stage in _OFFICE_STAGES:
        return Lane(stage, claim.lane.connection)
    return Lane(stage, _office(transaction, claim.letter_id))


def _office(transaction: Transaction, letter_id: str) -> str:
    return str(transaction.connection.execute(_OFFICE, {"of_letter": letter_id}).scalar_one())
