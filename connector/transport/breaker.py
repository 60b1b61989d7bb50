"""The breaker: after some failures in a row nobody knocks for a while, then one alone tries.

The while grows with every vain try, and is jittered, so that many connections do not come back at the
same instant.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import SystemRandom
from typing import Final

from connector.clock import monotonic

__all__ = ["Breaker", "BreakerPolicy"]

_CHANCE: Final = SystemRandom().random


@dataclass(frozen=True, kw_only=True, slots=True)
class BreakerPolicy:
    """When the breaker opens and for how long."""

    failures: int = 5
    """So many in a row open it."""
    first_pause: timedelta = timedelta(seconds=5)
    longest_pause: timedelta = timedelta(minutes=2)


class Breaker:
    """Counts failures in a row for one deed of one connection. Thread-safe."""

    def __init__(
        self,
        policy: BreakerPolicy | None = None,
        *,
        monotonic: Callable[[], float] = monotonic,
        random: Callable[[], float] = _CHANCE,
    ) -> None:
        """Start closed. ``random`` returns numbers from 0 up to 1."""
        self._policy = policy or BreakerPolicy()
        self._monotonic = monotonic
        self._random = random
        self._lock = threading.Lock()
        self._in_a_row = 0
        self._openings = 0
        self._opens_at: float | None = None
        self._tries: int | None = None
        """The thread whose call is the one try. Calls of before the opening may still end meanwhile, in others."""

    @property
    def is_open(self) -> bool:
        """Return whether failures in a row have opened it, and no success has closed it since."""
        return self._opens_at is not None

    def closed_for(self) -> timedelta | None:
        """Return how long nobody may try; None where a try is welcome now."""
        with self._lock:
            return self._refusal()

    def enter(self) -> timedelta | None:
        """Ask to make a call: None is a yes, otherwise the time after which to ask again.

        After a yes one of succeeded(), failed() or left() must follow, in the same thread.
        """
        with self._lock:
            refusal = self._refusal()
            if refusal is None and self._opens_at is not None:
                self._tries = threading.get_ident()
            return refusal

    def succeeded(self) -> None:
        """The other side answered: all is well again."""
        with self._lock:
            self._in_a_row = self._openings = 0
            self._opens_at = None
            self._tries = None

    def failed(self) -> None:
        """One more failure. A late one, of a call from before the opening, changes nothing."""
        with self._lock:
            self._in_a_row += 1
            if self._opens_at is None:
                if self._in_a_row >= self._policy.failures:
                    self._open()
            elif self._tries == threading.get_ident():
                self._open()

    def left(self) -> None:
        """The call said nothing about the other side, or was not made."""
        with self._lock:
            if self._tries == threading.get_ident():
                self._tries = None

    def _refusal(self) -> timedelta | None:
        if self._opens_at is None:
            return None
        remaining = self._opens_at - self._monotonic()
        if remaining > 0:
            return timedelta(seconds=remaining)
        return self._policy.first_pause if self._tries is not None else None

    def _open(self) -> None:
        grown = self._policy.first_pause * (2 ** min(self._openings, 16))
        pause = min(grown, self._policy.longest_pause) * (0.75 + 0.25 * self._random())
        self._openings += 1
        self._opens_at = self._monotonic() + pause.total_seconds()
        self._tries = None
