"""Our side of a real Kannel: the gateway, and the web address that its delivery reports come to."""

import threading
from collections.abc import Callable
from pathlib import Path

from adapters.gateways.kannel import GATEWAY, Kannel
from connector.ports.catalogue import AdapterSite
from connector.ports.gateway import DeliveryReport, OutgoingMessage
from connector.ports.outcomes import Accepted
from connector.simulator.serving import LoopbackServer, Reply, Request
from tests.integration.kannel.kannel_lab import PASSWORD, WITHIN, Handset, KannelLab


class ReceiptReader:
    """Our web address for delivery reports, on a real socket; keeps every call and what the gateway read in it."""

    def __init__(self) -> None:
        self.gateway: Kannel | None = None
        self.take_in: Callable[[DeliveryReport], object] = lambda _: None
        self.queries: list[dict[str, str]] = []
        self.reports: list[DeliveryReport | None] = []
        self._news = threading.Condition()
        self.server = LoopbackServer(self._answer)
        self.url = f"{self.server.url}/receipts/kannel"

    def wait_for_calls(self, count: int) -> None:
        with self._news:
            assert self._news.wait_for(lambda: len(self.reports) >= count, timeout=WITHIN), self.queries

    def _answer(self, request: Request) -> Reply:
        assert self.gateway is not None
        report = self.gateway.read_receipt(request.query, request.body.read(), request.headers)
        if report is not None:
            self.take_in(report)
        with self._news:
            self.queries.append(dict(request.query))
            self.reports.append(report)
            self._news.notify_all()
        return Reply(200)


def assert_nothing_else_is_under_way(gateway: Kannel, handset: Handset) -> None:
    """Send one more text and wait for it: the centre hands on in order, so what was sent before has come by then."""
    last = OutgoingMessage(own_id=999, mobile="09000000999", text="the last one")
    assert gateway.send([last]) == [Accepted(gateway_reference="999")]
    handset.wait_for_parts(last.mobile, 1)


def build(
    kannel: KannelLab, folder: Path, receipts: ReceiptReader | None = None, password: str = PASSWORD
) -> Kannel:
    (folder / "password").write_text(password)
    (folder / "receipts").write_text("a-secret-that-proves-receipts-in-this-test")
    settings = GATEWAY.settings.model_validate(
        {
            "http": {"url": kannel.url},
            "username": "chapar",
            "password": {"file": folder / "password"},
            "receipt_secret": {"file": folder / "receipts"},
        }
    )
    site = AdapterSite(
        name="kannel",
        mappings=(Path("mappings").resolve(),),
        pool_size=2,
        receipt_url=receipts.url if receipts else None,
    )
    gateway: Kannel = GATEWAY.build(settings, site)
    if receipts:
        receipts.gateway = gateway
    return gateway
