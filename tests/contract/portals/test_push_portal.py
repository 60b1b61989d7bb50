"""The push portal: who is let in, and how the progress is written back."""

import hmac
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.portals.push import PORTAL, PushSettings
from connector.domain.referral import Answer
from connector.domain.registration import Registration
from connector.errors import CredentialsRejected, Misbehaved, RateLimited, SettingsInvalid, Unavailable
from connector.ports.catalogue import AdapterSite
from connector.ports.portal import Publication, PublishesProgress, TakesSubmissions

TOKEN = "the-token-of-the-test-portal"
SECRET = "the-secret-of-the-test-portal"
SITE = AdapterSite(name="city", mappings=(), pool_size=2)
HAPPENED_AT = datetime(2026, 3, 21, 8, 30, tzinfo=UTC)


class Callback:
    """A portal's callback address on loopback: keeps what came, answers as it is told."""

    def __init__(self) -> None:
        self.status = 204
        self.headers: dict[str, str] = {}
        self.came: list[tuple[str, dict[str, str], bytes]] = []
        self.url = ""


@contextmanager
def serving() -> Iterator[Callback]:
    callback = Callback()

    class Conversation(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            size = int(self.headers.get("Content-Length", "0"))
            callback.came.append((self.command, dict(self.headers.items()), self.rfile.read(size)))
            self.send_response(callback.status)
            for name, value in callback.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_HEAD = answer

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Conversation)
    callback.url = f"http://127.0.0.1:{server.server_address[1]}/progress"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield callback
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def callback() -> Iterator[Callback]:
    with serving() as address:
        yield address


def build(tmp_path: Path, callback_url: str | None = None, *, token: str = TOKEN) -> Any:
    (tmp_path / "token").write_text(token)
    (tmp_path / "secret").write_text(SECRET)
    values: dict[str, Any] = {"token": {"file": str(tmp_path / "token")}}
    if callback_url:
        values |= {"callback_url": callback_url, "signing_secret": {"file": str(tmp_path / "secret")}}
    return PORTAL.build(PORTAL.settings.model_validate(values), SITE)


@pytest.fixture
def portal(tmp_path: Path, callback: Callback) -> Iterator[Any]:
    portal = build(tmp_path, callback.url)
    yield portal
    portal.close()
    portal.close()


def publication(**changes: Any) -> Publication:
    values: dict[str, Any] = {
        "submission_id": "P-1",
        "tracking_code": "482915037264118",
        "position": 3,
        "fact": "answered",
        "status": "answered",
        "happened_at": HAPPENED_AT,
        "registration": Registration(
            number="۱۲/۳۴۵", secretariat="مرکزی", year=1405, registered_on=date(2026, 3, 21)
        ),
        "unit": "امور شهروندان",
        "answer": Answer(text="موافقت شد.", number="99", answered_on=date(2026, 3, 22)),
    }
    return Publication(**{**values, **changes})


def test_the_portal_is_let_in_by_its_token_and_by_nothing_else(tmp_path: Path) -> None:
    portal = build(tmp_path)
    assert isinstance(portal, TakesSubmissions)
    assert portal.admits(f"Bearer {TOKEN}")
    assert portal.admits(f"bearer  {TOKEN} ")
    for wrong in (
        None,
        "",
        "Bearer",
        "Bearer ",
        TOKEN,
        f"Basic {TOKEN}",
        f"Bearer {TOKEN}x",
        "Bearer ی\udcff",
    ):
        assert not portal.admits(wrong)


def test_without_a_callback_address_nothing_can_be_written_back(tmp_path: Path) -> None:
    portal = build(tmp_path)
    assert not portal.capabilities.publishes
    assert not portal.capabilities.hands_in
    assert not isinstance(portal, PublishesProgress)
    assert "no callback address" in portal.check()


def test_progress_is_one_signed_document_with_the_whole_state(portal: Any, callback: Callback) -> None:
    assert portal.capabilities.publishes
    assert isinstance(portal, PublishesProgress)
    portal.publish(publication())
    ((method, headers, body),) = callback.came
    assert method == "POST"
    assert json.loads(body) == {
        "submission_id": "P-1",
        "tracking_code": "482915037264118",
        "position": 3,
        "fact": "answered",
        "status": "answered",
        "happened_at": "2026-03-21T08:30:00+00:00",
        "registration": {
            "number": "۱۲/۳۴۵",
            "secretariat": "مرکزی",
            "year": 1405,
            "registered_on": "2026-03-21",
        },
        "unit": "امور شهروندان",
        "answer": {"text": "موافقت شد.", "number": "99", "answered_on": "2026-03-22"},
        "reason": None,
    }
    signed = headers["Chapar-Timestamp"].encode() + b"." + body
    assert headers["Chapar-Signature"] == "sha256=" + hmac.new(SECRET.encode(), signed, sha256).hexdigest()
    assert abs(int(headers["Chapar-Timestamp"]) - datetime.now(UTC).timestamp()) < 60  # noqa: TID251


def test_parts_that_are_not_there_yet_are_null(portal: Any, callback: Callback) -> None:
    portal.publish(publication(registration=None, answer=None, unit=None))
    document = json.loads(callback.came[0][2])
    assert (document["registration"], document["answer"], document["unit"]) == (None, None, None)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 409])
def test_taken_and_already_newer_are_both_done(portal: Any, callback: Callback, status: int) -> None:
    callback.status = status
    portal.publish(publication())


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, CredentialsRejected),
        (403, CredentialsRejected),
        (500, Unavailable),
        (503, Unavailable),
        (400, Misbehaved),
        (404, Misbehaved),
        (302, Misbehaved),
        (422, Misbehaved),
    ],
)
def test_each_status_says_what_to_do_next(
    portal: Any, callback: Callback, status: int, error: type[Exception]
) -> None:
    callback.status = status
    with pytest.raises(error) as caught:
        portal.publish(publication())
    assert type(caught.value) is error
    assert caught.value.reason == f"http_{status}"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("said", "wait"),
    [("7", timedelta(seconds=7)), ("", None), ("soon", None), ("Thu, 01 Jan 1970 00:00:00 GMT", timedelta())],
)
def test_a_portal_that_is_too_busy_is_given_the_time_it_asks_for(
    portal: Any, callback: Callback, said: str, wait: timedelta | None
) -> None:
    callback.status, callback.headers = 429, {"Retry-After": said} if said else {}
    with pytest.raises(RateLimited) as caught:
        portal.publish(publication())
    assert caught.value.retry_after == wait


def test_a_portal_that_is_away_is_unavailable_and_may_be_told_again(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    portal = build(tmp_path, f"http://127.0.0.1:{port}/progress")
    with pytest.raises(Unavailable):
        portal.publish(publication())
    portal.close()


def test_the_check_changes_nothing_at_the_portal(portal: Any, callback: Callback) -> None:
    callback.status = 405
    assert "405" in portal.check()
    assert [method for method, _, _ in callback.came] == ["HEAD"]


def test_a_callback_address_without_a_signing_secret_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="given together"):
        PushSettings.model_validate({"token": {"environment": "X"}, "callback_url": "http://portal.test/x"})


def test_a_token_that_can_be_guessed_is_refused_with_the_next_step_and_without_the_token(
    tmp_path: Path,
) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        build(tmp_path, token="changeme")
    assert "openssl" in (caught.value.next_step or "")
    assert "changeme" not in f"{caught.value.sentence} {caught.value.next_step}"
