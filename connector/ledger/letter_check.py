"""One letter's events, held against their chain, the lifecycle, and what the other tables say of the letter."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import orjson
import sqlalchemy as sa

from connector.domain.lifecycle import TRANSITIONS, Event, Status
from connector.errors import SealBroken
from connector.ledger.audit_findings import Break, Finding, Verification, instant
from connector.ledger.chain import HALF, event_chain, event_link, event_mark, microseconds, personal_digest
from connector.ledger.event_detail import opened_part
from connector.ledger.seal import KeyRing
from connector.ledger.tables import events, letters, registrations, schedule

__all__ = ["EVENTS_OF_LETTERS", "LetterCheck"]

_RAW_AT: Final = sa.type_coerce(events.c.happened_at, sa.BigInteger).label("raw_at")
EVENTS_OF_LETTERS: Final = (
    sa.select(
        events.c.letter_id, events.c.position, _RAW_AT, events.c.event, events.c.status, events.c.reason,
        events.c.code, events.c.detail, events.c.personal_digest, events.c.sealed, events.c.chain,
        events.c.audit_seal, letters.c.tracking_code, schedule.c.status.label("standing"),
        sa.type_coerce(schedule.c.status_since, sa.BigInteger).label("standing_since"), registrations.c.number,
    )
    .outerjoin(letters, letters.c.letter_id == events.c.letter_id)
    .outerjoin(schedule, schedule.c.work_id == events.c.letter_id)
    .outerjoin(registrations, registrations.c.letter_id == events.c.letter_id)
    .order_by(events.c.letter_id, events.c.position)
)  # fmt: skip
"""Every event with what else is known of its letter, letter after letter. The first nine columns are what is marked."""
_MARKED: Final = 9
_STEPS: Final[dict[tuple[str, str], str]] = {
    (str(before), str(event)): str(after) for (before, event), after in TRANSITIONS.items()
}


class LetterCheck:
    """Looks at letters one after another and notes what it finds; what one letter needs is forgotten after it."""

    def __init__(self, ring: KeyRing, result: Verification, began_at: datetime | None) -> None:
        """Take the keys, where to note, and when seal 0 was made: no event since then is without a chain."""
        self._ring = ring
        self._result = result
        self._began_at = None if began_at is None else microseconds(began_at)

    def look(self, rows: Sequence[Any]) -> None:
        """Look at all events of one letter, in their order; note the first thing that is wrong in them."""
        self._result.letters += 1
        self._result.events += len(rows)
        for row in rows:
            self._result.uncovered += row.chain is None
            self._result.unsealed += row.chain is not None and row.audit_seal is None
        try:
            finding = next((found for found in self._findings(rows) if found is not None), None)
        except TypeError:
            finding = _finding(Break.CHANGED_ROW, rows[-1], "a column holds what Chapar would never write")
        if finding is not None:
            self._result.note(finding)

    def _findings(self, rows: Sequence[Any]) -> Iterator[Finding | None]:
        previous, status = "", None
        for number, row in enumerate(rows):
            following = rows[number + 1] if number + 1 < len(rows) else None
            yield self._of_chain(previous, row, following)
            yield self._of_personal_part(row)
            yield _of_step(status, row)
            previous, status = str(row.chain or ""), row.status
        yield _of_standing(rows[-1])
        yield _of_number(rows)

    def _of_chain(self, previous: str, row: Any, following: Any) -> Finding | None:
        if row.chain is None:
            is_older = not previous and row.audit_seal is None
            is_older &= self._began_at is None or row.raw_at <= self._began_at
            return None if is_older else _finding(Break.CHANGED_ROW, row, "its chain was taken away")
        mark = self._mark(row)
        if mark is None or row.chain[:HALF] != mark:
            if following is not None and self._follows(previous, following):
                return _finding(Break.ADDED_ROW, row, "it was added: the row after it does not know of it")
            return _finding(Break.CHANGED_ROW, row, "it was changed, or added by other means than Chapar's")
        if row.chain[HALF:] == event_link(self._ring, previous, mark):
            return None
        if following is not None and self._follows(event_chain(self._ring, previous, mark), following):
            return _finding(Break.CHANGED_ROW, row, "its chain was changed")
        return _finding(Break.MISSING_ROW, row, "a row that came before it is missing")

    def _follows(self, previous: str, row: Any) -> bool:
        """Return whether this row is as it was written, right after the event with that chain."""
        mark = self._mark(row)
        return mark is not None and row.chain == event_chain(self._ring, previous, mark)

    def _mark(self, row: Any) -> str | None:
        try:
            return event_mark(self._ring, *row[:_MARKED])
        except TypeError:  # a value that Chapar would never write
            return None

    def _of_personal_part(self, row: Any) -> Finding | None:
        if row.chain is None or (row.sealed is None and row.personal_digest is None):
            return None
        if row.sealed is None:
            return _finding(Break.PERSONAL_CHANGED, row, "its sealed part was taken away")
        missing = self._ring.missing_key(row.sealed)
        if missing is not None:
            self._result.unreadable += 1
            self._result.missing_keys = tuple(sorted({*self._result.missing_keys, missing}))
            return None
        try:
            personal = opened_part(row.sealed, self._ring, row.letter_id, row.position)
        except SealBroken:
            return _finding(Break.PERSONAL_CHANGED, row, "its sealed part does not open")
        if personal_digest(self._ring, row.letter_id, row.position, personal) != row.personal_digest:
            return _finding(Break.PERSONAL_CHANGED, row, "its sealed part is not the one that was written")
        return None


def _of_step(status: str | None, row: Any) -> Finding | None:
    if status is None:
        if (row.position, row.event, row.status) == (0, Event.RECEIVED, Status.RECEIVED):
            return None
        return _finding(Break.MISSING_ROW, row, "the letter's first rows are missing")
    if _STEPS.get((status, row.event)) == row.status:
        return None
    return _finding(Break.UNLAWFUL_STEP, row, f"no {status} letter becomes {row.status} by {row.event}")


def _of_standing(last: Any) -> Finding | None:
    if last.standing is None or last.tracking_code is None:
        return _finding(Break.LETTER_GONE, last, "events are there, and the letter itself is not")
    if last.standing == last.status:
        return None
    if isinstance(last.standing_since, int) and last.standing_since > last.raw_at:
        says = f"the letter is {last.standing} since later than its last event: events after it were cut off"
        return _finding(Break.CUT_TAIL, last, says)
    says = f"its last event says {last.status}, the schedule says {last.standing}"
    return _finding(Break.STATUS_DIFFERS, last, says)


def _of_number(rows: Sequence[Any]) -> Finding | None:
    numbers = [number for row in rows if (number := _number_in(row.detail)) is not None]
    if rows[-1].number == (numbers[-1] if numbers else None):
        return None
    return _finding(Break.NUMBER_DIFFERS, rows[-1], "its registration number is not the one in its events")


def _number_in(detail: str | None) -> str | None:
    try:
        kept = orjson.loads(detail or "{}").get("registration")
        return None if kept is None else str(kept["number"])
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError):
        return None


def _finding(what: Break, row: Any, says: str) -> Finding:
    return Finding(
        what=what,
        says=f"In row {row.position}: {says}.",
        letter=row.tracking_code,
        letter_id=row.letter_id,
        position=row.position,
        at=instant(row.raw_at),
        seal=row.audit_seal,
    )
