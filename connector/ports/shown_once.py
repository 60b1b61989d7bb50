"""How an inbox that shows each message once is read without losing any.

The queue of such a vendor forgets what it has shown. What was shown and never stored (the answer was lost, the process
died, the ledger was away) is looked for in the vendor's other view, which shows the last messages as often as it is
asked. The cursor tells whether the last page was stored: only then is it handed back.
"""

from collections.abc import Callable
from typing import Final

from connector.ports.incoming import InboxPage, IncomingMessage

__all__ = ["Look", "ShownOnceInbox"]

Look = tuple[tuple[IncomingMessage, ...], bool]
"""What one call to the vendor brought, and whether there is more."""

_MOST_PAGES: Final = 50
_AGAIN: Final = "again"
_QUEUE: Final = "queue"


class ShownOnceInbox:
    """Where the reading of one inbox stands. Not for several threads at once."""

    def __init__(self, *, queue: Callable[[], Look], again: Callable[[int], Look]) -> None:
        """Keep how the queue is asked, and how the other view is asked for a page, from 1 on."""
        self._queue = queue
        self._again = again
        self._given: str | None = None
        """The cursor of the last page; None before the first one, and where the last call failed."""
        self._number = 0
        self._stored: set[str] = set()
        """Keys that the other view showed and the caller stored: the queue will show them once more."""
        self._last: set[str] = set()

    def page(self, cursor: str | None) -> InboxPage:
        """Return the next page of the queue, or of the other view where the last page may not have been stored.

        Whoever keeps no cursor at all is told everything that the queue has. Raise what the calls raise.
        """
        given, self._given = self._given, None
        is_stored = cursor == given
        if not is_stored or given is None:
            self._stored.clear()
        if given is None or (cursor is not None and not is_stored):
            return self._shown_again(1)
        kind, _, number = given.partition(" ")
        return self._shown_again(int(number)) if is_stored and kind == _AGAIN else self._from_queue()

    def _shown_again(self, number: int) -> InboxPage:
        messages, has_more = self._again(number)
        fresh = tuple(message for message in messages if message.gateway_key not in self._stored)
        self._stored |= {message.gateway_key for message in fresh}
        if not fresh:
            return self._from_queue()
        if has_more and number < _MOST_PAGES:
            self._given = f"{_AGAIN} {number + 1}"
            return InboxPage(messages=fresh, cursor=self._given, has_more=True)
        return self._of_queue(fresh, has_more=True)

    def _from_queue(self) -> InboxPage:
        messages, has_more = self._queue()
        keys = {message.gateway_key for message in messages}
        is_stuck = keys == self._last  # it shows the same page for ever: not what it documents
        self._last = keys
        fresh = tuple(message for message in messages if message.gateway_key not in self._stored)
        if not has_more:
            self._stored.clear()
        return self._of_queue(fresh, has_more=has_more and not is_stuck)

    def _of_queue(self, messages: tuple[IncomingMessage, ...], *, has_more: bool) -> InboxPage:
        self._number += 1
        self._given = f"{_QUEUE} {self._number}"
        return InboxPage(messages=messages, cursor=self._given, has_more=has_more)
