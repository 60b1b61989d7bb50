"""What the entries that a search brought mean: the letter, nothing, or a question for a person. Pure, and strict.

A search compares what an office lets it compare. An entry that it brings may belong to another letter of ours, and one
that it does not bring may be hidden by the way in which it compares. Wherever two readings are possible, it is a
question: a wrong answer here would register a letter twice, or tell a citizen another's number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Final

from connector.domain.calendar import jalali_year
from connector.domain.lifecycle import Status
from connector.domain.registration import Registration
from connector.domain.text import to_ascii_digits
from connector.ledger.lookup_records import NO_NUMBER, NUMBER_OF_ANOTHER, SEVERAL_MATCHES, OtherLetter
from connector.ports.outcomes import Refused, Registered, Submitted

__all__ = ["Match", "Unclear", "meaning_of"]

Match = Registered | Submitted | Refused

_MAY_OWN_AN_ENTRY: Final = frozenset({Status.REGISTERING, Status.UNCERTAIN})


@dataclass(frozen=True, slots=True)
class Unclear:
    """The office shows something, or hides something, that only a person can read."""

    reason: str


class _Belongs(Enum):
    YES = auto()
    PERHAPS = auto()
    NO = auto()


def meaning_of(
    matches: Sequence[Match],
    *,
    holders: Sequence[OtherLetter],
    alike: Sequence[OtherLetter],
    since: datetime,
    sees_key: bool,
) -> Match | Unclear | None:
    """Return the one entry that is the letter, None where there is none at this moment, or why it is unclear.

    ``holders`` are our letters that have one of the numbers or handles in the matches; ``alike`` those that a search
    without our key cannot tell from this one; ``since`` is the first day that was searched.
    """
    owned = {id(match): _owner(match, [*holders, *alike]) for match in matches}
    if _Belongs.PERHAPS in owned.values() or (sees_key and _Belongs.YES in owned.values()):
        return Unclear(NUMBER_OF_ANOTHER)
    left = _distinct([match for match in matches if owned[id(match)] is _Belongs.NO])
    if any(isinstance(match, Registered) and not match.registration.has_number for match in left):
        return Unclear(NO_NUMBER)
    if len(left) > 1:
        return Unclear(SEVERAL_MATCHES)
    if not sees_key:
        if any(_is_hidden(letter, matches, since) for letter in alike):
            return Unclear("twin_not_seen")
        if left and any(_may_own(letter, left[0]) for letter in alike):
            return Unclear("twin_letters")
    return left[0] if left else None


def _owner(match: Match, others: Sequence[OtherLetter]) -> _Belongs:
    """Return whether the entry is that of another letter of ours."""
    found = [_belongs_to(match, letter) for letter in others]
    if _Belongs.YES in found:
        return _Belongs.YES
    return _Belongs.PERHAPS if _Belongs.PERHAPS in found else _Belongs.NO


def _belongs_to(match: Match, letter: OtherLetter) -> _Belongs:
    if isinstance(match, Refused):
        return _Belongs.NO
    own = _handle(match)
    if own is not None and own == letter.office_reference:
        return _Belongs.YES
    if isinstance(match, Registered) and letter.registration is not None:
        return _same_number(match.registration, letter.registration)
    return _Belongs.NO


def _same_number(one: Registration, other: Registration) -> _Belongs:
    if _plain(one.number) != _plain(other.number) or one.secretariat != other.secretariat:
        return _Belongs.NO
    years = (_year(one), _year(other))
    if None in years:
        return _Belongs.PERHAPS
    return _Belongs.YES if years[0] == years[1] else _Belongs.NO


def _is_hidden(letter: OtherLetter, matches: Sequence[Match], since: datetime) -> bool:
    """Return whether this letter of ours must stand among the matches and does not: then they are not all there is."""
    if letter.registration is None and letter.office_reference is None:
        return False
    if letter.first_announced_at is None or letter.first_announced_at < since:
        return False
    return all(_belongs_to(match, letter) is _Belongs.NO for match in matches)


def _may_own(letter: OtherLetter, match: Match) -> bool:
    """Return whether the entry may be this other letter's, though nothing that we know of it says so.

    A letter that the office took without a number may have been numbered since, and be shown without its handle.
    """
    if isinstance(match, Refused):
        return True
    if letter.status is Status.SUBMITTED:
        return letter.office_reference is None or _handle(match) is None
    return letter.status in _MAY_OWN_AN_ENTRY


def _handle(match: Registered | Submitted) -> str | None:
    return match.registration.office_reference if isinstance(match, Registered) else match.office_reference


def _distinct(matches: Sequence[Match]) -> list[Match]:
    """Return the matches without those that say the same entry again."""
    kept: dict[object, Match] = {}
    for position, match in enumerate(matches):
        if isinstance(match, Registered):
            number = match.registration
            kept.setdefault((_plain(number.number), number.secretariat, _year(number)), match)
        elif isinstance(match, Submitted) and match.office_reference is not None:
            kept.setdefault(match.office_reference, match)
        else:
            kept[position] = match
    return list(kept.values())


def _plain(number: str) -> str:
    return "".join(to_ascii_digits(number).split())


def _year(registration: Registration) -> int | None:
    if registration.year is None and registration.registered_on is not None:
        return jalali_year(registration.registered_on)
    return registration.year
