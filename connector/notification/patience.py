"""When to try again: pure answers, with the jitter handed in so that a thousand messages do not return as one."""

from collections.abc import Callable
from datetime import timedelta
from random import SystemRandom
from typing import Final

from connector.errors import CallFailed, RateLimited

__all__ = ["Jitter", "gap_after_failure", "gap_by_age", "gap_by_attempts", "jitter"]

Jitter = Callable[[], float]
"""Returns a number from 0 up to 1."""

jitter: Final[Jitter] = SystemRandom().random
_SPREAD: Final = 0.4
_DOUBLINGS: Final = 20


def gap_by_attempts(attempts: int, *, first: timedelta, longest: timedelta, jitter: Jitter) -> timedelta:
    """Return a gap that doubles with every attempt up to the longest, and varies by a fifth each way."""
    return _spread(min(longest, first * 2 ** min(attempts, _DOUBLINGS)), jitter)


def gap_by_age(age: timedelta, *, first: timedelta, longest: timedelta, jitter: Jitter) -> timedelta:
    """Return a gap that grows with the age of what is asked about: half of it, within the two bounds."""
    return _spread(min(longest, max(first, age / 2)), jitter)


def gap_after_failure(
    error: CallFailed, attempts: int, *, first: timedelta, longest: timedelta, jitter: Jitter
) -> timedelta:
    """Return how long to wait after a failed call: what the other side or the connection said, or a growing gap."""
    said = error.retry_after if isinstance(error, RateLimited) else None
    said = said or error.facts.get("again_after")
    if isinstance(said, timedelta):
        # A little later than was said, never earlier.
        return max(said, timedelta(seconds=1)) * (1 + _SPREAD * jitter() / 2)
    return gap_by_attempts(attempts, first=first, longest=longest, jitter=jitter)


def _spread(gap: timedelta, jitter: Jitter) -> timedelta:
    return gap * (1 - _SPREAD / 2 + _SPREAD * jitter())
