"""Lists for the operator: what citizens wrote, what was answered, and what they think of the service."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from connector.errors import SealBroken
from connector.ledger.incoming_columns import opened
from connector.ledger.incoming_records import IncomingRow
from connector.ledger.incoming_tables import incoming_messages, survey_marks
from connector.ledger.records import TimelineEntry
from connector.ledger.seal import KeyRing
from connector.ledger.tables import letters, message_events, messages

__all__ = ["incoming_entries", "incoming_rows", "marks"]


def incoming_rows(
    connection: sa.Connection, ring: KeyRing, *, gateway: str | None, limit: int, personal: bool
) -> list[IncomingRow]:
    """Return the messages that came last, newest first; number and text only where they were asked for."""
    query = (
        sa.select(incoming_messages, letters.c.tracking_code)
        .outerjoin(letters, letters.c.letter_id == incoming_messages.c.letter_id)
        .order_by(incoming_messages.c.incoming_id.desc())
        .limit(limit)
    )
    if gateway is not None:
        query = query.where(incoming_messages.c.gateway == gateway)
    return [_row(row, ring, personal=personal) for row in connection.execute(query)]


def _row(row: Any, ring: KeyRing, *, personal: bool) -> IncomingRow:
    said: Mapping[str, Any] = {}
    if personal:
        try:
            what = opened(row, ring)
            said = {"sender": what.mobile or what.sender, "text": what.text, "line": what.line}
        except SealBroken:
            said = {}
    return IncomingRow(
        incoming_id=row.incoming_id,
        gateway=row.gateway,
        received_at=row.received_at,
        handled_at=row.handled_at,
        command=row.command,
        outcome=row.outcome,
        reply=row.reply,
        tracking_code=row.tracking_code,
        **said,
    )


def incoming_entries(connection: sa.Connection, letter_id: str) -> list[TimelineEntry]:
    """Return what its citizen asked by SMS about a letter, and what became of the replies."""
    of_letter = incoming_messages.c.letter_id == letter_id
    asked = [
        TimelineEntry(at=row.received_at, what="incoming", name=row.command or "", outcome=row.outcome)
        for row in connection.execute(sa.select(incoming_messages).where(of_letter))
    ]
    replies = (
        sa.select(messages.c.fact, message_events)
        .join(messages, messages.c.own_id == message_events.c.own_id)
        .join(incoming_messages, incoming_messages.c.incoming_id == messages.c.letter_id)
        .where(of_letter)
    )
    return asked + [
        TimelineEntry(
            at=row.happened_at,
            what="reply",
            name=row.fact,
            outcome=row.event,
            reason=row.reason,
            code=row.code,
        )
        for row in connection.execute(replies)
    ]


def marks(connection: sa.Connection, since: datetime | None) -> dict[str, dict[int, int]]:
    """Return how often each mark was given, by service; ``since`` is when the first mark of a letter was given."""
    query = (
        sa.select(letters.c.service, survey_marks.c.mark, sa.func.count().label("letters"))
        .join(letters, letters.c.letter_id == survey_marks.c.letter_id)
        .group_by(letters.c.service, survey_marks.c.mark)
        .order_by(letters.c.service)
    )
    if since is not None:
        query = query.where(survey_marks.c.given_at >= since)
    found: dict[str, dict[int, int]] = {}
    for row in connection.execute(query):
        found.setdefault(row.service, {})[row.mark] = row.letters
    return found
