"""The questions behind the list of what needs a person. Each costs what it finds, and not what the ledger holds."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from connector.domain.attention import ASKS_A_PERSON, Because, Deadlines
from connector.domain.lifecycle import Stage, Status
from connector.ledger.alerts_told import failing_channels
from connector.ledger.credits_told import low_credits
from connector.ledger.lookup_records import NUMBER_OF_ANOTHER
from connector.ledger.put_off import DAILY_BUDGET, PUT_OFF_REASONS
from connector.ledger.records import WorkKind
from connector.ledger.set_aside import lying_aside
from connector.ledger.suspensions import suspensions_in_force
from connector.ledger.tables import IS_OPEN, IS_OUTBOX_DUE, inboxes, letters, pauses, routes, schedule
from connector.ledger.views import oldest_due

__all__ = [
    "BY_A_PERSON_ALONE",
    "IsServed",
    "Most",
    "NeedsPerson",
    "beyond_deadline",
    "budgets_spent",
    "count_open",
    "find_needs",
    "in_lane",
    "unserved",
]

IsServed = Callable[[Stage, str], bool]
"""Says whether some lane takes up what waits for this stage at this connection."""

BY_A_PERSON_ALONE: Final[Mapping[Because, sa.ColumnElement[bool]]] = {
    Because.PARKED: schedule.c.status == str(Status.PARKED),
    Because.ASKS_A_PERSON: sa.or_(
        sa.and_(schedule.c.status == str(Status.UNCERTAIN), schedule.c.last_reason.in_(ASKS_A_PERSON)),
        sa.and_(schedule.c.status == str(Status.SUBMITTED), schedule.c.last_reason == NUMBER_OF_ANOTHER),
    ),
    Because.IN_REVIEW: schedule.c.status == str(Status.IN_REVIEW),
}
"""Letters that go on by a person's word alone, and why: one answer for the list and for the metric."""


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


@dataclass(frozen=True, slots=True)
class Most:
    """How many of each kind of trouble, and of which office."""

    limit: int
    office: str | None

    def of(self, query: sa.Select[Any]) -> sa.Select[Any]:
        """Return the query, narrowed to that."""
        if self.office is not None:
            query = query.where(sa.or_(routes.c.office == self.office, schedule.c.connection == self.office))
        return query.limit(self.limit)


_PUT_OFF: Final = sorted(PUT_OFF_REASONS | {DAILY_BUDGET})
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


def count_open(connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> int:
    """Return how many letters that are not at their end fulfil all of these."""
    query = sa.select(sa.func.count()).select_from(schedule).where(IS_OPEN, *conditions)
    return int(connection.execute(query).scalar_one())


def find_needs(
    connection: sa.Connection, deadlines: Deadlines, at: datetime, is_served: IsServed, most: Most
) -> Iterator[NeedsPerson]:
    """Yield the most telling trouble of a letter first: what is found twice is shown once."""
    yield from _suspended(connection)
    yield from _paused(connection)
    yield from _lying_aside(connection)
    yield from budgets_spent(connection)
    yield from _low_credits(connection)
    yield from _unreadable(connection, at - deadlines.inbox, is_served)
    yield from _failing_channels(connection)
    yield from _without_connection(connection, is_served, most)
    for because, condition in BY_A_PERSON_ALONE.items():
        yield from _letters(connection, because, most, condition)
    yield from _side_steps(connection, most)
    for status, within in deadlines.within.items():
        standing = (schedule.c.status == str(status), schedule.c.status_since <= at - within)
        yield from _letters(connection, Because.BEYOND_DEADLINE, most, *standing)
    for stage, within in deadlines.of_outbox.items():
        query = _rows().where(*beyond_deadline(stage, at - within)).order_by(schedule.c.status_since)
        for row in connection.execute(most.of(query)):
            yield _need(row, Because.BEYOND_DEADLINE, row.status_since)


def _letters(
    connection: sa.Connection, because: Because, most: Most, *conditions: sa.ColumnElement[bool]
) -> Iterator[NeedsPerson]:
    query = _rows().where(IS_OPEN, *conditions).order_by(schedule.c.status, schedule.c.status_since)
    for row in connection.execute(most.of(query)):
        yield _need(row, because, row.status_since)


def _side_steps(connection: sa.Connection, most: Most) -> Iterator[NeedsPerson]:
    query = (
        _rows()
        .where(*in_lane(str(Stage.OPERATOR), ""), schedule.c.kind == str(WorkKind.SIDE_STEP))
        .order_by(schedule.c.status_since)
    )
    for row in connection.execute(most.of(query)):
        yield _need(row, Because.SIDE_STEP, row.status_since)


def _without_connection(connection: sa.Connection, is_served: IsServed, most: Most) -> Iterator[NeedsPerson]:
    for stage, name in unserved(oldest_due(connection), is_served):
        query = _rows().where(*in_lane(stage, name)).order_by(schedule.c.due_at)
        for row in connection.execute(most.of(query)):
            yield _need(row, Because.WITHOUT_CONNECTION, row.status_since or row.due_at)


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


def _rows() -> sa.Select[Any]:
    return (
        sa.select(schedule, letters.c.tracking_code, routes.c.office)
        .outerjoin(letters, letters.c.letter_id == schedule.c.letter_id)  # a reply is about no letter
        .outerjoin(routes, routes.c.letter_id == schedule.c.letter_id)
    )


def _need(row: Any, because: Because, since: datetime) -> NeedsPerson:
    return NeedsPerson(
        because=because,
        since=since,
        kind=row.kind,
        letter_id=row.letter_id,
        tracking_code=row.tracking_code,
        status=row.status,
        office=row.office,
        step=row.work_id.rsplit("/", 1)[1] if row.kind == WorkKind.SIDE_STEP else None,
        connection=row.connection or None,
        reason=row.last_reason,
        due_at=row.due_at,
    )


def unserved(lanes: Iterable[tuple[str, str]], is_served: IsServed) -> list[tuple[str, str]]:
    """Return the lanes that nobody takes up."""
    return [(stage, name) for stage, name in lanes if not is_served(Stage(stage), name)]


def in_lane(stage: str, name: str) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions of what waits in this lane."""
    return schedule.c.stage == stage, schedule.c.connection == name, schedule.c.due_at.is_not(None)


def beyond_deadline(stage: Stage, before: datetime) -> tuple[Any, ...]:
    """Return the conditions of what was to follow a letter, waits for this stage, and was made before this.

    A message that waits for the morning, or for the next day's budget, is late only when that has passed as well.
    """
    is_put_off = sa.and_(
        sa.or_(*(schedule.c.last_reason == reason for reason in _PUT_OFF)), schedule.c.due_at > before
    )
    made_before = (IS_OUTBOX_DUE, schedule.c.stage == str(stage), schedule.c.status_since <= before)
    if stage is not Stage.NOTIFICATION:
        return made_before
    return (*made_before, sa.or_(schedule.c.last_reason.is_(None), sa.not_(is_put_off)))
