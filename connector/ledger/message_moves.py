"""Messages that go over from one gateway to another while they wait: guarded and journalled like every event."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from connector.domain.lifecycle import Stage
from connector.domain.message import MessageEvent, MessageStatus
from connector.ledger.claims import unclaimed
from connector.ledger.message_writes import record_unclaimed
from connector.ledger.put_off import PUT_OFF_REASONS
from connector.ledger.records import MessageHappening
from connector.ledger.tables import messages, schedule
from connector.ledger.writer import Transaction

__all__ = ["Waiting", "move_messages"]

_INSTANT: Final = schedule.c.due_at.type
_AT: Final = sa.bindparam("at", type_=_INSTANT)
_STAYING: Final = tuple(sorted(PUT_OFF_REASONS))
_WAITING: Final = (
    sa.select(schedule)
    .join(messages, messages.c.own_id == sa.cast(schedule.c.work_id, sa.BigInteger))
    .where(
        messages.c.moves < sa.bindparam("most_moves", type_=sa.Integer),
        messages.c.blacklisted_at.is_(None),
        schedule.c.stage == str(Stage.NOTIFICATION),
        schedule.c.connection == sa.bindparam("at_gateway"),
        schedule.c.due_at.is_not(None),
        schedule.c.kind == "message",
        schedule.c.status == str(MessageStatus.QUEUED),
        schedule.c.status_since <= sa.bindparam("made_before", type_=_INSTANT),
        sa.or_(schedule.c.lease_expires_at.is_(None), schedule.c.lease_expires_at <= _AT),
        sa.or_(
            schedule.c.last_reason.is_(None),
            schedule.c.last_reason.not_in(_STAYING),
            schedule.c.due_at <= _AT,  # the morning has come
        ),
    )
    .order_by(schedule.c.due_at)
    .limit(sa.bindparam("most", type_=sa.Integer))
)
_FOR_ONE_REASON: Final = _WAITING.where(schedule.c.last_reason == sa.bindparam("waiting_for"))


@dataclass(frozen=True, slots=True)
class Waiting:
    """Which messages of a gateway are meant."""

    gateway: str
    waiting_for: str | None
    """Only those that wait for this reason; None: whatever they wait for."""
    made_before: datetime
    most_moves: int
    """Those that have gone over so often stay."""
    limit: int


def move_messages(transaction: Transaction, which: Waiting, to_gateway: str, reason: str) -> int:
    """Hand queued messages that nobody holds over to another gateway, due at once; return how many.

    A message whose outcome is uncertain is not queued, and so is never among them. Nor is one that only a pattern of
    its own gateway reaches.
    """
    values = {
        "at_gateway": which.gateway,
        "made_before": which.made_before,
        "at": transaction.at,
        "most": which.limit,
        "most_moves": which.most_moves,
    }
    query = _WAITING
    if which.waiting_for is not None:
        query, values = _FOR_ONE_REASON, values | {"waiting_for": which.waiting_for}
    rows = transaction.connection.execute(query.with_for_update(of=schedule, skip_locked=True), values).all()
    moved = 0
    for row in rows:
        happening = MessageHappening(
            event=MessageEvent.MOVED, due_at=transaction.at, reason=reason, to_gateway=to_gateway
        )
        claim = unclaimed(row, Stage.NOTIFICATION, transaction.at)
        moved += record_unclaimed(transaction, claim, happening)
    return moved
