"""Whether a number that a person names is free: two letters do not have one registration."""

import re
from itertools import product
from typing import Any, Final

import sqlalchemy as sa

from connector.domain.calendar import jalali_year, local_date
from connector.domain.letter import Route
from connector.domain.registration import Registration
from connector.domain.text import to_ascii_digits, to_persian_digits
from connector.errors import NumberTaken
from connector.ledger.tables import letters, registrations, routes

__all__ = ["check_number", "same_digits"]

_LONGEST_RUN: Final = 8
"""Digits up to which a group is filled with zeros; no book counts further."""
_MOST_GROUPS: Final = 2
"""The last groups of digits may differ in their zeros; so there are some dozen forms, which an index answers."""
_GROUP: Final = re.compile(r"([0-9]+)")


def check_number(
    connection: sa.Connection,
    letter_id: str,
    registration: Registration,
    route: Route | None,
    *,
    zeros_matter: bool,
) -> None:
    """Raise NumberTaken (facts ``tracking_code``, ``number``) where another letter of the same book has the number.

    A number that differs in leading zeros alone is most likely the same one, typed from memory: it is refused too,
    unless ``zeros_matter``. A book is an office, a secretariat and a year; where the office told no year, dates tell.
    """
    office = route.office if route is not None else None
    if office is None:
        office = connection.execute(
            sa.select(routes.c.office).where(routes.c.letter_id == letter_id)
        ).scalar()
    number = to_ascii_digits(registration.number)
    forms = {number} if zeros_matter else same_digits(number)
    held = _held_in_the_book(connection, letter_id, registration, office, forms)
    for row in sorted(held, key=lambda row: to_ascii_digits(row.number) != number):
        facts = {"letter_id": row.letter_id, "tracking_code": row.tracking_code, "number": row.number}
        if to_ascii_digits(row.number) == number:
            raise NumberTaken(**facts)
        raise NumberTaken(
            f"Another letter has the number {row.number}, which differs from {number} in its zeros alone. "
            "Nothing was changed.",
            next_step="Look which of the two it is. If the secretariat really has both numbers, add --zeros-matter.",
            **facts,
        )


def _held_in_the_book(
    connection: sa.Connection, letter_id: str, registration: Registration, office: str | None, forms: set[str]
) -> list[Any]:
    """Return the other letters of the same office, secretariat and year that have the number in one of these forms."""
    rows = connection.execute(
        sa.select(registrations, letters.c.tracking_code, letters.c.received_at)
        .join(letters, letters.c.letter_id == registrations.c.letter_id)
        .join(routes, routes.c.letter_id == registrations.c.letter_id)
        .where(
            registrations.c.number.in_({registration.number, *forms, *map(to_persian_digits, forms)}),
            registrations.c.secretariat == registration.secretariat,
            routes.c.office == office,
            registrations.c.letter_id != letter_id,
        )
    )
    return [row for row in rows if registration.year in {None, _year_of(row)}]


def same_digits(number: str) -> set[str]:
    """Return the number (in ASCII digits) in every form that differs in the leading zeros of its groups alone."""
    pieces = _GROUP.split(number)
    groups = range(len(pieces) - 2, 0, -2)
    varied = set(groups[:_MOST_GROUPS])
    forms = [_filled(piece) if place in varied else [piece] for place, piece in enumerate(pieces)]
    return {number, *("".join(form) for form in product(*forms))}


def _filled(group: str) -> list[str]:
    plain = group.lstrip("0") or "0"
    return [plain.zfill(width) for width in range(len(plain), max(_LONGEST_RUN, len(group)) + 1)]


def _year_of(row: Any) -> int:
    if row.year is not None:
        return int(row.year)
    return jalali_year(row.registered_on or local_date(row.received_at))
