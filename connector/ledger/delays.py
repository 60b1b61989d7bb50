"""Letters that take long: which they are, and the word to their citizen, once. Nothing else of a letter changes."""

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from connector.domain.lifecycle import TRANSITIONS, Event, Status
from connector.domain.message import FACT_OF, Fact, FactKind
from connector.ledger.claims import GUARD_UNCLAIMED, guarded_update
from connector.ledger.event_writes import write_event
from connector.ledger.outbox import tell
from connector.ledger.records import Happening, OutboxPolicy
from connector.ledger.seal import KeyRing
from connector.ledger.tables import IS_OPEN, events, letters, messages, schedule
from connector.ledger.writer import Transaction

__all__ = ["MAY_BE_DELAYED", "delayed_page", "tell_delayed"]

MAY_BE_DELAYED: Final = tuple(status for status, event in TRANSITIONS if event is Event.DELAYED)
"""Where a letter is not registered yet, and nobody calls for it at this moment."""
_PAGE: Final = 100
_ROW: Final = (
    sa.select(schedule.c.status, schedule.c.version, schedule.c.lease_expires_at)
    .where(schedule.c.work_id == sa.bindparam("of_letter"))
    .with_for_update(skip_locked=True)
)
_TOLD: Final = sa.select(events.c.position).where(
    events.c.letter_id == sa.bindparam("of_letter"), events.c.event == str(Event.DELAYED)
)
_RAISE_VERSION: Final = guarded_update("version", condition=GUARD_UNCLAIMED)


def delayed_page(
    status: Status, received_before: datetime, since: datetime, letter_id: str, *, at: datetime
) -> sa.Select[Any]:
    """Return the query of one page of letters at this status whose citizen was not told, beyond the last one seen.

    Those that somebody holds at this instant are left out. A lease that has run out holds nothing: behind a pause
    nobody takes up what a dead node held, and its citizen waits all the same.
    """
    is_told = sa.exists().where(
        messages.c.letter_id == schedule.c.letter_id, messages.c.fact == str(FactKind.DELAYED)
    )
    return (
        sa.select(schedule.c.work_id, schedule.c.status_since)
        .join(letters, letters.c.letter_id == schedule.c.letter_id)
        .where(
            IS_OPEN,
            schedule.c.status == str(status),
            schedule.c.status_since >= since,
            sa.or_(schedule.c.status_since > since, schedule.c.work_id > letter_id),
            sa.or_(schedule.c.lease_expires_at.is_(None), schedule.c.lease_expires_at <= at),
            letters.c.received_at <= received_before,
            ~is_told,
        )
        .order_by(schedule.c.status_since, schedule.c.work_id)
        .limit(_PAGE)
    )


def tell_delayed(transaction: Transaction, ring: KeyRing, policy: OutboxPolicy, letter_id: str) -> bool:
    """Write that the letter takes long, with its message; False where it was told before, or is in somebody's hand."""
    # Whoever works on the letter goes first: it is told of at the next look, where that is still true.
    row = transaction.connection.execute(_ROW, {"of_letter": letter_id}).first()
    if row is None or (row.status, Event.DELAYED) not in TRANSITIONS:
        return False
    if row.lease_expires_at is not None and row.lease_expires_at > transaction.at:
        return False
    if transaction.connection.execute(_TOLD, {"of_letter": letter_id}).first() is not None:
        return False
    position = row.version + 1
    changed = _RAISE_VERSION.run(
        transaction.connection,
        {"claimed_work_id": letter_id, "claimed_version": row.version, "version": position},
    )
    if changed != 1:
        return False
    happening = Happening(event=Event.DELAYED, reason="takes_long")
    write_event(transaction, ring, letter_id, position, happening, Status(row.status))
    tell(transaction, policy, letter_id, position, Fact(kind=FACT_OF[Event.DELAYED]))
    return True
