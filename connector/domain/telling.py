"""Which facts make which stale, and which may share a text: two tables, asked while a message still waits."""

from collections.abc import Iterable, Mapping
from typing import Final

from connector.domain.message import FactKind

__all__ = ["JOINABLE", "OVERTAKEN_BY", "is_overtaken"]

_NUMBERED: Final = frozenset({FactKind.REFERRED, FactKind.ANSWERED, FactKind.RETURNED, FactKind.CLOSED})
_AFTER_RECEIPT: Final = _NUMBERED | {FactKind.REGISTERED, FactKind.REFUSED, FactKind.WITHDRAWN}

OVERTAKEN_BY: Final[Mapping[FactKind, frozenset[FactKind]]] = {
    FactKind.RECEIVED: _AFTER_RECEIPT | {FactKind.DELAYED},
    FactKind.DELAYED: _AFTER_RECEIPT,
    FactKind.REGISTERED: _NUMBERED,
    FactKind.REFERRED: _NUMBERED,
    FactKind.ANSWERED: frozenset({FactKind.ANSWERED}),
    FactKind.REFUSED: frozenset(),
    FactKind.RETURNED: frozenset(),
    FactKind.CLOSED: frozenset(),
    FactKind.WITHDRAWN: frozenset(),
}
"""For each fact the newer ones that leave nothing of it to say. What it carries (a tracking code, a number) must stand
in the newer text as well, or it is told all the same: that is looked at in the words themselves. That a letter was
answered is not made stale by its end: who is not told of the answer does not read it."""

JOINABLE: Final = frozenset(
    {FactKind.REGISTERED, FactKind.REFERRED, FactKind.ANSWERED, FactKind.RETURNED, FactKind.CLOSED}
)
"""Facts that may stand in one text with others. The first word to a citizen and a refusal stand alone."""


def is_overtaken(older: Iterable[FactKind], newer: Iterable[FactKind]) -> bool:
    """Return whether each of the older facts is made stale by some newer one."""
    said = frozenset(newer)
    return all(OVERTAKEN_BY[fact] & said for fact in older)
