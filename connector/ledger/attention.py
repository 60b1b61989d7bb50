"""What needs a person, and whose citizen waits for a word: questions to the index of open letters. Nothing personal.

Every question here costs what it finds, and not what the ledger holds.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from connector.clock import Now
from connector.domain.attention import Deadlines
from connector.domain.lifecycle import Stage, Status
from connector.ledger.connection_needs import IsServed, NeedsPerson, budgets_spent
from connector.ledger.delays import MAY_BE_DELAYED, delayed_page
from connector.ledger.needs import (
    BY_A_PERSON_ALONE,
    Most,
    beyond_deadline,
    count_open,
    find_needs,
    in_lane,
    unserved,
)
from connector.ledger.tables import schedule
from connector.ledger.views import oldest_due

__all__ = ["Attention"]


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
            for need in find_needs(connection, deadlines, at, is_served, Most(limit, office)):
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
                status: count_open(
                    connection, schedule.c.status == str(status), schedule.c.status_since <= at - within
                )
                for status, within in deadlines.within.items()
            }

        counted: dict[Status, int] = self._read(look)
        return counted

    def outbox_beyond(self, deadlines: Deadlines) -> Mapping[Stage, int]:
        """Return how many messages, publications and side steps wait for each stage for longer than they should."""
        at = self._now()

        def look(connection: sa.Connection) -> dict[Stage, int]:
            query = sa.select(sa.func.count()).select_from(schedule)
            return {
                stage: int(connection.execute(query.where(*beyond_deadline(stage, at - within))).scalar_one())
                for stage, within in deadlines.of_outbox.items()
            }

        counted: dict[Stage, int] = self._read(look)
        return counted

    def waiting_for_a_budget(self) -> Mapping[str, int]:
        """Return how many messages wait at each gateway for the next day's budget."""
        counted: dict[str, int] = self._read(
            lambda c: {need.connection or "": need.waiting for need in budgets_spent(c)}
        )
        return counted

    def for_a_person(self) -> int:
        """Return how many letters go on by a person's word alone: parked, in review, or past finding out."""
        return int(self._read(lambda c: sum(count_open(c, each) for each in BY_A_PERSON_ALONE.values())))

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
            without = unserved(oldest_due(connection) if lanes is None else lanes, is_served)
            return sum(
                connection.execute(
                    sa.select(sa.func.count()).select_from(schedule).where(*in_lane(stage, name))
                ).scalar_one()
                for stage, name in without
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
