"""The way of a letter, drawn once as data. Everything else asks this table."""

from enum import StrEnum
from typing import Final

from connector.errors import IllegalTransition

__all__ = ["ENDS", "STAGE_OF", "TRANSITIONS", "Event", "Stage", "Status", "next_status"]


class Status(StrEnum):
    """Where a letter stands. One column, one word."""

    RECEIVED = "received"
    IN_REVIEW = "in_review"
    READY = "ready"
    REGISTERING = "registering"
    SUBMITTED = "submitted"
    UNCERTAIN = "uncertain"
    PARKED = "parked"
    REGISTERED = "registered"
    REFERRED = "referred"
    ANSWERED = "answered"
    CLOSED = "closed"
    RETURNED = "returned"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Event(StrEnum):
    """What happened to a letter; a fact in the past, kept for ever in the order of happening."""

    RECEIVED = "received"
    """Acknowledged to the portal. The first event of every letter; it has no row in the table."""
    SCREENED = "screened"
    SENT_TO_REVIEW = "sent_to_review"
    APPROVED = "approved"
    ANNOUNCED = "announced"
    """The intent to register is on disk; the call follows."""
    REGISTERED = "registered"
    ACCEPTED = "accepted"
    """The office has the letter; the number comes later."""
    REFUSED = "refused"
    POSTPONED = "postponed"
    """Certainly not delivered this time; it is ready again for later."""
    OUTCOME_LOST = "outcome_lost"
    GAVE_UP = "gave_up"
    LOOKED_UP = "looked_up"
    """A look-up brought no certainty yet; the next one has its time."""
    FOUND = "found"
    FOUND_ACCEPTED = "found_accepted"
    FOUND_ABSENT = "found_absent"
    SETTLED_REGISTERED = "settled_registered"
    """A person's word: it was registered by hand, under this number."""
    SETTLED_ABSENT = "settled_absent"
    """A person's word: it is not there, send it again."""
    RELEASED = "released"
    WITHDRAWN = "withdrawn"
    DELAYED = "delayed"
    """It takes longer than it should; the citizen is told that it is not forgotten. Once, and nothing else changes."""
    REFERRED = "referred"
    ANSWERED = "answered"
    RETURNED = "returned"
    CLOSED = "closed"


class Stage(StrEnum):
    """Who owns the next action."""

    INTAKE = "intake"
    REVIEW = "review"
    REGISTRATION = "registration"
    RECONCILIATION = "reconciliation"
    TRACKING = "tracking"
    COMPLETION = "completion"
    """Side steps of a registration that follow its number: their own work, with their own patience."""
    NOTIFICATION = "notification"
    DELIVERY = "delivery"
    PUBLICATION = "publication"
    OPERATOR = "operator"


