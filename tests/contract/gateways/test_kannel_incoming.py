"""What smsbox brings to our address: read as Kannel 1.4.5 was seen to write it, and refused without the secret."""

import base64
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from adapters.gateways.kannel import GATEWAY, Kannel
from connector.errors import CredentialsRejected, Misbehaved, SettingsInvalid
from connector.ports.catalogue import AdapterSite
from connector.ports.incoming import TakesIncoming

SECRET = "a-secret-that-brings-messages"
GET = (
    f"secret={SECRET}&id=71b1af4b-9798-4c14-9e29-4e83d3e38744&from=%2B989121112233&to=30001234&coding=2"
    "&charset=UTF-16BE&text=%06D%06%3A%06H%00+%06%F1%06%F1&time=2026-11-27+20:45:19"
)
HEADERS = {
    "user-agent": "Kannel/1.4.5",
    "content-type": 'text/plain; charset="UTF-16BE"',
    "x-kannel-from": "989121112233",
    "x-kannel-to": "30001234",
    "x-kannel-time": "2026-11-27 20:45:50",
    "x-kannel-coding": "2",
    "authorization": "Basic " + base64.b64encode(f"chapar:{SECRET}".encode()).decode(),
}
PERSIAN = "لغو ۱۱ 😀"


def built(folder: Path, secret: str | None = SECRET) -> Kannel:
    (folder / "password").write_text("pw")
    (folder / "incoming").write_text(secret or "")
    options = {
        "http": {"url": "http://127.0.0.1:1/"},
        "username": "chapar",
        "password": {"file": folder / "password"},
    }
    if secret is not None:
        options["incoming_secret"] = {"file": folder / "incoming"}
    site = AdapterSite(name="kannel", mappings=(Path("mappings").resolve(),), pool_size=1)
    gateway: Kannel = GATEWAY.build(GATEWAY.settings.model_validate(options), site)
    return gateway


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Kannel]:
    adapter = built(tmp_path)
    yield adapter
    adapter.close()


def query(written: str) -> Mapping[str, str]:
    return dict(parse_qsl(written, keep_blank_values=True, errors="surrogateescape"))


def test_it_says_that_it_takes_messages_only_where_it_has_a_secret(gateway: Kannel, tmp_path: Path) -> None:
    assert gateway.capabilities.takes_incoming
    assert isinstance(gateway, TakesIncoming)
    without = built(tmp_path, None)
    assert not without.capabilities.takes_incoming
    with pytest.raises(CredentialsRejected):
        without.read_incoming({"secret": "", "from": "989121112233"}, b"", {})
    without.close()


def test_a_persian_text_by_get_is_read_from_the_raw_bytes(gateway: Kannel) -> None:
    (message,) = gateway.read_incoming(query(GET), b"", {})
    assert (message.sender, message.line, message.text) == ("+989121112233", "30001234", "لغو ۱۱")
    assert message.gateway_key == "71b1af4b-9798-4c14-9e29-4e83d3e38744"
    assert message.sent_at == datetime(2026, 11, 27, 20, 45, 19, tzinfo=UTC)


def test_a_persian_text_by_post_stands_in_the_body_and_its_number_in_a_header(gateway: Kannel) -> None:
    (message,) = gateway.read_incoming({"id": "i-1"}, PERSIAN.encode("utf-16-be"), HEADERS)
    assert (message.gateway_key, message.sender, message.text) == ("i-1", "989121112233", PERSIAN)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("coding=0&charset=UTF-8&text=status+123+%40+%7Bx%7D", "status 123 @ {x}"),
        ("coding=0&charset=UTF-8&text=%D9%84%D8%BA%D9%88", "لغو"),
        ("coding=2&charset=UTF-16BE&text=", ""),
        ("coding=2&text=%06D", "ل"),
        ("coding=2&charset=UTF-16BE&text=%06D%06", "ل\ufffd"),
        ("coding=1&charset=8-BIT&text=%E2%98%BA%00%FF", "☺\x00\ufffd"),
        ("text=a", "a"),
        ("", ""),
    ],
)
def test_a_text_is_read_by_its_coding_and_never_breaks_down(gateway: Kannel, written: str, text: str) -> None:
    (message,) = gateway.read_incoming(query(f"secret={SECRET}&id=1&from=BANK&{written}"), b"", {})
    assert message.text == text


@pytest.mark.parametrize("time", ["", "yesterday", "2026-13-40 99:99:99", "1970-01-01 00:00:00"])
def test_a_clock_that_is_off_troubles_nobody(gateway: Kannel, time: str) -> None:
    (message,) = gateway.read_incoming({"secret": SECRET, "id": "1", "from": "1", "time": time}, b"", {})
    assert message.sent_at is None or message.sent_at.year == 1970


def test_without_an_id_the_same_message_has_the_same_key_and_another_one_another(gateway: Kannel) -> None:
    keys = {
        gateway.read_incoming(query(f"secret={SECRET}&from=98912&time={time}&text=x"), b"", {})[0].gateway_key
        for time in ("1", "1", "2")
    }
    assert len(keys) == 2
    assert {len(key) for key in keys} == {64}


@pytest.mark.parametrize(
    ("asked", "headers"),
    [
        ({}, {}),
        ({"secret": ""}, {}),
        ({"secret": "wrong"}, {}),
        ({"secret": SECRET[:-1]}, {}),
        ({"secret": SECRET + "\x00"}, {}),
        ({"secret": "\udcff"}, {}),
        ({}, {"authorization": f"Bearer {SECRET}"}),
        ({}, {"authorization": "Basic"}),
        ({}, {"authorization": "Basic not-base64!"}),
        ({}, {"authorization": "Basic " + base64.b64encode(b"\xff\xff").decode()}),
        ({}, {"authorization": "Basic " + base64.b64encode(b"chapar:wrong").decode()}),
        ({}, {"x-kannel-secret": SECRET}),
    ],
)
def test_without_the_right_secret_nothing_is_read(
    gateway: Kannel, asked: Mapping[str, str], headers: Mapping[str, str]
) -> None:
    with pytest.raises(CredentialsRejected) as caught:
        gateway.read_incoming({"from": "989121112233", "id": "1", **asked}, b"", headers)
    assert "9121112233" not in str(caught.value)


def test_a_call_that_names_no_sender_cannot_be_read(gateway: Kannel) -> None:
    with pytest.raises(Misbehaved):
        gateway.read_incoming({"secret": SECRET, "id": "1"}, b"text", {})


@pytest.mark.parametrize(
    "secret", ["x7Qk2z", "with%percent-and-long-enough", "with@sign-and-long-enough", "فارسی" * 9]
)
def test_a_secret_that_could_not_stand_in_smsboxes_configuration_is_refused_at_start(
    tmp_path: Path, secret: str
) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        built(tmp_path, secret)
    assert secret not in str(caught.value)
    assert "openssl" in str(caught.value.next_step)
