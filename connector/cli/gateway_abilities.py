"""What a gateway declares that it can do, in words."""

from typing import TYPE_CHECKING

from connector.cli.language import say

if TYPE_CHECKING:
    from connector.ports.gateway import GatewayCapabilities

__all__ = ["abilities_of"]


def abilities_of(can: "GatewayCapabilities") -> list[str]:
    """Return a few words for each thing that the gateway can do, and what a lost answer means."""
    inbox = "an inbox that shows once" if can.inbox_reads_once else "an inbox"
    told: list[tuple[object, str]] = [
        (can.find_by_own_id, "a lost answer is asked for by our own id"),
        (not can.find_by_own_id, "a lost answer stays lost"),
        (can.delivery_batch, "delivery is asked"),
        (can.reads_receipts, "delivery is reported to our address"),
        (can.patterns, "patterns"),
        (can.has_inbox, inbox),
        (can.takes_incoming, "texts are brought to our address"),
        (can.tells_credit, "tells its credit"),
    ]
    return [f"{say('in one call')}: {can.batch_size}", *(say(words) for is_so, words in told if is_so)]
