"""Events of messages: guarded like those of letters, with a journal of their own; the next message is freed."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from connector.domain.lifecycle import Stage
from connector.domain.message import MESSAGE_ENDS, MessageEvent, MessageStatus, next_message_status
from connector.errors import IllegalTransition, LedgerError
from connector.ledger.claims import GUARD_UNCLAIMED, MOVED, guard_values, guarded_update, moved, unclaimed
from connector.ledger.narrow import narrow
from connector.ledger.outbox import free_next, lock_letter
from connector.ledger.prepared import Prepared, prepared_update
from connector.ledger.records import Claim, Lane, MessageHappening, WorkKind
from connector.ledger.tables import message_events, messages, schedule
from connector.ledger.writer import Transaction

__all__ = ["announce_messages", "count_lookups", "record_messages", "record_receipt"]

_HANDED_OVER: Final = MESSAGE_ENDS | {MessageStatus.ACCEPTED}
_ANNOUNCE: Final = guarded_update("status", "version")
_MOVE: Final = guarded_update(*MOVED)
_MOVE_UNCLAIMED: Final = guarded_update(*MOVED, condition=GUARD_UNCLAIMED)
_INSERT_EVENT: Final = Prepared(sa.insert(message_events))
_LETTER_OF: Final = sa.select(messages.c.letter_id).where(
    messages.c.own_id == sa.bindparam("of_message"), messages.c.gateway == sa.bindparam("at_gateway")
)
_ROW: Final = sa.select(schedule).where(schedule.c.work_id == sa.bindparam("of_work")).with_for_update()
_GATEWAY: Final = sa.select(messages.c.gateway).where(messages.c.own_id == sa.bindparam("of_message"))
_LOOKED_UP: Final = Prepared(
    sa.update(messages)
    .where(messages.c.own_id == sa.bindparam("of_message"))
    .values(lookups=messages.c.lookups + 1)
)


def announce_messages(transaction: Transaction, claims: Sequence[Claim]) -> list[Claim]:
    """Write the intent to send for each; return the claims that still hold, moved to ``sending``."""
    announced = []
    for claim in claims:
        status = next_message_status(MessageStatus(claim.status), MessageEvent.ANNOUNCED)
        version = claim.version + 1
        changed = _ANNOUNCE.run(
            transaction.connection, guard_values(claim) | {"status": str(status), "version": version}
        )
        if changed != 1:
            continue
        happening = MessageHappening(event=MessageEvent.ANNOUNCED)
        _journal(transaction, int(claim.work_id), version, happening, status)
        _update(transaction, int(claim.work_id), {"announced_at": transaction.at})
        announced.append(moved(claim, status=str(status), version=version))
    return announced


def record_messages(transaction: Transaction, results: Sequence[tuple[Claim, MessageHappening]]) -> int:
    """Write one event for each message and end the claims; return how many had been lost to somebody else."""
    lost = 0
    for letter_id in sorted({claim.letter_id for claim, _ in results}):
        lock_letter(transaction, letter_id)
    for claim, happening in results:
        status = next_message_status(MessageStatus(claim.status), happening.event)
        if not _move(transaction, claim, happening, status, _MOVE):
            lost += 1
    return lost


def record_receipt(transaction: Transaction, gateway: str, own_id: int, happening: MessageHappening) -> bool:
    """Write a delivery report that nobody claimed.

    False where this gateway has no such message, or where it says nothing new.
    """
    found = {"of_message": own_id, "at_gateway": gateway}
    letter_id = transaction.connection.execute(_LETTER_OF, found).scalar()
    if letter_id is None:
        return False
    # Locked before it is read: whoever moves it at this moment would else make the report too late, and it comes once.
    lock_letter(transaction, letter_id)
    row = transaction.connection.execute(_ROW, {"of_work": str(own_id)}).one()
    try:
        status = next_message_status(MessageStatus(row.status), happening.event)
    except IllegalTransition:
        return False
    claim = unclaimed(row, Stage.DELIVERY, transaction.at)
    return _move(transaction, claim, happening, status, _MOVE_UNCLAIMED)


def _move(
    transaction: Transaction,
    claim: Claim,
    happening: MessageHappening,
    status: MessageStatus,
    statement: Prepared,
) -> bool:
    if (happening.due_at is None) != (status in MESSAGE_ENDS):
        raise LedgerError("A message has a due time unless it is at its end.", status=str(status))
    lane = None if status in MESSAGE_ENDS else Lane(_stage_of(status), _gateway(transaction, claim))
    changed = statement.run(
        transaction.connection,
        guard_values(claim)
        | {
            "status": str(status),
            "version": claim.version + 1,
            "stage": None if lane is None else str(lane.stage),
            "connection": None if lane is None else lane.connection,
            "due_at": happening.due_at,
            "attempts": claim.attempts + 1 if happening.event is MessageEvent.POSTPONED else 0,
            "last_reason": narrow(happening.reason),
            "lease_holder": None,
            "lease_expires_at": None,
        },
    )
    if changed != 1:
        return False
    _keep(transaction, claim, happening, status)
    if lane is not None:
        transaction.due_lanes.add(lane)
    if status in _HANDED_OVER:
        free_next(transaction, WorkKind.MESSAGE, claim.letter_id)
    return True


def _keep(transaction: Transaction, claim: Claim, happening: MessageHappening, status: MessageStatus) -> None:
    own_id = int(claim.work_id)
    _journal(transaction, own_id, claim.version + 1, happening, status)
    values: dict[str, object] = {}
    if happening.gateway_reference is not None:
        values["gateway_reference"] = narrow(happening.gateway_reference, 100)
    if status is MessageStatus.ACCEPTED:
        values["accepted_at"] = transaction.at
    if status is MessageStatus.QUEUED:
        values["lookups"] = 0
    if values:
        _update(transaction, own_id, values)


def count_lookups(transaction: Transaction, claims: Sequence[Claim]) -> None:
    """Note that these uncertain messages were looked for once more."""
    for claim in claims:
        _LOOKED_UP.run(transaction.connection, {"of_message": int(claim.work_id)})


def _stage_of(status: MessageStatus) -> Stage:
    return Stage.DELIVERY if status is MessageStatus.ACCEPTED else Stage.NOTIFICATION


def _gateway(transaction: Transaction, claim: Claim) -> str:
    if claim.lane.connection:
        return claim.lane.connection
    return str(transaction.connection.execute(_GATEWAY, {"of_message": int(claim.work_id)}).scalar_one())


def _journal(
    transaction: Transaction, own_id: int, position: int, happening: MessageHappening, status: MessageStatus
) -> None:
    _INSERT_EVENT.run(
        transaction.connection,
        {
            "own_id": own_id,
            "position": position,
            "happened_at": transaction.at,
            "event": str(happening.event),
            "status": str(status),
            "reason": narrow(happening.reason),
            "code": narrow(happening.code),
        },
    )


def _update(transaction: Transaction, own_id: int, values: dict[str, object]) -> None:
    update = prepared_update(messages, "own_id", frozenset(values))
    update.run(transaction.connection, {"of_row": own_id, **values})
