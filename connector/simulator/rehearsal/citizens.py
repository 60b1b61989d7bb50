"""The citizens of a drill: letters come one after the other, and the portal tries for as long as it takes."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Final

from connector.simulator.portal import CitizenPortal
from connector.simulator.records import SubmissionRecord
from connector.simulator.rehearsal.letters import drill_letter
from connector.simulator.rehearsal.options import RehearsalOptions

__all__ = ["Citizens"]

_AT_ONCE: Final = 24


class Citizens:
    """Hand in every letter, in threads of their own."""

    def __init__(
        self, portal: CitizenPortal, options: RehearsalOptions, time_left: Callable[[], timedelta]
    ) -> None:
        """Take the portal, and how long there is still time."""
        self._portal = portal
        self._options = options
        self._time_left = time_left
        self._ending = threading.Event()
        self._changed = threading.Condition()
        self._begun = 0
        self._pool = ThreadPoolExecutor(_AT_ONCE)
        self._handing_in: list[Future[SubmissionRecord]] = []
        self._thread = threading.Thread(target=self._come, name="citizens", daemon=True)

    def start(self) -> None:
        """Let the first one come."""
        self._thread.start()

    def stop(self) -> None:
        """Let nobody come any more and give up what is being tried again."""
        self._ending.set()
        self._portal.stop()
        self._thread.join()
        self._pool.shutdown()
        with self._changed:
            self._changed.notify_all()

    def wait_for_letter(self, serial: int) -> bool:
        """Wait until this letter is being handed in; False when the citizens were stopped first."""
        with self._changed:
            self._changed.wait_for(lambda: self._begun >= serial or self._ending.is_set())
            return self._begun >= serial

    @property
    def are_done(self) -> bool:
        """Whether every letter got its answer from a node."""
        return len(self._handing_in) == self._options.letters and all(
            each.done() for each in self._handing_in
        )

    def _come(self) -> None:
        gap = self._options.handing_in / self._options.letters
        for serial in range(1, self._options.letters + 1):
            if self._ending.wait(gap.total_seconds()):
                return
            written = drill_letter(serial, seed=self._options.seed)
            self._handing_in.append(
                self._pool.submit(self._portal.hand_in, written, give_up_after=self._time_left())
            )
            with self._changed:
                self._begun = serial
                self._changed.notify_all()
