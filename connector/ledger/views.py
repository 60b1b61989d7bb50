"""Lists and histories for people. Nothing personal, but for the remark of a timeline entry."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from connector.domain.lifecycle import Stage, Status
from connector.domain.message import MESSAGE_ENDS
from connector.domain.text import to_ascii_digits, to_persian_digits
from connector.domain.tracking_code import parse_tracking_code
from connector.errors import LetterUnknown
from connector.ledger.event_detail import opened_remark
from connector.ledger.incoming_views import incoming_entries
from connector.ledger.records import LetterFilter, LetterRow, TimelineEntry
from connector.ledger.seal import KeyRing
from connector.ledger.tables import (
    DONE,
    IS_SILENT,
    PUBLISHED,
    events,
    letters,
    message_events,
    messages,
    publications,
    registrations,
    routes,
    schedule,
    steps,
)

__all__ = [
    "counts",
    "find_letter",
    "find_submission",
    "letter_rows",
    "oldest_due",
    "silent",
    "timeline",
    "unfinished_outbox",
]


def letter_rows(
    connection: sa.Connection, ring: KeyRing, which: LetterFilter, letter_id: str | None = None
) -> list[LetterRow]:
    """Return one row for each letter that the filter shows, newest first."""
    query = (
        sa.select(letters, schedule, routes.c.office, routes.c.secretariat, registrations.c.number)
        .join(schedule, schedule.c.work_id == letters.c.letter_id)
        .outerjoin(routes, routes.c.letter_id == letters.c.letter_id)
        .outerjoin(registrations, registrations.c.letter_id == letters.c.letter_id)
        .order_by(letters.c.received_at.desc(), letters.c.letter_id.desc())
        .limit(which.limit)
    )
    if letter_id is not None:
        query = query.where(letters.c.letter_id == letter_id)
    for condition in _conditions(ring, which):
        query = query.where(condition)
    return [_letter_row(row) for row in connection.execute(query)]


def _conditions(ring: KeyRing, which: LetterFilter) -> Iterator[sa.ColumnElement[bool]]:
    """Yield what the filter asks for; citizens are found through the blind index."""
    if which.statuses:
        yield schedule.c.status.in_([str(status) for status in which.statuses])
    if which.office is not None:
        yield routes.c.office == which.office
    if which.portal is not None:
        yield letters.c.portal == which.portal
    if which.older_than is not None:
        yield letters.c.received_at < which.older_than
    if which.last_reason is not None:
        yield schedule.c.last_reason == which.last_reason
    if which.mobile is not None:
        yield letters.c.mobile_index == ring.blind(which.mobile, "mobile")
    if which.identity_number is not None:
        yield letters.c.sender_index == ring.blind(which.identity_number, "sender")


def _letter_row(row: Any) -> LetterRow:
    return LetterRow(
        letter_id=row.letter_id,
        tracking_code=row.tracking_code,
        status=Status(row.status),
        portal=row.portal,
        office=row.office,
        secretariat=row.secretariat,
        number=row.number,
        received_at=row.received_at,
        due_at=row.due_at,
        owner=Stage(row.stage) if row.stage else None,
        attempts=row.attempts,
        last_reason=row.last_reason,
    )


def find_letter(connection: sa.Connection, text: str) -> str:
    """Return the letter id for a letter id, a tracking code (as it is shown and typed, too) or a registration number.

    Raise LetterUnknown where nothing fits, and where a number fits letters of several secretariats or years.
    """
    for column, value in ((letters.c.letter_id, text), (letters.c.tracking_code, _plain_code(text))):
        found = connection.execute(sa.select(letters.c.letter_id).where(column == value)).scalar()
        if found is not None:
            return str(found)
    numbered = connection.execute(
        sa.select(registrations.c.letter_id)
        .where(registrations.c.number.in_({text, to_ascii_digits(text), to_persian_digits(text)}))
        .limit(2)
    ).all()
    if len(numbered) == 1:
        return str(numbered[0].letter_id)
    if numbered:
        raise LetterUnknown(
            "Several letters have this number, in different secretariats or years.",
            next_step="Use the tracking code instead: chapar letters list.",
        )
    raise LetterUnknown(next_step="Look at: chapar letters list.")


def _plain_code(text: str) -> str:
    try:
        return parse_tracking_code(text)
    except ValueError:
        return text


def find_submission(connection: sa.Connection, portal: str, submission_id: str) -> str:
    """Return the letter id for a portal's own submission id. Raise LetterUnknown if it was never admitted."""
    found = connection.execute(
        sa.select(letters.c.letter_id).where(
            letters.c.portal == portal, letters.c.submission_id == submission_id
        )
    ).scalar()
    if found is None:
        raise LetterUnknown("No letter came with this submission id.")
    return str(found)


