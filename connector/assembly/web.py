"""Builds the web: its parts, the application and the server."""

from connector.alerting.alerting import Alerting
from connector.assembly.citizen import takes_incoming
from connector.assembly.connections import Connections
from connector.assembly.health import alerts_check, alive_checks, measuring, ready_checks
from connector.citizen.receiving import Receiving
from connector.intake.attachment_rules import AttachmentRules
from connector.intake.front_door import FrontDoor
from connector.ledger.ledger import Ledger
from connector.notification.receipts import SecondWay
from connector.ports.gateway import ReadsReceipts
from connector.ports.portal import TakesSubmissions
from connector.scheduling.dispatcher import Dispatcher
from connector.settings.policies import policy_of
from connector.settings.settings import Settings
from connector.web.application import build_application
from connector.web.parts import WebLimits, WebParts
from connector.web.server import WebServer

__all__ = ["build_web"]


def build_web(
    settings: Settings,
    ledger: Ledger,
    connections: Connections,
    front_door: FrontDoor,
    rules: AttachmentRules,
    dispatcher: Dispatcher,
    second_way: SecondWay,
    receiving: Receiving,
    alerting: Alerting,
) -> WebServer:
    """Return the web server, not yet started."""
    parts = WebParts(
        front_door=front_door,
        attachments=ledger.attachments,
        rules=rules,
        ledger=ledger,
        portals={
            name: portal.adapter
            for name, portal in connections.portals.items()
            if isinstance(portal.adapter, TakesSubmissions)
        },
        gateways=_reading_receipts(connections),
        second_way=second_way,
        incoming=takes_incoming(connections),
        receiving=receiving,
        alive=alive_checks(dispatcher),
        ready=[*ready_checks(ledger, connections), alerts_check(alerting)],
        measure=measuring(ledger, settings.deadlines.as_deadlines(), dispatcher.lanes),
        limits=policy_of(settings.web, WebLimits),
    )
    return WebServer(
        build_application(parts),
        host=settings.web.host,
        port=settings.web.port,
        unix_socket=settings.web.unix_socket,
    )


def _reading_receipts(connections: Connections) -> dict[str, ReadsReceipts]:
    return {
        name: gateway.adapter
        for name, gateway in connections.gateways.items()
        if isinstance(gateway.adapter, ReadsReceipts) and gateway.capabilities.reads_receipts
    }
