"""The only reader of the clock, so that tests and drills can hold time in their hand."""

from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic

__all__ = ["Now", "monotonic", "now"]

Now = Callable[[], datetime]
"""What code that needs the time of day takes as an argument: a call that returns an aware UTC instant."""


def now() -> datetime:
    """Return the present instant, aware and in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is the one place
