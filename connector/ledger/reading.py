"""Reads that put a letter or a publication together from its rows."""

import itertools
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from connector.domain.letter import Route
from connector.domain.lifecycle import Event, Status
from connector.domain.message import FACT_OF
from connector.errors import LetterUnknown
from connector.ledger.event_detail import answer_of, opened_remark, referral_of, registration_of
from connector.ledger.letter_columns import content_index, letter_of
from connector.ledger.lookup_records import NOT_THERE_YET, SIGHTINGS
from connector.ledger.records import Claim, LetterState
from connector.ledger.seal import KeyRing
from connector.ledger.step_records import REGISTER, REGISTER_AGAIN
from connector.ledger.tables import events, letters, registrations, routes, schedule, steps
from connector.ports.portal import Publication

__all__ = ["publication", "rows_of_letters", "states", "told_reason", "twins"]

_ROUTE_UNIT: Final = routes.c.unit.label("route_unit")
_ROUTE_SECRETARIAT: Final = routes.c.secretariat.label("route_secretariat")
_LETTERS: Final = (
    sa.select(
        letters, schedule.c.status, routes.c.office, _ROUTE_SECRETARIAT, routes.c.gateway, _ROUTE_UNIT,
        routes.c.needs_review, registrations.c.number, registrations.c.secretariat, registrations.c.year,
        registrations.c.registered_on, registrations.c.office_reference,
    )
    .join(schedule, schedule.c.work_id == letters.c.letter_id)
    .outerjoin(routes, routes.c.letter_id == letters.c.letter_id)
    .outerjoin(registrations, registrations.c.letter_id == letters.c.letter_id)
    .where(letters.c.letter_id.in_(sa.bindparam("letter_ids", expanding=True)))
)  # fmt: skip
_EVENTS: Final = (
    sa.select(events)
    .where(events.c.letter_id.in_(sa.bindparam("letter_ids", expanding=True)))
    .order_by(events.c.letter_id, events.c.position)
)
_ANNOUNCEMENTS: Final = (
    sa.select(
        steps.c.letter_id,
        sa.func.min(steps.c.announced_at).label("first_announced_at"),
        sa.func.max(steps.c.announced_at).label("announced_at"),
    )
    .where(
        steps.c.letter_id.in_(sa.bindparam("letter_ids", expanding=True)),
        steps.c.name.in_([REGISTER, REGISTER_AGAIN]),
    )
    .group_by(steps.c.letter_id)
)
_INSTANT: Final = letters.c.received_at.type
_TWINS: Final = (
    sa.select(letters.c.tracking_code)
    .join(schedule, schedule.c.work_id == letters.c.letter_id)
    .where(
        letters.c.content_index == sa.bindparam("same_content"),
        letters.c.received_at >= sa.bindparam("since", type_=_INSTANT),
        sa.or_(
            letters.c.received_at < sa.bindparam("own_received_at", type_=_INSTANT),
            sa.and_(
                letters.c.received_at == sa.bindparam("own_received_at", type_=_INSTANT),
                letters.c.letter_id < sa.bindparam("own_letter_id"),
            ),
        ),
        schedule.c.status.not_in([str(Status.REFUSED), str(Status.WITHDRAWN), str(Status.RETURNED)]),
    )
    .order_by(letters.c.received_at, letters.c.letter_id)
)


def states(connection: sa.Connection, ring: KeyRing, letter_ids: Sequence[str]) -> list[LetterState]:
    """Return the state of each letter, in the order asked. Raise LetterUnknown if one does not exist."""
    rows = {row.letter_id: row for row in connection.execute(_LETTERS, {"letter_ids": list(letter_ids)})}
    histories = _grouped(connection, _EVENTS, letter_ids)
    announcements = {
        row.letter_id: (row.first_announced_at, row.announced_at)
        for row in connection.execute(_ANNOUNCEMENTS, {"letter_ids": list(letter_ids)})
    }
    found = []
    for letter_id in letter_ids:
        row = rows.get(letter_id)
        if row is None:
            raise LetterUnknown(letter_id=letter_id)
        history = histories[letter_id]
        first_announced_at, announced_at = announcements.get(letter_id, (None, None))
        found.append(
            LetterState(
                letter=letter_of(row, ring),
                status=Status(row.status),
                route=_route_of(row),
                registration=registration_of(row),
                office_reference=row.office_reference,
                referrals=tuple(r for e in history if (r := referral_of(e.detail)) is not None),
                answer=_last_answer(history, ring),
                status_since=_status_since(history),
                announced_at=announced_at,
                first_announced_at=first_announced_at,
                lookups=_lookups(history),
                losses=_losses(history),
                lost_because=_lost_because(history),
                absences=_absences(history),
                is_sighted=_is_sighted(history),
                last_event_at=history[-1].happened_at,
                position=history[-1].position,
                has_number_by_hand=any(event.event == Event.SETTLED_REGISTERED for event in history),
            )
        )
    return found


