"""SMPP before a simulated centre; another one, that others wrote, is in tests/integration/smpp."""

import socket
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connector.errors import CredentialsRejected, OutcomeUnknown, RateLimited, Unavailable
from connector.ports.catalogue import GATEWAYS, adapter_kind
from connector.ports.gateway import DeliveryReport
from connector.ports.incoming import InboxPage
from connector.ports.outcomes import Accepted, Delivered, Rejected, Undelivered
from connector.simulator.fault_kinds import Fault
from connector.simulator.faults import FaultRule
from connector.simulator.gateways import Arrival, WrittenText
from connector.simulator.gateways.centre_units import submitted
from connector.simulator.gateways.smpp import SmppVendor
from connector.testing.gateway_contract import VendorBench
from connector.testing.gateway_contract.messages import a_message
from tests.authority import issue, server_context, written
from tests.contract.gateways.ours import OurGateway

LONG = "نامهٔ شما در دبیرخانه ثبت شد. " * 7
WITHIN = 10.0

VENDOR = SmppVendor


class TestSmpp(OurGateway):
    """The contract."""

    adapter = "smpp"
    unmet = frozenset(
        [
            "account",
            "batch",
            "blacklist",
            "blacklisted",
            "credit",
            "cursor",
            "entries",
            "find",
            "hours",
            "http_502",
            "http_503",
            "incoming",
            "patterns",
            "patterns_found",
            "patterns_lost",
            "receipts",
            "splits",
            "wrong_content_type",
        ]
    )
    beside_the_point = frozenset({"strange_shapes_delivery", "strange_shapes_inbox", "strange_shapes_send"})


def another(bench: VendorBench, link: dict[str, Any] | None = None, **changes: Any) -> Any:
    """Another adapter of the same account, as after a restart."""
    settings: dict[str, Any] = {**bench.vendor.settings(bench.place()), **changes}
    return closing(bench.build({**settings, "link": {**settings["link"], **(link or {})}}))


def wait_until(vendor: Any, is_so: Callable[[], bool]) -> None:
    with vendor.news:
        assert vendor.news.wait_for(is_so, WITHIN)


def looked(gateway: Any) -> InboxPage:
    """One look, and one more that says that its page is stored; the line is in order after it."""
    page: InboxPage = gateway.inbox(None)
    if page.cursor is not None:
        gateway.inbox(page.cursor)
    return page


def write(vendor: Any, text: str) -> None:
    vendor.book.written.append(WrittenText(key="501", sender="09000000001", text=text, line=vendor.book.line))


def test_a_receipt_is_reported_once_and_acknowledged_when_it_is_stored(gateway: Any, vendor: Any) -> None:
    (accepted,) = gateway.send([a_message(1)])
    vendor.bring_receipt(vendor.book.sent[0], Arrival.DELIVERED)
    page = gateway.inbox(None)
    assert page.reports == (DeliveryReport(own_id=a_message(1).own_id, state=Delivered()),)
    gateway.check()
    assert vendor.answers == []
    assert gateway.inbox(page.cursor).reports == ()
    gateway.check()
    assert vendor.answers == [0]
    assert gateway.delivery([accepted.gateway_reference]) == {accepted.gateway_reference: Delivered()}
    assert "delivery" not in vendor.book.calls, "the centre is not asked about what it has told"


def test_a_receipt_that_came_while_nobody_was_there_is_not_lost(
    bench: VendorBench, gateway: Any, vendor: Any
) -> None:
    (accepted,) = gateway.send([a_message(1)])
    gateway.close()
    vendor.bring_receipt(vendor.book.sent[0], Arrival.UNDELIVERED)
    with another(bench) as restarted:
        restarted.check()
        reference = accepted.gateway_reference
        assert restarted.delivery([reference]) == {reference: Undelivered(code="UNDELIV")}
        restarted.check()
        assert vendor.answers == [0]


def test_what_a_killed_process_had_not_stored_comes_again_under_the_same_key(
    bench: VendorBench, gateway: Any, vendor: Any
) -> None:
    write(vendor, "سلام")
    (first,) = gateway.inbox(None).messages
    vendor.hang_up()
    wait_until(vendor, lambda: bool(vendor.waiting))
    with another(bench) as restarted:
        (again,) = looked(restarted).messages
    assert (again.text, again.gateway_key) == (first.text, first.gateway_key)
    assert vendor.answers == [0]


def test_what_was_stored_before_the_line_broke_is_acknowledged_when_it_comes_again(
    gateway: Any, vendor: Any
) -> None:
    write(vendor, "سلام")
    page = gateway.inbox(None)
    vendor.hang_up()
    wait_until(vendor, lambda: bool(vendor.waiting))
    with suppress(Unavailable):  # that the line is broken may not be known yet
        gateway.inbox(page.cursor)
    assert gateway.inbox(page.cursor).messages == ()
    gateway.check()
    assert (vendor.answers, len(vendor.binds)) == ([0], 2)


