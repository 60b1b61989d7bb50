"""The Kannel gateway against a real Kannel: bearerbox, smsbox, and fakesmsc as the handset."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.gateways.kannel import GATEWAY, Kannel
from connector.domain.segments import segments
from connector.errors import CredentialsRejected
from connector.ports.catalogue import AdapterSite
from connector.ports.gateway import DeliveryReport, OutgoingMessage
from connector.ports.outcomes import Accepted, Delivered
from connector.simulator.serving import LoopbackServer, Reply, Request
from tests.integration.kannel.kannel_lab import MISSING, PASSWORD, WITHIN, KannelLab, is_installed

pytestmark = pytest.mark.skipif(not is_installed(), reason=MISSING)

LONG_PERSIAN = (
    "شهروند گرامی، نامهٔ شما در دبیرخانهٔ مرکزی ثبت شد و برای بررسی به واحد مربوط ارجاع گردید. "
    "شمارهٔ ثبت: ۱۲۳۴۵ — تاریخ: ۱۴۰۵/۰۸/۳۰ — کد رهگیری: \u2066۴۸۲\u00a0۹۱۵\u00a0۰۳۷\u2069. "
    "پاسخ پس از آماده شدن پیامک می‌شود. نشانه‌ها: & + % ؟ 👋 «پایان»"
)


class ReceiptReader:
    """Our web address for delivery reports, on a real socket; keeps every call and what the gateway read in it."""

    def __init__(self) -> None:
        self.gateway: Kannel | None = None
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
        with self._news:
            self.queries.append(dict(request.query))
            self.reports.append(report)
            self._news.notify_all()
        return Reply(200)


@pytest.fixture(scope="module")
def kannel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KannelLab]:
    lab = KannelLab(tmp_path_factory.mktemp("kannel"))
    yield lab
    lab.stop()


@pytest.fixture
def receipts() -> Iterator[ReceiptReader]:
    reader = ReceiptReader()
    with reader.server:
        yield reader


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


@pytest.fixture
def gateway(kannel: KannelLab, receipts: ReceiptReader, tmp_path: Path) -> Iterator[Kannel]:
    adapter = build(kannel, tmp_path, receipts)
    yield adapter
    adapter.close()


def test_a_persian_text_in_several_parts_arrives_whole(gateway: Kannel, kannel: KannelLab) -> None:
    message = OutgoingMessage(own_id=101, mobile="09000000101", text=LONG_PERSIAN)
    counted = segments(LONG_PERSIAN)
    with kannel.handset() as handset:
        assert gateway.send([message]) == [Accepted(gateway_reference="101")]
        handset.wait_for_parts(message.mobile, counted.parts)
        assert len(handset.parts(message.mobile)) == counted.parts > 3
        assert handset.text(message.mobile) == LONG_PERSIAN
        assert {len(header) for header, _, _ in handset.parts(message.mobile)} == {6}


def test_a_latin_text_travels_in_gsm_and_arrives_as_written(gateway: Kannel, kannel: KannelLab) -> None:
    text = "Your letter is registered as number 12/345 [urgent] + 100% @ {office}."
    with kannel.handset() as handset:
        gateway.send([OutgoingMessage(own_id=102, mobile="09000000102", text=text)])
        handset.wait_for_parts("09000000102", 1)
        assert handset.parts("09000000102")[0][2] == "text"
        assert handset.text("09000000102") == text


def test_reports_reach_our_address_and_only_the_delivery_is_told_in_whatever_order(
    gateway: Kannel, kannel: KannelLab, receipts: ReceiptReader
) -> None:
    with kannel.handset():
        gateway.send([OutgoingMessage(own_id=103, mobile="09000000103", text="سلام")])
        receipts.wait_for_calls(2)
    assert {query["type"] for query in receipts.queries} == {"1", "8"}
    delivered = DeliveryReport(own_id=103, state=Delivered())
    for queries in (receipts.queries, receipts.queries[::-1]):
        told = [gateway.read_receipt(query, b"", {}) for query in queries]
        assert [report for report in told if report] == [delivered]


def test_while_no_centre_is_there_texts_are_queued_and_arrive_later(
    gateway: Kannel, kannel: KannelLab, receipts: ReceiptReader
) -> None:
    message = OutgoingMessage(own_id=104, mobile="09000000104", text="بعداً می‌رسد")
    assert gateway.send([message]) == [Accepted(gateway_reference="104")]
    assert receipts.reports == []
    with kannel.handset() as handset:
        handset.wait_for_parts(message.mobile, 1)
        assert handset.text(message.mobile) == message.text
        receipts.wait_for_calls(2)
    assert DeliveryReport(own_id=104, state=Delivered()) in receipts.reports


def test_a_wrong_password_stops_the_connection(kannel: KannelLab, tmp_path: Path) -> None:
    adapter = build(kannel, tmp_path, password="wrong")
    with pytest.raises(CredentialsRejected):
        adapter.send([OutgoingMessage(own_id=105, mobile="09000000105", text="نباید برسد")])
    with pytest.raises(CredentialsRejected):
        adapter.check()
    adapter.close()


def test_the_check_knocks_and_sends_nothing(gateway: Kannel, kannel: KannelLab) -> None:
    with kannel.handset() as handset:
        assert gateway.check() == "Kannel's smsbox answers and takes the user chapar."
        gateway.send([OutgoingMessage(own_id=106, mobile="09000000106", text="x")])
        handset.wait_for_parts("09000000106", 1)
        assert handset.parts("") == []
