"""The dispatcher: it starts the lanes, passes on what falls due, and brings everything to an orderly stop."""

import threading
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from connector.clock import Now, monotonic, now
from connector.ledger.ledger import Ledger
from connector.ledger.records import Lane
from connector.observability.logging import get_logger
from connector.scheduling.in_hand import Heartbeat, InHand
from connector.scheduling.lane_thread import LaneThread
from connector.scheduling.lanes import LaneRun, Watch, unwatched

__all__ = ["Dispatcher"]

log = get_logger(__name__)

_STANDS_STILL: Final = timedelta(minutes=3)
"""A lane turns at least once a minute; three in vain are no accident."""


class Dispatcher:
    """Runs all lanes of this process. start() and stop() may be called twice, and stop() without start()."""

    def __init__(
        self,
        ledger: Ledger,
        runs: Iterable[LaneRun],
        *,
        holder: str,
        lease_for: timedelta = timedelta(seconds=60),
        now: Now = now,
        watch: Watch = unwatched,
    ) -> None:
        """Take the lanes' runs and the name under which this process holds its leases."""
        self._ledger = ledger
        self._in_hand = InHand()
        self._heartbeat = Heartbeat(ledger, self._in_hand, lease_for=lease_for)
        self._lanes = {
            run.lane: LaneThread(
                ledger, run, holder=holder, lease_for=lease_for, in_hand=self._in_hand, now=now, watch=watch
            )
            for run in runs
        }
        self._lock = threading.Lock()
        self._is_started = False
        self._is_stopped = False
        self._is_done = True

    def start(self) -> None:
        """Start all lanes. Does nothing where they are started; a dispatcher that was stopped stays so."""
        with self._lock:
            if self._is_started or self._is_stopped:
                return
            self._is_started = True
        self._ledger.on_due(self._call)
        self._heartbeat.start()
        for lane in self._lanes.values():
            lane.start()
        log.info("scheduling.started", lanes=len(self._lanes))

    def stop_claiming(self) -> None:
        """Claim nothing any more: what is not in hand is left to others, or to the next start. Returns at once."""
        for lane in self._lanes.values():
            lane.stop_claiming()

    def stop(self, within: timedelta) -> bool:
        """Claim nothing more, let the deeds in hand end, and give back what was not started.

        Return whether all deeds came to their end in time. Those that did not go on in their threads;
        their claims are no longer renewed, and run out.
        """
        with self._lock:
            was_running = self._is_started and not self._is_stopped
            self._is_stopped = True
        if not was_running:
            return self._is_done
        until = monotonic() + within.total_seconds()
        self.stop_claiming()
        left = [
            lane.run.lane
            for lane in self._lanes.values()
            if not lane.finish(until, timedelta(seconds=max(until - monotonic(), 0.0)))
        ]
        self._heartbeat.stop(timedelta(seconds=1))
        self._is_done = not left
        for lane_left in left:
            log.warning(
                "scheduling.deed_not_ended", stage=str(lane_left.stage), connection=lane_left.connection
            )
        log.info("scheduling.stopped", claims_left=len(self._in_hand.all()))
        return self._is_done

    def standing_still(self, longer_than: timedelta = _STANDS_STILL) -> list[Lane]:
        """Return the lanes that should turn and do not; the watchdog asks this. Empty before start and after stop."""
        if not self._is_started or self._is_stopped:
            return []
        return [lane for lane, thread in self._lanes.items() if thread.stands_still(longer_than)]

    @property
    def lanes(self) -> frozenset[Lane]:
        """Every lane that this process turns."""
        return frozenset(self._lanes)

    def wake(self, lane: Lane) -> None:
        """Have a lane look again now."""
        if (thread := self._lanes.get(lane)) is not None:
            thread.wake()

    def wake_all(self) -> None:
        """Have every lane look again now: somebody beside this daemon wrote, or a connection was resumed."""
        for lane in self._lanes.values():
            lane.wake()

    @property
    def in_hand(self) -> int:
        """How many pieces of work this process has claimed and not yet ended."""
        return len(self._in_hand.all())

    def _call(self, lane: Lane) -> None:
        if (thread := self._lanes.get(lane)) is not None:
            thread.call()
