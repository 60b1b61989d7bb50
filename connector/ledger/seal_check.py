"""Audit seals, acts and outboxes held against each other: what no letter's own chain can show."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, Final

import sqlalchemy as sa

from connector.ledger.acts import act_digest
from connector.ledger.audit_findings import Break, Finding, Verification
from connector.ledger.seal import KeyRing
from connector.ledger.sealing import AuditSeal, digest_of, seal_chain
from connector.ledger.tables import (
    acts,
    audit_seals,
    events,
    incoming_messages,
    letters,
    messages,
    publications,
    schedule,
)

__all__ = ["check_acts", "check_remains", "check_seals", "streamed"]

_AT_ONCE: Final = 1_000
_SEALS: Final = sa.select(audit_seals).order_by(audit_seals.c.position)
_SEALED: Final = (
    sa.select(events.c.audit_seal, events.c.letter_id, events.c.position, events.c.chain)
    .where(events.c.audit_seal.is_not(None))
    .order_by(events.c.audit_seal)
)
_ACTS: Final = sa.select(acts).order_by(acts.c.position)


def streamed(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[Any]:
    """Return the rows one after another, so that memory stays flat however many there are."""
    return iter(connection.execute(query, execution_options={"yield_per": _AT_ONCE}))


def check_seals(
    connection: sa.Connection, ring: KeyRing, result: Verification, expected: str | None = None
) -> None:
    """Look whether every seal is there as it was made, and every event that it was made over.

    ``expected`` is a seal (position and chain) that was noted elsewhere: it must be among them.
    """
    previous: AuditSeal | None = None
    is_expected_there = expected is None
    for number, seal, rows in _seals_with_events(connection):
        if seal is None:
            says = f"Seal {number} is missing; {len(rows)} events say that they are in it."
            result.note(Finding(what=Break.SEAL_MISSING, says=says, seal=number))
            continue
        result.seals += 1
        finding = _of_seal(ring, previous, seal) or _of_sealed_events(previous, seal, rows, result)
        if finding is not None:
            result.note(finding)
        previous = seal
        result.last_seal = f"{seal.position}:{seal.chain}"
        is_expected_there |= expected == result.last_seal
    if not is_expected_there:
        number = int(str(expected).partition(":")[0])
        says = f"Seal {number} is not there as it was noted: it was taken away or made anew."
        result.note(Finding(what=Break.SEAL_MISSING, says=says, seal=number))


def _of_seal(ring: KeyRing, previous: AuditSeal | None, seal: AuditSeal) -> Finding | None:
    expected = 0 if previous is None else previous.position + 1
    if seal.position != expected:
        says = f"Seal {expected} is missing: the next one is seal {seal.position}."
        return Finding(what=Break.SEAL_MISSING, says=says, seal=expected)
    if seal.chain != seal_chain(ring, "" if previous is None else previous.chain, seal):
        says = f"Seal {seal.position} was changed."
        return Finding(what=Break.SEAL_CHANGED, says=says, seal=seal.position, sealed_at=seal.sealed_at)
    return None


def _of_sealed_events(
    previous: AuditSeal | None, seal: AuditSeal, rows: Sequence[Any], result: Verification
) -> Finding | None:
    if previous is None:
        there, is_same = result.uncovered, result.uncovered == seal.events
        says = f"Of {seal.events} events that are older than the chain {there} are there."
    else:
        there, is_same = len(rows), digest_of(sorted(tuple(row)[1:] for row in rows)) == seal.digest
        says = f"Seal {seal.position} was made over {seal.events} events, and {there} of it are there"
        says += ": a whole letter is gone, or the last rows of one." if there < seal.events else "."
    if is_same:
        return None
    return Finding(
        what=Break.SEALED_EVENTS_DIFFER,
        says=says,
        seal=seal.position,
        sealed_after=None if previous is None else previous.sealed_at,
        sealed_at=seal.sealed_at,
    )


def _seals_with_events(
    connection: sa.Connection,
) -> Iterator[tuple[int, AuditSeal | None, Sequence[Any]]]:
    """Yield every seal with the events that name it, and the events of seals that are not there."""
    groups = itertools.groupby(streamed(connection, _SEALED), key=lambda row: row.audit_seal)
    number, rows = _next_group(groups)
    for row in streamed(connection, _SEALS):
        seal = AuditSeal(**row._mapping)
        while number is not None and number < seal.position:
            yield number, None, rows
            number, rows = _next_group(groups)
        if number == seal.position:
            yield number, seal, rows
            number, rows = _next_group(groups)
        else:
            yield seal.position, seal, ()
    while number is not None:
        yield number, None, rows
        number, rows = _next_group(groups)


def _next_group(groups: Iterator[tuple[int, Iterator[Any]]]) -> tuple[int | None, Sequence[Any]]:
    number, rows = next(groups, (None, iter(())))
    return number, list(rows)


def check_acts(connection: sa.Connection, ring: KeyRing, result: Verification) -> None:
    """Look whether every act is there as it was noted, and as many as the last seal knows of."""
    previous, expected = "", 1
    for row in streamed(connection, _ACTS):
        result.acts += 1
        if row.position != expected:
            says = f"Act {expected} is missing."
            result.note(Finding(what=Break.ACT_MISSING, says=says, act=expected))
        elif row.chain != act_digest(ring, previous, dict(row._mapping)):
            says = f"Act {row.position} was changed."
            result.note(Finding(what=Break.ACT_CHANGED, says=says, act=row.position, at=row.acted_at))
        previous, expected = row.chain, row.position + 1
    last = connection.execute(
        sa.select(audit_seals.c.acts).order_by(audit_seals.c.position.desc()).limit(1)
    ).scalar()
    if last is not None and last >= expected:
        says = f"The last seal knows of {last} acts: those from act {expected} on are missing."
        result.note(Finding(what=Break.ACT_MISSING, says=says, act=expected))


def check_remains(connection: sa.Connection, result: Verification, letter_id: str | None = None) -> None:
    """Look for letters without any event, and for messages and publications of events that are not there."""
    for row in streamed(connection, _of_one(_EVENTLESS, letters.c.letter_id, letter_id)):
        result.note(_gone(row, "All events of the letter are missing."))
    for row in streamed(connection, _of_one(_OWNERLESS, schedule.c.letter_id, letter_id)):
        result.note(_gone(row, "The schedule has a letter that has neither content nor events."))
    for kind, query, column in (
        ("message", _OF_MESSAGES, messages.c.letter_id),
        ("publication", _OF_PUBLICATIONS, publications.c.letter_id),
    ):
        for row in streamed(connection, _of_one(query, column, letter_id)):
            says = f"Row {row.position} is missing: a {kind} tells of it."
            result.note(
                Finding(
                    what=Break.CUT_TAIL,
                    says=says,
                    letter=row.tracking_code,
                    letter_id=row.letter_id,
                    position=row.position,
                    at=row.created_at,
                )
            )


def _gone(row: Any, says: str) -> Finding:
    return Finding(what=Break.LETTER_GONE, says=says, letter=row.tracking_code, letter_id=row.letter_id)


def _of_one(query: sa.Select[Any], column: sa.ColumnElement[str], letter_id: str | None) -> sa.Select[Any]:
    return query if letter_id is None else query.where(column == letter_id)


def _without_event(letter_id: sa.ColumnElement[str], *more: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return ~sa.exists().where(events.c.letter_id == letter_id, *more)


_EVENTLESS: Final = sa.select(letters.c.letter_id, letters.c.tracking_code).where(
    _without_event(letters.c.letter_id)
)
_OWNERLESS: Final = (
    sa.select(schedule.c.letter_id, letters.c.tracking_code)
    .outerjoin(letters, letters.c.letter_id == schedule.c.letter_id)
    .where(schedule.c.kind == "letter", letters.c.letter_id.is_(None), _without_event(schedule.c.letter_id))
)
_OF_MESSAGES: Final = (
    sa.select(
        messages.c.letter_id, messages.c.event_position.label("position"), messages.c.created_at,
        letters.c.tracking_code,
    )
    .outerjoin(letters, letters.c.letter_id == messages.c.letter_id)
    .where(
        _without_event(messages.c.letter_id, events.c.position == messages.c.event_position),
        ~sa.exists().where(incoming_messages.c.incoming_id == messages.c.letter_id),  # a reply tells of no event
    )
)  # fmt: skip
_OF_PUBLICATIONS: Final = (
    sa.select(
        publications.c.letter_id, publications.c.position, publications.c.created_at, letters.c.tracking_code
    )
    .outerjoin(letters, letters.c.letter_id == publications.c.letter_id)
    .where(_without_event(publications.c.letter_id, events.c.position == publications.c.position))
)
