"""How many messages stand where, what they cost, and how many of them a citizen may have twice. Nothing personal."""

from dataclasses import dataclass

import sqlalchemy as sa

from connector.ledger.tables import messages, schedule

__all__ = ["MessageTotal", "message_totals", "possible_doubles"]


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageTotal:
    """The messages of one fact at one gateway that stand at one status."""

    gateway: str
    fact: str
    status: str
    messages: int
    parts: int
    """Of their last sending; 0 for what was never announced."""
    cost: int
    """In thousandths of the vendor's unit; 0 where no price was known."""
    possible_doubles: int
    """Sendings that may have told a fact once more than once."""


def message_totals(connection: sa.Connection) -> list[MessageTotal]:
    """Return the totals, by gateway, fact and status; it looks through every message."""
    query = (
        sa.select(
            messages.c.gateway,
            messages.c.fact,
            schedule.c.status,
            sa.func.count().label("number"),
            sa.func.coalesce(sa.func.sum(messages.c.parts), 0).label("parts"),
            sa.func.coalesce(sa.func.sum(messages.c.cost), 0).label("cost"),
            sa.func.sum(messages.c.possible_doubles).label("doubles"),
        )
        .join(schedule, schedule.c.work_id == sa.cast(messages.c.own_id, sa.String(48)))
        .group_by(messages.c.gateway, messages.c.fact, schedule.c.status)
        .order_by(messages.c.gateway, messages.c.fact, schedule.c.status)
    )
    return [
        MessageTotal(
            gateway=row.gateway,
            fact=row.fact,
            status=row.status,
            messages=int(row.number),
            parts=int(row.parts),
            cost=int(row.cost),
            possible_doubles=int(row.doubles),
        )
        for row in connection.execute(query)
    ]


def possible_doubles(connection: sa.Connection) -> int:
    """Return how many sendings may have told a fact once more than once, over all messages."""
    query = sa.select(sa.func.coalesce(sa.func.sum(messages.c.possible_doubles), 0))
    return int(connection.execute(query).scalar_one())
