"""The only reader of the clock, so that tests and drills can hold time in their hand."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock
from time import monotonic
from typing import Final

__all__ = ["Now", "SteadyClock", "monotonic", "now"]

Now = Callable[[], datetime]
"""What code that needs the time of day takes as an argument: a call that returns an aware UTC instant."""

_SMALL: Final = timedelta(seconds=0.5)
"""A difference that the machine's time service makes in the ordinary course; it is taken over at once."""
_PACE: Final = 0.05
"""How much faster or slower than time this clock runs while it follows a larger one."""
_SINCE_BOOT: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def now() -> datetime:
    """Return the present instant, aware and in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is the one place


def since_boot() -> float:
    """Return seconds that nobody can set: they go on while the machine is suspended."""
    return time.clock_gettime(_SINCE_BOOT)


class SteadyClock:
    """The time of day, passing as fast as time does. Thread-safe; give ``clock.now`` where a Now is wanted.

    A lease, a look-up, a proof that an office does not have a letter: all of them count on an hour having been an
    hour. When somebody sets the machine's clock forward nothing may seem to have lasted so long, and when it is set
    back nothing may wait so much longer. So a step of the machine's clock is followed slowly: an hour within a day.
    """

    def __init__(self, wall: Now = now, elapsed: Callable[[], float] = since_boot) -> None:
        """Start at the machine's time of day."""
        self._wall = wall
        self._elapsed = elapsed
        self._lock = Lock()
        self._at, self._read_at = wall(), elapsed()
        self._off_by = timedelta()

    def now(self) -> datetime:
        """Return the present instant, aware and in UTC."""
        with self._lock:
            wall, elapsed = self._wall(), self._elapsed()
            passed = timedelta(seconds=elapsed - self._read_at)
            self._read_at = elapsed
            self._at += passed
            self._off_by = wall - self._at
            step = self._off_by
            if abs(step) > _SMALL:
                step = min(max(step, -passed * _PACE), passed * _PACE)
            self._at += step
            self._off_by -= step
            return self._at

    @property
    def off_by(self) -> timedelta:
        """Return how far the machine's clock is ahead of this one; negative where it is behind."""
        self.now()
        return self._off_by
