"""What follows from a fact: one message to the citizen and one publication to the portal, in the fact's transaction.

Messages of one letter leave in the order of their facts: only the first that has not been handed over is due, the
others wait behind it and are freed when it goes. The same holds for publications.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from connector.domain.lifecycle import Stage
from connector.domain.message import Fact, MessageStatus, ReplyKind
from connector.ledger.narrow import distinct
from connector.ledger.prepared import Prepared
from connector.ledger.put_off import PUT_OFF_REASONS
from connector.ledger.records import Lane, OutboxPolicy, WorkKind
from connector.ledger.tables import QUEUED_PUBLICATION, letters, messages, publications, routes, schedule
from connector.ledger.writer import Transaction

__all__ = ["answer", "free_next", "lock_letter", "tell"]

_BLOCKING = (
    str(MessageStatus.QUEUED),
    str(MessageStatus.SENDING),
    str(MessageStatus.UNCERTAIN),
    QUEUED_PUBLICATION,
)


_FREE: Final = Prepared(
    sa.update(schedule)
    .where(schedule.c.work_id == sa.bindparam("of_work"))
    .values(due_at=sa.bindparam("due_at"))
)
_FREE_PUT_OFF: Final = Prepared(
    sa.update(schedule)
    .where(
        schedule.c.work_id == sa.bindparam("of_work"),
        schedule.c.version == sa.bindparam("if_version"),
        schedule.c.status == sa.bindparam("if_status"),
        schedule.c.lease_expires_at.is_(None),
    )
    .values(due_at=sa.bindparam("due_at"))
)
_INSERT_SCHEDULE: Final = Prepared(sa.insert(schedule))
_INSERT_MESSAGE: Final = Prepared(sa.insert(messages))
_INSERT_PUBLICATION: Final = Prepared(sa.insert(publications))
_FIRST_UNFINISHED: Final = (
    sa.select(
        schedule.c.work_id,
        schedule.c.stage,
        schedule.c.connection,
        schedule.c.due_at,
        schedule.c.version,
        schedule.c.last_reason,
    )
    .where(
        schedule.c.kind != "letter",
        schedule.c.letter_id == sa.bindparam("of_letter"),
        schedule.c.kind == sa.bindparam("of_kind"),
        schedule.c.status.in_(_BLOCKING),
    )
    .order_by(schedule.c.sequence)
    .limit(1)
)
_TOLD: Final = sa.select(messages.c.own_id).where(
    messages.c.letter_id == sa.bindparam("of_letter"),
    messages.c.fact == sa.bindparam("of_fact"),
    messages.c.occurrence == sa.bindparam("of_occurrence"),
)
_PORTAL: Final = sa.select(letters.c.portal).where(letters.c.letter_id == sa.bindparam("of_letter"))
_GATEWAY: Final = sa.select(routes.c.gateway).where(routes.c.letter_id == sa.bindparam("of_letter"))


def tell(
    transaction: Transaction, policy: OutboxPolicy, letter_id: str, position: int, fact: Fact | None
) -> None:
    """Queue what this event has to say: a message where the fact is told, a publication where the portal listens.

    A fact that was queued before for this letter is not queued again.
    """
    portal = _portal(transaction, letter_id)
    if portal in policy.publishing_portals:
        _queue_publication(transaction, letter_id, position, portal)
    if fact is not None and fact.kind in policy.told_facts:
        gateway = _gateway(transaction, letter_id) or policy.default_gateway
        if gateway:
            _queue_message(transaction, policy, letter_id, position, fact, gateway)


def answer(transaction: Transaction, incoming_id: str, kind: ReplyKind, gateway: str) -> None:
    """Queue the reply to a citizen's message, whose id is its subject: so it waits behind no fact, and none behind it.

    It tells of no event of a letter, and its position is 0.
    """
    own_id = _new_own_id(transaction.at)
    _INSERT_MESSAGE.run(
        transaction.connection,
        {
            "own_id": own_id,
            "letter_id": incoming_id,
            "fact": str(kind),
            "occurrence": "",
            "event_position": 0,
            "gateway": gateway,
            "created_at": transaction.at,
            "lookups": 0,
            "possible_doubles": 0,
            "moves": 0,
        },
    )
    _queue(transaction, WorkKind.MESSAGE, str(own_id), incoming_id, 0, Lane(Stage.NOTIFICATION, gateway))


def free_next(transaction: Transaction, kind: WorkKind, letter_id: str) -> None:
    """Make the next waiting message or publication of the letter due, unless one before it is still on its way."""
    first = transaction.connection.execute(
        _FIRST_UNFINISHED, {"of_letter": letter_id, "of_kind": str(kind)}
    ).first()
    if first is None or first.due_at is not None:
        return
    _FREE.run(transaction.connection, {"of_work": first.work_id, "due_at": transaction.at})
    transaction.due_lanes.add(Lane(Stage(first.stage), first.connection))


def lock_letter(transaction: Transaction, letter_id: str) -> None:
    """Serialise outbox decisions about one letter. On SQLite there is one writer anyway."""
    if transaction.connection.dialect.name == "postgresql":
        transaction.connection.execute(
            sa.select(schedule.c.work_id).where(schedule.c.work_id == letter_id).with_for_update()
        )


def _queue_message(
    transaction: Transaction, policy: OutboxPolicy, letter_id: str, position: int, fact: Fact, gateway: str
) -> None:
    connection = transaction.connection
    occurrence = distinct(fact.occurrence)
    is_told = connection.execute(
        _TOLD, {"of_letter": letter_id, "of_fact": str(fact.kind), "of_occurrence": occurrence}
    ).first()
    if is_told is not None:
        return
    own_id = _new_own_id(transaction.at)
    _INSERT_MESSAGE.run(
        transaction.connection,
        {
            "own_id": own_id,
            "letter_id": letter_id,
            "fact": str(fact.kind),
            "occurrence": occurrence,
            "event_position": position,
            "gateway": gateway,
            "created_at": transaction.at,
            "lookups": 0,
            "possible_doubles": 0,
            "moves": 0,
        },
    )
    lane = Lane(Stage.NOTIFICATION, gateway)
    is_urgent = fact.kind in policy.urgent_facts
    hold = timedelta() if is_urgent else policy.hold
    first = _queue(transaction, WorkKind.MESSAGE, str(own_id), letter_id, position, lane, hold=hold)
    if first is not None and is_urgent:
        _bring_forward(transaction, first)


def _queue_publication(transaction: Transaction, letter_id: str, position: int, portal: str) -> None:
    _INSERT_PUBLICATION.run(
        transaction.connection,
        {"letter_id": letter_id, "position": position, "portal": portal, "created_at": transaction.at},
    )
    work_id = f"{letter_id}/{position}"
    _queue(transaction, WorkKind.PUBLICATION, work_id, letter_id, position, Lane(Stage.PUBLICATION, portal))


def _queue(
    transaction: Transaction,
    kind: WorkKind,
    work_id: str,
    letter_id: str,
    sequence: int,
    lane: Lane,
    *,
    hold: timedelta = timedelta(),
) -> Any:
    """Put it into the schedule, and return the row that it waits behind; None where it waits for nobody."""
    first = transaction.connection.execute(
        _FIRST_UNFINISHED, {"of_letter": letter_id, "of_kind": str(kind)}
    ).first()
    _INSERT_SCHEDULE.run(
        transaction.connection,
        {
            "work_id": work_id,
            "kind": str(kind),
            "letter_id": letter_id,
            "sequence": sequence,
            "stage": str(lane.stage),
            "connection": lane.connection,
            "status": QUEUED_PUBLICATION,
            "due_at": None if first is not None else transaction.at + hold,
            "version": 0,
            "attempts": 0,
            "status_since": transaction.at,
        },
    )
    if first is None:
        transaction.due_lanes.add(lane)
    return first


def _bring_forward(transaction: Transaction, first: Any) -> None:
    """Something urgent waits behind this message: where it was only put off, it goes now."""
    values = {
        "of_work": first.work_id,
        "due_at": transaction.at,
        "if_version": first.version,
        "if_status": QUEUED_PUBLICATION,
    }
    if first.last_reason in PUT_OFF_REASONS | {None} and _FREE_PUT_OFF.run(transaction.connection, values):
        transaction.due_lanes.add(Lane(Stage(first.stage), first.connection))


def _portal(transaction: Transaction, letter_id: str) -> str:
    return str(transaction.connection.execute(_PORTAL, {"of_letter": letter_id}).scalar_one())


def _gateway(transaction: Transaction, letter_id: str) -> str | None:
    found = transaction.connection.execute(_GATEWAY, {"of_letter": letter_id}).scalar()
    return None if found is None else str(found)


def _new_own_id(at: datetime) -> int:
    """Return a positive 63-bit number that rises with time: 41 bits of milliseconds, 22 random bits."""
    return (int(at.timestamp() * 1000) << 22) | secrets.randbits(22)