def twins(connection: sa.Connection, ring: KeyRing, state: LetterState, since: datetime) -> list[str]:
    """Return the tracking codes of earlier letters that say the same by the same sender, oldest first."""
    letter = state.letter
    rows = connection.execute(
        _TWINS,
        {
            "same_content": content_index(letter, ring),
            "since": since,
            "own_received_at": letter.received_at,
            "own_letter_id": letter.letter_id,
        },
    )
    return [row.tracking_code for row in rows]


def publication(connection: sa.Connection, ring: KeyRing, claim: Claim) -> Publication:
    """Return the letter's whole public state as it was after the event that the publication tells of.

    What came earlier, such as the answer of a letter that is closed now, stands in it too: a portal that keeps only
    the last one keeps everything.
    """
    position = int(claim.work_id.rsplit("/", 1)[1])
    letter = connection.execute(_LETTERS, {"letter_ids": [claim.letter_id]}).one()
    events_of_letter = connection.execute(_EVENTS, {"letter_ids": [claim.letter_id]})
    history = [event for event in events_of_letter if event.position <= position]
    event = history[-1]
    referrals = [each for one in history if (each := referral_of(one.detail)) is not None and each.is_public]
    return Publication(
        submission_id=letter.submission_id,
        tracking_code=letter.tracking_code,
        position=position,
        fact=str(FACT_OF[Event(event.event)]),
        status=event.status,
        happened_at=event.happened_at,
        registration=registration_of(letter),
        unit=referrals[-1].unit if referrals else None,
        answer=_last_answer(history, ring),
        reason=told_reason(event, ring),
    )


def told_reason(event: Any, ring: KeyRing) -> str | None:
    """Return the words that go to the citizen with a fact: why it was refused or returned, and nothing else.

    What an operator wrote beside a decision is the house's own affair.
    """
    if event.event not in (Event.REFUSED, Event.RETURNED):
        return None
    return opened_remark(event.sealed, ring, event.letter_id, event.position)


def rows_of_letters(
    connection: sa.Connection, letter_ids: Sequence[str]
) -> tuple[dict[str, Any], dict[tuple[str, int], Any]]:
    """Return the rows of letters with their routes and numbers, and of all their events by position."""
    asked = {"letter_ids": list(letter_ids)}
    letter_rows = {row.letter_id: row for row in connection.execute(_LETTERS, asked)}
    event_rows = {(row.letter_id, row.position): row for row in connection.execute(_EVENTS, asked)}
    return letter_rows, event_rows


def _grouped(
    connection: sa.Connection, query: sa.Select[Any], letter_ids: Sequence[str]
) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = {}
    for row in connection.execute(query, {"letter_ids": list(letter_ids)}):
        groups.setdefault(row.letter_id, []).append(row)
    return groups


def _route_of(row: Any) -> Route | None:
    if row.office is None:
        return None
    return Route(
        office=row.office,
        secretariat=row.route_secretariat,
        gateway=row.gateway,
        unit=row.route_unit,
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


def _losses(history: Sequence[Any]) -> int:
    count = 0
    for event in history:
        if event.event in (Event.RELEASED, Event.SETTLED_ABSENT):
            count = 0
        elif event.event == Event.OUTCOME_LOST and event.reason != "orphaned":
            count += 1
    return count


def _lookups(history: Sequence[Any]) -> int:
    count = 0
    for event in history:
        if event.event == Event.OUTCOME_LOST:
            count = 0
        elif event.event == Event.LOOKED_UP:
            count += 1
    return count


def _lost_because(history: Sequence[Any]) -> str | None:
    lost = [event.reason for event in history if event.event == Event.OUTCOME_LOST]
    return lost[-1] if lost else None


def _absences(history: Sequence[Any]) -> int:
    count = 0
    for event in history:
        if event.event == Event.OUTCOME_LOST:
            count = 0
        elif event.event == Event.LOOKED_UP:
            count = count + 1 if event.reason == NOT_THERE_YET else 0
    return count


def _is_sighted(history: Sequence[Any]) -> bool:
    is_sighted = False
    for event in history:
        if event.event == Event.OUTCOME_LOST:
            is_sighted = False
        elif event.event == Event.LOOKED_UP and event.reason in SIGHTINGS:
            is_sighted = True
    return is_sighted
