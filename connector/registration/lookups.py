"""What a look-up means for a letter whose answer was lost: a table, and nothing else decides it."""

from datetime import datetime, timedelta

from connector.domain.lifecycle import Event
from connector.ledger.records import Happening, LetterState
from connector.ports.outcomes import Found, Refused, Registered, Submitted
from connector.registration.patience import RegistrationPolicy, when_to_look_again

__all__ = ["happening_of_lookup", "lost_at", "proves_absence"]


def happening_of_lookup(
    found: Found,
    state: LetterState,
    *,
    asked_at: datetime,
    now: datetime,
    longest_processing: timedelta,
    policy: RegistrationPolicy,
) -> Happening:
    """Return what happened, given what the office has under our key.

    ``asked_at`` is when the look-up began: what took effect after that, its answer says nothing about.
    """
    track_at = now + policy.track_first_after
    match found:
        case Registered(registration=registration) if registration.has_number:
            return Happening(event=Event.FOUND, due_at=track_at, registration=registration)
        case Submitted(office_reference=reference):
            return Happening(event=Event.FOUND_ACCEPTED, due_at=track_at, office_reference=reference)
        case Refused(reason=remark, code=code):
            return Happening(event=Event.REFUSED, reason="refused_by_office", code=code, remark=remark)
        case None if proves_absence(state, asked_at, longest_processing):
            return Happening(event=Event.FOUND_ABSENT, due_at=now, reason="not_there")
    again = when_to_look_again(lost_at(state), state.lookups + 1, longest_processing, now, policy)
    reason = "not_there_yet" if found is None else "no_number"
    return Happening(event=Event.LOOKED_UP, due_at=again, reason=reason)


def proves_absence(state: LetterState, asked_at: datetime, longest_processing: timedelta) -> bool:
    """Return whether a look-up begun at this instant that finds nothing makes absence certain.

    One look-up proves nothing, and none does before the office's longest processing time has passed.
    """
    return state.lookups >= 1 and asked_at > lost_at(state) + longest_processing


def lost_at(state: LetterState) -> datetime:
    """Return the instant from which the office's longest processing time counts.

    That is when the outcome was lost and not when the intent was announced: the call may have been sent
    at any time in between, and a slow call takes long.
    """
    return max(state.announced_at or state.status_since, state.status_since)
