"""Takes in delivery reports that gateways bring to our web address."""

from typing import Protocol

from connector.ledger.records import MessageHappening
from connector.notification.deciding import delivery_happening
from connector.observability.metrics import count_message
from connector.ports.gateway import DeliveryReport

__all__ = ["RecordsReceipts", "take_in_receipt"]


class RecordsReceipts(Protocol):
    """What is needed of the ledger."""

    def record_receipt(self, gateway: str, own_id: int, happening: MessageHappening) -> bool:
        """Write a delivery report; False where this gateway has no such message or says nothing new."""
        ...


def take_in_receipt(ledger: RecordsReceipts, gateway: str, report: DeliveryReport) -> bool:
    """Write a delivery report; return whether it said anything new.

    Reports come in any order and more than once. The ledger's table decides: an end is never left for an earlier
    state, and an unknown message is not an error (the gateway may serve others too). A gateway is believed about its
    own messages only.
    """
    happening = delivery_happening(report.state)
    if happening is None:
        return False
    is_news = ledger.record_receipt(gateway, report.own_id, happening)
    if is_news:
        count_message(gateway, str(happening.event))
    return is_news
