"""What Ghasedak is sent, to the letter, and what its answers are taken for."""

import json
from pathlib import Path
from typing import Any

import pytest
import responses

from adapters.gateways.ghasedak import Ghasedak
from connector.errors import CallFailed, CredentialsRejected, Misbehaved, OutcomeUnknown, RateLimited
from connector.ports.outcomes import Accepted, Delivered, NotSent, StillUnderway, Unanswered, Undelivered
from tests.unit.gateways.built import SECRET, a_message, built, by_pattern

BASE = "https://gateway.ghasedak.me/rest/api/v1/WebService"


def speaking(statuses: str, folder: Path) -> Ghasedak:
    key = {"file": folder / "secret"}
    gateway: Ghasedak = built("ghasedak", folder, key=key, sender="210001234", statuses=statuses)
    return gateway


@pytest.fixture
def gateway(tmp_path: Path) -> Ghasedak:
    return speaking("agreed", tmp_path)


def done(data: Any) -> dict[str, Any]:
    return {"isSuccess": True, "statusCode": 200, "message": "با موفقیت انجام شد", "data": data}


def entry(number: int, message_id: Any, **changes: Any) -> dict[str, Any]:
    known = {
        "receptor": f"0900000{number:04d}",
        "messageId": message_id,
        "clientReferenceId": str(40 + number),
    }
    return known | changes


def items(*entries: dict[str, Any]) -> dict[str, Any]:
    return done({"items": list(entries)})


def body_of(call: responses.Call) -> Any:
    return json.loads(call.request.body)  # type: ignore[arg-type]


@responses.activate
def test_texts_go_pair_to_pair_with_our_id_each(gateway: Ghasedak) -> None:
    responses.post(f"{BASE}/SendPairToPairSMS", json=items(entry(1, "4249"), entry(2, "4250")))
    assert gateway.send([a_message(1), a_message(2, "دو")]) == [
        Accepted(gateway_reference="4249"),
        Accepted(gateway_reference="4250"),
    ]
    assert body_of(responses.calls[0]) == {
        "items": [
            {
                "lineNumber": "210001234",
                "receptor": "09000000001",
                "message": "سلام & + %",
                "clientReferenceId": "41",
            },
            {
                "lineNumber": "210001234",
                "receptor": "09000000002",
                "message": "دو",
                "clientReferenceId": "42",
            },
        ],
        "udh": False,
    }
    assert responses.calls[0].request.headers["ApiKey"] == SECRET


@responses.activate
def test_a_template_goes_with_named_values_and_our_id(gateway: Ghasedak) -> None:
    responses.post(f"{BASE}/SendOtpSMS", json=items(entry(1, "23304979")))
    assert gateway.send([by_pattern("registered", Number="12", Code="482 915")]) == [
        Accepted(gateway_reference="23304979")
    ]
    assert body_of(responses.calls[0]) == {
        "receptors": [{"mobile": "09000000001", "clientReferenceId": "41"}],
        "templateName": "registered",
        "inputs": [{"param": "Number", "value": "12"}, {"param": "Code", "value": "482 915"}],
        "udh": False,
    }


@responses.activate
def test_entries_in_another_order_are_taken_by_what_they_show(gateway: Ghasedak) -> None:
    responses.post(f"{BASE}/SendPairToPairSMS", json=items(entry(2, "4250"), entry(1, "4249")))
    assert gateway.send([a_message(1), a_message(2)]) == [
        Accepted(gateway_reference="4249"),
        Accepted(gateway_reference="4250"),
    ]


@responses.activate
def test_an_entry_without_our_id_is_taken_by_its_number_and_text(gateway: Ghasedak) -> None:
    two = [
        entry(1, "4250", clientReferenceId="", message="دو"),
        entry(1, "4249", clientReferenceId="", message="یک", receptor="989000000001"),
    ]
    responses.post(f"{BASE}/SendPairToPairSMS", json=items(*two))
    assert gateway.send([a_message(1, "یک"), a_message(1, "دو")]) == [
        Accepted(gateway_reference="4249"),
        Accepted(gateway_reference="4250"),
    ]


