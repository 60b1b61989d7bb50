"""What the rules of sending ask of the ledger beyond single messages: moves, totals, and credit as it was told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from connector.clock import Now
from connector.ledger.credits_told import CreditsTold
from connector.ledger.message_moves import Waiting, move_messages
from connector.ledger.message_totals import MessageTotal, message_totals, possible_doubles
from connector.ledger.writer import Unit

__all__ = ["Sendings"]


class Sendings:
    """Moves messages and counts them. Raises LedgerUnavailable when the database is away."""

    def __init__(
        self,
        write: Callable[[Unit[Any]], Any],
        read: Callable[[Callable[[sa.Connection], Any]], Any],
        now: Now,
    ) -> None:
        """Take the ledger's ways to its database, and the clock."""
        self._write = write
        self._read = read
        self._now = now
        self.credits_told = CreditsTold(write, read)

    def move_messages(
        self,
        gateway: str,
        to_gateway: str,
        *,
        reason: str,
        waiting_for: str | None,
        older_than: timedelta,
        most_moves: int,
        limit: int,
    ) -> int:
        """Move queued messages that nobody holds from one gateway to another, journalled; return how many.

        Only what certainly is not out is queued. ``waiting_for`` narrows it to one reason of waiting, ``older_than`` to
        what was made so long ago; what waits for the morning stays.
        """
        wanted = Waiting(gateway, waiting_for, self._now() - older_than, most_moves, limit)
        moved: int = self._write(lambda t: move_messages(t, wanted, to_gateway, reason))
        return moved

    def totals(self) -> list[MessageTotal]:
        """Return how many messages stand where, what they cost and how many may be doubled; looks through all."""
        found: list[MessageTotal] = self._read(message_totals)
        return found

    def possible_doubles(self) -> int:
        """Return how many sendings may have told a fact once more than once."""
        counted: int = self._read(possible_doubles)
        return counted
