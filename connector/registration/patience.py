"""When to try again, and when to look again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

__all__ = ["RegistrationPolicy", "when_to_look_again", "when_to_try_again"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RegistrationPolicy:
    """The times of registration and reconciliation."""

    retry_first_after: timedelta = timedelta(seconds=30)
    retry_at_most_every: timedelta = timedelta(minutes=15)
    retry_without_credentials: timedelta = timedelta(minutes=15)
    """After the office refused our credentials: the connection is suspended, only the operator helps."""
    look_up_first_after: timedelta = timedelta(seconds=5)
    look_up_at_most_every: timedelta = timedelta(minutes=10)
    announcement_holds: timedelta = timedelta(seconds=20)
    """A call is begun within this time after its announcement, or not at all: a process that was
    suspended in between must not send a letter that others have meanwhile found to be lost. Well below
    the length of a lease."""
    track_first_after: timedelta = timedelta(minutes=1)
    """The first question about a letter that the office has."""
    remind_after: timedelta = timedelta(days=1)
    """When the operator is reminded of a letter that waits for a person."""


def when_to_try_again(earlier: int, now: datetime, policy: RegistrationPolicy, jitter: float) -> datetime:
    """Return when to try anew after ``earlier`` vain tries and this one.

    The gap doubles up to the policy's limit; ``jitter`` from 0 up to 1 takes away up to a quarter of it,
    so that letters that were turned away together do not come back together.
    """
    grown = min(policy.retry_first_after * float(2 ** min(earlier, 20)), policy.retry_at_most_every)
    return now + grown * (1 - jitter / 4)


def when_to_look_again(
    lost_at: datetime,
    lookups: int,
    longest_processing: timedelta,
    now: datetime,
    policy: RegistrationPolicy | None = None,
) -> datetime:
    """Return when to look up a letter whose answer was lost, after ``lookups`` look-ups that found nothing.

    The gaps grow threefold, because what is not there soon is likely to come late or never. The first
    look-up that may prove absence comes right after the office's longest processing time, and not a whole
    gap later.
    """
    times = policy or RegistrationPolicy()
    gap = min(times.look_up_first_after * float(3 ** min(lookups, 20)), times.look_up_at_most_every)
    proves_from = lost_at + longest_processing + timedelta(milliseconds=1)
    candidate = now + gap
    return proves_from if now < proves_from < candidate else candidate
