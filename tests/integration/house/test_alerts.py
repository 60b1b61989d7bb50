"""Operators are told by the library itself, at a real HTTP receiver and a real SMTP server on loopback."""

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from pytest_httpserver import HTTPServer
from structlog.testing import capture_logs
from werkzeug import Request, Response

from connector.alerting.alerting import Alerting
from connector.alerting.policy import AlertPolicy
from connector.assembly.alerting import Machine
from connector.domain.alert import Trouble, Unwell
from connector.domain.attention import Because, Deadlines
from connector.errors import LedgerUnavailable, SecretMissing, SettingsInvalid
from connector.ledger import Ledger
from connector.ledger.connection_needs import NeedsPerson
from connector.ledger.suspensions import Suspension
from connector.observability.metrics import render_metrics
from connector.testing.builders import HeldClock
from connector.transport.alert_channel import AppriseChannel
from connector.transport.secret import SecretReference
from tests.free_ports import free_ports

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
"""The library imports it while it loads its services, where Python still has it."""
SECRET = "k3y-of-the-service"
MINUTE = timedelta(minutes=1)
POLICY = AlertPolicy(remind_every=timedelta(hours=6), answer_within=timedelta(seconds=10))


class Receiver:
    """A service that operators read; it keeps what it was given, and can be told to fail."""

    def __init__(self, server: HTTPServer) -> None:
        self.taken: list[dict[str, Any]] = []
        self.status = 200
        self.gate: threading.Event | None = None
        server.expect_request(f"/{SECRET}").respond_with_handler(self._take)

    def _take(self, request: Request) -> Response:
        if self.gate is not None:
            self.gate.wait(20)
        if self.status == 200:
            self.taken.append(dict(request.get_json()))
        return Response(status=self.status)

    @property
    def titles(self) -> list[str]:
        return [each["title"] for each in self.taken]


@pytest.fixture
def receiver(httpserver: HTTPServer) -> Receiver:
    return Receiver(httpserver)


@pytest.fixture
def channel(httpserver: HTTPServer, tmp_path: Path) -> Callable[..., AppriseChannel]:
    def make(
        name: str = "pager", url: str = f"json://127.0.0.1:{httpserver.port}/{SECRET}"
    ) -> AppriseChannel:
        (tmp_path / name).write_text(url + "\n", encoding="utf-8")
        return AppriseChannel(name, SecretReference(file=tmp_path / name))

    return make


@pytest.fixture
def ledger(sqlite_url: str, open_on: Callable[..., Ledger]) -> Ledger:
    return open_on(sqlite_url)


@pytest.fixture
def alerting(
    ledger: Ledger, channel: Callable[..., AppriseChannel], clock: HeldClock
) -> Callable[..., Alerting]:
    def needs() -> Sequence[NeedsPerson]:
        return ledger.attention.needs(Deadlines(), lambda *_: True)

    def make(**changes: Any) -> Alerting:
        channels = changes.pop("channels", None) or [channel()]
        usual: dict[str, Any] = {"node": "node-1", "needs": needs, "machine": list, "now": clock.now}
        return Alerting(ledger.alerts_told, channels, changes.pop("policy", POLICY), **(usual | changes))

    return make


def suspend(ledger: Ledger, clock: HeldClock, *connections: str) -> None:
    since = clock.now()
    ledger.suspensions.tell(
        "node-1", {each: Suspension(since=since, reason="credentials_rejected") for each in connections}
    )


def test_a_stopped_connection_is_told_once_reminded_of_and_called_well_when_it_works_again(
    ledger: Ledger, clock: HeldClock, receiver: Receiver, alerting: Callable[..., Alerting]
) -> None:
    one = alerting()
    one.look()
    assert receiver.taken == [], "while all is well nobody is told anything"
    suspend(ledger, clock, "sms")
    for _ in range(3):
        one.look()
        clock.advance(MINUTE)
    assert len(receiver.taken) == 1
    assert "sms: stopped by itself" in receiver.taken[0]["message"]
    assert receiver.taken[0]["type"] == "failure"
    clock.advance(timedelta(hours=6))
    one.look()
    assert len(receiver.taken) == 2
    assert "Told before, and still there:" in receiver.taken[1]["message"]
    suspend(ledger, clock)
    for _ in range(20):
        one.look()
        clock.advance(MINUTE)
    assert len(receiver.taken) == 3
    assert receiver.titles[2].endswith("all is well again")
    suspend(ledger, clock, "sms")
    one.look()
    assert len(receiver.taken) == 4, "what comes back after that is news"


