"""Notices that somebody beside this daemon wrote into the ledger, and has everything looked at anew."""

import threading
from collections.abc import Callable

from connector.errors import LedgerUnavailable
from connector.ledger.outside_watch import OutsideWatch as Told
from connector.observability.logging import get_logger

__all__ = ["OutsideWatch"]

log = get_logger(__name__)


class OutsideWatch:
    """One thread that looks at one number: once a second on SQLite; on PostgreSQL it is told, and seldom looks."""

    def __init__(self, outside: Told, on_change: Callable[[], None]) -> None:
        """Take the number, and what to call when it changed; that may raise LedgerUnavailable, to be called again."""
        self._outside = outside
        self._on_change = on_change
        self._known = -1
        self._told = threading.Event()
        self._is_ending = False
        self._thread = threading.Thread(target=self._watch, name="chapar-outside", daemon=True)

    def start(self) -> None:
        """Look once, here, and then go on looking. Raise LedgerUnavailable when the database is away."""
        self._outside.on_told(self._told.set)
        self._look()
        self._thread.start()

    def stop(self) -> None:
        """Look no more. Also without a start, and twice."""
        self._is_ending = True
        self._told.set()

    def _watch(self) -> None:
        while True:
            self._told.wait(self._outside.look_every.total_seconds())
            if self._is_ending:
                return
            self._told.clear()
            try:
                self._look()
            except LedgerUnavailable as error:
                log.warning("daemon.outside_not_seen", failure=type(error).__name__)
            except Exception:
                log.exception("daemon.outside_not_seen")

    def _look(self) -> None:
        count = self._outside.count()
        if count != self._known:
            self._on_change()
            self._known = count
