"""Periodic runs: what has no row in the ledger and is simply done every so often (collecting, gauges,
checks, sweeps).

APScheduler rings, and holds no truth: its store is memory, and a run that was missed is simply done later.
"""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any, Final

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from connector.clock import monotonic, now
from connector.observability.logging import get_logger

__all__ = ["PeriodicRun", "PeriodicRuns", "TakeTurn"]

log = get_logger(__name__)

_OPTIONS: Final[dict[str, Any]] = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}


@dataclass(frozen=True, kw_only=True, slots=True)
class PeriodicRun:
    """One thing that is done every so often."""

    name: str
    every: timedelta
    deed: Callable[[], None]
    is_first_at_once: bool = False
    """Whether it runs when the daemon starts, and not only after the first interval."""
    once_for_all: bool = False
    """Whether one node does it for all of them. That saves work and is no guard: see connector.ledger.run_turns."""


TakeTurn = Callable[[PeriodicRun], AbstractContextManager[bool]]
"""Says whether this node does a run that is once for all; the run is done within."""


def _alone(_run: PeriodicRun) -> AbstractContextManager[bool]:
    return nullcontext(True)


class PeriodicRuns:
    """Rings the periodic runs. Each goes on at most once at a time, and one that fails is rung again."""

    def __init__(self, runs: list[PeriodicRun], *, threads: int = 4, take_turn: TakeTurn = _alone) -> None:
        """Take the runs, and who says whose turn those are that are once for all; nothing is started yet."""
        self._take_turn = take_turn
        self._runs = {run.name: run for run in runs}
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(threads)},
            job_defaults=_OPTIONS,
            timezone=UTC,
            daemon=True,
        )
        self._lock = threading.Lock()
        self._changed = threading.Condition()
        self._going: set[str] = set()
        self._is_started = False
        self._is_stopped = False

    def start(self) -> None:
        """Start ringing. Does nothing where it is started; what was stopped stays so."""
        with self._lock:
            if self._is_started or self._is_stopped:
                return
            self._is_started = True
            for run in self._runs.values():
                first = {"next_run_time": now()} if run.is_first_at_once else {}
                seconds = run.every.total_seconds()
                self._scheduler.add_job(
                    self._do, "interval", seconds=seconds, args=[run.name], id=run.name, **first
                )
            self._scheduler.start()

    def ring(self, name: str) -> None:
        """Have a run done now and not only when its time comes; while it goes on, nothing happens."""
        with self._lock:
            if self._is_started and not self._is_stopped and name not in self._going:
                self._scheduler.modify_job(name, next_run_time=now())

    def ring_all(self) -> None:
        """Have every run done now: the time at which it was to be rung is worth nothing after the clock was set."""
        for name in self._runs:
            self.ring(name)

    def stop(self, within: timedelta) -> bool:
        """Ring no more and wait for the runs that go on; return whether all ended in time."""
        with self._lock:
            was_running = self._is_started and not self._is_stopped
            self._is_stopped = True
        if was_running:
            self._scheduler.shutdown(wait=False)
        until = monotonic() + within.total_seconds()
        with self._changed:
            return self._changed.wait_for(lambda: not self._going, max(until - monotonic(), 0.0))

    def _do(self, name: str) -> None:
        with self._changed:
            if name in self._going or self._is_stopped:
                return
            self._going.add(name)
        try:
            run = self._runs[name]
            with self._take_turn(run) if run.once_for_all else nullcontext(True) as is_ours:
                if is_ours:
                    run.deed()
        except Exception:
            log.exception("scheduling.run_failed", run=name)
        finally:
            with self._changed:
                self._going.discard(name)
                self._changed.notify_all()