def test_what_is_not_stored_in_time_the_centre_is_asked_to_bring_again(
    bench: VendorBench, vendor: Any
) -> None:
    with another(bench, {"hold_incoming": 0.01}) as gateway:
        write(vendor, "سلام")
        gateway.check()
        wait_until(vendor, lambda: vendor.answers == [0x64])
        page = gateway.inbox(None)
        assert [each.text for each in page.messages] == ["سلام"]
        gateway.inbox(page.cursor)
        wait_until(vendor, lambda: vendor.answers[-1] == 0)
        assert gateway.inbox(None).messages == ()


@pytest.mark.parametrize(
    ("status", "kind"), [(0x58, RateLimited), (0x14, Unavailable), (0x08, OutcomeUnknown)]
)
def test_a_text_whose_first_part_is_not_taken_was_not_sent(
    gateway: Any, vendor: Any, status: int, kind: type
) -> None:
    vendor.statuses = [status]
    with pytest.raises(kind):
        gateway.send([a_message(1, LONG)])
    assert len(vendor.submits) == 1


def test_a_later_part_that_is_put_off_is_tried_again_for_the_others_are_out(
    gateway: Any, vendor: Any
) -> None:
    vendor.statuses = [0, 0x58]
    assert isinstance(gateway.send([a_message(1, LONG)])[0], Accepted)
    assert [each.text for each in vendor.book.sent] == [LONG]
    assert [submitted(body).wants_receipt for body in vendor.submits] == [False, False, False, False, True]


def test_a_text_of_which_a_part_is_out_is_never_called_unsent(gateway: Any, vendor: Any) -> None:
    vendor.statuses = [0, 0x0B]
    with pytest.raises(OutcomeUnknown) as caught:
        gateway.send([a_message(1, LONG)])
    assert (caught.value.reason, caught.value.code) == ("partly_sent", "0x0000000B")


def test_a_number_that_the_centre_finds_invalid_is_rejected(gateway: Any, vendor: Any) -> None:
    vendor.statuses = [0x0B]
    assert isinstance(gateway.send([a_message(1)])[0], Rejected)


def test_an_answer_that_comes_too_late_is_nobodys(bench: VendorBench, vendor: Any) -> None:
    with another(bench, {"answer_within": 0.5}) as gateway:
        bench.arm(FaultRule(fault=Fault.STALL, deed="send", delay=timedelta(seconds=20)))
        with pytest.raises(OutcomeUnknown) as caught:
            gateway.send([a_message(1, "۱")])
        bench.calm()
        assert caught.value.reason == "timeout"
        (accepted,) = gateway.send([a_message(2, "۲")])
        assert accepted.gateway_reference == vendor.book.sent[1].reference


def test_an_account_that_is_bound_elsewhere_waits_and_a_refused_one_stops(gateway: Any, vendor: Any) -> None:
    refused = {
        0x05: Unavailable,
        0x08: Unavailable,
        0x0D: CredentialsRejected,
        0x0F: CredentialsRejected,
        0x58: RateLimited,
        0x4FF: Unavailable,
    }
    for status, kind in refused.items():
        vendor.bind_status = status
        with pytest.raises(kind) as caught:
            gateway.send([a_message(1)])
        assert (type(caught.value), caught.value.code) == (kind, f"0x{status:08X}")
    vendor.bind_status = 0
    assert gateway.check() == "The centre at 127.0.0.1 has bound agency and answers."
    assert not vendor.sessions[:-1], "and no line is left open"


