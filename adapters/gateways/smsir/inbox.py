"""How an inbox that shows each message once is read without losing any.

``receive/latest`` forgets what it has shown. What was shown and never stored (the answer was lost, the process died)
is still in ``receive/live``, which shows the day as often as it is asked. The cursor tells whether the last page was
stored: only then is it handed back.
"""

from collections.abc import Callable, Sequence
from typing import Final

from connector.ports.incoming import InboxPage, IncomingMessage

__all__ = ["PAGE", "ReadOnceInbox"]

PAGE: Final = 100
_LATEST: Final = "latest"
_LIVE: Final = "live"


class ReadOnceInbox:
    """Where the reading of one inbox stands. Not for several threads at once."""

    def __init__(self, ask: Callable[[str], Sequence[IncomingMessage]]) -> None:
        """Keep how a path is asked for its messages."""
        self._ask = ask
        self._given: str | None = None
        self._number = 0
        self._stored: set[str] = set()
        """Keys of this walk over the day: the queue will show them once more."""

    def page(self, cursor: str | None) -> InboxPage:
        """Return the next page: of the queue, or of the day where the last page may not have been stored."""
        expected, self._given = self._given, None  # a call that fails leaves nothing expected
        if cursor is None or cursor != expected:
            self._stored.clear()
            return self._of_the_day(1)
        kind, _, number = cursor.partition(" ")
        if kind == _LIVE:
            return self._of_the_day(int(number))
        messages = self._ask(f"receive/latest?count={PAGE}")
        fresh = tuple(message for message in messages if message.gateway_key not in self._stored)
        is_full = len(messages) >= PAGE
        if not is_full:
            self._stored.clear()
        return self._given_out(fresh, _LATEST, has_more=is_full)

    def _of_the_day(self, number: int) -> InboxPage:
        messages = self._ask(f"receive/live?pageSize={PAGE}&pageNumber={number}&sortByNewest=true")
        is_over = len(messages) < PAGE or {message.gateway_key for message in messages} <= self._stored
        self._stored |= {message.gateway_key for message in messages}
        return self._given_out(tuple(messages), _LATEST if is_over else _LIVE, number + 1, has_more=True)

    def _given_out(
        self, messages: tuple[IncomingMessage, ...], kind: str, page: int | None = None, *, has_more: bool
    ) -> InboxPage:
        if kind == _LIVE:
            self._given = f"{_LIVE} {page}"
        else:
            self._number += 1
            self._given = f"{_LATEST} {self._number}"
        return InboxPage(messages=messages, cursor=self._given, has_more=has_more)
