"""Publications that the portal has."""

from typing import Final

import sqlalchemy as sa

from connector.errors import LostRace
from connector.ledger.claims import MOVED, guard_values, guarded_update
from connector.ledger.outbox import free_next, lock_letter
from connector.ledger.prepared import Prepared
from connector.ledger.records import Claim, WorkKind
from connector.ledger.tables import PUBLISHED, publications
from connector.ledger.writer import Transaction

__all__ = ["published"]

_DONE: Final = guarded_update(*MOVED)
_HANDED_OVER: Final = Prepared(
    sa.update(publications)
    .where(
        publications.c.letter_id == sa.bindparam("of_letter"),
        publications.c.position == sa.bindparam("at_position"),
    )
    .values(published_at=sa.bindparam("published_at"))
)


def published(transaction: Transaction, claim: Claim) -> None:
    """Note that the portal has it and free the letter's next one. Raise LostRace if the claim no longer holds."""
    lock_letter(transaction, claim.letter_id)
    done = _DONE.run(
        transaction.connection,
        guard_values(claim)
        | {
            "status": PUBLISHED,
            "version": claim.version + 1,
            "stage": None,
            "connection": None,
            "due_at": None,
            "attempts": 0,
            "last_reason": None,
            "lease_holder": None,
            "lease_expires_at": None,
        },
    )
    if done != 1:
        raise LostRace(work_id=claim.work_id)
    position = int(claim.work_id.rsplit("/", 1)[1])
    _HANDED_OVER.run(
        transaction.connection,
        {"of_letter": claim.letter_id, "at_position": position, "published_at": transaction.at},
    )
    free_next(transaction, WorkKind.PUBLICATION, claim.letter_id)