def test_somebody_who_does_not_speak_smpp_certainly_took_nothing(bench: VendorBench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        address = f"smpp://127.0.0.1:{stranger.getsockname()[1]}"

        def greet() -> None:
            line, _ = stranger.accept()
            with line:
                line.sendall(b"220 mail.example ESMTP ready\r\n")
                line.recv(1000)

        greeting = threading.Thread(target=greet)
        greeting.start()
        with another(bench, {"address": address}) as gateway, pytest.raises(Unavailable) as caught:
            gateway.send([a_message(1)])
        greeting.join(WITHIN)
    assert caught.value.reason == "unreadable_answer"


def test_one_session_serves_all_and_says_goodbye(gateway: Any, vendor: Any) -> None:
    gateway.send([a_message(1)])
    gateway.inbox(None)
    gateway.check()
    gateway.close()
    assert (len(vendor.binds), vendor.goodbyes) == (1, 1)
    with pytest.raises(Unavailable):
        gateway.send([a_message(2)])


def test_a_silent_line_is_asked_whether_it_lives_and_a_dead_one_is_left(
    bench: VendorBench, vendor: Any
) -> None:
    with another(bench, {"enquire_every": 0.05, "answer_within": 0.5}) as gateway:
        gateway.send([a_message(1)])
        bench.arm(FaultRule(fault=Fault.STALL, deed="inbox", delay=timedelta(seconds=20)))
        wait_until(vendor, lambda: "inbox" in vendor.book.calls)
        assert vendor.faults.wait_stalling(within=timedelta(seconds=WITHIN))
        line = gateway._session._line._thread
        line.join(WITHIN)
        assert not line.is_alive()
        bench.calm()
        assert isinstance(gateway.send([a_message(2)])[0], Accepted)
    assert len(vendor.binds) == 2


def test_a_centre_that_cannot_be_asked_is_asked_once(gateway: Any, vendor: Any) -> None:
    vendor.can_be_asked = False
    assert gateway.delivery(["1", "2"]) == {}
    assert gateway.delivery(["3"]) == {}
    assert vendor.book.calls.count("delivery") == 1


def test_no_more_submits_wait_than_the_window_allows(bench: VendorBench, vendor: Any) -> None:
    with another(bench, {"answer_within": 0.2}, window=1) as gateway:
        gateway._window.acquire()
        with pytest.raises(Unavailable) as caught:
            gateway.send([a_message(1)])
        assert (caught.value.reason, vendor.submits) == ("window_full", [])


@pytest.mark.parametrize(
    ("changes", "text", "coding", "content", "esm_class"),
    [
        ({}, "{€}", 0, b"\x1b\x28\x1b\x65\x1b\x29", 0),
        ({"default_alphabet": "latin1"}, "é{", 0, "é{".encode("latin-1"), 0),
        ({"default_alphabet": "latin1"}, "Δ", 8, "Δ".encode("utf-16-be"), 0),
        ({"long_texts": "payload"}, LONG, 8, LONG.encode("utf-16-be"), 0),
    ],
)
def test_alphabets_and_long_texts_go_as_configured(
    bench: VendorBench,
    vendor: Any,
    changes: dict[str, Any],
    text: str,
    coding: int,
    content: bytes,
    esm_class: int,
) -> None:
    with another(bench, **changes) as gateway:
        gateway.send([a_message(1, text)])
    (asked,) = map(submitted, vendor.submits)
    assert (asked.data_coding, asked.content, asked.wants_receipt) == (coding, content, True)


def test_numbers_and_the_line_go_as_configured(bench: VendorBench, vendor: Any) -> None:
    with another(bench, numbers="national", sender="Agency", sender_ton=5, sender_npi=0) as gateway:
        with pytest.raises(CredentialsRejected):
            gateway.send([a_message(1)])
        assert vendor.submits[0].startswith(b"\0\5\0Agency\0\2\x0109000000001\0")


def test_over_tls_the_certificate_and_its_name_are_checked(
    bench: VendorBench, vendor: Any, tmp_path: Path
) -> None:
    authority = issue("authority", is_authority=True)
    centre = issue("centre", by=authority, address="127.0.0.1")
    vendor.context = server_context(written(tmp_path, "centre.pem", centre))
    trusted = {"ca_file": written(tmp_path, "authority.pem", authority)}
    with another(bench, trusted) as gateway:
        assert isinstance(gateway.send([a_message(1, LONG)])[0], Accepted)
        write(vendor, LONG)
        assert [each.text for each in looked(gateway).messages] == [LONG]
    other_name = vendor.url.replace("smpp://127.0.0.1", "smpps://localhost")
    for link in ({}, {**trusted, "address": other_name}):
        with another(bench, link) as gateway, pytest.raises(Unavailable) as caught:
            gateway.check()
        assert caught.value.reason.startswith("certificate")


@pytest.mark.parametrize(
    "changes",
    [
        {"link": {"address": "smsc.example:2775"}},
        {"link": {"address": "http://smsc.example"}},
        {"link": {"address": "smpp://user:secret@smsc.example"}},
        {"link": {"address": "smpp://smsc.example", "hold_incoming": 0}},
        {"system_id": "sixteen-letters!"},
        {"password": "as it is"},
        {"window": 0},
    ],
)
def test_settings_that_mean_nothing_are_refused(changes: dict[str, Any]) -> None:
    plain = {
        "link": {"address": "smpp://smsc.example"},
        "system_id": "u",
        "password": {"environment": "X"},
        "sender": "3000",
    }
    kind = adapter_kind(GATEWAYS, "smpp")
    kind.settings.model_validate(plain)
    with pytest.raises(ValidationError):
        kind.settings.model_validate(plain | changes)
