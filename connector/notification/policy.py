"""How patient the notification stage is."""

from dataclasses import dataclass
from datetime import timedelta

__all__ = ["NotificationPolicy"]


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
