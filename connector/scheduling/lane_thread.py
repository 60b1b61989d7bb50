"""One lane's thread: it claims what is due and what can be started now, and sleeps in between.

Woken by the ledger (something fell due), by its own pool (a thread is free), by the time at which the
next thing falls due, and once a minute in any case. It never asks the ledger in a circle.
"""

import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from connector.clock import Now, monotonic
from connector.errors import LedgerUnavailable, LostRace
from connector.ledger.ledger import Ledger
from connector.ledger.records import Claim
from connector.observability.logging import get_logger
from connector.scheduling.in_hand import InHand
from connector.scheduling.lanes import LaneRun, LaneSignal, Watch
from connector.scheduling.pool import Pool

__all__ = ["LaneThread"]

log = get_logger(__name__)

_LONGEST_SLEEP: Final = timedelta(seconds=60)
_SHORTEST_SLEEP: Final = timedelta(milliseconds=20)
_LONGEST_BACK_OFF: Final = timedelta(seconds=30)
_AT_ONCE: Final = timedelta()
_DEED_FIRST: Final = timedelta(milliseconds=5)
_NEVER_GIVEN_BACK: Final = frozenset({"registering", "sending"})
"""A call may be under way: such a claim is left to expire, and its outcome counts as lost."""


class LaneThread:
    """Drives one lane. Started once, stopped once."""

    def __init__(
        self,
        ledger: Ledger,
        run: LaneRun,
        *,
        holder: str,
        lease_for: timedelta,
        in_hand: InHand,
        now: Now,
        watch: Watch,
    ) -> None:
        """Take the lane's run; nothing is started yet."""
        self.run = run
        self._ledger = ledger
        self._holder = holder
        self._lease_for = lease_for
        self._in_hand = in_hand
        self._now = now
        self._watch = watch
        self._changed = threading.Condition()
        self._is_woken = False
        self._is_called = False
        self._is_stopping = False
        self._vain = 0
        self._turned_at = monotonic()
        name = f"chapar-{run.lane.stage}-{run.lane.connection}"
        self._pool = Pool[Sequence[Claim]](name, run.pool_size, work=self._do, on_free=self.wake)
        self._thread = threading.Thread(target=self._drive, name=name, daemon=True)

    def start(self) -> None:
        """Start claiming."""
        self._thread.start()

    def call(self) -> None:
        """Something fell due: look now. Returns at once; may be called from any thread."""
        with self._changed:
            self._is_called = self._is_woken = True
            self._changed.notify_all()

    def wake(self) -> None:
        """Look again now, though it may be in vain. Returns at once; may be called from any thread."""
        with self._changed:
            self._is_woken = True
            self._changed.notify_all()

    def stands_still(self, longer_than: timedelta) -> bool:
        """Return whether the thread has died, or has not begun a turn for so long; it begins one every minute.

        One that was told to claim nothing any more need not turn.
        """
        if self._is_stopping:
            return False
        silence = monotonic() - self._turned_at
        return not self._thread.is_alive() or silence > longer_than.total_seconds()

    def stop_claiming(self) -> None:
        """Claim nothing any more. Returns at once."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify_all()

    def finish(self, until: float, wait: timedelta) -> bool:
        """Give back what was not started and wait for the deeds in hand, until this instant of the
        monotonic clock.

        Return whether all of them came to their end.
        """
        if self._thread.is_alive():
            self._thread.join(wait.total_seconds())
        for claims in self._pool.end():
            self._give_back(claims)
        return self._pool.wait_until_done(until)

    def _drive(self) -> None:
        while True:
            self._turned_at = monotonic()
            with self._changed:
                is_called, self._is_called, self._is_woken = self._is_called, False, False
                if self._is_stopping:
                    return
            try:
                sleep, may_be_woken = self._turn(is_called), True
            except LedgerUnavailable as error:
                sleep, may_be_woken = self._back_off(), False
                log.warning("scheduling.ledger_unavailable", **self._facts(), failure=type(error).__name__)
            except Exception:
                sleep, may_be_woken = self._back_off(), False
                log.exception("scheduling.lane_failed", **self._facts())
            self._sleep(sleep, may_be_woken=may_be_woken)

    def _sleep(self, sleep: timedelta, *, may_be_woken: bool) -> None:
        with self._changed:
            is_called = self._changed.wait_for(
                lambda: self._is_stopping or (may_be_woken and self._is_woken),
                max(sleep, _AT_ONCE).total_seconds(),
            )
            if is_called and self.run.gives_way:
                self._changed.wait_for(lambda: self._is_stopping, self.run.gives_way.total_seconds())

    def _turn(self, is_called: bool) -> timedelta:
        """Claim and start what is due; return how long to sleep if nobody wakes us."""
        closed_for = self.run.closed_for()
        if closed_for is not None:
            self._watch(self.run.lane, LaneSignal.CLOSED)
            return min(max(closed_for, _SHORTEST_SLEEP), _LONGEST_SLEEP)
        room = self._pool.free * self.run.batch
        if room <= 0:
            return _LONGEST_SLEEP
        claims = self._ledger.claim(
            self.run.lane, holder=self._holder, lease_for=self._lease_for, limit=room, is_expected=is_called
        )
        if not claims:
            return self._until_next_due()
        self._vain = 0
        self._hand_out(claims)
        # The deed goes first: what else falls due is asked after it has begun.
        return _LONGEST_SLEEP if len(claims) == room else _DEED_FIRST

    def _until_next_due(self) -> timedelta:
        due_at = self._ledger.next_due_at(self.run.lane)
        self._watch(self.run.lane, LaneSignal.IDLE)
        if due_at is None:
            return _LONGEST_SLEEP
        sleep = min(due_at - self._now(), _LONGEST_SLEEP)
        if sleep > _AT_ONCE:
            self._vain = 0
            return sleep
        # Something is due and was not to be had: another node takes it, or the clocks differ a little.
        self._vain += 1
        return min(_SHORTEST_SLEEP * float(2 ** min(self._vain, 6)), timedelta(seconds=1))

    def _hand_out(self, claims: Sequence[Claim]) -> None:
        self._in_hand.add(claims)
        self._watch(self.run.lane, LaneSignal.CLAIMED)
        for start in range(0, len(claims), self.run.batch):
            part = claims[start : start + self.run.batch]
            if not self._pool.submit(part):
                self._give_back(part)

    def _do(self, claims: Sequence[Claim]) -> None:
        try:
            self.run.deed(claims)
        except LedgerUnavailable as error:
            log.warning("scheduling.ledger_unavailable", **self._facts(), failure=type(error).__name__)
        except BaseException:
            log.exception("scheduling.deed_failed", **self._facts(), claims=len(claims))
            self._set_back(claims)
        finally:
            self._in_hand.remove(claims)
            self._watch(self.run.lane, LaneSignal.FINISHED)

    def _set_back(self, claims: Sequence[Claim]) -> None:
        """Give the claims of a deed that broke down a later time, where nothing can be under way.

        A claim that was announced meanwhile has a new version: the write loses its race, and the lease
        runs out.
        """
        for claim in claims:
            if claim.status in _NEVER_GIVEN_BACK:
                continue
            gap = min(timedelta(seconds=30) * float(2 ** min(claim.attempts, 10)), timedelta(hours=1))
            try:
                self._ledger.postpone(claim, due_at=self._now() + gap, reason="deed_failed")
            except LostRace:
                continue
            except Exception:
                log.exception("scheduling.claim_left_to_expire", **self._facts(), letter_id=claim.letter_id)

    def _give_back(self, claims: Sequence[Claim]) -> None:
        self._in_hand.remove(claims)
        try:
            self._ledger.give_back([claim for claim in claims if claim.status not in _NEVER_GIVEN_BACK])
        except Exception:
            log.exception("scheduling.claims_left_to_expire", **self._facts(), claims=len(claims))

    def _back_off(self) -> timedelta:
        self._vain += 1
        self._watch(self.run.lane, LaneSignal.BACKED_OFF)
        return min(timedelta(seconds=0.25) * float(2 ** min(self._vain - 1, 10)), _LONGEST_BACK_OFF)

    def _facts(self) -> dict[str, str]:
        return {"stage": str(self.run.lane.stage), "connection": self.run.lane.connection}
