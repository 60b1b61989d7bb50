"""What else of ours an office may have: read before an entry there is taken for a letter whose answer was lost."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from connector.domain.lifecycle import Status
from connector.domain.text import fold, to_ascii_digits, to_persian_digits
from connector.ledger.event_detail import registration_of
from connector.ledger.lookup_records import OtherLetter
from connector.ledger.records import LetterState
from connector.ledger.seal import KeyRing
from connector.ledger.step_records import REGISTER
from connector.ledger.tables import letters, registrations, routes, schedule, steps

__all__ = ["holders_of", "look_alikes"]

_AS_MUCH_OF_A_SUBJECT: Final = 60
"""Letters of a folded subject: what follows, an office may have cut off, and its search cannot see it."""
_INSTANT: Final = steps.c.announced_at.type
_FIRST_ANNOUNCED: Final = (
    sa.select(sa.func.min(steps.c.announced_at))
    .where(steps.c.letter_id == letters.c.letter_id, steps.c.name == REGISTER)
    .scalar_subquery()
)
_OTHERS: Final = (
    sa.select(
        letters.c.letter_id,
        schedule.c.status,
        registrations.c.number,
        registrations.c.secretariat,
        registrations.c.year,
        registrations.c.registered_on,
        registrations.c.office_reference,
        sa.type_coerce(_FIRST_ANNOUNCED, _INSTANT).label("first_announced_at"),
    )
    .select_from(letters)
    .join(schedule, schedule.c.work_id == letters.c.letter_id)
    .join(routes, routes.c.letter_id == letters.c.letter_id)
    .where(routes.c.office == sa.bindparam("at_office"), letters.c.letter_id != sa.bindparam("but_not"))
)
_HOLDERS: Final = _OTHERS.join(registrations, registrations.c.letter_id == letters.c.letter_id).where(
    registrations.c.letter_id.in_(
        sa.union(
            sa.select(registrations.c.letter_id).where(
                registrations.c.number.in_(sa.bindparam("numbers", expanding=True))
            ),
            sa.select(registrations.c.letter_id).where(
                registrations.c.office_reference.in_(sa.bindparam("references", expanding=True))
            ),
        )
    )
)
_SAME_SENDER: Final = (
    _OTHERS.add_columns(letters.c.sealed)
    .outerjoin(registrations, registrations.c.letter_id == letters.c.letter_id)
    .where(
        letters.c.sender_index == sa.bindparam("of_sender"),
        sa.exists(
            sa.select(steps.c.position).where(
                steps.c.letter_id == letters.c.letter_id,
                steps.c.name == REGISTER,
                steps.c.announced_at >= sa.bindparam("since", type_=_INSTANT),
            )
        ),
    )
)


def holders_of(
    connection: sa.Connection, letter_id: str, office: str, numbers: Sequence[str], references: Sequence[str]
) -> list[OtherLetter]:
    """Return the other letters at this office that have one of these numbers, or one of the office's handles."""
    found = connection.execute(
        _HOLDERS,
        {
            "at_office": office,
            "but_not": letter_id,
            "numbers": sorted({form for number in numbers for form in _forms(number)}),
            "references": sorted(set(references)),
        },
    )
    return [_other(row) for row in found]


def look_alikes(
    connection: sa.Connection, ring: KeyRing, state: LetterState, since: datetime
) -> list[OtherLetter]:
    """Return the other letters of the same sender with the same subject that were announced to the office since.

    A search that cannot see our key cannot tell them apart. Raise SealBroken where one of them does not open.
    """
    letter = state.letter
    rows = connection.execute(
        _SAME_SENDER,
        {
            "at_office": state.route.office if state.route else "",
            "but_not": letter.letter_id,
            "of_sender": ring.blind(letter.sender.identity_number, "sender"),
            "since": since,
        },
    )
    subject = _comparable(letter.subject)
    return [_other(row) for row in rows if _comparable(_subject_of(row, ring)) == subject]


def _subject_of(row: Any, ring: KeyRing) -> str:
    return str(ring.open(row.sealed, f"letters:{row.letter_id}")["subject"])


def _comparable(subject: str) -> str:
    return fold(subject)[:_AS_MUCH_OF_A_SUBJECT]


def _other(row: Any) -> OtherLetter:
    return OtherLetter(
        letter_id=row.letter_id,
        status=Status(row.status),
        registration=registration_of(row),
        office_reference=row.office_reference,
        first_announced_at=row.first_announced_at,
    )


def _forms(number: str) -> Iterator[str]:
    ascii_digits = to_ascii_digits(number)
    yield from (number, ascii_digits, to_persian_digits(ascii_digits))