@responses.activate
def test_a_message_without_an_entry_or_an_id_is_left_to_a_look_up(gateway: Ghasedak) -> None:
    responses.post(f"{BASE}/SendPairToPairSMS", json=items(entry(1, None), entry(9, "4250")))
    assert gateway.send([a_message(1), a_message(2)]) == [
        Unanswered(reason="no_reference"),
        Unanswered(reason="answer_incomplete"),
    ]


@responses.activate
def test_names_with_a_capital_letter_are_the_same_names(gateway: Ghasedak) -> None:
    data = {"Credit": 9135538, "ExpireDate": "2024-07-16T10:48:21+03:30", "Plan": "نقره ای"}
    answer = {"Data": data, "IsSuccess": True, "StatusCode": 200, "Message": "با موفقیت انجام شد"}
    responses.get(f"{BASE}/GetAccountInformation", json=answer)
    assert (
        gateway.check()
        == "Ghasedak answers; 9135538 rials of credit are left, the plan runs until 2024-07-16."
    )


@responses.activate
@pytest.mark.parametrize(
    ("http", "is_success", "status", "kind"),
    [(401, False, 401, CredentialsRejected), (200, False, 401, CredentialsRejected),
     (401, False, 200, CredentialsRejected), (429, False, 429, RateLimited), (500, False, 500, OutcomeUnknown),
     (200, False, 200, Misbehaved), (200, True, 418, Misbehaved), (400, False, 418, Misbehaved),
     (200, True, None, Misbehaved), (200, "yes", 200, Misbehaved)],
)  # fmt: skip
def test_both_levels_must_say_that_it_went_well(
    gateway: Ghasedak, http: int, is_success: object, status: object, kind: type[CallFailed]
) -> None:
    answer = {
        "isSuccess": is_success,
        "statusCode": status,
        "message": "",
        "data": {"items": [entry(1, "4249")]},
    }
    responses.post(f"{BASE}/SendPairToPairSMS", json=answer, status=http)
    with pytest.raises(kind) as caught:
        gateway.send([a_message()])
    assert type(caught.value) is kind


@responses.activate
def test_a_refusal_without_a_reason_holds_up_no_other_and_loses_nothing(gateway: Ghasedak) -> None:
    bad = {"isSuccess": False, "statusCode": 400, "message": "پارامترهای ورودی نامعتبر است"}
    responses.post(f"{BASE}/SendPairToPairSMS", json=bad, status=400)
    responses.post(f"{BASE}/SendPairToPairSMS", json=bad, status=400)
    responses.post(f"{BASE}/SendPairToPairSMS", json=items(entry(2, "4250")))
    assert gateway.send([a_message(1), a_message(2)]) == [
        NotSent(reason="gateway_split", code="400"),
        Accepted(gateway_reference="4250"),
    ]


@responses.activate
@pytest.mark.parametrize("body", ["", "null", "[]", "{}", '{"isSuccess": true}', "[" * 100_000])
def test_whatever_is_not_its_answer_is_not_believed(gateway: Ghasedak, body: str) -> None:
    responses.post(f"{BASE}/SendPairToPairSMS", body=body)
    responses.get(f"{BASE}/GetAccountInformation", body=body)
    with pytest.raises(Misbehaved):
        gateway.send([a_message()])
    with pytest.raises(Misbehaved):
        gateway.check()


@responses.activate
def test_our_ids_are_asked_for_one_by_one(gateway: Ghasedak) -> None:
    responses.get(f"{BASE}/CheckSmsStatus", json=done([entry(1, "4249", status=99)]))
    responses.get(f"{BASE}/CheckSmsStatus", json=done([]))
    found = gateway.find([41, 42])
    assert list(found) == [41]
    assert (found[41].gateway_reference, found[41].state) == ("4249", StillUnderway())
    asked = [str(call.request.url).partition("?")[2] for call in responses.calls]
    assert asked == ["Ids=41&Type=2", "Ids=42&Type=2"]


