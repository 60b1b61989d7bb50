"""How the inbox of IPPanel is walked: newest first, page by page, back to the last id of the walk before."""

from collections.abc import Callable, Sequence
from typing import Final

from connector.mapping.gateway_answers import is_reference
from connector.ports.incoming import InboxPage, IncomingMessage

__all__ = ["PAGE", "inbox_page"]

PAGE: Final = 100
_LONGEST_WALK: Final = 50
_FIRST_WALK: Final = 5
"""Pages of one walk, and of the very first one: an old panel has millions of messages. What lies deeper is left."""


def inbox_page(cursor: str | None, ask: Callable[[int | None, int], Sequence[IncomingMessage]]) -> InboxPage:
    """Return one page. ``ask`` takes the id after which messages are wanted, None for all, and the number of the page.

    The cursor is that id; while a walk goes on it is "id, next page, highest id so far". A message that comes meanwhile
    pushes others to later pages, so some are shown twice and none is missed.
    """
    after, page, highest = _where(cursor)
    messages = ask(after or None, page)
    ids = [int(message.gateway_key) for message in messages if is_reference(message.gateway_key)]
    highest = max([highest, *ids])
    if len(messages) < PAGE or page >= (_LONGEST_WALK if after else _FIRST_WALK):
        return InboxPage(messages=tuple(messages), cursor=str(highest))
    return InboxPage(messages=tuple(messages), cursor=f"{after} {page + 1} {highest}", has_more=True)


def _where(cursor: str | None) -> tuple[int, int, int]:
    """Return the id after which the walk goes, 0 for none, the page to go on at, and the highest id so far."""
    numbers = [int(part) for part in (cursor or "").split()[:3] if is_reference(part) or part == "0"]
    if len(numbers) == 3:
        return numbers[0], max(numbers[1], 1), numbers[2]
    return (numbers[0], 1, numbers[0]) if numbers else (0, 1, 0)
