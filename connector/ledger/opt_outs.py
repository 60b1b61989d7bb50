"""Who wants no messages: said by the number itself, or by an operator for a citizen who asked for it in another way.

Numbers stand here by their blind index alone. What a person does about them is an act: it stands in the audit, with the
beginning of the index and not with the number.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from connector.errors import SealBroken
from connector.ledger.acts import note_act
from connector.ledger.incoming_columns import opened
from connector.ledger.incoming_tables import incoming_messages, opt_outs
from connector.ledger.seal import KeyRing
from connector.ledger.writer import Transaction, Unit

__all__ = ["OptOut", "OptOuts"]

_SHOWN: Final = 12
"""So many letters of the index tell numbers apart in the audit."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OptOut:
    """One number that wants no messages."""

    number: str
    """The beginning of its blind index."""
    since: datetime
    is_own_word: bool
    """Whether the number said it by SMS, or an operator for it."""
    mobile: str | None = field(default=None, repr=False)
    """Where it was asked for and can be told: only of a number that wrote to us."""


class OptOuts:
    """Reads and writes who wants no messages. Raises LedgerUnavailable when the database is away."""

    def __init__(
        self,
        write: Callable[[Unit[Any]], Any],
        read: Callable[[Callable[[sa.Connection], Any]], Any],
        ring: KeyRing,
    ) -> None:
        """Take the ledger's ways to its database, and its keys."""
        self._write = write
        self._read = read
        self._ring = ring

    def listed(self, *, limit: int, personal: bool = False) -> list[OptOut]:
        """Return the numbers, the last one first; the numbers themselves only where they were asked for."""
        query = (
            sa.select(opt_outs.c.mobile_index, opt_outs.c.since, incoming_messages)
            .outerjoin(incoming_messages, incoming_messages.c.incoming_id == opt_outs.c.incoming_id)
            .order_by(opt_outs.c.since.desc())
            .limit(limit)
        )
        found: list[OptOut] = self._read(
            lambda c: [self._opt_out(row, personal=personal) for row in c.execute(query)]
        )
        return found

    def holds(self, mobile: str) -> bool:
        """Return whether this number, in its national form, wants no messages."""
        query = sa.select(opt_outs.c.since).where(opt_outs.c.mobile_index == self._index(mobile))
        return self._read(lambda c: c.execute(query).first()) is not None

    def add(self, mobile: str, *, actor: str, reason: str) -> bool:
        """Send this number no messages any more; False where it wanted none before. Noted among the acts."""

        def write(transaction: Transaction) -> bool:
            index, connection = self._index(mobile), transaction.connection
            of_number = opt_outs.c.mobile_index == index
            if connection.execute(sa.select(opt_outs.c.since).where(of_number)).first() is not None:
                return False
            connection.execute(sa.insert(opt_outs).values(mobile_index=index, since=transaction.at))
            note_act(transaction, self._ring, actor, "opt_out", index[:_SHOWN], reason)
            return True

        return bool(self._write(write))

    def remove(self, mobile: str, *, actor: str, reason: str) -> bool:
        """Send this number messages again; False where it wants them. Noted among the acts."""

        def write(transaction: Transaction) -> bool:
            index = self._index(mobile)
            gone = sa.delete(opt_outs).where(opt_outs.c.mobile_index == index)
            if not transaction.connection.execute(gone).rowcount:
                return False
            note_act(transaction, self._ring, actor, "opt_in", index[:_SHOWN], reason)
            return True

        return bool(self._write(write))

    def _index(self, mobile: str) -> str:
        return self._ring.blind(mobile, "mobile")

    def _opt_out(self, row: Any, *, personal: bool) -> OptOut:
        mobile = None
        if personal and row.incoming_id is not None:
            try:
                mobile = opened(row, self._ring).mobile
            except SealBroken:
                mobile = None
        return OptOut(
            number=row.mobile_index[:_SHOWN],
            since=row.since,
            is_own_word=row.incoming_id is not None,
            mobile=mobile,
        )
