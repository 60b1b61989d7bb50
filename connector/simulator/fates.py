"""What becomes of a letter in the simulated office: drawn from a seeded deck, so that every kind comes up."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Final

from connector.simulator.records import Move, MoveKind

__all__ = ["DECK", "UNITS", "Fate", "FateDeck", "Pace", "moves_of"]


class Fate(StrEnum):
    """The whole story of a letter in one word."""

    ANSWERED = "answered"
    """Referred to one unit, answered, closed."""
    TWO_UNITS = "two_units"
    """Referred on from a first unit to a second one."""
    CONFIDENTIAL_BRANCH = "confidential_branch"
    """One of the referrals is confidential: the citizen must not hear of it."""
    CLOSED_UNANSWERED = "closed_unanswered"
    RETURNED = "returned"
    """Sent back to the citizen to be completed."""
    NUMBERED_LATER = "numbered_later"
    """Accepted first; the number comes a little later."""
    REFUSED = "refused"
    """Refused at the counter."""
    REFUSED_LATER = "refused_later"
    """Accepted first, then refused without ever having a number."""
    STRAYED = "strayed"
    """After its number it goes where no contract has a word for. Not in the deck."""


DECK: Final = (
    *([Fate.ANSWERED] * 4),
    *([Fate.TWO_UNITS] * 3),
    *([Fate.CONFIDENTIAL_BRANCH] * 2),
    Fate.CLOSED_UNANSWERED,
    Fate.RETURNED,
    *([Fate.NUMBERED_LATER] * 2),
    Fate.REFUSED,
    Fate.REFUSED_LATER,
)
"""One round of the deck; it is shuffled anew for each round."""

UNITS: Final = (
    "دبیرخانهٔ مرکزی",
    "امور مالی",
    "فناوری اطلاعات",
    "بازرسی و رسیدگی",
    "خدمات شهری",
    "امور حقوقی",
)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the office takes over each step."""

    number_within: timedelta = timedelta(seconds=1)
    """Until a letter that was only accepted gets its number."""
    refer_after: timedelta = timedelta(seconds=1)
    answer_after: timedelta = timedelta(seconds=2)
    close_after: timedelta = timedelta(seconds=1)

    @property
    def longest(self) -> timedelta:
        """Return the time within which every letter is at its end."""
        return self.number_within + 3 * self.refer_after + self.answer_after + self.close_after


class FateDeck:
    """Deals fates. The same seed deals the same row; every fate of the deck comes in every round."""

    def __init__(self, seed: int, fates: tuple[Fate, ...] = DECK) -> None:
        """Shuffle with this seed; a deck of one fate deals only that."""
        self._random = Random(seed)
        self._fates = fates
        self._row = self._endless()

    def _endless(self) -> Iterator[Fate]:
        while True:
            round_of_fates = list(self._fates)
            self._random.shuffle(round_of_fates)
            yield from round_of_fates

    def deal(self) -> Fate:
        """Return the next fate."""
        return next(self._row)

    def units(self) -> list[str]:
        """Return all units in a drawn order; a letter never meets the same one twice."""
        return self._random.sample(UNITS, len(UNITS))


def moves_of(fate: Fate, *, entered_at: datetime, units: list[str], pace: Pace) -> tuple[Move, ...]:
    """Return everything that will happen to a letter of this fate, in order, each with its time."""
    match fate:
        case Fate.REFUSED:
            return (_refusal(entered_at),)
        case Fate.REFUSED_LATER:
            return (_refusal(entered_at + pace.number_within),)
        case Fate.NUMBERED_LATER:
            numbered_at = entered_at + pace.number_within
        case _:
            numbered_at = entered_at
    return (Move(kind=MoveKind.NUMBERED, at=numbered_at), *_after_number(fate, numbered_at, units, pace))


def _after_number(fate: Fate, at: datetime, units: list[str], pace: Pace) -> Iterator[Move]:
    if fate is Fate.RETURNED:
        yield Move(
            kind=MoveKind.RETURNED, at=at + pace.refer_after, text="مدارک کامل نیست؛ تصویر خواناتر بفرستید."
        )
        return
    if fate is Fate.STRAYED:
        yield Move(kind=MoveKind.STRAYED, at=at + pace.refer_after)
        return
    stops = {Fate.TWO_UNITS: 2, Fate.CONFIDENTIAL_BRANCH: 3}.get(fate, 1)
    for position in range(stops):
        at += pace.refer_after
        yield Move(
            kind=MoveKind.REFERRED,
            at=at,
            unit=units[position],
            reference=f"R{position + 1}",
            is_confidential=fate is Fate.CONFIDENTIAL_BRANCH and position == 1,
        )
    if fate is not Fate.CLOSED_UNANSWERED:
        at += pace.answer_after
        yield Move(kind=MoveKind.ANSWERED, at=at, text="با درخواست شما موافقت شد.")
    yield Move(kind=MoveKind.CLOSED, at=at + pace.close_after)


def _refusal(at: datetime) -> Move:
    return Move(kind=MoveKind.REFUSED, at=at, text="موضوع در صلاحیت این دستگاه نیست.", code="NOT_OURS")
