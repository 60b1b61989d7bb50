"""Takes in delivery reports that gateways bring to our web address."""

from collections.abc import Callable
from typing import Protocol

from connector.ledger.records import MessageHappening, MessageMaterial
from connector.notification.deciding import delivery_happening
from connector.observability.metrics import count_message
from connector.ports.gateway import DeliveryReport
from connector.ports.outcomes import Undelivered

__all__ = ["RecordsReceipts", "SecondWay", "no_second_way", "take_in_receipt"]

SecondWay = Callable[[MessageMaterial], MessageHappening | None]
"""Says whether a message that was not delivered, because its number takes no advertising, goes once more."""


def no_second_way(_material: MessageMaterial) -> None:
    """Nothing goes once more."""


class RecordsReceipts(Protocol):
    """What is needed of the ledger."""

    def record_receipt(self, gateway: str, own_id: int, happening: MessageHappening) -> bool:
        """Write a delivery report; False where this gateway has no such message or says nothing new."""
        ...

    def message(self, gateway: str, own_id: int) -> MessageMaterial | None:
        """Return a message that this gateway has now; None where it has none of this id."""
        ...


def take_in_receipt(
    ledger: RecordsReceipts, gateway: str, report: DeliveryReport, second_way: SecondWay = no_second_way
) -> bool:
    """Write a delivery report; return whether it said anything new.

    Reports come in any order and more than once. The ledger's table decides: an end is never left for an earlier
    state, and an unknown message is not an error (the gateway may serve others too). A gateway is believed about its
    own messages only, and about those that were moved to another only where it delivered one after all.
    """
    happening = delivery_happening(report.state)
    if happening is None:
        return False
    if isinstance(report.state, Undelivered) and report.state.is_blacklisted:
        material = ledger.message(gateway, report.own_id)
        happening = (second_way(material) if material is not None else None) or happening
    is_news = ledger.record_receipt(gateway, report.own_id, happening)
    if is_news:
        count_message(gateway, str(happening.event))
    return is_news
