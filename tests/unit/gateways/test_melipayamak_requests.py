"""What payamak-panel is sent, to the letter, and what its answers are taken for."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import responses

from adapters.gateways.melipayamak import Melipayamak
from connector.errors import (
    CallFailed,
    CredentialsRejected,
    Misbehaved,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from connector.ports.outcomes import Accepted, Delivered, Rejected, StillUnderway, Unanswered, Undelivered
from connector.ports.pattern import PatternUse
from tests.unit.gateways.built import SECRET, a_message, built, by_pattern

BASE = "https://rest.payamak-panel.com/api/SendSMS"
WHO = {"username": "chapar", "password": SECRET}


@pytest.fixture
def gateway(tmp_path: Path) -> Melipayamak:
    settings = {"username": "chapar", "password": {"file": tmp_path / "secret"}, "sender": "50001234"}
    gateway: Melipayamak = built("melipayamak", tmp_path, **settings)
    return gateway


def told(value: Any, status: Any = 1) -> dict[str, Any]:
    return {"Value": value, "RetStatus": status, "StrRetStatus": "Ok"}


def form_of(call: responses.Call) -> dict[str, str]:
    body: bytes = call.request.body  # type: ignore[assignment]
    return dict(parse_qsl(body.decode("ascii"), strict_parsing=True, keep_blank_values=True))


@responses.activate
def test_a_free_text_is_a_form_with_everything_in_its_body(gateway: Melipayamak) -> None:
    responses.post(f"{BASE}/SendSMS", json=told("4652132154654513215"))
    assert gateway.send([a_message()]) == [Accepted(gateway_reference="4652132154654513215")]
    assert form_of(responses.calls[0]) == WHO | {
        "to": "09000000001",
        "from": "50001234",
        "text": "سلام & + %",
        "isFlash": "false",
    }
    assert responses.calls[0].request.url == f"{BASE}/SendSMS"


@responses.activate
def test_a_pattern_is_its_values_joined_in_their_order(gateway: Melipayamak) -> None:
    responses.post(f"{BASE}/BaseServiceNumber", json=told("4652132154654513215"))
    gateway.send([by_pattern("1234", number="12/345", code="482 915")])
    assert form_of(responses.calls[0]) == WHO | {
        "text": "12/345;482 915",
        "to": "09000000001",
        "bodyId": "1234",
    }


def test_a_value_with_the_joining_mark_keeps_its_pattern_from_being_used() -> None:
    rules = Melipayamak.capabilities.patterns
    assert rules is not None
    assert rules.objection(PatternUse(code="1", values={"a": "یک;دو"})) == "pattern_value_has_separator"


@responses.activate
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (told("", 0), CredentialsRejected),
        (told("0", 35), CredentialsRejected),
        (told("2", 35), CredentialsRejected),
        (told("1", 77), Misbehaved),
        (told("0"), CredentialsRejected),
        (told("2"), CredentialsRejected),
        (told(2), CredentialsRejected),
        (told("", 3), CredentialsRejected),
        (told("4"), RateLimited),
        (told("6"), Unavailable),
        (told("11"), Unavailable),
        (told("-6"), OutcomeUnknown),
        (told("-4"), CredentialsRejected),
        (told("", 77), Misbehaved),
        (told("77"), Misbehaved),
        (told(""), Misbehaved),
        (told(None), Misbehaved),
        (told({"a": 1}), Misbehaved),
        (told("9" * 400), Misbehaved),
        (told("5", 77), CredentialsRejected),
    ],
)
def test_a_code_counts_at_either_level(
    gateway: Melipayamak, answer: dict[str, Any], kind: type[CallFailed]
) -> None:
    responses.post(f"{BASE}/SendSMS", json=answer)
    with pytest.raises(kind) as caught:
        gateway.send([a_message()])
    assert type(caught.value) is kind


@responses.activate
@pytest.mark.parametrize("answer", [told("0", 35), {"MyBase": told("0", 35), "Data": []}])
def test_a_wrong_password_is_seen_in_every_call(gateway: Melipayamak, answer: dict[str, Any]) -> None:
    for method in ("GetCredit", "GetDeliveries2", "GetMessages"):
        responses.post(f"{BASE}/{method}", json=answer)
    for call in (
        gateway.check,
        lambda: gateway.inbox(None),
        lambda: gateway.delivery(["4652132154654513215"]),
    ):
        with pytest.raises(CredentialsRejected):
            call()


@responses.activate
@pytest.mark.parametrize("code", ["7", "14", "15", "16", "17", "18", "-5", "-10"])
def test_a_code_about_one_message_refuses_it(gateway: Melipayamak, code: str) -> None:
    responses.post(f"{BASE}/SendSMS", json=told(code))
    (outcome,) = gateway.send([a_message()])
    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.is_blacklisted) == (code, False)


@responses.activate
def test_a_blacklisted_number_is_told_from_a_wrong_one(gateway: Melipayamak) -> None:
    responses.post(f"{BASE}/SendSMS", json=told("", 35))
    (outcome,) = gateway.send([a_message()])
    assert isinstance(outcome, Rejected)
    assert outcome.is_blacklisted


@responses.activate
def test_success_without_an_id_leaves_the_outcome_open(gateway: Melipayamak) -> None:
    responses.post(f"{BASE}/SendSMS", json=told("1"))
    assert gateway.send([a_message()]) == [Unanswered(reason="no_reference", code="1")]


def test_a_pattern_whose_code_is_no_number_stops_before_anything_is_sent(gateway: Melipayamak) -> None:
    with pytest.raises(CredentialsRejected) as caught:
        gateway.send([by_pattern("verify", code="1")])
    assert caught.value.code == "-4"


@responses.activate
@pytest.mark.parametrize(
    "body", ["", "null", "[]", "{}", '"x"', '{"MyBase": 3}', "[" * 100_000, '{"RetStatus": true}']
)
def test_whatever_is_not_its_answer_is_not_believed(gateway: Melipayamak, body: str) -> None:
    responses.post(f"{BASE}/SendSMS", body=body)
    responses.post(f"{BASE}/GetCredit", body=body)
    with pytest.raises(Misbehaved):
        gateway.send([a_message()])
    with pytest.raises(Misbehaved):
        gateway.check()


@responses.activate
@pytest.mark.parametrize(
    ("value", "state"),
    [("1", Delivered()), (8, StillUnderway()), ("35", Undelivered(code="35", is_blacklisted=True)),
     ("300", Undelivered(code="300")), ("100", None), ("5", None), ("77", None), (None, None)],
)  # fmt: skip
def test_each_delivery_code_has_its_state(gateway: Melipayamak, value: object, state: object) -> None:
    responses.post(f"{BASE}/GetDeliveries2", json=told(value))
    assert gateway.delivery(["4652132154654513215"]) == ({"4652132154654513215": state} if state else {})
    assert form_of(responses.calls[0]) == WHO | {"recID": "4652132154654513215"}


def inbox_of(first: int, last: int) -> dict[str, Any]:
    rows = [
        {"MsgID": number, "Body": "سلام", "Sender": "09120000001", "Receiver": "50001234",
         "SendDate": "/Date(1715000000000+0430)/"}
        for number in range(last, first - 1, -1)
    ]  # fmt: skip
    return {"MyBase": told("", 1), "Data": rows}


@responses.activate
def test_the_inbox_is_read_from_the_newest_row_down_to_what_was_seen(gateway: Melipayamak) -> None:
    responses.post(f"{BASE}/GetMessages", json=inbox_of(451, 500))
    responses.post(f"{BASE}/GetMessages", json=inbox_of(511, 610))
    responses.post(f"{BASE}/GetMessages", json=inbox_of(421, 520))
    first = gateway.inbox(None)
    assert (len(first.messages), first.cursor, first.has_more) == (50, "500", False)
    second = gateway.inbox(first.cursor)
    assert (len(second.messages), second.cursor, second.has_more) == (100, "500 100 610", True)
    third = gateway.inbox(second.cursor)
    assert (len(third.messages), third.cursor, third.has_more) == (20, "610", False)
    assert [form_of(call)["index"] for call in responses.calls] == ["0", "0", "100"]
    message = first.messages[0]
    assert (message.gateway_key, message.sender, message.line) == ("500", "09120000001", "50001234")
    assert message.sent_at == datetime.fromtimestamp(1715000000, UTC)


@responses.activate
def test_a_first_look_does_not_dig_up_the_past_without_an_end(gateway: Melipayamak) -> None:
    for last in range(10000, 9500, -100):
        responses.post(f"{BASE}/GetMessages", json=inbox_of(last - 99, last))
    page = gateway.inbox(None)
    while page.has_more:
        page = gateway.inbox(page.cursor)
    assert (page.cursor, len(responses.calls)) == ("10000", 5)


@responses.activate
def test_the_other_names_of_the_fields_are_read_too(gateway: Melipayamak) -> None:
    row = {"MsgID": 5, "Body": "متن", "SenderNumber": "0912", "RecipientNumber": "5000", "SendDate": "never"}
    responses.post(f"{BASE}/GetMessages", json={"MyBase": told(""), "Data": [row, None, "x"]})
    (message,) = gateway.inbox("1").messages
    assert (message.sender, message.line, message.sent_at) == ("0912", "5000", None)


@responses.activate
def test_an_inbox_without_a_list_is_not_an_empty_one(gateway: Melipayamak) -> None:
    responses.post(f"{BASE}/GetMessages", json={"MyBase": told(""), "Data": None})
    with pytest.raises(Misbehaved):
        gateway.inbox("1")
