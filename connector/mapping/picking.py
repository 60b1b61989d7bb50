"""What is picked from an answer: the registration, and how far letters are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final

from connector.domain.calendar import TEHRAN
from connector.domain.referral import Answer, Referral
from connector.domain.registration import LetterReference, Registration
from connector.domain.text import to_ascii_digits
from connector.errors import Misbehaved, NotPossible
from connector.mapping.dates import OfficeDates
from connector.mapping.expressions import CompiledExpression
from connector.mapping.schema_picks import Progressing

__all__ = [
    "AnswerPicker",
    "LetterNews",
    "LetterPicker",
    "Pick",
    "ReferralPicker",
    "RegistrationPicker",
    "text_of",
]

_NO_LONGER_EXACT: Final = 2**53

Pick = CompiledExpression | None
"""An expression of the mapping; None where it has none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RegistrationPicker:
    """Reads a registration from an answer."""

    number: CompiledExpression
    year: Pick
    date: Pick
    office_reference: Pick
    dates: OfficeDates

    def pick(self, data: Mapping[str, Any], secretariat: str) -> Registration | None:
        """Return the registration; None where the answer has no number.

        A year or a date that cannot be read is left out: it must not undo the number.
        """
        number = text_of(self.number, data)
        if not number:
            return None
        return Registration(
            number=number,
            secretariat=secretariat,
            year=_whole(text_of(self.year, data)),
            registered_on=_day(text_of(self.date, data), self.dates),
            office_reference=self.reference(data),
        )

    def reference(self, data: Mapping[str, Any]) -> str | None:
        """Return the office's own handle to the letter, where the answer has one."""
        return text_of(self.office_reference, data) or None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReferralPicker:
    """Reads the referrals of one letter, in the order of the answer."""

    each: CompiledExpression
    reference: Pick
    unit: CompiledExpression
    date: Pick
    is_confidential: Pick
    dates: OfficeDates

    def pick(self, data: Mapping[str, Any]) -> tuple[Referral, ...]:
        """Return the referrals; one without a unit or a reference is left out."""
        items = _list(self.each.search(data))
        return tuple(
            referral
            for position, item in enumerate(items, start=1)
            if (referral := self._one({**data, "item": item, "index": position}, position))
        )

    def _one(self, data: Mapping[str, Any], position: int) -> Referral | None:
        unit = text_of(self.unit, data)
        reference = str(position) if self.reference is None else text_of(self.reference, data)
        if not unit or not reference:
            return None
        hidden = None if self.is_confidential is None else self.is_confidential.search(data)
        return Referral(
            reference=reference,
            unit=unit,
            referred_at=_noon(_day(text_of(self.date, data), self.dates)),
            is_public=_is_no(hidden),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerPicker:
    """Reads the answer to one letter."""

    text: CompiledExpression
    number: Pick
    date: Pick
    dates: OfficeDates

    def pick(self, data: Mapping[str, Any]) -> Answer | None:
        """Return the answer; None where there is none yet."""
        text, number = text_of(self.text, data), text_of(self.number, data)
        if not text and not number:
            return None
        return Answer(
            text=text or "", number=number or None, answered_on=_day(text_of(self.date, data), self.dates)
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterNews:
    """What the office says now about one letter, before it becomes the port's Progress."""

    key: str
    status: Progressing | None
    """None where the mapping does not know the code."""
    status_code: str
    registration: Registration | None
    referrals: tuple[Referral, ...]
    answer: Answer | None
    reason: str | None
    reason_code: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterPicker:
    """Reads how far letters are."""

    batch: int
    letters: CompiledExpression
    key: Pick
    by_position: bool
    status: CompiledExpression
    statuses: Mapping[str, Progressing]
    left_out: frozenset[str]
    registration: RegistrationPicker
    referrals: ReferralPicker | None
    answer: AnswerPicker | None
    reason: Pick
    reason_code: Pick

    def pick(self, data: Mapping[str, Any], asked: Sequence[LetterReference]) -> Sequence[LetterNews]:
        """Return the letters of the answer that were asked about, each once; others are passed over.

        Raise Misbehaved where there is no list of letters with a status, or where letters are told by their position
        and are not as many as were asked about.
        """
        try:
            return list(self._news(data, _list(self.letters.search(data)), asked))
        except NotPossible:
            raise Misbehaved(
                "The letters in the office's answer cannot be read.", reason="letters_unreadable"
            ) from None

    def _news(
        self, data: Mapping[str, Any], letters: list[Any], asked: Sequence[LetterReference]
    ) -> Iterator[LetterNews]:
        if self.by_position and len(letters) != len(asked):
            raise Misbehaved(
                "The office answers about more or fewer letters than asked.", reason="letters_uneven"
            )
        by_key = {reference.correlation_key: reference for reference in asked}
        for position, letter in enumerate(letters):
            inside = {**data, "letter": letter}
            if self.by_position:
                reference = None if letter is None else asked[position]
            elif self.key is None:
                # One letter was asked about, and the answer is about it.
                reference = asked[0] if len(asked) == 1 else None
            else:
                reference = by_key.get(text_of(self.key, inside) or "")
            if reference is None or by_key.pop(reference.correlation_key, None) is None:
                continue
            news = self._one(inside, reference)
            if news is not None:
                yield news

    def _one(self, data: Mapping[str, Any], reference: LetterReference) -> LetterNews | None:
        code = text_of(self.status, data)
        if code is None:
            raise Misbehaved("A letter in the office's answer has no status.", reason="status_missing")
        if code in self.left_out:
            return None
        return LetterNews(
            key=reference.correlation_key,
            status=self.statuses.get(code),
            status_code=code,
            registration=self.registration.pick(data, reference.secretariat),
            referrals=self.referrals.pick(data) if self.referrals else (),
            answer=self.answer.pick(data) if self.answer else None,
            reason=text_of(self.reason, data),
            reason_code=text_of(self.reason_code, data),
        )


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def text_of(pick: Pick, data: Mapping[str, Any]) -> str | None:
    """Return what the expression picks as a plain text; None where it finds no single value."""
    value = None if pick is None else pick.search(data)
    if type(value) is str:
        return value.strip()
    if value is None or isinstance(value, dict | list):
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return _exact(value)
    return value.isoformat() if isinstance(value, date) else str(value).strip()


def _exact(number: float) -> str | None:
    """Return a number of an answer as it was written; None where it is larger than a computer keeps exactly."""
    if abs(number) >= _NO_LONGER_EXACT:
        return None
    return str(int(number)) if number.is_integer() else str(number)


def _whole(text: str | None) -> int | None:
    plain = to_ascii_digits(text or "")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= 4 else None


def _day(text: str | None, dates: OfficeDates) -> date | None:
    try:
        return dates.read(text) if text else None
    except ValueError:
        return None


def _noon(day: date | None) -> datetime | None:
    # The office tells the day only; noon keeps it the same day in every time zone near ours.
    return None if day is None else datetime.combine(day, time(12), tzinfo=TEHRAN).astimezone(UTC)


def _is_no(value: Any) -> bool:
    # Whatever is not plainly "no" is kept from the citizen.
    return value is None or value is False or str(value).strip().lower() in {"false", "0", "no", ""}
