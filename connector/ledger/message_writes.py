"""Events of messages: guarded like those of letters, with a journal of their own; the next message is freed."""

from collections.abc import Mapping, Sequence
from typing import Final

import sqlalchemy as sa

from connector.domain.lifecycle import Stage
from connector.domain.message import MESSAGE_ENDS, MessageEvent, MessageStatus, next_message_status
from connector.errors import IllegalTransition, LedgerError
from connector.ledger.claims import GUARD_UNCLAIMED, MOVED, guard_values, guarded_update, moved, unclaimed
from connector.ledger.narrow import narrow
from connector.ledger.outbox import free_next, lock_letter
from connector.ledger.prepared import Prepared, prepared_update
from connector.ledger.put_off import DAILY_BUDGET, OUTSIDE_WINDOW
from connector.ledger.records import Claim, DailyBudget, Lane, MessageHappening, MessagePlan, WorkKind
from connector.ledger.spending import give_back, spend
from connector.ledger.tables import letters, message_events, messages, opt_outs, schedule
from connector.ledger.writer import Transaction

__all__ = [
    "announce_messages",
    "count_lookups",
    "record_messages",
    "record_receipt",
    "record_unclaimed",
]

_HANDED_OVER: Final = MESSAGE_ENDS | {MessageStatus.ACCEPTED}
_ANNOUNCE: Final = guarded_update("status", "version")
_MOVE: Final = guarded_update(*MOVED)
_MOVE_UNCLAIMED: Final = guarded_update(*MOVED, condition=GUARD_UNCLAIMED)
_INSERT_EVENT: Final = Prepared(sa.insert(message_events))
_MESSAGE_OF: Final = sa.select(messages.c.letter_id).where(
    messages.c.own_id == sa.bindparam("of_message"),
    sa.or_(
        messages.c.gateway == sa.bindparam("at_gateway"),
        sa.exists().where(
            message_events.c.own_id == messages.c.own_id,
            message_events.c.gateway == sa.bindparam("at_gateway"),
        ),
    ),
)
"""Where this gateway has it, or had it before it was moved to another."""
_ROW: Final = sa.select(schedule).where(schedule.c.work_id == sa.bindparam("of_work")).with_for_update()
_GATEWAY: Final = sa.select(messages.c.gateway).where(messages.c.own_id == sa.bindparam("of_message"))
_NOW: Final = sa.select(messages.c.gateway, messages.c.blacklisted_at).where(
    messages.c.own_id == sa.bindparam("of_message")
)
_NOT_SENT: Final = frozenset({MessageEvent.POSTPONED, MessageEvent.REJECTED, MessageEvent.BLACKLISTED})
"""Of a message that is being sent: the gateway certainly did not take it."""
_COUNT_DOUBLE: Final = Prepared(
    sa.update(messages)
    .where(messages.c.own_id == sa.bindparam("of_message"))
    .values(possible_doubles=messages.c.possible_doubles + 1)
)
_COUNT_MOVE: Final = Prepared(
    sa.update(messages)
    .where(messages.c.own_id == sa.bindparam("of_message"))
    .values(moves=messages.c.moves + 1)
)
_FOR_OPTED_OUT: Final = (
    sa.select(messages.c.own_id)
    .join(letters, letters.c.letter_id == messages.c.letter_id)
    .join(opt_outs, opt_outs.c.mobile_index == letters.c.mobile_index)
    .where(messages.c.own_id.in_(sa.bindparam("of_messages", expanding=True)))
)
_OWN_PLACE: Final = (
    sa.select(schedule.c.sequence).where(schedule.c.work_id == sa.bindparam("of_work")).scalar_subquery()
)
_NEWER: Final = sa.select(schedule.c.work_id).where(
    schedule.c.kind != "letter",
    schedule.c.kind == "message",
    schedule.c.letter_id == sa.bindparam("of_letter"),
    schedule.c.sequence > _OWN_PLACE,
)
_LOOKED_UP: Final = Prepared(
    sa.update(messages)
    .where(messages.c.own_id == sa.bindparam("of_message"))
    .values(lookups=messages.c.lookups + 1)
)


