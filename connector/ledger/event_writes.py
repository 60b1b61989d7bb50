"""The one place where an event of a letter is written. Events are only ever added."""

from typing import Final

import sqlalchemy as sa

from connector.domain.lifecycle import Status
from connector.ledger.event_detail import detail_of, sealed_part
from connector.ledger.narrow import narrow
from connector.ledger.prepared import Prepared
from connector.ledger.records import Happening
from connector.ledger.seal import KeyRing
from connector.ledger.tables import events
from connector.ledger.writer import Transaction

__all__ = ["write_event"]

_INSERT: Final = Prepared(sa.insert(events))


def write_event(
    transaction: Transaction,
    ring: KeyRing,
    letter_id: str,
    position: int,
    happening: Happening,
    status: Status,
) -> None:
    """Write what happened to a letter, at this position, and the status that it has since."""
    _INSERT.run(
        transaction.connection,
        {
            "letter_id": letter_id,
            "position": position,
            "happened_at": transaction.at,
            "event": str(happening.event),
            "status": str(status),
            "reason": narrow(happening.reason),
            "code": narrow(happening.code),
            "detail": detail_of(happening),
            "sealed": sealed_part(happening, ring, letter_id, position),
        },
    )
