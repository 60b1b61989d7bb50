"""Makes this daemon known among the nodes, and takes over what an earlier daemon of its name left behind."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from connector.errors import LedgerUnavailable
from connector.ledger.ledger import Ledger
from connector.observability.logging import get_logger

__all__ = ["Presence"]

log = get_logger(__name__)

_EVERY: Final = timedelta(seconds=10)
_AGAIN_SOON: Final = timedelta(seconds=1)
"""The server may need a moment to notice that the daemon before this one was killed."""
_SECOND_LOOK: Final = 2


class Presence:
    """One thread that says "I am here" every ten seconds. start() once; stop() also without a start, and twice."""

    def __init__(
        self,
        ledger: Ledger,
        *,
        holder: str,
        node: str,
        version: str,
        in_hand: Callable[[], int],
        calls_begin_within: timedelta,
        every: timedelta = _EVERY,
    ) -> None:
        """Take the name on this daemon's leases (node and holder), and how to see how much it has in hand.

        ``calls_begin_within`` is how long after its announcement a call may still begin.
        """
        self._ledger = ledger
        self._holder = holder
        self._node = node
        self._version = version
        self._in_hand = in_hand
        self._calls_begin_within = calls_begin_within
        self._every = every
        self._lock = ledger.nodes.lock(node)
        self._looks = 0
        self._had_the_name = self._lock is None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._stay, name="chapar-node", daemon=True)

    def start(self) -> None:
        """Enter the nodes. Raise LedgerUnavailable when the database is away."""
        self._ledger.nodes.enter(self._holder, node=self._node, version=self._version)
        self._thread.start()

    def stop(self, *, is_done: bool) -> None:
        """Say that this daemon has stopped.

        Where deeds are still under way the name is kept until the process is gone: nobody takes them over before.
        """
        if self._ending.is_set() or not self._thread.is_alive():
            return
        self._ending.set()
        self._thread.join(self._every.total_seconds())
        try:
            self._say(is_stopped=True)
        except LedgerUnavailable:
            pass  # then it is silent, and that is shown
        if self._lock is not None and is_done:
            self._lock.let_go()

    def _stay(self) -> None:
        while True:
            try:
                self._beat()
            except LedgerUnavailable as error:
                log.warning("daemon.not_heard_of", failure=type(error).__name__)
            except Exception:
                log.exception("daemon.not_heard_of")
            is_early = not self._had_the_name and self._looks < _SECOND_LOOK
            if self._ending.wait((_AGAIN_SOON if is_early else self._every).total_seconds()):
                return

    def _beat(self) -> None:
        if self._lock is not None:
            is_held = self._lock.hold()
            self._looks += 1
            if is_held and not self._had_the_name:
                self._take_over()
            elif not is_held and self._looks == _SECOND_LOOK and not self._had_the_name:
                log.warning("daemon.node_name_taken", node=self._node)
        self._say()

    def _take_over(self) -> None:
        """Only once: a later daemon of the same name that merely lost its connection is left alone."""
        freed = self._ledger.nodes.take_over(
            self._holder, node=self._node, calls_begin_within=self._calls_begin_within
        )
        self._had_the_name = True
        if freed:
            log.info("ledger.leases_freed", count=freed)

    def _say(self, *, is_stopped: bool = False) -> None:
        self._ledger.nodes.seen(
            self._holder,
            node=self._node,
            version=self._version,
            in_hand=self._in_hand(),
            is_stopped=is_stopped,
        )
        if self._lock is not None:
            self._ledger.call_rates.know_nodes(self._ledger.nodes.running())
