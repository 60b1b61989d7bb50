"""Certificates are always checked, and a certificate that is wrong is told before anything is sent."""

import ssl
from datetime import timedelta
from pathlib import Path

import pytest

from connector.errors import CallFailed, CredentialsRejected, SettingsInvalid, Unavailable
from connector.transport.http import HttpClient, HttpOptions
from tests.authority import issue, server_context, written
from tests.unit.transport.fault_server import fault_server, ok, say


def client(url: str, authority: Path | None, **more: Path) -> HttpClient:
    options = HttpOptions(url=url, ca_file=authority, answer_within=timedelta(seconds=2), **more)  # type: ignore[arg-type]
    return HttpClient(options, 1, pause=lambda _seconds: None)


def test_a_private_authority_is_trusted_where_it_is_configured(tmp_path: Path) -> None:
    authority = issue("authority", is_authority=True)
    server = written(tmp_path, "server.pem", issue("server", by=authority, address="127.0.0.1"))
    with fault_server(say(ok(b"safe")), tls=server_context(server)) as office:
        calls = client(office.url, written(tmp_path, "authority.pem", authority))
        assert calls.request("POST", body=b"x", is_safe=False).body == b"safe"


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("another authority", "certificate"),
        ("expired", "certificate_expired"),
        ("another name", "certificate_other_name"),
        ("the system's authorities", "certificate"),
        ("signed by itself", "certificate_self_signed"),
        ("not valid yet", "certificate_too_early"),
    ],
)
def test_a_certificate_that_is_not_trusted_stops_the_call_before_it_begins_and_says_why(
    tmp_path: Path, fault: str, reason: str
) -> None:
    authority = issue("authority", is_authority=True)
    server = issue(
        "server",
        by=None
        if fault == "signed by itself"
        else issue("stranger", is_authority=True)
        if fault == "another authority"
        else authority,
        begins=1 if fault == "not valid yet" else -20,
        address="127.0.0.9" if fault == "another name" else "127.0.0.1",
        days=-1 if fault == "expired" else 10,
    )
    trusted = None if fault.startswith("the system") else written(tmp_path, "authority.pem", authority)
    with fault_server(say(ok(b"")), tls=server_context(written(tmp_path, "server.pem", server))) as office:
        with pytest.raises(Unavailable) as caught:
            client(office.url, trusted).request("POST", body=b"x", is_safe=False)
        assert not office.requests
    assert caught.value.reason == reason
    assert "certificate" in caught.value.sentence


def test_a_server_that_does_not_speak_tls_is_certainly_not_reached(tmp_path: Path) -> None:
    authority = written(tmp_path, "authority.pem", issue("authority", is_authority=True))
    with fault_server(say(ok(b""))) as office:
        options = HttpOptions(
            url=office.url.replace("http:", "https:"),
            ca_file=authority,
            connect_within=timedelta(seconds=0.3),
        )
        with pytest.raises(Unavailable) as caught:
            HttpClient(options, 1).request("POST", body=b"x", is_safe=False)
    assert caught.value.reason == "connect_timeout"


@pytest.mark.parametrize(
    ("version", "failure", "reason"),
    [
        # Before 1.3 the alert says only that the handshake failed; from 1.3 on it comes after our request.
        (ssl.TLSVersion.TLSv1_2, Unavailable, "tls"),
        (ssl.TLSVersion.TLSv1_3, CredentialsRejected, "client_certificate"),
    ],
)
def test_our_certificate_is_shown_and_its_refusal_stops_the_connection(
    tmp_path: Path, version: ssl.TLSVersion, failure: type[CallFailed], reason: str
) -> None:
    authority = issue("authority", is_authority=True)
    context = server_context(
        written(tmp_path, "server.pem", issue("server", by=authority, address="127.0.0.1"))
    )
    context.maximum_version = version
    context.verify_mode = ssl.CERT_REQUIRED
    trusted = written(tmp_path, "authority.pem", authority)
    context.load_verify_locations(trusted)
    ours = written(tmp_path, "ours.pem", issue("chapar", by=authority))
    with fault_server(say(ok(b"welcome")), tls=context) as office:
        calls = client(office.url, trusted, client_certificate=ours)
        assert calls.request("POST", body=b"x", is_safe=False).status == 200
        with pytest.raises(failure) as caught:
            client(office.url, trusted).request("POST", body=b"x", is_safe=False)
    assert caught.value.reason == reason


def test_certificate_files_that_cannot_be_used_are_told(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    for more in (
        {"client_certificate": tmp_path / "absent.pem"},
        {"client_certificate": tmp_path / "empty.pem"},
    ):
        with pytest.raises(SettingsInvalid, match=r"\.pem cannot be used"):
            client("https://127.0.0.1", None, **more)
    with pytest.raises(SettingsInvalid, match=r"empty\.pem cannot be used"):
        client("https://127.0.0.1", tmp_path / "empty.pem")
