"""The gateway with its handsets, as an HTTP client of the vendor's documented interface sees it."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests

from connector.simulator.faults import Fault, FaultRule
from connector.simulator.handset import HandsetGateway
from connector.simulator.handset_unasked import SMSBOX_USER, UnaskedGateway
from connector.simulator.inbox import Inbox
from connector.simulator.serving import LoopbackServer
from connector.testing.builders import HeldClock

MOBILE = "09000000001"


class Gateway:
    """The gateway and its address."""

    def __init__(self, door: HandsetGateway, url: str) -> None:
        self.door, self.inbox, self.url = door, door.inbox, url

    def call(self, method: str, key: str = "the-key", **form: Any) -> tuple[int, Any]:
        answer = requests.post(f"{self.url}/v1/{key}/{method}.json", data=form, timeout=10).json()
        return answer["return"]["status"], answer["entries"]

    def send(self, local_id: int = 1, **changes: Any) -> tuple[int, Any]:
        form = {
            "receptor": MOBILE,
            "message": "سلام",
            "sender": "10000000",
            "localid": str(local_id),
        } | changes
        return self.call("sms/send", **form)


@pytest.fixture
def gateway(clock: HeldClock) -> Iterator[Gateway]:
    inbox = Inbox(now=clock.now, unreachable=frozenset({"09000000009"}))
    door = HandsetGateway(inbox, "the-key")
    with LoopbackServer(door) as server:
        yield Gateway(door, server.url)


def test_a_sent_message_is_in_the_inbox_of_its_mobile(gateway: Gateway) -> None:
    status, entries = gateway.send()
    assert (status, entries[0]["status"], entries[0]["receptor"]) == (200, 1, MOBILE)
    assert [message.text for message, _ in gateway.inbox.conversation(MOBILE)] == ["سلام"]
    assert gateway.inbox.conversation("09000000002") == []


def test_many_texts_go_in_one_call_as_json_arrays(gateway: Gateway) -> None:
    status, entries = gateway.call(
        "sms/sendarray",
        receptor=json.dumps([MOBILE, "09000000002"]),
        message=json.dumps(["یک", "دو"]),
        sender=json.dumps(["10000000"] * 2),
        localmessageids=json.dumps([11, 12]),
    )
    assert (status, len(entries)) == (200, 2)
    assert [(each.text, each.local_id) for each in gateway.inbox.messages()] == [("یک", 11), ("دو", 12)]


def test_a_message_is_found_by_our_own_id_and_delivered_after_a_while(
    gateway: Gateway, clock: HeldClock
) -> None:
    _, sent = gateway.send(local_id=77)
    reference = sent[0]["messageid"]
    assert gateway.call("sms/statuslocalmessageid", localid="77,78")[1] == [
        {"messageid": reference, "status": 4, "localid": "77", "statustext": "ارسال شده به مخابرات"},
        {"messageid": 0, "status": 100, "localid": "78", "statustext": "شناسه پیامک نامعتبر است"},
    ]
    clock.advance(timedelta(seconds=1))
    assert gateway.call("sms/status", messageid=str(reference))[1][0]["status"] == 10


def test_a_handset_that_is_switched_off_never_gets_it(gateway: Gateway, clock: HeldClock) -> None:
    _, sent = gateway.send(receptor="09000000009")
    clock.advance(timedelta(seconds=1))
    assert gateway.call("sms/status", messageid=str(sent[0]["messageid"]))[1][0]["status"] == 11


def test_a_repeated_own_id_is_a_second_message(gateway: Gateway) -> None:
    gateway.send(local_id=5)
    gateway.send(local_id=5)
    assert len(gateway.inbox.messages()) == 2


def test_an_answer_can_be_lost_after_the_message_was_taken(gateway: Gateway) -> None:
    gateway.door.faults.arm(FaultRule(fault=Fault.LOSE_ANSWER, deed="send"))
    with pytest.raises(requests.ConnectionError):
        gateway.send(local_id=9)
    assert gateway.call("sms/statuslocalmessageid", localid="9")[1][0]["status"] == 4


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"receptor": "0900"}, 411),
        ({"receptor": ""}, 406),
        ({"message": ""}, 413),
        ({"message": "ن" * 269}, 413),
        ({"sender": "999"}, 412),
        ({"localid": "x"}, 400),
        ({"receptor": f"{MOBILE},{MOBILE}"}, 419),
    ],
)
def test_what_the_vendor_refuses_is_refused_with_its_code(
    gateway: Gateway, changes: dict[str, str], status: int
) -> None:
    assert gateway.send(**changes)[0] == status
    assert gateway.inbox.messages() == []


def test_a_wrong_key_and_an_unknown_method_have_their_codes(gateway: Gateway) -> None:
    assert gateway.call("account/info", key="other")[0] == 403
    assert gateway.call("sms/elsewhere")[0] == 404
    assert gateway.call("account/info")[1]["remaincredit"] > 0


def test_busy_and_refused_take_nothing(gateway: Gateway) -> None:
    gateway.door.faults.arm(FaultRule(fault=Fault.BUSY, deed="send"))
    gateway.door.faults.arm(FaultRule(fault=Fault.REFUSE, deed="send"))
    assert [gateway.send()[0], gateway.send()[0]] == [409, 422]
    assert gateway.inbox.messages() == []


def test_a_gateway_that_cannot_be_asked_takes_each_text_anew_and_keeps_no_id() -> None:
    inbox = Inbox()
    headers = {"X-Kannel-Username": SMSBOX_USER, "X-Kannel-Password": "the-key", "X-Kannel-To": MOBILE}
    with LoopbackServer(UnaskedGateway(inbox, "the-key")) as server:
        url = f"{server.url}/cgi-bin/sendsms"
        said = [requests.post(url, "سلام".encode(), headers=headers, timeout=5) for _ in range(2)]
        wrong = requests.post(url, b"", headers={**headers, "X-Kannel-Password": "x"}, timeout=5)
    assert [(each.status_code, each.text) for each in said] == [(202, "0: Accepted for delivery")] * 2
    assert [(each.text, each.local_id) for each in inbox.messages()] == [("سلام", None)] * 2
    assert wrong.status_code == 403


def test_whose_credit_is_gone_is_told_so_in_the_vendors_words_and_nothing_is_taken(gateway: Gateway) -> None:
    gateway.door.faults.arm(FaultRule(fault=Fault.CREDIT_GONE, deed="send"))
    assert gateway.send() == (418, None)
    assert gateway.inbox.messages() == []
    assert gateway.send()[0] == 200


def test_nobody_writes_to_it(gateway: Gateway) -> None:
    assert gateway.call("sms/receive", linenumber="10000000", isread="0") == (200, [])
