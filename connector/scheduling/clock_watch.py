"""Watches the machine's clock: whoever sets it is told that the daemon's own time follows slowly."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from connector.clock import SteadyClock
from connector.observability.logging import get_logger

__all__ = ["ClockWatch"]

log = get_logger(__name__)

_EVERY: Final = timedelta(seconds=20)
_A_STEP: Final = timedelta(seconds=5)


class ClockWatch:
    """A thread that looks at the clock. Started once; stop() also without a start, and twice."""

    def __init__(self, clock: SteadyClock, on_step: Callable[[], None], *, every: timedelta = _EVERY) -> None:
        """Take the clock, and what to call after somebody set the machine's: it must not raise."""
        self._clock = clock
        self._on_step = on_step
        self._every = every
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="chapar-clock", daemon=True)

    def start(self) -> None:
        """Start looking."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._ending.set()

    def _watch(self) -> None:
        before = self._clock.off_by
        while not self._ending.wait(self._every.total_seconds()):
            off_by = self._clock.off_by
            if abs(off_by - before) > _A_STEP:
                log.warning("daemon.clock_set", by_seconds=round((off_by - before).total_seconds()))
                self._on_step()
            before = off_by
