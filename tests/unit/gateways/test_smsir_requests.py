"""What SMS.ir is sent, to the letter, and what its answers are taken for."""

import json
from pathlib import Path
from typing import Any

import pytest
import responses

from adapters.gateways.smsir import SmsIr
from connector.errors import CallFailed, CredentialsRejected, Misbehaved, OutcomeUnknown, RateLimited
from connector.ports.outcomes import (
    Accepted,
    Delivered,
    NotSent,
    Rejected,
    StillUnderway,
    Unanswered,
    Undelivered,
)
from connector.ports.pattern import PatternUse
from tests.unit.gateways.built import SECRET, a_message, built, by_pattern

BASE = "https://api.sms.ir/v1"


@pytest.fixture
def gateway(tmp_path: Path) -> SmsIr:
    gateway: SmsIr = built("smsir", tmp_path, key={"file": tmp_path / "secret"}, sender="300001234567")
    return gateway


def envelope(data: Any, status: int = 1) -> dict[str, Any]:
    return {"status": status, "message": "موفق", "data": data}


def pack(*ids: int | None) -> dict[str, Any]:
    return envelope({"packId": "2b99e63c-9bf8-4a21-9bfe-3f72dc1b46f1", "messageIds": list(ids), "cost": 2.0})


def body_of(call: responses.Call) -> Any:
    return json.loads(call.request.body)  # type: ignore[arg-type]


@responses.activate
def test_free_texts_are_two_arrays_of_equal_length_and_the_key_is_in_the_header(gateway: SmsIr) -> None:
    responses.post(f"{BASE}/send/likeToLike", json=pack(86522023, 86522024))
    gateway.send([a_message(1), a_message(2, "دو\nخط")])
    assert body_of(responses.calls[0]) == {
        "lineNumber": 300001234567,
        "messageTexts": ["سلام & + %", "دو\nخط"],
        "mobiles": ["09000000001", "09000000002"],
    }
    assert responses.calls[0].request.headers["X-API-KEY"] == SECRET


@responses.activate
def test_a_pattern_goes_alone_with_its_names_bare(gateway: SmsIr) -> None:
    responses.post(f"{BASE}/send/verify", json=envelope({"messageId": 89545112, "cost": 1.0}))
    assert gateway.send([by_pattern("123456", **{"#CODE#": "482 915"})]) == [
        Accepted(gateway_reference="89545112")
    ]
    assert body_of(responses.calls[0]) == {
        "mobile": "09000000001",
        "templateId": 123456,
        "parameters": [{"name": "CODE", "value": "482 915"}],
    }


@responses.activate
def test_each_place_of_a_pack_says_what_its_message_became(gateway: SmsIr) -> None:
    responses.post(f"{BASE}/send/likeToLike", json=pack(86522023, 0, None, True))
    outcomes = gateway.send([a_message(number) for number in range(4)])
    assert outcomes[0] == Accepted(gateway_reference="86522023@2b99e63c-9bf8-4a21-9bfe-3f72dc1b46f1")
    assert isinstance(outcomes[1], Rejected)
    assert outcomes[1].is_blacklisted
    assert isinstance(outcomes[2], Rejected)
    assert not outcomes[2].is_blacklisted
    assert outcomes[3] == Unanswered(reason="no_reference")


@responses.activate
@pytest.mark.parametrize(
    "data", [None, [], {}, {"messageIds": []}, {"messageIds": [1]}, {"messageIds": "12"}]
)
def test_an_answer_without_an_entry_for_each_is_not_believed(gateway: SmsIr, data: object) -> None:
    responses.post(f"{BASE}/send/likeToLike", json=envelope(data))
    with pytest.raises(Misbehaved):
        gateway.send([a_message(1), a_message(2)])


@responses.activate
@pytest.mark.parametrize(
    ("http", "status", "kind"),
    [(401, 10, CredentialsRejected), (400, 102, CredentialsRejected), (400, 101, CredentialsRejected),
     (429, 20, RateLimited), (500, 0, OutcomeUnknown), (200, 0, OutcomeUnknown), (400, 999, Misbehaved)],
)  # fmt: skip
def test_the_code_in_the_body_counts(gateway: SmsIr, http: int, status: int, kind: type[CallFailed]) -> None:
    responses.post(f"{BASE}/send/likeToLike", json=envelope(None, status), status=http)
    with pytest.raises(kind) as caught:
        gateway.send([a_message(1)])
    assert type(caught.value) is kind
    assert caught.value.code == str(status)


@responses.activate
@pytest.mark.parametrize(
    ("http", "kind"), [(401, CredentialsRejected), (429, RateLimited), (502, Misbehaved)]
)
def test_without_a_code_in_the_body_the_status_of_http_counts(
    gateway: SmsIr, http: int, kind: type[CallFailed]
) -> None:
    responses.post(f"{BASE}/send/likeToLike", body=b"<html>", status=http, headers={"Retry-After": "7"})
    with pytest.raises(kind) as caught:
        gateway.send([a_message(1)])
    if isinstance(caught.value, RateLimited):
        assert caught.value.retry_after is not None
        assert caught.value.retry_after.total_seconds() == 7


