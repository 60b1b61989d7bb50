"""How patient the notification stage is."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from connector.domain.message import FactKind
from connector.domain.sending_window import SendingWindow

__all__ = ["AT_LEAST_ONCE", "URGENT", "NotificationPolicy"]

AT_LEAST_ONCE: Final = (FactKind.REFUSED, FactKind.RETURNED, FactKind.ANSWERED)
"""Facts worth a doubled text, where nobody can say whether the first arrived: something is asked of the citizen, or a
right of theirs begins. That a letter was received, passed on or closed is told at most once."""
URGENT: Final = (FactKind.RECEIVED,)
"""Told at any hour: the citizen has just handed the letter in and waits for the tracking code."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NotificationPolicy:
    """Times of the stage; what a gateway knows of itself (its horizon) comes from its capabilities instead."""

    retry_first_after: timedelta = timedelta(seconds=20)
    """The first new attempt after a gateway was away; the gap doubles up to the next value."""
    retry_at_most_every: timedelta = timedelta(minutes=30)
    announcement_holds: timedelta = timedelta(seconds=20)
    """Messages are sent within this time after their announcement, or not at all: a process that was suspended in
    between must not send what others have meanwhile found to be absent, and sent. Well below the length of a lease."""
    look_up_first_after: timedelta = timedelta(seconds=15)
    """The first look-up after a lost answer; the gap grows with the time since then."""
    look_up_at_most_every: timedelta = timedelta(minutes=10)
    absent_after: timedelta = timedelta(minutes=15)
    """A message that the gateway does not know is absent only after this time, and not at the first look-up."""
    absence_believed_within: timedelta = timedelta(hours=6)
    """After this a gateway may have forgotten the message: that it does not know it proves nothing any more."""
    delivery_first_after: timedelta = timedelta(seconds=30)
    delivery_at_most_every: timedelta = timedelta(hours=2)
    at_least_once: Collection[FactKind] = AT_LEAST_ONCE
    """Sent again where the outcome was lost and the gateway cannot be asked; all others are let go."""
    send_again_after: timedelta = timedelta(minutes=5)
    """Before that a delivery report of the first sending may still come."""
    most_doubles: int = 1
    """How often one message may be sent again so."""
    despite_opt_out: Collection[FactKind] = ()
    """Told also to who wants no messages."""
    urgent_facts: Collection[FactKind] = URGENT
    window: SendingWindow | None = None
    """None: at any hour."""
    opening_spread: timedelta = timedelta(minutes=30)
    """What was put off to the opening goes out over this time, and not all at once."""
    most_moves: int = 4
    """How often one message may go over to another gateway."""
    stale_after: timedelta = timedelta(minutes=1)
    """A message that has waited so long is not told any more if a newer one says as much. Zero: all are told."""
    join_within: timedelta = timedelta(minutes=5)
    """Facts that happened so close together may share a text while they wait. Zero: each has its own."""