def announce_messages(
    transaction: Transaction,
    claims: Sequence[Claim],
    plans: Mapping[str, MessagePlan],
    budget: DailyBudget | None,
) -> list[Claim]:
    """Write the intent to send for each; return the claims that still hold, moved to ``sending``.

    What stands against one at this very moment is written instead, and it is not among them: the citizen has said that
    they want no messages, the hours of sending are over, or the budget has no room.
    """
    announced = []
    opted_out = _opted_out(transaction, claims)
    for letter_id in sorted({claim.letter_id for claim in claims if int(claim.work_id) in opted_out}):
        lock_letter(
            transaction, letter_id
        )  # withheld is an end: who waits behind it is freed, or waits for ever
    for claim in claims:
        plan = plans.get(claim.work_id)
        against = _against(transaction, plan, has_opted_out=int(claim.work_id) in opted_out)
        if against is not None:
            _move(
                transaction, claim, against, next_message_status(MessageStatus.QUEUED, against.event), _MOVE
            )
            continue
        status = next_message_status(MessageStatus(claim.status), MessageEvent.ANNOUNCED)
        version = claim.version + 1
        changed = _ANNOUNCE.run(
            transaction.connection, guard_values(claim) | {"status": str(status), "version": version}
        )
        if changed != 1:
            continue
        if budget is not None and plan is not None and not spend(transaction, budget, plan):
            _put_off(transaction, moved(claim, status=str(status), version=version), plan)
            continue
        _journal(transaction, claim, version, _intent(plan), status)
        _update(transaction, int(claim.work_id), _intended(transaction, plan, budget))
        announced.append(moved(claim, status=str(status), version=version))
    return announced


def _opted_out(transaction: Transaction, claims: Sequence[Claim]) -> set[int]:
    """Return which of these are for citizens who want no messages, as it stands at this moment."""
    asked = {"of_messages": [int(claim.work_id) for claim in claims]}
    return {row.own_id for row in transaction.connection.execute(_FOR_OPTED_OUT, asked)}


def _against(
    transaction: Transaction, plan: MessagePlan | None, *, has_opted_out: bool
) -> MessageHappening | None:
    """Return what stands against sending it now. It was looked at before; but a process may have stood still since."""
    if has_opted_out and not (plan is not None and plan.despite_opt_out):
        return MessageHappening(event=MessageEvent.WITHHELD, reason="opted_out")
    if plan is not None and plan.not_after is not None and transaction.at >= plan.not_after:
        return MessageHappening(event=MessageEvent.DEFERRED, due_at=plan.reopens_at, reason=OUTSIDE_WINDOW)
    return None


def _put_off(transaction: Transaction, claim: Claim, plan: MessagePlan) -> None:
    """Undo the announcement of this very transaction, which nobody has seen: the budget has no room."""
    happening = MessageHappening(event=MessageEvent.DEFERRED, due_at=plan.again_at, reason=DAILY_BUDGET)
    _move(transaction, claim, happening, MessageStatus.QUEUED, _MOVE)


def _intent(plan: MessagePlan | None) -> MessageHappening:
    if plan is None:
        return MessageHappening(event=MessageEvent.ANNOUNCED)
    return MessageHappening(event=MessageEvent.ANNOUNCED, reason=plan.reason, code=plan.pattern)


def _intended(
    transaction: Transaction, plan: MessagePlan | None, budget: DailyBudget | None
) -> dict[str, object]:
    values: dict[str, object] = {"announced_at": transaction.at}
    if plan is not None:
        values |= {"parts": plan.parts, "cost": plan.cost, "pattern": narrow(plan.pattern)}
        values["spent_on"] = None if budget is None else budget.day
    return values


def record_messages(transaction: Transaction, results: Sequence[tuple[Claim, MessageHappening]]) -> int:
    """Write one event for each message and end the claims; return how many had been lost to somebody else."""
    lost = 0
    for letter_id in sorted({claim.letter_id for claim, _ in results}):
        lock_letter(transaction, letter_id)
    for claim, decided in results:
        happening = _unless_overtaken(transaction, claim, decided)
        status = next_message_status(MessageStatus(claim.status), happening.event)
        if not _move(transaction, claim, happening, status, _MOVE):
            lost += 1
    return lost


def record_receipt(transaction: Transaction, gateway: str, own_id: int, happening: MessageHappening) -> bool:
    """Write a delivery report that nobody claimed.

    False where this gateway has no such message, or where it says nothing new.
    """
    found = {"of_message": own_id, "at_gateway": gateway}
    message = transaction.connection.execute(_MESSAGE_OF, found).first()
    if message is None:
        return False
    # Locked before it is read: whoever moves it at this moment would else make the report too late, and it comes once.
    lock_letter(transaction, message.letter_id)
    now = transaction.connection.execute(_NOW, {"of_message": own_id}).one()
    if now.gateway != gateway and happening.event is not MessageEvent.DELIVERED:
        return False  # that its own sending failed says nothing about the one that another gateway has
    if now.blacklisted_at is not None and happening.event is MessageEvent.BLACKLISTED:
        return False  # the report came twice, and the first one has had it sent once more
    row = transaction.connection.execute(_ROW, {"of_work": str(own_id)}).one()
    claim = unclaimed(row, Stage.DELIVERY, transaction.at)
    return record_unclaimed(transaction, claim, _unless_overtaken(transaction, claim, happening))