@responses.activate
def test_credit_that_ends_in_the_middle_leaves_the_rest_unsent(gateway: SmsIr) -> None:
    responses.post(f"{BASE}/send/likeToLike", json=envelope(None, 104), status=400)
    responses.post(f"{BASE}/send/likeToLike", json=pack(86522023))
    responses.post(f"{BASE}/send/likeToLike", json=envelope(None, 102), status=400)
    outcomes = gateway.send([a_message(1), a_message(2)])
    assert outcomes == [
        Accepted(gateway_reference="86522023"),
        NotSent(reason="gateway_stopped", code="102"),
    ]


@responses.activate
def test_one_text_that_is_to_be_split_and_cannot_be_waits(gateway: SmsIr) -> None:
    responses.post(f"{BASE}/send/likeToLike", json=envelope(None, 118), status=400)
    assert gateway.send([a_message(1, "متن " * 335)]) == [NotSent(reason="gateway_split", code="118")]


def test_a_pattern_whose_code_is_no_number_stops_before_anything_is_sent(gateway: SmsIr) -> None:
    with pytest.raises(CredentialsRejected) as caught:
        gateway.send([by_pattern("verify", CODE="1")])
    assert caught.value.code == "113"


@responses.activate
def test_messages_of_one_pack_are_asked_for_in_one_call(gateway: SmsIr) -> None:
    entries = [{"messageId": 1, "deliveryState": 1}, {"messageId": 2, "deliveryState": 7}, {"messageId": 9}]
    responses.get(f"{BASE}/send/pack/ab-1", json=envelope(entries))
    responses.get(f"{BASE}/send/3", json=envelope({"messageId": 3, "deliveryState": 5}))
    responses.get(f"{BASE}/send/4", json=envelope(None, 111), status=400)
    assert gateway.delivery(["1@ab-1", "3", "2@ab-1", "4"]) == {
        "1@ab-1": Delivered(),
        "2@ab-1": Undelivered(code="7", is_blacklisted=True),
        "3": StillUnderway(),
    }
    assert len(responses.calls) == 3


@responses.activate
def test_a_question_that_fails_does_not_hide_what_was_told_before_it(gateway: SmsIr) -> None:
    responses.get(f"{BASE}/send/3", json=envelope({"messageId": 3, "deliveryState": 1}))
    responses.get(f"{BASE}/send/4", json=envelope(None, 20), status=429)
    assert gateway.delivery(["3", "4", "5"]) == {"3": Delivered()}
    with pytest.raises(RateLimited):
        gateway.delivery(["4", "3"])


@responses.activate
@pytest.mark.parametrize(
    ("lines", "said"), [([30004505, 300001234567], "is the account's."), ([], "will be refused.")]
)
def test_the_check_says_whether_the_line_is_ours(gateway: SmsIr, lines: list[int], said: str) -> None:
    responses.get(f"{BASE}/credit", json=envelope(1250.5))
    responses.get(f"{BASE}/line", json=envelope(lines))
    assert gateway.check().endswith(said)


def test_a_long_value_keeps_its_pattern_from_being_used() -> None:
    rules = SmsIr.capabilities.patterns
    assert rules is not None
    assert rules.objection(PatternUse(code="1", values={"CODE": "x" * 25})) is None
    assert rules.objection(PatternUse(code="1", values={"CODE": "x" * 26})) == "pattern_value_too_long"


@responses.activate
def test_a_page_with_rubbish_in_it_keeps_its_messages(gateway: SmsIr) -> None:
    rows = [
        None,
        {"receiveReturnId": 7, "messageText": "سلام", "mobile": "0912", "receivedDateTime": "soon"},
        {},
    ]
    responses.get(f"{BASE}/receive/live", json=envelope([]))
    responses.get(f"{BASE}/receive/latest", json=envelope(rows))
    first, second = gateway.inbox(None).messages
    assert (first.sender, first.text, first.sent_at) == ("0912", "سلام", None)
    assert second.text == ""


@responses.activate
def test_a_message_has_one_key_in_both_views_of_the_inbox(gateway: SmsIr) -> None:
    shown = {
        "messageText": "سلام",
        "mobile": 9120000001,
        "number": 300001234567,
        "receivedDateTime": 1715000000,
    }
    responses.get(f"{BASE}/receive/live", json=envelope([shown]))
    responses.get(f"{BASE}/receive/latest", json=envelope([{"receiveReturnId": 7, **shown}]))
    page = gateway.inbox(None)
    assert [(message.sender, message.text) for message in page.messages] == [("09120000001", "سلام")]
    assert gateway.inbox(page.cursor).messages == (), "the queue shows it once more, and it was stored"


@responses.activate
def test_an_inbox_without_a_list_is_not_an_empty_one(gateway: SmsIr) -> None:
    responses.get(f"{BASE}/receive/live", json=envelope(None))
    with pytest.raises(Misbehaved):
        gateway.inbox(None)
