"""When to ask the office again about a letter."""

from dataclasses import dataclass
from datetime import timedelta

__all__ = ["TrackingPolicy", "when_to_ask_again"]


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackingPolicy:
    """How often letters are asked about: fresh ones often, old ones seldom."""

    first_after: timedelta = timedelta(minutes=1)
    growth: float = 1.5
    """Each question comes this many times later in the letter's age than the one before. 1.5: 25
    questions in three days, and no fact is seen later than a third of the age that it was waited for."""
    at_most_every: timedelta = timedelta(hours=6)
    retry_at_most_every: timedelta = timedelta(hours=1)
    """The longest wait after questions that failed."""
    without_progress_at_most_every: timedelta = timedelta(days=7)
    """For letters of an office that tells no progress: they are kept in sight, and nobody is asked."""


def when_to_ask_again(age: timedelta, policy: TrackingPolicy) -> timedelta:
    """Return how long to wait before the next question, given the time since the letter's last event."""
    return min(max(age * (policy.growth - 1), policy.first_after), policy.at_most_every)
