"""Who is told of facts: decided by the configuration, asked in the transaction of each fact."""

from connector.assembly.connections import Connections
from connector.ledger.records import OutboxPolicy
from connector.settings.settings import Settings

__all__ = ["outbox_policy"]


def outbox_policy(settings: Settings, connections: Connections) -> OutboxPolicy:
    """Return who is told of facts, by the settings and by what the portals can take.

    The citizen of a letter that no route fits is told through the first gateway of the configuration: what was taken,
    or refused, is never kept from them for want of a route.
    """
    return OutboxPolicy(
        told_facts=frozenset(settings.notification.facts),
        publishing_portals=frozenset(
            name for name, portal in connections.portals.items() if portal.capabilities.publishes
        ),
        default_gateway=next(iter(connections.gateways), None),
        hold=settings.sending.hold,
        urgent_facts=frozenset(settings.sending.urgent_facts),
        completing_offices=frozenset(
            name for name, office in connections.offices.items() if office.capabilities.completes
        ),
    )