def test_a_daemon_that_is_started_anew_and_another_node_tell_nothing_twice(
    ledger: Ledger, clock: HeldClock, receiver: Receiver, alerting: Callable[..., Alerting]
) -> None:
    suspend(ledger, clock, "sms")
    for node in ("node-1", "node-1", "node-2"):
        alerting(node=node).look()
    assert len(receiver.taken) == 1


def test_what_comes_and_goes_is_told_once(
    ledger: Ledger, clock: HeldClock, receiver: Receiver, alerting: Callable[..., Alerting]
) -> None:
    one = alerting()
    for turn in range(20):
        suspend(ledger, clock, *(["sms"] if turn % 2 else []))
        one.look()
        clock.advance(MINUTE)
    assert len(receiver.taken) == 1


def test_a_channel_that_refuses_is_tried_at_growing_gaps_and_then_told_once(
    ledger: Ledger,
    clock: HeldClock,
    receiver: Receiver,
    alerting: Callable[..., Alerting],
    httpserver: HTTPServer,
) -> None:
    receiver.status = 500
    suspend(ledger, clock, "sms")
    one = alerting()
    with capture_logs() as log:
        for _ in range(8):
            one.look()
            clock.advance(MINUTE)
    assert len(httpserver.log) == 3, "at 0, 2 and 6 minutes"
    failures = [entry for entry in log if entry["event"] == "alerting.channel_failed"]
    assert [entry["reason"] for entry in failures] == ["not_taken"] * 3
    assert SECRET not in str(log)
    assert one.failing() == {"pager": "not_taken"}
    assert b'chapar_alert_channel_failing{channel="pager"} 1.0' in render_metrics()
    needs = ledger.attention.needs(Deadlines(), lambda *_: True)
    assert Because.ALERTS_FAIL in {need.because for need in needs}
    receiver.status = 200
    clock.advance(timedelta(hours=1))
    one.look()
    one.look()
    assert len(receiver.taken) == 1
    assert one.failing() == {}
    assert b'chapar_alert_channel_failing{channel="pager"} 0.0' in render_metrics()


def test_that_one_channel_fails_is_told_through_the_other(
    ledger: Ledger,
    clock: HeldClock,
    receiver: Receiver,
    alerting: Callable[..., Alerting],
    channel: Callable[..., AppriseChannel],
) -> None:
    dead = channel("dead", f"json://127.0.0.1:{free_ports(1)[0]}/{SECRET}")
    one = alerting(channels=[channel(), dead])
    suspend(ledger, clock, "sms")
    one.look()
    clock.advance(MINUTE)
    one.look()
    assert len(receiver.taken) == 2
    assert "dead: alerts to operators do not get through this channel" in receiver.taken[1]["message"]


def test_a_channel_that_hangs_holds_up_no_other_and_is_left_alone_until_its_call_has_ended(
    ledger: Ledger,
    clock: HeldClock,
    httpserver: HTTPServer,
    receiver: Receiver,
    alerting: Callable[..., Alerting],
    channel: Callable[..., AppriseChannel],
) -> None:
    gate = threading.Event()

    class Hanging:
        name = "hanging"
        calls = 0

        def tell(self, _title: str, _text: str, _severity: object) -> None:
            self.calls += 1
            gate.wait(20)

    hanging = Hanging()
    one = alerting(channels=[hanging, channel()], policy=AlertPolicy(answer_within=timedelta(seconds=0.5)))
    suspend(ledger, clock, "sms")
    one.look()
    assert len(receiver.taken) == 1
    assert one.failing() == {"hanging": "no_answer"}
    clock.advance(timedelta(days=1))
    one.look()
    assert hanging.calls == 1
    gate.set()


def test_the_service_looks_by_itself_and_its_stop_waits_for_no_channel(
    ledger: Ledger, clock: HeldClock, alerting: Callable[..., Alerting]
) -> None:
    told, gate = threading.Event(), threading.Event()

    class Hanging:
        name = "hanging"

        def tell(self, _title: str, _text: str, _severity: object) -> None:
            told.set()
            gate.wait(20)

    suspend(ledger, clock, "sms")
    one = alerting(channels=[Hanging()])
    one.start()
    assert told.wait(10)
    one.stop(timedelta(seconds=0.1))
    one.stop(timedelta(seconds=0.1))
    gate.set()
    alerting(channels=[Hanging()]).stop(timedelta(seconds=1))


