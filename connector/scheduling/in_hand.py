"""The claims that are in hand, and the heartbeat that keeps their leases alive.

A lease that is not renewed runs out: that is how a killed process is noticed by whoever lives. So as long
as a deed goes on, however slow the office is, its claims are renewed here; and not a moment longer.
"""

import threading
from collections.abc import Sequence
from datetime import timedelta

from connector.errors import ChaparError
from connector.ledger.ledger import Ledger
from connector.ledger.records import Claim
from connector.observability.logging import get_logger

__all__ = ["Heartbeat", "InHand"]

log = get_logger(__name__)


class InHand:
    """The claims that this process holds now. Thread-safe."""

    def __init__(self) -> None:
        """Start with nothing in hand."""
        self._changed = threading.Condition()
        self._claims: dict[str, Claim] = {}
        self._is_ending = False

    def add(self, claims: Sequence[Claim]) -> None:
        """Take claims in hand."""
        with self._changed:
            self._claims |= {claim.work_id: claim for claim in claims}
            self._changed.notify_all()

    def remove(self, claims: Sequence[Claim]) -> None:
        """Put claims out of hand; those that were claimed anew meanwhile stay."""
        with self._changed:
            for claim in claims:
                if self._claims.get(claim.work_id) is claim:
                    del self._claims[claim.work_id]

    def all(self) -> list[Claim]:
        """Return what is in hand."""
        with self._changed:
            return list(self._claims.values())

    def wait(self, beat: timedelta) -> bool:
        """Wait for one beat while something is in hand, without end while nothing is. Return False at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._claims or self._is_ending)
            self._changed.wait_for(lambda: self._is_ending, beat.total_seconds())
            return not self._is_ending

    def end(self) -> None:
        """Let whoever waits go."""
        with self._changed:
            self._is_ending = True
            self._changed.notify_all()


class Heartbeat:
    """One thread that renews the leases of everything in hand, three times within the length of a lease."""

    def __init__(self, ledger: Ledger, in_hand: InHand, *, lease_for: timedelta) -> None:
        """Take what is to be renewed; nothing is started yet."""
        self._ledger = ledger
        self._in_hand = in_hand
        self._lease_for = lease_for
        self._thread = threading.Thread(target=self._beat, name="chapar-heartbeat", daemon=True)

    def start(self) -> None:
        """Start the thread; once."""
        self._thread.start()

    def stop(self, within: timedelta) -> None:
        """Stop the thread."""
        self._in_hand.end()
        if self._thread.is_alive():
            self._thread.join(within.total_seconds())

    def _beat(self) -> None:
        while self._in_hand.wait(self._lease_for / 3):
            claims = self._in_hand.all()
            try:
                if claims:
                    self._ledger.renew(claims, lease_for=self._lease_for)
            except ChaparError as error:
                log.warning("scheduling.leases_not_renewed", claims=len(claims), failure=type(error).__name__)
            except Exception:
                log.exception("scheduling.leases_not_renewed", claims=len(claims))
