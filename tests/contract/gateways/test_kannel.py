"""Kannel before smsbox's answers on loopback; the real Kannel is in tests/integration/kannel."""

from collections.abc import Mapping
from typing import Any

import pytest

from connector.errors import CredentialsRejected, Misbehaved, OutcomeUnknown, SettingsInvalid, Unavailable
from connector.ports.catalogue import GATEWAYS, AdapterSite, adapter_kind
from connector.ports.gateway import DeliveryReport
from connector.ports.outcomes import Accepted, Delivered, Rejected, Undelivered
from connector.settings.shipped import mapping_folders
from connector.simulator.exchange import Reply
from connector.simulator.gateways import Arrival
from connector.simulator.gateways.kannel import KannelVendor
from connector.testing.gateway_contract import VendorBench
from connector.testing.gateway_contract.bench import SECRET
from connector.testing.gateway_contract.messages import a_message
from tests.contract.gateways.ours import OurGateway

VENDOR = KannelVendor


class TestKannel(OurGateway):
    """The contract."""

    adapter = "kannel"
    unmet = frozenset(
        [
            "account",
            "batch",
            "blacklist",
            "blacklisted",
            "credit",
            "cursor",
            "delivery",
            "entries",
            "find",
            "forgotten",
            "hours",
            "inbox",
            "patterns",
            "patterns_found",
            "patterns_lost",
            "reads_once",
            "splits",
        ]
    )
    beside_the_point = frozenset({"strange_shapes_send"})


def build(bench: VendorBench, receipt_url: str | None, **changes: object) -> Any:
    kind = adapter_kind(GATEWAYS, "kannel")
    settings = kind.settings.model_validate({**bench.vendor.settings(bench.place()), **changes})
    site = AdapterSite(name="kannel", mappings=mapping_folders(None), pool_size=2, receipt_url=receipt_url)
    return kind.build(settings, site)


def report_query(vendor: Any, kind: str) -> dict[str, str]:
    """The query by which smsbox would call us about the text that it was sent last."""
    call = vendor.reported(vendor.book.sent[-1], Arrival.DELIVERED)
    return {**call.query, "type": kind}


def test_nothing_personal_and_no_password_is_in_an_address(gateway: Any, vendor: Any) -> None:
    message = a_message(1)
    gateway.send([message])
    report_address = vendor.headers[0]["x-kannel-dlr-url"]
    assert vendor.book.addresses == ["/cgi-bin/sendsms"]
    assert report_address.startswith("https://chapar.example/receipts/kannel?")
    for personal in (message.mobile, message.mobile[1:], SECRET):
        assert personal not in report_address


@pytest.mark.parametrize(("text", "coding"), [("hello {€}", "0"), ("سلام", "2"), ("hello…", "2")])
def test_persian_goes_as_ucs2_and_latin_as_gsm(gateway: Any, vendor: Any, text: str, coding: str) -> None:
    gateway.send([a_message(1, text)])
    assert vendor.headers[0]["x-kannel-coding"] == coding


def test_sender_centre_and_number_form_are_as_configured(bench: VendorBench, vendor: Any) -> None:
    adapter = bench.build(
        {**vendor.settings(bench.place()), "sender": "30001234", "smsc": "mci", "numbers": "international"}
    )
    adapter.send([a_message(1)])
    adapter.close()
    headers = vendor.headers[0]
    assert (headers["x-kannel-from"], headers["x-kannel-smsc"]) == ("30001234", "mci")
    assert headers["x-kannel-to"] == "+989000000001"


@pytest.mark.parametrize(
    ("status", "text", "failure"),
    [
        (400, "Sender missing and no global set, rejected", CredentialsRejected),
        (400, "Coding field misformed, rejected", CredentialsRejected),
        (403, "Authorization failed for sendsms", CredentialsRejected),
        (404, "Unknown request.", CredentialsRejected),
        (503, "Temporal failure, try again later.", Unavailable),
        (503, "<html>Service Unavailable</html>", OutcomeUnknown),
        (500, "", OutcomeUnknown),
        (202, "7: Who knows", Misbehaved),
        (200, "", Misbehaved),
    ],
)
def test_each_answer_of_smsbox_has_its_meaning(
    gateway: Any, vendor: Any, status: int, text: str, failure: type[Exception]
) -> None:
    vendor.replies.append(Reply(status, text.encode(), "text/html"))
    with pytest.raises(failure):
        gateway.send([a_message(1)])


def test_queued_for_later_delivery_is_taken(gateway: Any, vendor: Any) -> None:
    vendor.replies.append(Reply(202, b"3: Queued for later delivery", "text/html"))
    assert gateway.send([a_message(1)]) == [Accepted(gateway_reference=str(a_message(1).own_id))]


def test_a_number_on_the_black_list_is_rejected(gateway: Any, vendor: Any) -> None:
    vendor.replies.append(
        Reply(400, b"Number(s) has/have been denied by white- and/or black-lists.", "text/html")
    )
    (outcome,) = gateway.send([a_message(1)])
    assert isinstance(outcome, Rejected)


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        ("1", Delivered()),
        ("2", Undelivered(code="2")),
        ("16", Undelivered(code="16")),
        ("34", Undelivered(code="34")),
        ("4", None),
        ("8", None),
        ("66", None),
    ],
)
def test_a_report_is_read(
    gateway: Any, vendor: Any, kind: str, state: Delivered | Undelivered | None
) -> None:
    gateway.send([a_message(1)])
    report = gateway.read_receipt(report_query(vendor, kind), b"", {})
    assert report == (None if state is None else DeliveryReport(own_id=a_message(1).own_id, state=state))


def test_a_report_of_a_type_that_nobody_knows_is_not_guessed(gateway: Any, vendor: Any) -> None:
    gateway.send([a_message(1)])
    with pytest.raises(Misbehaved):
        gateway.read_receipt(report_query(vendor, "99"), b"", {})


@pytest.mark.parametrize(
    "forged",
    [{"proof": ""}, {"proof": "0" * 32}, {"proof": "é"}, {"id": "5"}, {"id": ""}, {"id": "x", "proof": "ل"}],
)
def test_a_report_without_its_own_proof_is_refused(
    gateway: Any, vendor: Any, forged: Mapping[str, str]
) -> None:
    gateway.send([a_message(1)])
    with pytest.raises(CredentialsRejected):
        gateway.read_receipt({**report_query(vendor, "1"), **forged}, b"", {})
    with pytest.raises(CredentialsRejected):
        gateway.read_receipt({}, b"", {})


@pytest.mark.parametrize(
    ("receipt_url", "changes"),
    [(None, {}), ("https://chapar.example/receipts/kannel", {"receipt_secret": None})],
)
def test_without_address_or_secret_no_reports_are_asked_for(
    bench: VendorBench, vendor: Any, receipt_url: str | None, changes: dict[str, None]
) -> None:
    adapter = build(bench, receipt_url, **changes)
    adapter.send([a_message(1)])
    adapter.close()
    assert not adapter.capabilities.reads_receipts
    assert "x-kannel-dlr-url" not in vendor.headers[0]
    with pytest.raises(CredentialsRejected):
        adapter.read_receipt({"id": "1", "type": "1", "proof": ""}, b"", {})


def test_an_address_with_a_percent_sign_is_refused_at_once(bench: VendorBench) -> None:
    with pytest.raises(SettingsInvalid):
        build(bench, "https://chapar.example/%D8%A7")
