"""What needs a person, and whose citizen waits for a word: questions to the index of open letters. Nothing personal.

Every question here costs what it finds, and not what the ledger holds.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from connector.clock import Now
from connector.domain.attention import ASKS_A_PERSON, Because, Deadlines
from connector.domain.lifecycle import Stage, Status
from connector.ledger.delays import MAY_BE_DELAYED, delayed_page
from connector.ledger.records import WorkKind
from connector.ledger.tables import IS_OPEN, letters, pauses, routes, schedule
from connector.ledger.views import oldest_due

__all__ = ["Attention", "NeedsPerson"]

IsServed = Callable[[Stage, str], bool]
"""Says whether some lane takes up what waits for this stage at this connection."""

_ASKS: Final = sa.and_(schedule.c.status == str(Status.UNCERTAIN), schedule.c.last_reason.in_(ASKS_A_PERSON))


@dataclass(frozen=True, kw_only=True, slots=True)
class NeedsPerson:
    """One thing that needs a person."""

    because: Because
    since: datetime
    """Since when it stands so."""
    kind: str = "letter"
    """``letter``, ``message``, ``publication`` or ``side_step``; ``connection`` for a pause."""
    letter_id: str | None = None
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
    """How many letters wait behind it."""


class Attention:
    """Finds what needs a person. Only reads."""

    def __init__(self, read: Callable[[Callable[[sa.Connection], Any]], Any], now: Now) -> None:
        """Take the ledger's way to read, and the clock."""
        self._read = read
        self._now = now

    def needs(
        self, deadlines: Deadlines, is_served: IsServed, *, office: str | None = None, limit: int = 1000
    ) -> list[NeedsPerson]:
        """Return what needs a person, oldest first, at most so many of each kind of trouble; a letter once."""
        at = self._now()

        def look(connection: sa.Connection) -> list[NeedsPerson]:
            found: dict[str, NeedsPerson] = {}
            for need in _needs(connection, deadlines, at, is_served, _Most(limit, office)):
                if need.kind != "connection" or office in {None, need.connection}:
                    found.setdefault(
                        f"{need.kind} {need.letter_id or need.connection} {need.step or ''}", need
                    )
            return sorted(found.values(), key=lambda need: need.since)[:limit]

        found: list[NeedsPerson] = self._read(look)
        return found

    def beyond(self, deadlines: Deadlines) -> Mapping[Status, int]:
        """Return how many letters stand at each status for longer than they should."""
        at = self._now()

        def look(connection: sa.Connection) -> dict[Status, int]:
            return {
                status: _count(
                    connection, schedule.c.status == str(status), schedule.c.status_since <= at - within
                )
                for status, within in deadlines.within.items()
            }

        counted: dict[Status, int] = self._read(look)
        return counted

    def for_a_person(self) -> int:
        """Return how many letters can go on by a person's word alone: parked, or past finding out."""
        return int(
            self._read(
                lambda c: (
                    _count(c, schedule.c.status == str(Status.PARKED))
                    + _count(c, _ASKS)
                    + _count(c, schedule.c.status == str(Status.IN_REVIEW))
                )
            )
        )

    def held_until(self, letter_id: str) -> datetime | None:
        """Return when the lease on a letter runs out; None where nobody holds it."""
        lease = sa.select(schedule.c.lease_expires_at).where(schedule.c.work_id == letter_id)
        until: datetime | None = self._read(lambda c: c.execute(lease).scalar())
        return until

    def stranded(self, is_served: IsServed, lanes: Iterable[tuple[str, str]] | None = None) -> int:
        """Return how many letters, messages and publications wait for a lane that there is not; must be 0.

        ``lanes`` are those in which something waits, for a caller that has just asked for them.
        """

        def look(connection: sa.Connection) -> int:
            unserved = _unserved(oldest_due(connection) if lanes is None else lanes, is_served)
            return sum(
                connection.execute(
                    sa.select(sa.func.count()).select_from(schedule).where(*_in_lane(stage, name))
                ).scalar_one()
                for stage, name in unserved
            )

        return int(self._read(look))

    def delayed(
        self, received_before: datetime, *, received_after: datetime | None = None
    ) -> Iterator[list[str]]:
        """Yield, page by page, letters received before this that are not registered, and whose citizen was not told.

        Those that somebody holds at this moment are left out: they may be registered in the next one. No letter has
        its status since before it was received: with ``received_after`` older ones are not even looked at.
        """
        for status in MAY_BE_DELAYED:
            since, letter_id = received_after or datetime.fromtimestamp(0, received_before.tzinfo), ""
            while True:
                rows = self._rows(delayed_page(status, received_before, since, letter_id, at=self._now()))
                if not rows:
                    break
                yield [row.work_id for row in rows]
                since, letter_id = rows[-1].status_since, rows[-1].work_id

    def _rows(self, query: sa.Select[Any]) -> list[Any]:
        return list(self._read(lambda c: c.execute(query).all()))


