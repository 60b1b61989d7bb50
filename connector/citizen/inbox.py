"""Asks the inbox of one gateway, and stores each page before anything else is done."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

from connector.citizen.receiving import Receiving
from connector.clock import Now
from connector.errors import CallFailed, LedgerUnavailable
from connector.ledger.incoming_records import InboxState
from connector.ledger.ledger import Ledger
from connector.observability.logging import get_logger
from connector.ports.connection import Connection
from connector.ports.gateway import DeliveryReport
from connector.ports.incoming import HasInbox, InboxPage

__all__ = ["Inbox"]

log = get_logger(__name__)

_PAGES_AT_ONCE: Final = 20
"""A stop waits for no longer; what is left is asked for at the next look, which comes at once."""
_GAP_GROWS: Final = 2
_OF_OUR_OWN: Final = frozenset({"paused", "closing"})
"""Not the inbox's trouble: the operator said so, or the house is stopping."""


class Inbox:
    """The inbox of one gateway. Its looks come often while people write, and seldom while nobody does."""

    def __init__(
        self,
        ledger: Ledger,
        gateway: Connection[Any],
        receiving: Receiving,
        *,
        every: timedelta,
        at_most_every: timedelta,
        now: Now,
        take_report: Callable[[DeliveryReport], object] = lambda _: None,
    ) -> None:
        """Take the gateway, where its messages and the delivery reports among them go, and the shortest and the longest
        time between two looks; a gateway that cannot wait so long is asked as often as it must be.
        """
        self.gateway = gateway.name
        self._ledger = ledger
        self._gateway = gateway
        self._receiving = receiving
        must = gateway.capabilities.inbox_every
        self.every = every if must is None else min(every, must)
        """How often ``run`` is to be called; it looks when it is time."""
        self._at_most_every = max(every, at_most_every) if must is None else must
        self.is_of_this_process = must is not None
        """What comes over a living session comes to this process alone: each node asks, and its cursor is its own."""
        self._cursor: str | None = None
        self._take_report = take_report
        self._now = now
        self._gap = self.every
        self._looked_at: datetime | None = None
        self._unstored: InboxPage | None = None
        self._state = InboxState()

    def run(self) -> None:
        """Look if it is time. Raise LedgerUnavailable where nothing can be stored: then the inbox is not even asked.

        An inbox that shows a message only once is emptied by the question. So a page that could not be stored is kept,
        and stored before the next look; what a process takes with it that is killed in between is lost, see
        docs/receiving.md.
        """
        self._store_what_is_left()
        if self._gateway.is_paused or not self._is_time():
            return
        self._ledger.ping()
        self._looked_at = self._now()
        try:
            came = self._look()
        except CallFailed as error:
            self._failed(error)
            came = 0
        self._gap = self.every if came else min(self._gap * _GAP_GROWS, self._at_most_every)

    def _is_time(self) -> bool:
        return self._looked_at is None or self._now() - self._looked_at >= self._gap

    def _look(self) -> int:
        came = 0
        for _ in range(_PAGES_AT_ONCE):
            self._state = self._ledger.incoming.inbox(self.gateway)
            cursor = self._cursor if self.is_of_this_process else self._state.cursor
            page = self._gateway.call("inbox", _asking(cursor))
            self._unstored = page
            came += len(page.messages) + len(page.reports)
            self._store_what_is_left()
            if not page.has_more:
                return came
        self._looked_at = None
        return came

    def _store_what_is_left(self) -> None:
        page = self._unstored
        if page is None:
            return
        for report in page.reports:
            self._take_report(report)
        cursor = None if self.is_of_this_process else page.cursor
        is_moved = cursor not in {None, self._state.cursor}
        if page.messages or is_moved or self._state.failing_since is not None:
            new = self._receiving.take_in_page(self.gateway, page.messages, cursor=cursor)
            if page.messages:
                log.info("citizen.inbox_read", gateway=self.gateway, messages=len(page.messages), new=new)
        self._unstored = None
        self._cursor = page.cursor or self._cursor

    def _failed(self, error: CallFailed) -> None:
        """Note it for the operator, once; the connection has logged it."""
        reason = error.reason or "call_failed"
        if reason in _OF_OUR_OWN or self._state.failing_since is not None:
            return
        with suppress(LedgerUnavailable):
            self._ledger.incoming.inbox_failed(self.gateway, reason)


def _asking(cursor: str | None) -> Callable[[HasInbox], InboxPage]:
    return lambda adapter: adapter.inbox(cursor)