def record_unclaimed(transaction: Transaction, claim: Claim, happening: MessageHappening) -> bool:
    """Write an event about a message that the caller does not hold, as it was read.

    False where it does not follow from how the message stands, or where somebody has moved it since.
    """
    try:
        status = next_message_status(MessageStatus(claim.status), happening.event)
    except IllegalTransition:
        return False
    return _move(transaction, claim, happening, status, _MOVE_UNCLAIMED)


def _unless_overtaken(
    transaction: Transaction, claim: Claim, happening: MessageHappening
) -> MessageHappening:
    """Return the event; of a message that a gateway took and did not deliver the end, where a newer one was made since.

    Sent once more it would come after the newer one, and tell the citizen what is past.
    """
    if happening.event is not MessageEvent.BLACKLISTED:
        return happening
    if claim.status == MessageStatus.UNKNOWN:  # it was let go before the gateway said so
        return MessageHappening(event=MessageEvent.UNDELIVERED, reason="blacklisted", code=happening.code)
    if claim.status != MessageStatus.ACCEPTED:
        return happening
    values = {"of_letter": claim.letter_id, "of_work": claim.work_id}
    if transaction.connection.execute(_NEWER, values).first() is None:
        return happening
    return MessageHappening(
        event=MessageEvent.UNDELIVERED, reason="blacklisted_and_overtaken", code=happening.code
    )


def _move(
    transaction: Transaction,
    claim: Claim,
    happening: MessageHappening,
    status: MessageStatus,
    statement: Prepared,
) -> bool:
    if (happening.due_at is None) != (status in MESSAGE_ENDS):
        raise LedgerError("A message has a due time unless it is at its end.", status=str(status))
    gateway = happening.to_gateway or _gateway(transaction, claim)
    lane = None if status in MESSAGE_ENDS else Lane(_stage_of(status), gateway)
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
    _journal(transaction, claim, claim.version + 1, happening, status)
    if happening.event in _NOT_SENT and claim.status == MessageStatus.SENDING:
        give_back(transaction, _gateway(transaction, claim), own_id)
    values = _told_of(happening)
    if happening.event is MessageEvent.SENT_AGAIN:
        _COUNT_DOUBLE.run(transaction.connection, {"of_message": own_id})
    if happening.event is MessageEvent.MOVED:
        _COUNT_MOVE.run(transaction.connection, {"of_message": own_id})
    if happening.event is MessageEvent.BLACKLISTED:
        values["blacklisted_at"] = transaction.at
    if happening.gateway_reference is not None:
        values["gateway_reference"] = narrow(happening.gateway_reference, 100)
    if status is MessageStatus.ACCEPTED:
        values["accepted_at"] = transaction.at
    if status is MessageStatus.QUEUED:
        values["lookups"] = 0
    if values:
        _update(transaction, own_id, values)


def _told_of(happening: MessageHappening) -> dict[str, object]:
    """Return what an event says for good: who tells the fact instead, and who sends it from now on."""
    said: dict[str, object] = {"told_by": happening.told_by, "gateway": happening.to_gateway}
    return {name: value for name, value in said.items() if value is not None}


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
    transaction: Transaction, claim: Claim, position: int, happening: MessageHappening, status: MessageStatus
) -> None:
    is_intent = happening.event is MessageEvent.ANNOUNCED
    _INSERT_EVENT.run(
        transaction.connection,
        {
            "own_id": int(claim.work_id),
            "position": position,
            "happened_at": transaction.at,
            "event": str(happening.event),
            "status": str(status),
            "reason": narrow(happening.reason),
            "code": narrow(happening.code or happening.to_gateway),
            "gateway": _gateway(transaction, claim) if is_intent else None,
        },
    )


def _update(transaction: Transaction, own_id: int, values: dict[str, object]) -> None:
    update = prepared_update(messages, "own_id", frozenset(values))
    update.run(transaction.connection, {"of_row": own_id, **values})
