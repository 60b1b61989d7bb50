"""How fast a connection may be used: so many calls in a second, and silence when asked for.

One budget for all work on a connection, taken in the order of asking; who may ask at the same time is the affair of
the slots, and they are fair between the kinds of work. Nobody waits without bound.
"""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Final, Protocol

from connector.clock import monotonic

__all__ = ["CallBudget", "CallRate", "Pause"]

Pause = Callable[[float], object]
"""Waits for this many seconds, or less where the wait is broken off."""

_UNBOUNDED: Final = 0.0


class CallBudget(Protocol):
    """So many calls in a second: of this process (CallRate), or of all nodes (connector.ledger.call_rates)."""

    def reserve(self, *, within: timedelta) -> float | None:
        """Reserve the next token and return the instant of the monotonic clock from which it may be used.

        Return None, with nothing reserved, where that would be later than the patience allows.
        """
        ...

    def hold(self, pause: timedelta) -> None:
        """Let nobody go before this pause has passed; a hold that lasts longer already stays."""
        ...

    @property
    def held_for(self) -> timedelta:
        """How long the hold still lasts; zero where there is none. Asked often: must cost nothing."""
        ...


class CallRate:
    """A token bucket, kept as the time at which the next token is there. Thread-safe.

    A token is reserved when it is asked for, also before it is there: so the order of asking is the order
    of going.
    """

    def __init__(
        self, calls_per_second: float | None, *, burst: int = 1, monotonic: Callable[[], float] = monotonic
    ) -> None:
        """Start with ``burst`` tokens at hand; without a rate there is always a token."""
        self._gap = _UNBOUNDED if calls_per_second is None else 1.0 / calls_per_second
        self._saved = self._gap * max(burst - 1, 0)
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._next_at = monotonic() - self._saved
        self._held_until = 0.0

    def reserve(self, *, within: timedelta) -> float | None:
        """Reserve the next token and return the instant of the monotonic clock from which it may be used.

        Return None, with nothing reserved, where that would be later than the patience allows.
        """
        with self._lock:
            now = self._monotonic()
            earliest = max(self._next_at, now - self._saved)
            usable_at = max(earliest, self._held_until, now)
            if usable_at - now > within.total_seconds():
                return None
            self._next_at = max(earliest, self._held_until) + self._gap
            return usable_at

    def hold(self, pause: timedelta) -> None:
        """Let nobody go before this pause has passed; a hold that lasts longer already stays."""
        with self._lock:
            self._held_until = max(self._held_until, self._monotonic() + pause.total_seconds())

    def change(self, calls_per_second: float) -> None:
        """Go on at another rate; what is reserved stays reserved."""
        with self._lock:
            self._gap = 1.0 / calls_per_second

    @property
    def held_for(self) -> timedelta:
        """Return how long the hold still lasts; zero where there is none."""
        return timedelta(seconds=max(self._held_until - self._monotonic(), 0.0))
