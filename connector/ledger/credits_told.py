"""What is left on the gateways' accounts, as it was last told; whoever looks from another process reads it here."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from connector.ledger.narrow import narrow
from connector.ledger.tables import credits_left
from connector.ledger.writer import Transaction, Unit

__all__ = ["CreditTold", "CreditsTold", "low_credits"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CreditTold:
    """One account."""

    gateway: str
    amount: str
    """A decimal number."""
    unit: str
    runs_until: date | None
    asked_at: datetime
    low_since: datetime | None
    """Since when it is less than it should be; None where it is enough."""


class CreditsTold:
    """Writes and reads the accounts. Raises LedgerUnavailable when the database is away."""

    def __init__(
        self,
        write: Callable[[Unit[Any]], Any],
        read: Callable[[Callable[[sa.Connection], Any]], Any],
    ) -> None:
        """Take the ledger's ways to its database."""
        self._write = write
        self._read = read

    def tell(self, gateway: str, *, amount: str, unit: str, runs_until: date | None, is_low: bool) -> bool:
        """Keep what a gateway told; return whether it has become low with this."""

        def write(transaction: Transaction) -> bool:
            own = credits_left.c.gateway == gateway
            before = transaction.connection.execute(
                sa.delete(credits_left).where(own).returning(credits_left.c.low_since)
            ).first()
            was_low = before.low_since if before is not None else None
            low_since = (was_low or transaction.at) if is_low else None
            transaction.connection.execute(
                sa.insert(credits_left).values(
                    gateway=gateway,
                    amount=narrow(amount, 40),
                    unit=narrow(unit, 20),
                    runs_until=runs_until,
                    asked_at=transaction.at,
                    low_since=low_since,
                )
            )
            return is_low and was_low is None

        has_become_low: bool = self._write(write)
        return has_become_low

    def all(self) -> list[CreditTold]:
        """Return every account, by gateway."""
        found: list[CreditTold] = self._read(lambda c: _told(c, sa.true()))
        return found


def low_credits(connection: sa.Connection) -> list[CreditTold]:
    """Return the accounts that are low, by gateway."""
    return _told(connection, credits_left.c.low_since.is_not(None))


def _told(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> list[CreditTold]:
    rows = connection.execute(sa.select(credits_left).where(condition).order_by(credits_left.c.gateway))
    return [CreditTold(**row._mapping) for row in rows]
