"""Reads that put a letter, a message or a publication together from its rows."""

import itertools
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from connector.domain.letter import Route
from connector.domain.lifecycle import Event, Status
from connector.domain.message import FACT_OF, FactKind, MessageStatus
from connector.errors import LetterUnknown
from connector.ledger.event_detail import answer_of, opened_remark, referral_of, registration_of
from connector.ledger.letter_columns import content_index, letter_of
from connector.ledger.records import Claim, LetterState, MessageMaterial
from connector.ledger.seal import KeyRing
from connector.ledger.tables import events, letters, messages, registrations, routes, schedule, steps
from connector.ports.portal import Publication

__all__ = ["materials", "publication", "states", "twins"]


def states(connection: sa.Connection, ring: KeyRing, letter_ids: Sequence[str]) -> list[LetterState]:
    """Return the state of each letter, in the order asked. Raise LetterUnknown if one does not exist."""
    letter_rows = _by_letter(connection, letters, letter_ids)
    route_rows = _by_letter(connection, routes, letter_ids)
    registration_rows = _by_letter(connection, registrations, letter_ids)
    status_rows = {
        row.letter_id: row
        for row in connection.execute(sa.select(schedule).where(schedule.c.work_id.in_(letter_ids)))
    }
    event_rows = _grouped(connection, events, letter_ids)
    step_rows = _grouped(connection, steps, letter_ids)
    found = []
    for letter_id in letter_ids:
        if letter_id not in letter_rows:
            raise LetterUnknown(letter_id=letter_id)
        registration_row = registration_rows.get(letter_id)
        history = event_rows.get(letter_id, [])
        taken = step_rows.get(letter_id, [])
        found.append(
            LetterState(
                letter=letter_of(letter_rows[letter_id], ring),
                status=Status(status_rows[letter_id].status),
                route=_route_of(route_rows.get(letter_id)),
                registration=registration_of(registration_row),
                office_reference=None if registration_row is None else registration_row.office_reference,
                referrals=tuple(r for e in history if (r := referral_of(e.detail)) is not None),
                answer=_last_answer(history, ring),
                status_since=_status_since(history),
                announced_at=taken[-1].announced_at if taken else None,
                lookups=_lookups(history),
                last_event_at=history[-1].happened_at,
            )
        )
    return found


def twins(connection: sa.Connection, ring: KeyRing, state: LetterState, since: datetime) -> list[str]:
    """Return the tracking codes of earlier letters that say the same by the same sender, oldest first."""
    letter = state.letter
    rows = connection.execute(
        sa.select(letters.c.tracking_code)
        .join(schedule, schedule.c.work_id == letters.c.letter_id)
        .where(
            letters.c.content_index == content_index(letter, ring),
            letters.c.received_at >= since,
            sa.or_(
                letters.c.received_at < letter.received_at,
                sa.and_(letters.c.received_at == letter.received_at, letters.c.letter_id < letter.letter_id),
            ),
            schedule.c.status.not_in([str(Status.REFUSED), str(Status.WITHDRAWN), str(Status.RETURNED)]),
        )
        .order_by(letters.c.received_at, letters.c.letter_id)
    )
    return [row.tracking_code for row in rows]


def materials(connection: sa.Connection, ring: KeyRing, claims: Sequence[Claim]) -> list[MessageMaterial]:
    """Return what is needed to write and follow each message, in the order of the claims."""
    own_ids = [int(claim.work_id) for claim in claims]
    message_rows = {
        row.own_id: row
        for row in connection.execute(sa.select(messages).where(messages.c.own_id.in_(own_ids)))
    }
    letter_ids = sorted({claim.letter_id for claim in claims})
    letter_rows = _by_letter(connection, letters, letter_ids)
    registration_rows = _by_letter(connection, registrations, letter_ids)
    event_rows = {(row.letter_id, row.position): row for row in _rows(connection, events, letter_ids)}
    found = []
    for claim, own_id in zip(claims, own_ids, strict=True):
        row = message_rows[own_id]
        letter = letter_of(letter_rows[claim.letter_id], ring)
        event = event_rows[claim.letter_id, row.event_position]
        referral = referral_of(event.detail)
        found.append(
            MessageMaterial(
                own_id=own_id,
                letter_id=claim.letter_id,
                gateway=row.gateway,
                status=MessageStatus(claim.status),
                fact=FactKind(row.fact),
                happened_at=event.happened_at,
                mobile=letter.sender.mobile,
                language=letter.language,
                tracking_code=letter.tracking_code,
                registration=registration_of(registration_rows.get(claim.letter_id)),
                unit=referral.unit if referral is not None else None,
                reason=opened_remark(event.sealed, ring, event.letter_id, event.position),
                gateway_reference=row.gateway_reference,
                announced_at=row.announced_at,
                accepted_at=row.accepted_at,
                lookups=row.lookups,
            )
        )
    return found


def publication(connection: sa.Connection, ring: KeyRing, claim: Claim) -> Publication:
    """Return the letter's public state as it was after the event that the publication tells of."""
    position = int(claim.work_id.rsplit("/", 1)[1])
    letter = _by_letter(connection, letters, [claim.letter_id])[claim.letter_id]
    event = connection.execute(
        sa.select(events).where(events.c.letter_id == claim.letter_id, events.c.position == position)
    ).one()
    registration_row = _by_letter(connection, registrations, [claim.letter_id]).get(claim.letter_id)
    referral = referral_of(event.detail)
    is_answer = event.event == Event.ANSWERED
    return Publication(
        submission_id=letter.submission_id,
        tracking_code=letter.tracking_code,
        position=position,
        fact=str(FACT_OF[Event(event.event)]),
        status=event.status,
        happened_at=event.happened_at,
        registration=registration_of(registration_row),
        unit=referral.unit if referral is not None else None,
        answer=answer_of(event.detail, event.sealed, ring, event.letter_id, event.position)
        if is_answer
        else None,
        reason=opened_remark(event.sealed, ring, event.letter_id, event.position),
    )


def _rows(connection: sa.Connection, table: sa.Table, letter_ids: Sequence[str]) -> list[Any]:
    query = sa.select(table).where(table.c.letter_id.in_(letter_ids))
    if "position" in table.c:
        query = query.order_by(table.c.letter_id, table.c.position)
    return list(connection.execute(query))


def _by_letter(connection: sa.Connection, table: sa.Table, letter_ids: Sequence[str]) -> dict[str, Any]:
    return {row.letter_id: row for row in _rows(connection, table, letter_ids)}


def _grouped(connection: sa.Connection, table: sa.Table, letter_ids: Sequence[str]) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = {}
    for row in _rows(connection, table, letter_ids):
        groups.setdefault(row.letter_id, []).append(row)
    return groups


def _route_of(row: Any) -> Route | None:
    if row is None:
        return None
    return Route(
        office=row.office,
        secretariat=row.secretariat,
        gateway=row.gateway,
        unit=row.unit,
        needs_review=row.needs_review,
    )


def _last_answer(history: Sequence[Any], ring: KeyRing) -> Any:
    for event in reversed(history):
        if event.event == Event.ANSWERED:
            return answer_of(event.detail, event.sealed, ring, event.letter_id, event.position)
    return None


def _status_since(history: Sequence[Any]) -> datetime:
    since: datetime = history[0].happened_at
    for before, after in itertools.pairwise(history):
        if before.status != after.status:
            since = after.happened_at
    return since


def _lookups(history: Sequence[Any]) -> int:
    count = 0
    for event in history:
        if event.event == Event.OUTCOME_LOST:
            count = 0
        elif event.event == Event.LOOKED_UP:
            count += 1
    return count
