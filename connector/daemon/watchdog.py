"""Feeds systemd's watchdog, and only while the daemon really turns."""

import threading
from collections.abc import Callable
from datetime import timedelta

from connector.daemon.notify import ServiceManager
from connector.observability.logging import get_logger

__all__ = ["Watchdog"]

log = get_logger(__name__)


class Watchdog:
    """A thread that looks and feeds. Where it looks in vain it stays silent, and systemd restarts the daemon."""

    def __init__(
        self, manager: ServiceManager, period: timedelta | None, is_turning: Callable[[], bool]
    ) -> None:
        """Take how often systemd wants to hear from us (None: never) and how to see whether all turns.

        The look may hang, that is the point: then nobody is fed.
        """
        self._manager = manager
        self._period = period
        self._is_turning = is_turning
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="chapar-watchdog", daemon=True)

    def start(self) -> None:
        """Start feeding; does nothing where systemd does not ask for it."""
        if self._period is not None:
            self._thread.start()

    def stop(self) -> None:
        """Stop looking. The stop itself has its own bound, so it is fed once more and left alone."""
        self._ending.set()
        if self._period is not None:
            self._manager.alive()

    def _watch(self) -> None:
        period = self._period or timedelta(seconds=1)
        while not self._ending.wait(period.total_seconds()):
            if self._looks_well():
                self._manager.alive()
            else:
                log.error("daemon.watchdog_not_fed")

    def _looks_well(self) -> bool:
        try:
            return self._is_turning()
        except Exception as error:
            log.error("daemon.watchdog_look_failed", exc_info=error)
            return False
