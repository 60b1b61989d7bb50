"""Rows of smsd's inbox as messages: a row is a part, and the header says of what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from connector.domain.concatenation import Concatenation, joined, read_header
from connector.ports.incoming import IncomingMessage

__all__ = ["InboxRow", "Look", "shown"]


class InboxRow(Protocol):
    """One row of inbox."""

    ID: int
    SenderNumber: str
    TextDecoded: str
    UDH: str
    age: float
    """Seconds since smsd wrote it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What one look into the inbox brought."""

    messages: tuple[IncomingMessage, ...]
    rows: Sequence[int]
    """The rows that these messages are made of."""
    cursor: str


def shown(rows: Iterable[InboxRow], *, join_within: timedelta) -> Look:
    """Return the messages in these rows: all that are whole, and those whose missing parts are late."""
    texts: dict[tuple[object, ...], dict[int, InboxRow]] = {}
    for row in rows:
        place = _place(row)
        key: tuple[object, ...] = (
            (row.ID,) if place is None else (row.SenderNumber, place.reference, place.total)
        )
        number = 1 if place is None else place.number
        if number in texts.get(key, {}):  # the reference came round again
            key = (*key, row.ID)
        texts.setdefault(key, {})[number] = row
    messages, used = [], []
    for key, parts in texts.items():
        total = 1 if len(key) == 1 else int(str(key[2]))
        is_late = max(row.age for row in parts.values()) >= join_within.total_seconds()
        if len(parts) < total and not is_late:
            continue
        first = min(parts.values(), key=lambda row: row.ID)
        text = joined({number: row.TextDecoded or "" for number, row in parts.items()}, total)
        messages.append(
            IncomingMessage(gateway_key=str(first.ID), sender=first.SenderNumber or "", line="", text=text)
        )
        used += [row.ID for row in parts.values()]
    return Look(messages=tuple(messages), rows=used, cursor=str(max(used, default=0)))


def _place(row: InboxRow) -> Concatenation | None:
    try:
        return read_header(bytes.fromhex(row.UDH or ""))[0]
    except ValueError:
        return None
