"""NTLM against an acceptor by others (pyspnego): a handshake for each call, on the thread's own connection."""

import base64
import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import spnego
from cryptography.hazmat.primitives import serialization

from connector.errors import CredentialsRejected, Unavailable
from connector.transport.http import HttpClient, HttpOptions
from connector.transport.http_options import NtlmCredentials
from tests.unit.transport.test_tls import issue, server_context, written


class Desk(BaseHTTPRequestHandler):
    """One connection: asks who is there, and answers whoever has shown it."""

    protocol_version = "HTTP/1.1"
    server: Any

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        scheme, _, told = self.headers.get("Authorization", "").partition(" ")
        self.server.seen.append((scheme, len(body)))
        if self.server.offer != "NTLM":
            self.answer(401 if self.server.offer else 200, b"", {"WWW-Authenticate": self.server.offer})
            return
        try:
            context = getattr(self, "context", None) or spnego.server(
                protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm
            )
            reply = context.step(base64.b64decode(told), channel_bindings=self.server.binding)
        except spnego.exceptions.SpnegoError:
            self.answer(401, b"", {"WWW-Authenticate": "Negotiate, NTLM"})
            return
        self.context = None if context.complete else context
        if context.complete:
            self.answer(200, b"welcome " + context.client_principal.encode() + b" " + body)
        else:
            challenge = base64.b64encode(reply or b"").decode()
            self.answer(401, b"who?", {"WWW-Authenticate": f"NTLM {challenge}"})

    def answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Keep silent."""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    users = tmp_path / "users"
    users.write_text("OFFICE:chapar:secret\n")
    monkeypatch.setenv("NTLM_USER_FILE", str(users))
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    server.daemon_threads = True
    server.seen, server.offer, server.binding = [], "NTLM", None
    thread = threading.Thread(target=partial(server.serve_forever, poll_interval=0.01), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


def client(desk: Any, password: str = "secret") -> HttpClient:
    options = HttpOptions(url=f"http://127.0.0.1:{desk.server_port}")
    ntlm = NtlmCredentials(username="OFFICE\\chapar", password=password)
    return HttpClient(options, 4, ntlm=ntlm, pause=lambda _seconds: None)


def test_the_letter_goes_out_once_with_the_last_message_of_the_handshake(desk: Any) -> None:
    calls = client(desk)
    for _ in range(2):
        assert calls.request("POST", body=b"letter", is_safe=False).body == b"welcome OFFICE\\chapar letter"
    assert desk.seen == [("NTLM", 0), ("NTLM", 6)] * 2
    calls.close()
    calls.close()


def test_many_threads_do_not_mix_their_handshakes(desk: Any) -> None:
    calls = client(desk)
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda n: calls.request("POST", body=b"%d" % n, is_safe=False).body, range(20))
        )
    assert answers == [b"welcome OFFICE\\chapar %d" % number for number in range(20)]
    calls.close()


def test_a_wrong_password_is_an_answer_of_401_as_everywhere(desk: Any) -> None:
    calls = client(desk, "wrong")
    assert calls.request("POST", body=b"x", is_safe=False).status == 401
    calls.close()


def test_a_server_that_takes_no_ntlm_has_not_seen_the_letter(desk: Any) -> None:
    desk.offer = "Basic realm=office"
    calls = client(desk)
    with pytest.raises(CredentialsRejected, match="does not take NTLM"):
        calls.request("POST", body=b"letter", is_safe=False)
    assert desk.seen == [("NTLM", 0)]
    calls.close()


def test_a_server_that_asks_nobody_gets_the_letter_without(desk: Any) -> None:
    desk.offer = ""
    calls = client(desk)
    assert calls.request("POST", body=b"letter", is_safe=False).status == 200
    assert desk.seen == [("NTLM", 0), ("", 6)]
    calls.close()


@pytest.mark.parametrize("is_right", [True, False])
def test_over_tls_the_handshake_is_bound_to_the_certificate_that_was_shown(
    desk: Any, tmp_path: Path, is_right: bool
) -> None:
    authority = issue("authority", is_authority=True)
    own = issue("server", by=authority, address="127.0.0.1")
    shown = own[0].public_bytes(serialization.Encoding.DER) if is_right else b"another"
    desk.binding = spnego.channel_bindings.GssChannelBindings(
        application_data=b"tls-server-end-point:" + hashlib.sha256(shown).digest()
    )
    desk.socket = server_context(written(tmp_path, "server.pem", own)).wrap_socket(
        desk.socket, server_side=True
    )
    options = HttpOptions(
        url=f"https://127.0.0.1:{desk.server_port}", ca_file=written(tmp_path, "authority.pem", authority)
    )
    calls = HttpClient(options, 1, ntlm=NtlmCredentials(username="OFFICE\\chapar", password="secret"))
    assert calls.request("POST", body=b"x", is_safe=False).status == (200 if is_right else 401)
    calls.close()


def test_a_handshake_that_does_not_get_through_has_certainly_done_nothing(desk: Any) -> None:
    options = HttpOptions(url="http://127.0.0.1:9")
    calls = HttpClient(options, 1, ntlm=NtlmCredentials(username="a", password="b"))
    with pytest.raises(Unavailable) as caught:
        calls.request("POST", body=b"letter", is_safe=False)
    assert caught.value.reason == "refused"
    calls.close()