def test_a_database_that_is_away_is_told_from_memory_and_its_return_too(
    clock: HeldClock, receiver: Receiver, alerting: Callable[..., Alerting]
) -> None:
    is_away = True

    def needs() -> Sequence[NeedsPerson]:
        if is_away:
            raise LedgerUnavailable
        return []

    one = alerting(needs=needs)
    for _ in range(15):
        one.look()
        clock.advance(MINUTE)
    assert len(receiver.taken) == 1, "a minute's absence is none"
    assert "the database takes no writes" in receiver.taken[0]["message"]
    is_away = False
    for _ in range(15):
        one.look()
        clock.advance(MINUTE)
    assert len(receiver.taken) == 2
    assert receiver.titles[1].endswith("all is well again")


def test_the_machine_is_told_of_and_another_node_does_not_call_it_well(
    clock: HeldClock, receiver: Receiver, alerting: Callable[..., Alerting], tmp_path: Path
) -> None:
    off_by = timedelta(hours=1)
    machine = Machine(tmp_path, lambda: off_by, node="node-1", now=clock.now)
    one = alerting(machine=machine.troubles)
    one.look()
    assert "node-1: the machine's clock was set" in receiver.taken[0]["message"]
    other = alerting(node="node-2")
    for _ in range(30):
        clock.advance(MINUTE)
        other.look()
        one.look()
    assert len(receiver.taken) == 1


def test_a_nearly_full_disk_is_a_trouble_since_it_was_first_seen(
    clock: HeldClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = [10**6]
    usage = type("Usage", (), {"free": property(lambda _self: free[0])})
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: usage())
    machine = Machine(tmp_path, timedelta, node="n", now=clock.now)
    first = clock.now()
    machine.troubles()
    clock.advance(MINUTE)
    assert machine.troubles() == [Trouble(because=Unwell.LITTLE_ROOM, where="@n", since=first)]
    free[0] = 10**10
    assert machine.troubles() == []


class Mailbox:
    """Keeps what an SMTP server was given."""

    def __init__(self) -> None:
        self.mails: list[Any] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()
    server = Controller(box, hostname="127.0.0.1", port=free_ports(1)[0])
    server.start()
    yield box, server.port
    server.stop()


def test_an_alert_comes_by_mail_in_persian_and_english(
    ledger: Ledger,
    clock: HeldClock,
    mailbox: tuple[Mailbox, int],
    alerting: Callable[..., Alerting],
    channel: Callable[..., AppriseChannel],
) -> None:
    box, port = mailbox
    url = f"mailto://127.0.0.1:{port}?from=chapar@agency.example&to=operator@agency.example&mode=insecure"
    suspend(ledger, clock, "sms")
    alerting(channels=[channel("mail", url)]).look()
    (mail,) = box.mails
    assert "critical, 1 thing needs a person" in mail["subject"]
    text = mail.get_body(("plain", "html")).get_content()
    assert "chapar attention" in text
    assert "خودبه‌خود متوقف شد" in text


@pytest.mark.parametrize(
    "url",
    [
        "no-such-service://x",
        "json://",
        "jsons://a.example/ jsons://b.example/",
        "jsons://a.example/?verify=no",
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_being_repeated(
    channel: Callable[..., AppriseChannel], url: str
) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        channel("odd", url).open()
    assert "example" not in refused.value.sentence
    assert refused.value.next_step


def test_a_secret_that_is_missing_is_said_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(SecretMissing):
        AppriseChannel("pager", SecretReference(file=tmp_path / "none")).open()


def test_an_answer_that_leads_elsewhere_is_not_followed(
    httpserver: HTTPServer,
    channel: Callable[..., AppriseChannel],
    ledger: Ledger,
    clock: HeldClock,
    alerting: Callable[..., Alerting],
) -> None:
    httpserver.expect_request("/away").respond_with_data("", status=302, headers={"Location": "/there"})
    one = alerting(channels=[channel("odd", f"json://127.0.0.1:{httpserver.port}/away?redirect=yes")])
    suspend(ledger, clock, "sms")
    one.look()
    assert one.failing() == {"odd": "not_taken"}
    assert [request.path for request, _ in httpserver.log] == ["/away"]
