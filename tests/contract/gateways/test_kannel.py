"""Kannel against smsbox's answers on loopback; the real Kannel is in tests/integration/kannel."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.gateways.kannel import GATEWAY, Kannel
from connector.errors import CredentialsRejected, Misbehaved, OutcomeUnknown, SettingsInvalid, Unavailable
from connector.ports.catalogue import AdapterSite
from connector.ports.gateway import DeliveryReport
from connector.ports.outcomes import Accepted, Delivered, Rejected, Undelivered
from tests.contract.gateways.gateway_contract import SECRET, GatewayContract, NetworkContract, a_message
from tests.contract.gateways.smsbox_server import SmsboxServer

RECEIPTS = "https://chapar.example/receipts/kannel"


def build(url: str, password: Path, *, receipt_url: str | None = RECEIPTS, **changes: object) -> Kannel:
    settings = GATEWAY.settings.model_validate(
        {
            "http": {"url": url},
            "username": "chapar",
            "password": {"file": password},
            "receipt_secret": {"file": password},
        }
        | changes
    )
    site = AdapterSite(
        name="kannel", mappings=(Path("mappings").resolve(),), pool_size=2, receipt_url=receipt_url
    )
    built: Kannel = GATEWAY.build(settings, site)
    return built


@pytest.fixture
def password(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text(SECRET)
    return file


@pytest.fixture
def outside() -> Iterator[SmsboxServer]:
    with SmsboxServer(SECRET) as server:
        yield server


@pytest.fixture
def gateway(outside: SmsboxServer, password: Path) -> Iterator[Kannel]:
    adapter = build(outside.url, password)
    yield adapter
    adapter.close()


@pytest.fixture
def gateway_with_wrong_secret(outside: SmsboxServer, tmp_path: Path) -> Iterator[Kannel]:
    wrong = tmp_path / "wrong"
    wrong.write_text("another")
    adapter = build(outside.url, wrong)
    yield adapter
    adapter.close()


@pytest.fixture
def gateway_to_nowhere(password: Path) -> Iterator[Kannel]:
    adapter = build("http://127.0.0.1:9/cgi-bin/sendsms", password)
    yield adapter
    adapter.close()


class TestKannel(GatewayContract, NetworkContract):
    """The contract."""


def report_query(outside: SmsboxServer, kind: str) -> dict[str, str]:
    """The query by which smsbox would call us about the text that it was sent last."""
    address = outside.calls[-1].headers["x-kannel-dlr-url"].replace("%d", kind)
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def test_nothing_personal_and_no_password_is_in_an_address(gateway: Kannel, outside: SmsboxServer) -> None:
    message = a_message(1)
    gateway.send([message])
    request = outside.calls[0]
    report_address = request.headers["x-kannel-dlr-url"]
    assert (request.path, request.query) == ("/cgi-bin/sendsms", {})
    assert report_address.startswith(RECEIPTS + "?")
    for personal in (message.mobile, message.mobile[1:], SECRET):
        assert personal not in report_address


@pytest.mark.parametrize(("text", "coding"), [("hello {€}", "0"), ("سلام", "2"), ("hello…", "2")])
def test_persian_goes_as_ucs2_and_latin_as_gsm(
    gateway: Kannel, outside: SmsboxServer, text: str, coding: str
) -> None:
    gateway.send([a_message(1, text)])
    assert outside.calls[0].headers["x-kannel-coding"] == coding


def test_sender_centre_and_number_form_are_as_configured(outside: SmsboxServer, password: Path) -> None:
    adapter = build(outside.url, password, sender="30001234", smsc="mci", numbers="international")
    adapter.send([a_message(1)])
    adapter.close()
    headers = outside.calls[0].headers
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
        (500, "", OutcomeUnknown),
        (202, "7: Who knows", Misbehaved),
        (200, "", Misbehaved),
    ],
)
def test_each_answer_of_smsbox_has_its_meaning(
    gateway: Kannel, outside: SmsboxServer, status: int, text: str, failure: type[Exception]
) -> None:
    outside.answer_next(status, text)
    with pytest.raises(failure):
        gateway.send([a_message(1)])


def test_queued_for_later_delivery_is_taken(gateway: Kannel, outside: SmsboxServer) -> None:
    outside.answer_next(202, "3: Queued for later delivery")
    assert gateway.send([a_message(1)]) == [Accepted(gateway_reference=str(a_message(1).own_id))]


def test_a_number_on_the_black_list_is_rejected(gateway: Kannel, outside: SmsboxServer) -> None:
    outside.answer_next(400, "Number(s) has/have been denied by white- and/or black-lists.")
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
    gateway: Kannel, outside: SmsboxServer, kind: str, state: Delivered | Undelivered | None
) -> None:
    gateway.send([a_message(1)])
    report = gateway.read_receipt(report_query(outside, kind), b"", {})
    assert report == (None if state is None else DeliveryReport(own_id=a_message(1).own_id, state=state))


def test_a_report_of_a_type_that_nobody_knows_is_not_guessed(gateway: Kannel, outside: SmsboxServer) -> None:
    gateway.send([a_message(1)])
    with pytest.raises(Misbehaved):
        gateway.read_receipt(report_query(outside, "99"), b"", {})


@pytest.mark.parametrize(
    "forged",
    [{"proof": ""}, {"proof": "0" * 32}, {"proof": "é"}, {"id": "5"}, {"id": ""}, {"id": "x", "proof": "ل"}],
)
def test_a_report_without_its_own_proof_is_refused(
    gateway: Kannel, outside: SmsboxServer, forged: Mapping[str, str]
) -> None:
    gateway.send([a_message(1)])
    with pytest.raises(CredentialsRejected):
        gateway.read_receipt({**report_query(outside, "1"), **forged}, b"", {})
    with pytest.raises(CredentialsRejected):
        gateway.read_receipt({}, b"", {})


@pytest.mark.parametrize("missing", [{"receipt_url": None}, {"receipt_secret": None}])
def test_without_address_or_secret_no_reports_are_asked_for(
    outside: SmsboxServer, password: Path, missing: dict[str, None]
) -> None:
    adapter = build(outside.url, password, **missing)  # type: ignore[arg-type]
    adapter.send([a_message(1)])
    adapter.close()
    assert not adapter.capabilities.reads_receipts
    assert "x-kannel-dlr-url" not in outside.calls[0].headers
    with pytest.raises(CredentialsRejected):
        adapter.read_receipt({"id": "1", "type": "1", "proof": ""}, b"", {})


def test_an_address_with_a_percent_sign_is_refused_at_once(password: Path) -> None:
    with pytest.raises(SettingsInvalid):
        build("http://127.0.0.1:9/", password, receipt_url="https://chapar.example/%D8%A7")
