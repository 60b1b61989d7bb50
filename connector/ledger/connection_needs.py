"""What needs a person at a connection, or at a channel of alerts; a question each, that costs what it finds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from connector.domain.attention import Because
from connector.domain.lifecycle import Stage
from connector.ledger.alerts_told import failing_channels
from connector.ledger.credits_told import low_credits
from connector.ledger.put_off import DAILY_BUDGET
from connector.ledger.set_aside import lying_aside
from connector.ledger.suspensions import suspensions_in_force
from connector.ledger.tables import inboxes, pauses, schedule

__all__ = ["IsServed", "NeedsPerson", "budgets_spent", "needs_of_connections"]

IsServed = Callable[[Stage, str], bool]
"""Says whether some lane takes up what waits for this stage at this connection."""

_WAITING_FOR_A_BUDGET: Final = (
    sa.select(
        schedule.c.connection,
        sa.func.min(schedule.c.status_since).label("since"),
        sa.func.min(schedule.c.due_at).label("next_at"),
        sa.func.count().label("waiting"),
    )
    .where(
        schedule.c.stage == str(Stage.NOTIFICATION),
        schedule.c.due_at.is_not(None),
        schedule.c.last_reason == DAILY_BUDGET,
    )
    .group_by(schedule.c.connection)
    .order_by(schedule.c.connection)
)


@dataclass(frozen=True, kw_only=True, slots=True)
class NeedsPerson:
    """One thing that needs a person."""

    because: Because
    since: datetime
    """Since when it stands so; of what follows a letter, since it was made."""
    kind: str = "letter"
    """``letter``, ``message``, ``publication`` or ``side_step``; ``connection`` for one that is paused or suspended, or
    whose inbox cannot be read."""
    letter_id: str | None = None
    """Of a reply to a citizen's message that message's id, without a tracking code."""
    tracking_code: str | None = None
    status: str | None = None
    office: str | None = None
    step: str | None = None
    """The name of a side step."""
    connection: str | None = None
    """The portal, office or gateway that it waits for."""
    reason: str | None = None
    """A closed word; of a pause, the words of who paused."""
    due_at: datetime | None = None
    waiting: int = 1
    """How many letters wait behind it; of what an adapter has set aside, how many pieces lie there."""


def needs_of_connections(
    connection: sa.Connection, inbox_failing_since: datetime, is_served: IsServed
) -> Iterator[NeedsPerson]:
    """Yield what stands at connections, the most telling first."""
    yield from _suspended(connection)
    yield from _paused(connection)
    yield from _lying_aside(connection)
    yield from budgets_spent(connection)
    yield from _low_credits(connection)
    yield from _unreadable(connection, inbox_failing_since, is_served)
    yield from _failing_channels(connection)


def _suspended(connection: sa.Connection) -> Iterator[NeedsPerson]:
    """Whatever waits: a portal that refuses us has its letters still with it, and nothing of them stands here."""
    for name, suspension in suspensions_in_force(connection).items():
        yield NeedsPerson(
            because=Because.SUSPENDED,
            since=suspension.since,
            kind="connection",
            connection=name,
            reason=suspension.reason,
            waiting=_waiting_behind(connection, name),
        )


def _lying_aside(connection: sa.Connection) -> Iterator[NeedsPerson]:
    for name, aside in lying_aside(connection).items():
        yield NeedsPerson(
            because=Because.SET_ASIDE,
            since=aside.since,
            kind="connection",
            connection=name,
            reason=aside.reason,
            waiting=aside.count,
        )


def _failing_channels(connection: sa.Connection) -> Iterator[NeedsPerson]:
    for name, state in failing_channels(connection).items():
        if state.failing_since is not None:
            yield NeedsPerson(
                because=Because.ALERTS_FAIL,
                since=state.failing_since,
                kind="connection",
                connection=name,
                reason=state.reason,
                waiting=0,
            )


def _paused(connection: sa.Connection) -> Iterator[NeedsPerson]:
    for row in connection.execute(sa.select(pauses)).all():
        waiting = _waiting_behind(connection, row.connection)
        if waiting:
            yield NeedsPerson(
                because=Because.PAUSED,
                since=row.paused_at,
                kind="connection",
                connection=row.connection,
                reason=row.reason,
                waiting=waiting,
            )


def budgets_spent(connection: sa.Connection) -> Iterator[NeedsPerson]:
    """Yield the gateways at which messages wait for the next day's budget."""
    for row in connection.execute(_WAITING_FOR_A_BUDGET).all():
        yield NeedsPerson(
            because=Because.BUDGET_SPENT,
            since=row.since,
            kind="connection",
            connection=row.connection,
            reason=DAILY_BUDGET,
            due_at=row.next_at,
            waiting=int(row.waiting),
        )


def _low_credits(connection: sa.Connection) -> Iterator[NeedsPerson]:
    for told in low_credits(connection):
        yield NeedsPerson(
            because=Because.LOW_CREDIT,
            since=told.low_since or told.asked_at,
            kind="connection",
            connection=told.gateway,
            reason="low_credit",
            waiting=_waiting_behind(connection, told.gateway),
        )


def _unreadable(connection: sa.Connection, before: datetime, is_served: IsServed) -> Iterator[NeedsPerson]:
    """Inboxes that could not be read since then; one that is not configured any more is nobody's."""
    for row in connection.execute(sa.select(inboxes).where(inboxes.c.failing_since <= before)).all():
        if is_served(Stage.NOTIFICATION, row.gateway):
            yield NeedsPerson(
                because=Because.INBOX_UNREADABLE,
                since=row.failing_since,
                kind="connection",
                connection=row.gateway,
                reason=row.reason,
                waiting=0,
            )


def _waiting_behind(connection: sa.Connection, name: str) -> int:
    """Return how many letters have something that waits for this connection."""
    behind = sa.select(sa.func.count(schedule.c.letter_id.distinct())).where(
        schedule.c.stage.in_([str(stage) for stage in Stage]),
        schedule.c.connection == name,
        schedule.c.due_at.is_not(None),
    )
    return int(connection.execute(behind).scalar_one())
