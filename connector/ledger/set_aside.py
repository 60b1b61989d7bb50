"""What came from an office and no machine may act on, as a node has seen it: a person looks at it over there.

A row is a node's word about one of its connections, and goes when there is nothing left, or with the node.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from connector.ledger.narrow import narrow
from connector.ledger.tables import nodes, set_aside
from connector.ledger.writer import Transaction, Unit

__all__ = ["LiesAside", "SetAside", "forget_set_aside", "lying_aside"]


@dataclass(frozen=True, kw_only=True, slots=True)
class LiesAside:
    """Since when, how many, and why the last one."""

    since: datetime
    count: int
    reason: str


class SetAside:
    """Writes and reads what lies aside. Raises LedgerUnavailable when the database is away."""

    def __init__(
        self,
        write: Callable[[Unit[Any]], Any],
        read: Callable[[Callable[[sa.Connection], Any]], Any],
    ) -> None:
        """Take the ledger's ways to its database."""
        self._write = write
        self._read = read

    def tell(self, node: str, lying: Mapping[str, LiesAside]) -> None:
        """Write all that this node has seen, by connection, in place of what it said before."""

        def write(transaction: Transaction) -> None:
            transaction.connection.execute(sa.delete(set_aside).where(set_aside.c.node == node))
            rows = [
                {
                    "connection": connection,
                    "node": node,
                    "since": each.since,
                    "waiting": each.count,
                    "reason": narrow(each.reason),
                }
                for connection, each in sorted(lying.items())
            ]
            if rows:
                transaction.connection.execute(sa.insert(set_aside), rows)

        self._write(write)

    def lying(self) -> dict[str, LiesAside]:
        """Return what lies aside by connection, as the node says that has seen it longest."""
        found: dict[str, LiesAside] = self._read(lying_aside)
        return found


def lying_aside(connection: sa.Connection) -> dict[str, LiesAside]:
    """Return what lies aside by connection, as the node says that has seen it longest."""
    rows = connection.execute(sa.select(set_aside).order_by(set_aside.c.since.desc()))
    return {row.connection: LiesAside(since=row.since, count=row.waiting, reason=row.reason) for row in rows}


def forget_set_aside(connection: sa.Connection, node: str) -> None:
    """Take out what earlier daemons of this node said, and what nodes said that are no longer known."""
    is_gone = set_aside.c.node.not_in(sa.select(nodes.c.node))
    connection.execute(sa.delete(set_aside).where(sa.or_(set_aside.c.node == node, is_gone)))
