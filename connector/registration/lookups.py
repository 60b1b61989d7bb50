"""What a look-up means for a letter whose answer was lost: a table, and nothing else decides it."""

from datetime import datetime, timedelta
from typing import Final

from connector.domain.lifecycle import Event
from connector.ledger.lookup_records import NO_NUMBER, NO_SIGN, NO_SIGN_YET, NOT_THERE_YET
from connector.ledger.records import Happening, LetterState
from connector.ports.call_failures import DUPLICATE_WITHOUT_NUMBER
from connector.ports.outcomes import Found, Outcome, Refused, Registered, Submitted
from connector.registration.matches import Unclear
from connector.registration.patience import RegistrationPolicy, when_to_look_again

__all__ = ["happening_of_create_again", "happening_of_lookup", "lost_at"]

_SAID_TO_HAVE_NUMBERED: Final = frozenset({NO_NUMBER, "number_missing"})
"""The office said that it registered the letter. An exact look-up may speak against that; a search may not."""


def happening_of_lookup(
    found: Found | Unclear,
    state: LetterState,
    *,
    asked_at: datetime,
    now: datetime,
    longest_processing: timedelta,
    policy: RegistrationPolicy,
    is_exact: bool = True,
    absence_is_proof: bool = True,
    watching_since: datetime | None = None,
) -> Happening:
    """Return what happened, given what the office has under our key, in the reserved place, or in its search.

    ``asked_at`` is when the look-up began: what took effect after that, its answer says nothing about. ``is_exact``
    is False for a search; ``absence_is_proof`` is the office's capability. What the clock said before this process
    began to see time pass (``watching_since``) is nobody's proof: it may have been set an hour ahead meanwhile.
    """
    lost = max(lost_at(state), watching_since) if watching_since else lost_at(state)
    track_at = now + policy.track_first_after
    match found:
        case Registered(registration=registration) if registration.has_number:
            return Happening(event=Event.FOUND, due_at=track_at, registration=registration)
        case Submitted(office_reference=reference):
            return Happening(event=Event.FOUND_ACCEPTED, due_at=track_at, office_reference=reference)
        case Refused(reason=remark, code=code):
            return Happening(event=Event.REFUSED, reason="refused_by_office", code=code, remark=remark)
        case None if not absence_is_proof:
            found = Unclear(NO_SIGN if asked_at > lost + longest_processing else NO_SIGN_YET)
        case None if asked_at > lost + longest_processing:
            doubt = _doubt(state, is_exact=is_exact)
            if doubt is not None:
                found = Unclear(doubt)
            elif state.absences >= 1:  # one look-up alone proves nothing
                return Happening(event=Event.FOUND_ABSENT, due_at=now, reason="not_there")
    if isinstance(found, Unclear):
        return _unclear(found.reason, state, lost, now, longest_processing, policy)
    again = when_to_look_again(lost, state.lookups + 1, longest_processing, now, policy)
    reason = NOT_THERE_YET if found is None else NO_NUMBER
    return Happening(event=Event.LOOKED_UP, due_at=again, reason=reason)


def happening_of_create_again(
    outcome: Outcome | None,
    state: LetterState,
    *,
    asked_at: datetime,
    now: datetime,
    longest_processing: timedelta,
    policy: RegistrationPolicy,
) -> Happening:
    """Return what happened, given what the same create under the same key brought.

    It makes the letter's entry or names the one that is there, so nothing it says can mean that the letter is absent.
    A refusal speaks for the first call only once that has certainly ended.
    """
    if isinstance(outcome, Refused) and asked_at <= state.status_since + longest_processing:
        found: Found | Unclear = Unclear("refused_meanwhile")
    elif outcome is None:
        found = Unclear(NO_NUMBER)
    else:
        found = outcome
    return happening_of_lookup(
        found, state, asked_at=asked_at, now=now, longest_processing=longest_processing, policy=policy
    )


def lost_at(state: LetterState) -> datetime:
    """Return the instant from which the office's longest processing time counts.

    That is when the outcome was lost and not when the intent was announced: the call may have been sent
    at any time in between, and a slow call takes long.
    """
    return max(state.announced_at or state.status_since, state.status_since)


def _doubt(state: LetterState, *, is_exact: bool) -> str | None:
    """Return what speaks against absence though the office shows nothing any more; None where nothing does."""
    if state.lost_because == DUPLICATE_WITHOUT_NUMBER:
        return "duplicate_not_found"
    if not is_exact and state.lost_because in _SAID_TO_HAVE_NUMBERED:
        return "registered_not_found"
    return "seen_and_gone" if state.is_sighted else None


def _unclear(
    reason: str,
    state: LetterState,
    lost: datetime,
    now: datetime,
    longest_processing: timedelta,
    policy: RegistrationPolicy,
) -> Happening:
    """Ask again while what is there may still change, then leave it to a person, who is reminded."""
    if now <= lost + longest_processing:
        due_at = when_to_look_again(lost, state.lookups + 1, longest_processing, now, policy)
    else:
        due_at = now + policy.remind_after
    return Happening(event=Event.LOOKED_UP, due_at=due_at, reason=reason)
