"""The questions behind the list of what needs a person: letters, and what follows them.

Each costs what it finds, and not what the ledger holds.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from connector.domain.attention import ASKS_A_PERSON, Because, Deadlines
from connector.domain.lifecycle import Stage, Status
from connector.ledger.connection_needs import IsServed, NeedsPerson, needs_of_connections
from connector.ledger.lookup_records import NUMBER_OF_ANOTHER
from connector.ledger.put_off import DAILY_BUDGET, PUT_OFF_REASONS
from connector.ledger.records import WorkKind
from connector.ledger.tables import IS_OPEN, IS_OUTBOX_DUE, letters, routes, schedule
from connector.ledger.views import oldest_due

__all__ = [
    "BY_A_PERSON_ALONE",
    "Most",
    "beyond_deadline",
    "count_open",
    "find_needs",
    "in_lane",
    "unserved",
]

BY_A_PERSON_ALONE: Final[Mapping[Because, sa.ColumnElement[bool]]] = {
    Because.PARKED: schedule.c.status == str(Status.PARKED),
    Because.ASKS_A_PERSON: sa.or_(
        sa.and_(schedule.c.status == str(Status.UNCERTAIN), schedule.c.last_reason.in_(ASKS_A_PERSON)),
        sa.and_(schedule.c.status == str(Status.SUBMITTED), schedule.c.last_reason == NUMBER_OF_ANOTHER),
    ),
    Because.IN_REVIEW: schedule.c.status == str(Status.IN_REVIEW),
}
"""Letters that go on by a person's word alone, and why: one answer for the list and for the metric."""


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


def count_open(connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> int:
    """Return how many letters that are not at their end fulfil all of these."""
    query = sa.select(sa.func.count()).select_from(schedule).where(IS_OPEN, *conditions)
    return int(connection.execute(query).scalar_one())


def find_needs(
    connection: sa.Connection, deadlines: Deadlines, at: datetime, is_served: IsServed, most: Most
) -> Iterator[NeedsPerson]:
    """Yield the most telling trouble of a letter first: what is found twice is shown once."""
    yield from needs_of_connections(connection, at - deadlines.inbox, is_served)
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