TRANSITIONS: Final[dict[tuple[Status, Event], Status]] = {
    (Status.RECEIVED, Event.SCREENED): Status.READY,
    (Status.RECEIVED, Event.SENT_TO_REVIEW): Status.IN_REVIEW,
    (Status.RECEIVED, Event.REFUSED): Status.REFUSED,
    (Status.RECEIVED, Event.GAVE_UP): Status.PARKED,
    (Status.RECEIVED, Event.WITHDRAWN): Status.WITHDRAWN,
    (Status.IN_REVIEW, Event.APPROVED): Status.READY,
    (Status.IN_REVIEW, Event.REFUSED): Status.REFUSED,
    (Status.IN_REVIEW, Event.WITHDRAWN): Status.WITHDRAWN,
    (Status.READY, Event.ANNOUNCED): Status.REGISTERING,
    (Status.READY, Event.GAVE_UP): Status.PARKED,
    (Status.READY, Event.WITHDRAWN): Status.WITHDRAWN,
    (Status.REGISTERING, Event.REGISTERED): Status.REGISTERED,
    (Status.REGISTERING, Event.ACCEPTED): Status.SUBMITTED,
    (Status.REGISTERING, Event.REFUSED): Status.REFUSED,
    (Status.REGISTERING, Event.POSTPONED): Status.READY,
    (Status.REGISTERING, Event.OUTCOME_LOST): Status.UNCERTAIN,
    (Status.REGISTERING, Event.GAVE_UP): Status.PARKED,
    (Status.SUBMITTED, Event.REGISTERED): Status.REGISTERED,
    (Status.SUBMITTED, Event.REFUSED): Status.REFUSED,
    (Status.SUBMITTED, Event.SETTLED_REGISTERED): Status.REGISTERED,
    (Status.SUBMITTED, Event.SETTLED_ABSENT): Status.READY,
    (Status.UNCERTAIN, Event.LOOKED_UP): Status.UNCERTAIN,
    (Status.UNCERTAIN, Event.FOUND): Status.REGISTERED,
    (Status.UNCERTAIN, Event.FOUND_ACCEPTED): Status.SUBMITTED,
    (Status.UNCERTAIN, Event.REFUSED): Status.REFUSED,
    (Status.UNCERTAIN, Event.FOUND_ABSENT): Status.READY,
    (Status.UNCERTAIN, Event.SETTLED_REGISTERED): Status.REGISTERED,
    (Status.UNCERTAIN, Event.SETTLED_ABSENT): Status.READY,
    (Status.PARKED, Event.RELEASED): Status.RECEIVED,
    (Status.PARKED, Event.SETTLED_REGISTERED): Status.REGISTERED,
    (Status.PARKED, Event.WITHDRAWN): Status.WITHDRAWN,
    (Status.RECEIVED, Event.DELAYED): Status.RECEIVED,
    (Status.IN_REVIEW, Event.DELAYED): Status.IN_REVIEW,
    (Status.READY, Event.DELAYED): Status.READY,
    (Status.SUBMITTED, Event.DELAYED): Status.SUBMITTED,
    (Status.UNCERTAIN, Event.DELAYED): Status.UNCERTAIN,
    (Status.PARKED, Event.DELAYED): Status.PARKED,
    (Status.REGISTERED, Event.REFERRED): Status.REFERRED,
    (Status.REGISTERED, Event.ANSWERED): Status.ANSWERED,
    (Status.REGISTERED, Event.RETURNED): Status.RETURNED,
    (Status.REGISTERED, Event.CLOSED): Status.CLOSED,
    (Status.REFERRED, Event.REFERRED): Status.REFERRED,
    (Status.REFERRED, Event.ANSWERED): Status.ANSWERED,
    (Status.REFERRED, Event.RETURNED): Status.RETURNED,
    (Status.REFERRED, Event.CLOSED): Status.CLOSED,
    (Status.ANSWERED, Event.REFERRED): Status.REFERRED,
    (Status.ANSWERED, Event.CLOSED): Status.CLOSED,
}

ENDS: Final = frozenset({Status.CLOSED, Status.RETURNED, Status.REFUSED, Status.WITHDRAWN})

STAGE_OF: Final[dict[Status, Stage]] = {
    Status.RECEIVED: Stage.INTAKE,
    Status.IN_REVIEW: Stage.REVIEW,
    Status.READY: Stage.REGISTRATION,
    Status.REGISTERING: Stage.REGISTRATION,
    Status.SUBMITTED: Stage.TRACKING,
    Status.UNCERTAIN: Stage.RECONCILIATION,
    Status.PARKED: Stage.OPERATOR,
    Status.REGISTERED: Stage.TRACKING,
    Status.REFERRED: Stage.TRACKING,
    Status.ANSWERED: Stage.TRACKING,
}
"""The one owner of each status that is not an end."""


def next_status(status: Status, event: Event) -> Status:
    """Return the status that follows. Raise IllegalTransition if the table has no such row."""
    try:
        return TRANSITIONS[status, event]
    except KeyError:
        raise IllegalTransition(
            f"A letter that is {status} cannot be {event}.", status=str(status), event=str(event)
        ) from None
