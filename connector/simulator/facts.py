"""Which facts the office's book owes a citizen, and how a told one is compared with them."""

from collections.abc import Iterator
from typing import Final

from connector.simulator.records import MoveKind, OfficeEntry, ToldFact

__all__ = ["FactKey", "due_facts", "rank", "told_key"]

FactKey = tuple[str, ...]
"""What makes two messages tell the same: the kind; for referrals the unit too; for unread texts the text."""

_KIND: Final = {
    MoveKind.NUMBERED: "registered",
    MoveKind.REFUSED: "refused",
    MoveKind.REFERRED: "referred",
    MoveKind.ANSWERED: "answered",
    MoveKind.RETURNED: "returned",
    MoveKind.CLOSED: "closed",
}


def due_facts(entry: OfficeEntry) -> Iterator[FactKey]:
    """Yield what the citizen is to be told of this letter, in the order of happening; nothing confidential."""
    yield ("received",)
    for move in entry.moves:
        if not move.is_confidential:
            yield _key(_KIND[move.kind], move.unit)


def told_key(fact: ToldFact) -> FactKey:
    """Return what this message told, in a form that equals a due fact."""
    if fact.kind is None:
        return ("unread", fact.text)
    return _key(fact.kind, fact.unit)


def rank(fact: ToldFact, entry: OfficeEntry) -> int | None:
    """Return the place of this fact in the letter's story; None for a text that tells nothing of it."""
    story = list(due_facts(entry))
    key = told_key(fact)
    return story.index(key) if key in story else None


def _key(kind: str, unit: str | None) -> FactKey:
    return (kind, unit) if kind == "referred" and unit else (kind,)
