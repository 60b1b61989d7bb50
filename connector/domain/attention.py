"""When a letter needs a person: how long it may stand at each status, and the words for why it is on the list."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from connector.domain.lifecycle import Stage, Status

__all__ = ["ASKS_A_PERSON", "DEADLINES", "OUTBOX_DEADLINES", "Because", "Deadlines"]


class Because(StrEnum):
    """Why something is on the list of what needs a person. One word each; docs/when-a-person-is-needed.md explains."""

    PARKED = "parked"
    """Certainly not delivered, and set aside."""
    ASKS_A_PERSON = "asks_a_person"
    """The answer was lost, and no machine can find out what became of it."""
    IN_REVIEW = "in_review"
    """A reviewer is to say whether it is registered."""
    BEYOND_DEADLINE = "beyond_deadline"
    """It stands at its status for longer than it should."""
    WITHOUT_CONNECTION = "without_connection"
    """It waits for a portal, office or gateway that the configuration no longer has."""
    SIDE_STEP = "side_step"
    """The letter has its number; something that was to follow it waits for a person."""
    PAUSED = "paused"
    """Somebody paused the connection, and letters wait behind it."""
    SET_ASIDE = "set_aside"
    """Something came from the office that no machine may act on; it lies over there until a person has looked."""
    SUSPENDED = "suspended"
    """The connection stopped by itself, because its credentials or our key were refused."""
    BUDGET_SPENT = "budget_spent"
    """A gateway was given as much as it may be given in a day, and messages wait for the next."""
    LOW_CREDIT = "low_credit"
    """Little is left on a gateway's account, or the account ends soon."""
    INBOX_UNREADABLE = "inbox_unreadable"
    """What citizens write to a gateway cannot be read; they wait for an answer."""
    ALERTS_FAIL = "alerts_fail"
    """What needs a person cannot be told through this channel of ours."""


ASKS_A_PERSON: Final = frozenset(
    {
        "needs_a_person",
        "not_possible",
        "several_matches",
        "number_of_another",
        "twin_letters",
        "twin_not_seen",
        "seen_and_gone",
        "duplicate_not_found",
        "registered_not_found",
        "no_sign",
    }
)
"""Reasons of an uncertain letter with which look-ups have come to their end; docs/exactly-once.md explains each."""

DEADLINES: Final[Mapping[Status, timedelta]] = {
    Status.RECEIVED: timedelta(minutes=10),
    Status.IN_REVIEW: timedelta(days=2),
    Status.READY: timedelta(hours=1),
    Status.REGISTERING: timedelta(hours=1),
    Status.SUBMITTED: timedelta(days=2),
    Status.UNCERTAIN: timedelta(hours=6),
    Status.REGISTERED: timedelta(days=30),
    Status.REFERRED: timedelta(days=30),
    Status.ANSWERED: timedelta(days=30),
}
"""What is usual. A parked letter has none: it needs a person at once, and so does one in review, whose deadline is for
the monitor."""

OUTBOX_DEADLINES: Final[Mapping[Stage, timedelta]] = {
    Stage.NOTIFICATION: timedelta(hours=1),
    Stage.DELIVERY: timedelta(days=7),
    Stage.PUBLICATION: timedelta(hours=6),
    Stage.COMPLETION: timedelta(hours=6),
}
"""The same for what follows a letter, by the stage that it waits for: a message that is not handed over, one whose
delivery is not known, a word to the portal, a side step. Longer for delivery than any gateway remembers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Deadlines:
    """How long a letter may stand before a person looks, and before the citizen hears that it is not forgotten."""

    within: Mapping[Status, timedelta] = field(default_factory=lambda: DEADLINES)
    """By status. Tries in vain do not begin it anew: ready and registering run since the letter became ready."""
    of_outbox: Mapping[Stage, timedelta] = field(default_factory=lambda: OUTBOX_DEADLINES)
    """By stage, since it was made. Tries in vain do not begin it anew."""
    inbox: timedelta = timedelta(minutes=15)
    """So long a gateway's inbox may be unreadable: what citizens write stays there meanwhile, and is not lost."""
    delayed_after: timedelta = timedelta(hours=4)
    """Not registered so long after it was received: the citizen is told, once. Zero: never."""