@dataclass(frozen=True, slots=True)
class _Most:
    """How many of each kind of trouble, and of which office."""

    limit: int
    office: str | None

    def of(self, query: sa.Select[Any]) -> sa.Select[Any]:
        if self.office is not None:
            query = query.where(sa.or_(routes.c.office == self.office, schedule.c.connection == self.office))
        return query.limit(self.limit)


def _count(connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.count()).select_from(schedule).where(IS_OPEN, *conditions)
    return int(connection.execute(query).scalar_one())


def _needs(
    connection: sa.Connection, deadlines: Deadlines, at: datetime, is_served: IsServed, most: _Most
) -> Iterator[NeedsPerson]:
    """Yield the most telling trouble of a letter first: what is found twice is shown once."""
    yield from _paused(connection)
    yield from _without_connection(connection, is_served, most)
    yield from _letters(connection, Because.PARKED, most, schedule.c.status == str(Status.PARKED))
    yield from _letters(connection, Because.ASKS_A_PERSON, most, _ASKS)
    yield from _side_steps(connection, most)
    for status, within in deadlines.within.items():
        standing = (schedule.c.status == str(status), schedule.c.status_since <= at - within)
        yield from _letters(connection, Because.BEYOND_DEADLINE, most, *standing)


def _letters(
    connection: sa.Connection, because: Because, most: _Most, *conditions: sa.ColumnElement[bool]
) -> Iterator[NeedsPerson]:
    query = _rows().where(IS_OPEN, *conditions).order_by(schedule.c.status, schedule.c.status_since)
    for row in connection.execute(most.of(query)):
        yield _need(row, because, row.status_since)


def _side_steps(connection: sa.Connection, most: _Most) -> Iterator[NeedsPerson]:
    query = (
        _rows()
        .where(*_in_lane(str(Stage.OPERATOR), ""), schedule.c.kind == str(WorkKind.SIDE_STEP))
        .order_by(schedule.c.status_since)
    )
    for row in connection.execute(most.of(query)):
        yield _need(row, Because.SIDE_STEP, row.status_since)


def _without_connection(connection: sa.Connection, is_served: IsServed, most: _Most) -> Iterator[NeedsPerson]:
    for stage, name in _unserved(oldest_due(connection), is_served):
        query = _rows().where(*_in_lane(stage, name)).order_by(schedule.c.due_at)
        for row in connection.execute(most.of(query)):
            yield _need(row, Because.WITHOUT_CONNECTION, row.status_since or row.due_at)


def _paused(connection: sa.Connection) -> Iterator[NeedsPerson]:
    for row in connection.execute(sa.select(pauses)).all():
        behind = sa.select(sa.func.count(schedule.c.letter_id.distinct())).where(
            schedule.c.stage.in_([str(stage) for stage in Stage]),
            schedule.c.connection == row.connection,
            schedule.c.due_at.is_not(None),
        )
        waiting = int(connection.execute(behind).scalar_one())
        if waiting:
            yield NeedsPerson(
                because=Because.PAUSED,
                since=row.paused_at,
                kind="connection",
                connection=row.connection,
                reason=row.reason,
                waiting=waiting,
            )


def _rows() -> sa.Select[Any]:
    return (
        sa.select(schedule, letters.c.tracking_code, routes.c.office)
        .join(letters, letters.c.letter_id == schedule.c.letter_id)
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


def _unserved(lanes: Iterable[tuple[str, str]], is_served: IsServed) -> list[tuple[str, str]]:
    return [(stage, name) for stage, name in lanes if not is_served(Stage(stage), name)]


def _in_lane(stage: str, name: str) -> tuple[sa.ColumnElement[bool], ...]:
    return schedule.c.stage == stage, schedule.c.connection == name, schedule.c.due_at.is_not(None)
