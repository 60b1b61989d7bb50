"""Connections that a node has stopped by itself, because its credentials were refused: what only a person can end.

A suspension lives in the node's memory; here it is told to whoever looks from outside. A row is a node's word about
one of its connections. It goes with the end of the suspension, with a person's resume, and with the node.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from connector.ledger.narrow import narrow
from connector.ledger.tables import nodes, suspensions
from connector.ledger.writer import Transaction, Unit

__all__ = ["Suspension", "Suspensions", "ended_suspensions", "forget_suspensions", "suspensions_in_force"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Suspension:
    """Since when, and under which closed word, a connection makes no calls."""

    since: datetime
    reason: str


class Suspensions:
    """Writes and reads the suspensions. Raises LedgerUnavailable when the database is away."""

    def __init__(
        self,
        write: Callable[[Unit[Any]], Any],
        read: Callable[[Callable[[sa.Connection], Any]], Any],
    ) -> None:
        """Take the ledger's ways to its database."""
        self._write = write
        self._read = read

    def tell(self, node: str, suspended: Mapping[str, Suspension]) -> None:
        """Write all that this node has suspended at this moment, by connection, in place of what it said before."""

        def write(transaction: Transaction) -> None:
            mine = sa.delete(suspensions).where(suspensions.c.node == node)
            transaction.connection.execute(mine)
            rows = [
                {
                    "connection": connection,
                    "node": node,
                    "suspended_at": each.since,
                    "reason": narrow(each.reason),
                }
                for connection, each in sorted(suspended.items())
            ]
            if rows:
                transaction.connection.execute(sa.insert(suspensions), rows)

        self._write(write)

    def in_force(self) -> dict[str, Suspension]:
        """Return the suspensions by connection, each since the first node that has it."""
        found: dict[str, Suspension] = self._read(suspensions_in_force)
        return found


def suspensions_in_force(connection: sa.Connection) -> dict[str, Suspension]:
    """Return the suspensions by connection, each since the first node that has it."""
    rows = connection.execute(sa.select(suspensions).order_by(suspensions.c.suspended_at.desc()))
    return {row.connection: Suspension(since=row.suspended_at, reason=row.reason) for row in rows}


def ended_suspensions(transaction: Transaction, connection: str) -> set[str]:
    """Take out what nodes have said of this connection, whose suspension a person ends; return their reasons."""
    gone = sa.delete(suspensions).where(suspensions.c.connection == connection)
    return set(transaction.connection.execute(gone.returning(suspensions.c.reason)).scalars())


def forget_suspensions(connection: sa.Connection, node: str) -> None:
    """Take out what earlier daemons of this node said, and what nodes said that are no longer known."""
    is_gone = suspensions.c.node.not_in(sa.select(nodes.c.node))
    connection.execute(sa.delete(suspensions).where(sa.or_(suspensions.c.node == node, is_gone)))
