"""What a check needs of a gateway's adapter; where it is not declared the check is left out, with a reason."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from connector.ports.gateway import GatewayCapabilities

__all__ = ["Need", "undeclared"]


class Need(StrEnum):
    """One thing that a check cannot do without."""

    BATCH = "batch"
    """One call sends several texts."""
    FIND = "find"
    NO_FIND = "no_find"
    """It cannot be asked by our own id."""
    DELIVERY = "delivery"
    RECEIPTS = "receipts"
    PATTERNS = "patterns"
    PATTERNS_FOUND = "patterns_found"
    """What went as a pattern can be asked for by our own id."""
    PATTERNS_LOST = "patterns_lost"
    """It finds by our own id, though not what went as a pattern."""
    INBOX = "inbox"
    READS_ONCE = "reads_once"
    """The inbox shows each text once."""
    CURSOR = "cursor"
    """The inbox is asked from a place in it."""
    INCOMING = "incoming"
    CREDIT = "credit"


_Test = Callable[[GatewayCapabilities], bool]
_DECLARED: Final[Mapping[Need, tuple[_Test, str]]] = {
    Need.BATCH: (lambda can: can.batch_size > 1, "a batch_size of several texts"),
    Need.FIND: (lambda can: can.find_by_own_id, "find_by_own_id"),
    Need.NO_FIND: (lambda can: not can.find_by_own_id, "that it cannot find by own id"),
    Need.DELIVERY: (lambda can: can.delivery_batch > 0, "delivery_batch"),
    Need.RECEIPTS: (lambda can: can.reads_receipts, "reads_receipts"),
    Need.PATTERNS: (lambda can: can.patterns is not None, "patterns"),
    Need.PATTERNS_FOUND: (
        lambda can: can.find_by_own_id and can.patterns is not None and can.patterns.can_be_found,
        "patterns that can be found by own id",
    ),
    Need.PATTERNS_LOST: (
        lambda can: can.find_by_own_id and can.patterns is not None and not can.patterns.can_be_found,
        "patterns that cannot be found by own id",
    ),
    Need.INBOX: (lambda can: can.has_inbox, "has_inbox"),
    Need.READS_ONCE: (lambda can: can.has_inbox and can.inbox_reads_once, "inbox_reads_once"),
    Need.CURSOR: (lambda can: can.has_inbox and not can.inbox_reads_once, "an inbox with a cursor"),
    Need.INCOMING: (lambda can: can.takes_incoming, "takes_incoming"),
    Need.CREDIT: (lambda can: can.tells_credit, "tells_credit"),
}


def undeclared(need: Need, capabilities: GatewayCapabilities) -> str | None:
    """Return why these capabilities do not meet the need; None where they do."""
    is_met, word = _DECLARED[need]
    return None if is_met(capabilities) else f"The adapter does not declare {word}."
