"""Plays a schedule: each planned fault after its letter, what lasts beside what comes after it."""

import threading
from collections.abc import Callable
from typing import Final

from connector.clock import now
from connector.simulator.configuration import PORTAL, SECRETARIATS
from connector.simulator.rehearsal.acts import Acts
from connector.simulator.rehearsal.citizens import Citizens
from connector.simulator.rehearsal.judging import OutageWitness
from connector.simulator.rehearsal.names import SENTENCES, FaultName
from connector.simulator.rehearsal.schedule import OFFICES, Planned, Schedule

__all__ = ["Player"]

_CLOCKS: Final = frozenset({FaultName.CLOCK_FORWARD, FaultName.CLOCK_BACK})


class Player:
    """Started once; ``is_done`` when everything was played or armed and what lasts is over."""

    def __init__(
        self,
        schedule: Schedule,
        acts: Acts,
        citizens: Citizens,
        resume: Callable[[str], None],
        stale_signatures: Callable[[], int],
        say: Callable[[str, str], None],
    ) -> None:
        """Take what to play and when; ``resume`` is the operator's word, ``say`` tells those who look on.

        ``stale_signatures`` counts the calls that the portal refused because they were signed by a wrong clock.
        """
        self._schedule = schedule
        self._acts = acts
        self._citizens = citizens
        self._resume = resume
        self._stale_signatures = stale_signatures
        self._say = say
        self._ending = threading.Event()
        self._threads: list[threading.Thread] = []
        self._thread = threading.Thread(target=self._play_all, name="player", daemon=True)
        self.outages: list[OutageWitness] = []
        self.mishaps: list[str] = []
        """What could not be played, in sentences."""

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Begin nothing new, let what lasts end, and wait for that."""
        self._ending.set()
        self._acts.end()
        self._thread.join()
        for thread in self._threads:
            thread.join()

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to begin and nothing lasts."""
        return not self._thread.is_alive() and not any(thread.is_alive() for thread in self._threads)

    def _play_all(self) -> None:
        for planned in self._schedule.planned:
            if not self._citizens.wait_for_letter(planned.after_letter) or self._ending.is_set():
                return
            if not planned.seconds:
                self._acts.play(planned)
                continue
            thread = threading.Thread(target=self._play, args=(planned,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _play(self, planned: Planned) -> None:
        if self._ending.wait(planned.delay):
            return
        persian, english = SENTENCES[planned.fault]
        form = f", {planned.form.replace('_', ' ')}" if planned.form else ""
        self._say(f"{persian} ({planned.where})", f"{english} ({planned.where}{form}, {planned.seconds:g} s)")
        begun_at, stale_before = now(), self._stale_signatures()
        try:
            self._acts.play(planned)
        except Exception as error:  # noqa: BLE001 - a drill that cannot hurt something says so and goes on
            self.mishaps.append(f"{planned.fault} could not be played: {type(error).__name__}.")
        if planned.fault is FaultName.OFFICE_DOWN:
            other = next(office for office in OFFICES if office != planned.where)
            self.outages.append(
                OutageWitness(begun_at=begun_at, ended_at=now(), other_secretariat=SECRETARIATS[other])
            )
        if planned.fault in {FaultName.WRONG_PASSWORD, FaultName.CREDIT_GONE}:
            self._resume(planned.where)
        elif planned.fault in _CLOCKS and self._stale_signatures() > stale_before:
            self._resume(PORTAL)  # which refused what was signed an hour from now
