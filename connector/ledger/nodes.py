"""The nodes: which daemons use this ledger, when each was last heard of, and how much it has in hand.

On PostgreSQL the server's clock makes the instants, so that a node with a wrong clock does not seem to be silent.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from connector.clock import Now
from connector.ledger.database import Database
from connector.ledger.node_lock import NodeLock
from connector.ledger.records import Lane
from connector.ledger.server_clock import present
from connector.ledger.set_aside import forget_set_aside
from connector.ledger.suspensions import forget_suspensions
from connector.ledger.tables import nodes, schedule
from connector.ledger.writer import Transaction, Unit

__all__ = ["NodeRow", "NodeState", "Nodes"]

_SILENT_AFTER: Final = timedelta(seconds=35)
"""Three beats in vain, and a little."""
_ANNOUNCED: Final = ("registering", "sending")
"""A call may be under way."""
_KEPT_FOR: Final = timedelta(days=7)


class NodeState(StrEnum):
    """How a node is, as far as the ledger can tell."""

    RUNNING = "running"
    SILENT = "silent"
    """It was not heard of for a while: killed, cut off, or held up. What it had in hand is free when its leases end."""
    STOPPED = "stopped"


@dataclass(frozen=True, kw_only=True, slots=True)
class NodeRow:
    """One daemon as it is shown."""

    node: str
    holder: str
    """The name on its leases; a new one with every start."""
    version: str
    started_at: datetime
    seen_at: datetime
    stopped_at: datetime | None
    in_hand: int
    """Pieces of work that it was doing when it was last heard of."""
    state: NodeState


class Nodes:
    """Writes and shows the nodes. Raises LedgerUnavailable when the database is away."""

    def __init__(
        self,
        database: Database,
        write: Callable[[Unit[Any]], Any],
        read: Callable[[Callable[[sa.Connection], Any]], Any],
        now: Now,
    ) -> None:
        """Take the ledger's ways to its database."""
        self._database = database
        self._write = write
        self._read = read
        self._now = now

    def enter(self, holder: str, *, node: str, version: str) -> None:
        """Write a node that has started, and sweep those that have been away for a week.

        On SQLite there is no other: what is left of earlier ones goes. What is swept takes its suspensions with it, and
        those of this name are of an earlier daemon: this one has not asked anybody yet.
        """

        def write(transaction: Transaction) -> None:
            at = present(transaction.connection, self._now)
            is_old = sa.true() if self._database.is_sqlite else nodes.c.seen_at < at - _KEPT_FOR
            transaction.connection.execute(sa.delete(nodes).where(is_old))
            forget_suspensions(transaction.connection, node)
            forget_set_aside(transaction.connection, node)
            transaction.connection.execute(sa.insert(nodes).values(_row(holder, node, version, at)))

        self._write(write)

    def seen(self, holder: str, *, node: str, version: str, in_hand: int, is_stopped: bool = False) -> None:
        """Note that the node lives, or that it has stopped. One that was swept meanwhile is written anew."""

        def write(transaction: Transaction) -> None:
            at = present(transaction.connection, self._now)
            news = {"seen_at": at, "in_hand": in_hand, "stopped_at": at if is_stopped else None}
            changed = transaction.connection.execute(
                sa.update(nodes).where(nodes.c.holder == holder).values(news)
            )
            if not changed.rowcount:
                row = _row(holder, node, version, at) | news
                transaction.connection.execute(sa.insert(nodes).values(row))

        self._write(write)

    def all(self) -> list[NodeRow]:
        """Return the nodes of the last week, by name and start."""

        def look(connection: sa.Connection) -> list[NodeRow]:
            at = present(connection, self._now)
            rows = connection.execute(sa.select(nodes).order_by(nodes.c.node, nodes.c.started_at))
            return [_node_of(row, at) for row in rows]

        rows: list[NodeRow] = self._read(look)
        return rows

    def running(self) -> int:
        """Return how many nodes live, at least one: whoever asks lives."""
        return max(1, sum(row.state is NodeState.RUNNING for row in self.all()))

    def clock_ahead(self) -> timedelta:
        """Return by how much this process's clock is ahead of the database's; nothing where no other clock is used."""

        def look(connection: sa.Connection) -> timedelta:
            before = self._now()
            server = present(connection, self._now)
            return before + (self._now() - before) / 2 - server

        ahead: timedelta = timedelta() if self._database.is_sqlite else self._read(look)
        return ahead

    def lock(self, node: str) -> NodeLock | None:
        """Return the lock on a node's name, not yet held; None on SQLite, where the file itself is held."""
        return None if self._database.is_sqlite else NodeLock(self._database.reading, node)

    def take_over(self, holder: str, *, node: str, calls_begin_within: timedelta) -> int:
        """Free what earlier daemons of this node name left, and forget those daemons; return how many leases ended.

        Only for who holds the lock on the name. A daemon that lost the lock with its network may still live, so this
        must do no harm then: its late writes find another version and lose their race, and it can announce nothing
        any more. What it has announced already it begins within this time or not at all; only after that the lease
        ends and the outcome counts as lost, as it would have with the lease's own end. So a lost outcome comes to
        light earlier, and no proof of absence begins before the call did.
        """

        def write(transaction: Transaction) -> int:
            theirs = sa.and_(
                schedule.c.lease_expires_at.is_not(None),
                schedule.c.lease_holder.startswith(f"{node}/", autoescape=True),
                schedule.c.lease_holder < holder,
            )
            until = sa.literal(transaction.at + calls_begin_within, schedule.c.due_at.type)
            raised = {"version": schedule.c.version + 1}
            announced = transaction.connection.execute(
                sa.update(schedule)
                .where(theirs, schedule.c.status.in_(_ANNOUNCED))
                .values(raised | {"lease_holder": holder, "lease_expires_at": _earlier(until)})
                .returning(schedule.c.stage, schedule.c.connection)
            ).all()
            freed = transaction.connection.execute(
                sa.update(schedule)
                .where(theirs, schedule.c.status.not_in(_ANNOUNCED))
                .values(raised | {"lease_holder": None, "lease_expires_at": None})
                .returning(schedule.c.stage, schedule.c.connection)
            ).all()
            transaction.due_lanes |= {Lane(row.stage, row.connection) for row in [*announced, *freed]}
            is_of_them = sa.and_(nodes.c.node == node, nodes.c.holder < holder, nodes.c.stopped_at.is_(None))
            transaction.connection.execute(sa.delete(nodes).where(is_of_them))
            return len(announced) + len(freed)

        return int(self._write(write))


def _earlier(until: sa.ColumnElement[datetime]) -> sa.ColumnElement[datetime]:
    return sa.case((schedule.c.lease_expires_at < until, schedule.c.lease_expires_at), else_=until)


def _row(holder: str, node: str, version: str, at: datetime) -> dict[str, Any]:
    return {
        "holder": holder,
        "node": node,
        "version": version,
        "started_at": at,
        "seen_at": at,
        "stopped_at": None,
        "in_hand": 0,
    }


def _node_of(row: sa.Row[Any], at: datetime) -> NodeRow:
    if row.stopped_at is not None:
        state = NodeState.STOPPED
    else:
        state = NodeState.SILENT if at - row.seen_at > _SILENT_AFTER else NodeState.RUNNING
    return NodeRow(
        node=row.node,
        holder=row.holder,
        version=row.version,
        started_at=row.started_at,
        seen_at=row.seen_at,
        stopped_at=row.stopped_at,
        in_hand=row.in_hand,
        state=state,
    )