def counts(connection: sa.Connection) -> dict[Status, int]:
    """Return how many letters stand in each status."""
    rows = connection.execute(
        sa.select(schedule.c.status, sa.func.count())
        .where(schedule.c.kind == "letter")
        .group_by(schedule.c.status)
    )
    found: dict[str, int] = {row[0]: row[1] for row in rows}
    return {status: found.get(str(status), 0) for status in Status}


def silent(connection: sa.Connection) -> int:
    """Return how many letters are not at their end and have no owner or no due time. Must be 0."""
    return int(
        connection.execute(sa.select(sa.func.count()).select_from(schedule).where(IS_SILENT)).scalar_one()
    )


def unfinished_outbox(connection: sa.Connection) -> int:
    """Return how many messages, publications and side steps are not at their end."""
    ends = [str(status) for status in MESSAGE_ENDS] + [PUBLISHED, DONE]
    return int(
        connection.execute(
            sa.select(sa.func.count())
            .select_from(schedule)
            .where(schedule.c.kind != "letter", schedule.c.status.not_in(ends))
        ).scalar_one()
    )


def oldest_due(connection: sa.Connection) -> dict[tuple[str, str], datetime]:
    """Return the oldest due time of each lane, by stage and connection."""
    rows = connection.execute(
        sa.select(schedule.c.stage, schedule.c.connection, sa.func.min(schedule.c.due_at).label("due_at"))
        .where(schedule.c.due_at.is_not(None))
        .group_by(schedule.c.stage, schedule.c.connection)
    )
    return {(row.stage, row.connection): row.due_at for row in rows}


def timeline(connection: sa.Connection, ring: KeyRing, letter_id: str) -> list[TimelineEntry]:
    """Return everything that happened to a letter and all that follows from it, in the order of happening."""
    entries = [_of_event(row, ring) for row in _of_letter(connection, events, letter_id)]
    for row in _of_letter(connection, steps, letter_id):
        entries.append(TimelineEntry(at=row.announced_at, what="step", name=row.name, outcome="announced"))
        if row.concluded_at is not None:
            entries.append(
                TimelineEntry(
                    at=row.concluded_at, what="step", name=row.name, outcome=row.outcome, reason=row.reason
                )
            )
    entries += _of_messages(connection, letter_id)
    for row in _of_letter(connection, publications, letter_id):
        entries.append(
            TimelineEntry(at=row.created_at, what="publication", name=row.portal, outcome="queued")
        )
        if row.published_at is not None:
            entries.append(
                TimelineEntry(at=row.published_at, what="publication", name=row.portal, outcome="published")
            )
    entries += incoming_entries(connection, letter_id)
    return sorted(entries, key=lambda entry: entry.at)


def _of_event(row: Any, ring: KeyRing) -> TimelineEntry:
    return TimelineEntry(
        at=row.happened_at,
        what="event",
        name=row.event,
        outcome=row.status,
        reason=row.reason,
        code=row.code,
        remark=opened_remark(row.sealed, ring, row.letter_id, row.position),
        detail=_in_words(row.detail),
    )


def _of_messages(connection: sa.Connection, letter_id: str) -> list[TimelineEntry]:
    rows = connection.execute(
        sa.select(messages.c.fact, message_events)
        .join(message_events, message_events.c.own_id == messages.c.own_id)
        .where(messages.c.letter_id == letter_id)
    )
    return [
        TimelineEntry(
            at=row.happened_at,
            what="message",
            name=row.fact,
            outcome=row.event,
            reason=row.reason,
            code=row.code,
        )
        for row in rows
    ]


def _of_letter(connection: sa.Connection, table: sa.Table, letter_id: str) -> list[Any]:
    return list(
        connection.execute(sa.select(table).where(table.c.letter_id == letter_id).order_by(table.c.position))
    )


def _in_words(detail: str | None) -> str | None:
    if detail is None:
        return None
    kept = orjson.loads(detail)
    words = []
    if registration := kept.get("registration"):
        words.append(
            f"{registration['secretariat']} {registration['year'] or ''} {registration['number']}".strip()
        )
    if referral := kept.get("referral"):
        words.append(referral["unit"])
    if route := kept.get("route"):
        words.append(f"{route['office']} / {route['secretariat']}")
    if by := kept.get("by"):
        words.append(f"by {by}")
    return "; ".join(words) or None