@responses.activate
@pytest.mark.parametrize(
    "answer", [done(None), done({}), {"isSuccess": False, "statusCode": 404, "message": ""}]
)
def test_only_an_empty_list_is_absence(gateway: Ghasedak, answer: dict[str, Any]) -> None:
    responses.get(f"{BASE}/CheckSmsStatus", json=answer)
    with pytest.raises(Misbehaved):
        gateway.find([41])


@responses.activate
@pytest.mark.parametrize(
    ("statuses", "status", "state"),
    [
        ("sdk", 14, Delivered()),
        ("sdk", 5, None),
        ("sdk", 2, StillUnderway()),
        ("sdk", 8, Undelivered(code="sdk 8", is_blacklisted=True)),
        ("documentation", 5, Delivered()),
        ("documentation", 2, Undelivered(code="documentation 2", is_blacklisted=True)),
        ("documentation", 14, None),
        ("documentation", 8, None),
        ("agreed", 5, None),
        ("agreed", 2, None),
        ("agreed", 4, None),
        ("agreed", 7, None),
        ("agreed", 8, None),
        ("agreed", 1, Undelivered(code="agreed 1")),
        ("agreed", 3, StillUnderway()),
        ("agreed", 14, Delivered()),
    ],
)
def test_a_status_is_read_by_the_list_that_was_chosen(
    tmp_path: Path, statuses: str, status: int, state: object
) -> None:
    responses.get(f"{BASE}/CheckSmsStatus", json=done([{"messageId": "4249", "status": status}]))
    assert speaking(statuses, tmp_path).delivery(["4249", "4250"]) == ({"4249": state} if state else {})
    assert str(responses.calls[0].request.url).endswith("Ids=4249,4250&Type=1")


def test_there_is_no_list_that_nobody_chose(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="statuses"):
        built("ghasedak", tmp_path, key={"file": tmp_path / "secret"}, sender="210001234")


def page(*rows: dict[str, Any], total: int, has_next: bool = False) -> dict[str, Any]:
    return done({"items": list(rows), "totalCount": total, "hasNextPage": has_next, "pageIndex": 1})


ROW = {
    "id": 12345,
    "message": "سلام",
    "sender": "0919",
    "lineNumber": "21",
    "receiveDate": "2024-07-02T14:00:34.975Z",
}
PAGE = "lineNumber=210001234&isRead=false&pageIndex={}&pageSize=100"


@responses.activate
def test_the_unread_are_paged_and_the_read_are_looked_through_at_the_beginning(gateway: Ghasedak) -> None:
    responses.get(f"{BASE}/GetReceivedSmses", json=items())
    responses.get(f"{BASE}/GetReceivedSmsesPaging", json=page(ROW, total=1))
    shown = gateway.inbox(None)
    (message,) = shown.messages
    assert (message.gateway_key, message.sender, message.line) == ("12345", "0919", "21")
    assert message.sent_at is not None
    assert not shown.has_more
    asked = [str(call.request.url).partition("?")[2] for call in responses.calls]
    assert asked == ["lineNumber=210001234&isRead=true", PAGE.format(1)]


@responses.activate
def test_the_first_page_is_found_whether_it_is_called_one_or_zero(gateway: Ghasedak) -> None:
    responses.get(f"{BASE}/GetReceivedSmses", json=items())
    responses.get(f"{BASE}/GetReceivedSmsesPaging", json=page(total=1))
    responses.get(f"{BASE}/GetReceivedSmsesPaging", json=page(ROW, total=1))
    assert len(gateway.inbox(None).messages) == 1
    assert str(responses.calls[2].request.url).endswith(PAGE.format(0))
