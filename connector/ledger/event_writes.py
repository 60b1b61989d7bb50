"""The one place where an event of a letter is written. Events are only ever added, each linked to the one before it."""

from typing import Any, Final

import sqlalchemy as sa

from connector.domain.lifecycle import Status
from connector.ledger.chain import event_chain, event_mark, microseconds, personal_digest
from connector.ledger.event_detail import detail_of, personal_part, sealed_part
from connector.ledger.narrow import narrow
from connector.ledger.prepared import Prepared
from connector.ledger.records import Happening
from connector.ledger.seal import KeyRing
from connector.ledger.tables import events
from connector.ledger.writer import Transaction

__all__ = ["write_event"]

_INSERT: Final = Prepared(sa.insert(events))
_LAST: Final = Prepared(
    sa.select(events.c.chain)
    .where(events.c.letter_id == sa.bindparam("of_letter"))
    .order_by(events.c.position.desc())
    .limit(1)
)


def write_event(
    transaction: Transaction,
    ring: KeyRing,
    letter_id: str,
    position: int,
    happening: Happening,
    status: Status,
) -> None:
    """Write what happened to a letter, at this position, and the status that it has since.

    The letter's row of the schedule was written in this transaction before: so nobody else writes an event of it now.
    """
    personal = personal_part(happening)
    values: dict[str, Any] = {
        "letter_id": letter_id,
        "position": position,
        "happened_at": transaction.at,
        "event": str(happening.event),
        "status": str(status),
        "reason": narrow(happening.reason),
        "code": narrow(happening.code),
        "detail": detail_of(happening),
        "sealed": sealed_part(personal, ring, letter_id, position) if personal else None,
        "personal_digest": personal_digest(ring, letter_id, position, personal) if personal else None,
    }
    values["chain"] = _chain(transaction, ring, values)
    _INSERT.run(transaction.connection, values)


def _chain(transaction: Transaction, ring: KeyRing, values: dict[str, Any]) -> str:
    # Read anew each time: a unit may run twice, and what it kept in memory would be of the run that was rolled back.
    last = (
        _LAST.first(transaction.connection, {"of_letter": values["letter_id"]})
        if values["position"]
        else None
    )
    mark = event_mark(
        ring,
        values["letter_id"],
        values["position"],
        microseconds(values["happened_at"]),
        values["event"],
        values["status"],
        values["reason"],
        values["code"],
        values["detail"],
        values["personal_digest"],
    )
    return event_chain(ring, (last[0] if last else None) or "", mark)
