"""The Kannel gateway against a real Kannel: bearerbox, smsbox, and fakesmsc as the handset."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.gateways.kannel import Kannel
from connector.domain.segments import segments
from connector.errors import CredentialsRejected, Unavailable
from connector.ports.gateway import DeliveryReport, OutgoingMessage
from connector.ports.outcomes import Accepted, Delivered
from tests.integration.kannel.kannel_lab import MISSING, KannelLab, is_installed
from tests.integration.kannel.receipt_reader import ReceiptReader, assert_nothing_else_is_under_way, build

pytestmark = pytest.mark.skipif(not is_installed(), reason=MISSING)

LONG_PERSIAN = (
    "شهروند گرامی، نامهٔ شما در دبیرخانهٔ مرکزی ثبت شد و برای بررسی به واحد مربوط ارجاع گردید. "
    "شمارهٔ ثبت: ۱۲۳۴۵ — تاریخ: ۱۴۰۵/۰۸/۳۰ — کد رهگیری: \u2066۴۸۲\u00a0۹۱۵\u00a0۰۳۷\u2069. "
    "پاسخ پس از آماده شدن پیامک می‌شود. نشانه‌ها: & + % ؟ 👋 «پایان»"
)


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


def test_a_gateway_that_is_down_is_certainly_not_reached_and_serves_again_when_it_is_back(
    gateway: Kannel, kannel: KannelLab
) -> None:
    message = OutgoingMessage(own_id=107, mobile="09000000107", text="یک بار")
    with kannel.without_smsbox():
        for _ in range(2):
            with pytest.raises(Unavailable) as caught:
                gateway.send([message])
            assert caught.value.reason == "refused"
        with pytest.raises(Unavailable):
            gateway.check()
    with kannel.handset() as handset:
        assert gateway.send([message]) == [Accepted(gateway_reference="107")]
        assert_nothing_else_is_under_way(gateway, handset)
        assert len(handset.parts(message.mobile)) == 1


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
