"""A schedule in memory with the ledger's claims, so that a test can make it fail and can count what is asked of it."""

import itertools
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from queue import Empty, Queue

from connector.clock import now
from connector.domain.lifecycle import Stage
from connector.errors import LostRace
from connector.ledger.records import Claim, Lane, OnDue, WorkKind
from connector.scheduling.lanes import LaneSignal

__all__ = ["LANE", "ScheduleDouble", "Signals"]

LANE = Lane(Stage.REGISTRATION, "main")
_numbers = itertools.count(1)


class ScheduleDouble:
    """Rows of work with leases; the part of the ledger that the dispatcher needs. Thread-safe."""

    def __init__(self) -> None:
        self.rows: dict[str, Claim] = {}
        self.leases: dict[str, datetime] = {}
        self.asked: Counter[str] = Counter()
        self.failures: list[Exception] = []
        self.postponed: list[tuple[str, str]] = []
        self.renewed: Queue[list[str]] = Queue()
        self.callbacks: list[OnDue] = []
        self.lock = threading.RLock()

    def add(self, *, lane: Lane = LANE, due_at: datetime | None = None, status: str = "ready") -> str:
        """Make work due and tell whoever listens."""
        work_id = f"work-{next(_numbers)}"
        with self.lock:
            self.rows[work_id] = Claim(
                kind=WorkKind.LETTER, work_id=work_id, letter_id=work_id, lane=lane, status=status, version=1,
                attempts=0, holder="", due_at=due_at or now(),
            )  # fmt: skip
        for callback in self.callbacks:
            callback(lane)
        return work_id

    def on_due(self, callback: OnDue) -> None:
        self.callbacks.append(callback)

    def claim(
        self, lane: Lane, *, holder: str, lease_for: timedelta, limit: int, is_expected: bool = False
    ) -> list[Claim]:
        with self.lock:
            self.asked["claim"] += 1
            if self.failures:
                raise self.failures.pop(0)
            at = now()
            due = [
                row
                for row in sorted(self.rows.values(), key=lambda row: row.due_at)
                if row.lane == lane and row.due_at <= at and self.leases.get(row.work_id, at) <= at
            ][:limit]
            taken = [replace(row, holder=holder, version=row.version + 1) for row in due]
            for row in taken:
                self.rows[row.work_id] = row
                self.leases[row.work_id] = at + lease_for
            return taken

    def done(self, claims: Iterable[Claim]) -> None:
        """What a deed does at its end: the work is gone."""
        with self.lock:
            for claim in claims:
                self._guard(claim)
                del self.rows[claim.work_id], self.leases[claim.work_id]

    def announce(self, claim: Claim) -> Claim:
        with self.lock:
            self._guard(claim)
            self.rows[claim.work_id] = replace(claim, status="registering", version=claim.version + 1)
            return self.rows[claim.work_id]

    def renew(self, claims: Iterable[Claim], *, lease_for: timedelta) -> list[Claim]:
        with self.lock:
            held = [claim for claim in claims if claim.work_id in self.leases]
            for claim in held:
                self.leases[claim.work_id] = now() + lease_for
        self.renewed.put([claim.work_id for claim in held])
        return []

    def give_back(self, claims: Iterable[Claim]) -> None:
        with self.lock:
            for claim in claims:
                self.asked["give_back"] += 1
                del self.leases[claim.work_id]

    def postpone(self, claim: Claim, *, due_at: datetime, reason: str) -> None:
        with self.lock:
            self._guard(claim)
            self.rows[claim.work_id] = replace(claim, due_at=due_at, version=claim.version + 1)
            del self.leases[claim.work_id]
            self.postponed.append((claim.work_id, reason))

    def next_due_at(self, lane: Lane) -> datetime | None:
        with self.lock:
            self.asked["next_due_at"] += 1
            rows = [row for row in self.rows.values() if row.lane == lane]
            return min((self.leases.get(row.work_id, row.due_at) for row in rows), default=None)

    def _guard(self, claim: Claim) -> None:
        if self.rows.get(claim.work_id) != claim:
            raise LostRace


class Signals:
    """What the lanes said, in order; a test waits for a signal and not for a time."""

    def __init__(self) -> None:
        self.queue: Queue[LaneSignal] = Queue()

    def __call__(self, _lane: Lane, signal: LaneSignal) -> None:
        self.queue.put(signal)

    def wait_for(self, wanted: LaneSignal, within: float = 10) -> None:
        """Wait until this signal comes; those before it are dropped."""
        try:
            while self.queue.get(timeout=within) is not wanted:
                pass
        except Empty:
            raise AssertionError(f"{wanted} did not come") from None


Deed = Callable[[list[Claim]], None]
