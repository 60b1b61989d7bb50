"""The chain of a letter's events: keyed digests by which a changed, missing or added row shows.

Each event keeps two digests side by side, of 128 bits each. The first is over the row itself: where it does not fit,
this row was changed. The second is over the whole of the event before it and over the first: where only that does not
fit, a row between them is missing. Whoever has the database and not the key can make neither.

What is personal enters by a digest of its plain form. So a row stays in its chain when it is sealed anew under another
key, and when its personal part is one day erased.
"""

from typing import Any, Final

import orjson

from connector.ledger.seal import KeyRing
from connector.ledger.tables import Instant

__all__ = ["HALF", "event_chain", "event_link", "event_mark", "microseconds", "personal_digest"]

HALF: Final = 32
"""Hexadecimal digits of each of the two digests."""
_INSTANT: Final = Instant()


def event_chain(ring: KeyRing, previous: str, mark: str) -> str:
    """Return what an event keeps, from the chain of the event before it (empty for the first) and its own mark."""
    return mark + event_link(ring, previous, mark)


def event_mark(
    ring: KeyRing,
    letter_id: str,
    position: int,
    happened_at: int | None,
    event: str,
    status: str,
    reason: str | None,
    code: str | None,
    detail: str | None,
    personal: str | None,
) -> str:
    """Return the digest of the row alone: of its columns as they stand in the database."""
    columns = [letter_id, position, happened_at, event, status, reason, code, detail, personal]
    return ring.blind(orjson.dumps(columns).decode(), "audit event")[:HALF]


def event_link(ring: KeyRing, previous: str, mark: str) -> str:
    """Return the digest that ties a row to the one before it."""
    return ring.blind(f"{previous} {mark}", "audit link")[:HALF]


def personal_digest(ring: KeyRing, letter_id: str, position: int, personal: dict[str, Any]) -> str:
    """Return a keyed digest of what is sealed in a row: the same words elsewhere have another one."""
    said = orjson.dumps([letter_id, position, personal], option=orjson.OPT_SORT_KEYS)
    return ring.blind(said.decode(), "audit personal part")


def microseconds(instant: Any) -> int | None:
    """Return an instant as the database keeps it."""
    return _INSTANT.process_bind_param(instant, None)
