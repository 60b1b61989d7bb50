"""What an office's word on a letter means: the new facts in their order, and what cannot be. Pure.

The office tells the whole of what it knows each time; what the ledger has already is skipped.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Final

from connector.domain.calendar import jalali_year, local_date
from connector.domain.lifecycle import Event, Status, next_status
from connector.domain.referral import Referral
from connector.domain.registration import Registration
from connector.domain.text import one_line, to_ascii_digits
from connector.ledger.records import Happening, LetterState
from connector.ports.outcomes import Progress
from connector.tracking.patience import TrackingPolicy, when_to_ask_again

__all__ = ["contradiction_of", "happenings_of", "is_another_number", "number_told"]

_MOST_REFERRALS: Final = 50
"""New ones in one answer. A letter makes a handful in its whole life; each is a message to the citizen."""
_LONGEST_UNIT: Final = 200
_GROUPS: Final = re.compile(r"[^0-9A-Za-z\u0600-\u06ff]+")
"""What stands between the groups of a number; how it is written is not the number."""
_IRAN: Final = timezone(timedelta(hours=3, minutes=30))
"""Offices write dates by the wall clock of Iran, which has known no summer time since 2022."""


def happenings_of(
    state: LetterState, progress: Progress, now: datetime, policy: TrackingPolicy | None = None
) -> list[Happening]:
    """Return the events that the office's word adds to the letter, in order; none where it says nothing new.

    A word that we do not know (``unmapped``) and a flood of referrals stop everything for this letter: see
    contradiction_of.
    """
    if progress.unmapped or _is_flood(state, progress):
        return []
    due_at = now + when_to_ask_again(timedelta(), policy or TrackingPolicy())
    happenings = []
    status = state.status
    for happening in _candidates(state, progress, due_at):
        status = next_status(status, happening.event)
        happenings.append(happening)
    return happenings


def contradiction_of(state: LetterState, progress: Progress) -> str | None:
    """Return a word for what the office says and the letter's way does not allow; None where all is well."""
    registered = state.status is not Status.SUBMITTED or _has_number(progress)
    if progress.unmapped:
        return "unmapped_status"
    if _is_flood(state, progress):
        return "too_many_referrals"
    if progress.refused is not None and registered:
        return "refused_after_registration"
    if progress.returned_because is not None and state.status is Status.ANSWERED:
        return "returned_after_answer"
    if not registered and progress.refused is None and _tells_of_a_registered_letter(progress):
        return "progress_without_number"
    return None


def is_another_number(state: LetterState, progress: Progress) -> bool:
    """Return whether the office tells another number than the one that a person gave. Zeros in front do not count.

    What the office itself gave is not compared: many write a number otherwise when they tell it once more.
    """
    told, kept = progress.registration, state.registration
    if not state.has_number_by_hand or kept is None or told is None or not told.has_number:
        return False
    return _plain(told.number) != _plain(kept.number)


def number_told(happenings: Iterable[Happening], now: datetime) -> Registration | None:
    """Return the number that a letter is to have from now on, in the book of a year; None where there is none."""
    for happening in happenings:
        if happening.event is Event.REGISTERED and happening.registration is not None:
            told = happening.registration
            day = told.registered_on or local_date(now)
            return replace(told, year=told.year or jalali_year(day))
    return None


def _plain(number: str) -> list[str]:
    return [group.lstrip("0") or "0" for group in _GROUPS.split(to_ascii_digits(number)) if group]


def _candidates(state: LetterState, progress: Progress, due_at: datetime) -> Iterator[Happening]:
    if state.status is Status.SUBMITTED:
        if not _has_number(progress):
            if progress.refused is not None:
                refused = progress.refused
                yield Happening(
                    event=Event.REFUSED,
                    reason="refused_by_office",
                    code=refused.code,
                    remark=refused.reason,
                )
            return
        yield Happening(
            event=Event.REGISTERED, due_at=due_at, registration=_whole(progress.registration, state)
        )
    referrals = _new_referrals(state, progress)
    for referral in referrals:
        yield Happening(event=Event.REFERRED, due_at=due_at, referral=referral)
    is_answered = state.status is Status.ANSWERED and not referrals
    if progress.answer is not None and progress.answer != state.answer and not is_answered:
        yield Happening(event=Event.ANSWERED, due_at=due_at, answer=progress.answer)
        is_answered = True
    if progress.returned_because is not None and not is_answered:
        yield Happening(event=Event.RETURNED, reason="returned_by_office", remark=progress.returned_because)
    elif progress.is_closed:
        yield Happening(event=Event.CLOSED)


def _whole(registration: Registration | None, state: LetterState) -> Registration | None:
    """Return the registration with its secretariat: an office that tells a number later may not repeat whose it is."""
    if registration is None or registration.secretariat:
        return registration
    return replace(registration, secretariat=state.secretariat)


def _new_referrals(state: LetterState, progress: Progress) -> list[Referral]:
    """Return the referrals that the letter does not have yet, each once, in the office's order."""
    known = {referral.reference for referral in state.referrals}
    fresh: dict[str, Referral] = {}
    for referral in progress.referrals:
        is_new = referral.reference not in known and referral.reference not in fresh
        if is_new and not _is_late_news(referral, state):
            fresh[referral.reference] = replace(referral, unit=one_line(referral.unit, longest=_LONGEST_UNIT))
    return list(fresh.values())


def _is_flood(state: LetterState, progress: Progress) -> bool:
    """Return whether the office tells of more hand-overs at once than a letter makes: the citizen is spared them."""
    return len(_new_referrals(state, progress)) > _MOST_REFERRALS


def _is_late_news(referral: Referral, state: LetterState) -> bool:
    """Return whether a referral that we hear of now happened before the answer that was told already.

    Telling it now would turn the order of the facts round. Without a date it counts as a reopening.
    """
    if state.status is not Status.ANSWERED or referral.referred_at is None:
        return False
    return referral.referred_at.astimezone(_IRAN).date() < _answered_on(state)


def _answered_on(state: LetterState) -> date:
    if state.answer is not None and state.answer.answered_on is not None:
        return state.answer.answered_on
    return state.status_since.astimezone(_IRAN).date()


def _has_number(progress: Progress) -> bool:
    return progress.registration is not None and progress.registration.has_number


def _tells_of_a_registered_letter(progress: Progress) -> bool:
    return bool(progress.referrals or progress.answer or progress.is_closed or progress.returned_because)
