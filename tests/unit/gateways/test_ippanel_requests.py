"""What IPPanel is sent, to the letter, and what its answers are taken for."""

import json
from pathlib import Path
from typing import Any

import pytest
import responses

from adapters.gateways.ippanel import IpPanel
from connector.errors import CallFailed, CredentialsRejected, Misbehaved, RateLimited
from connector.ports.outcomes import Accepted, Delivered, Rejected, StillUnderway, Unanswered, Undelivered
from tests.unit.gateways.built import SECRET, a_message, built, by_pattern

BASE = "https://edge.ippanel.com/v1/api"


@pytest.fixture
def gateway(tmp_path: Path) -> IpPanel:
    gateway: IpPanel = built("ippanel", tmp_path, key={"file": tmp_path / "secret"}, sender="+983000505")
    return gateway


def done(data: Any) -> dict[str, Any]:
    return {"data": data, "meta": {"status": True, "message": "انجام شد", "message_code": "200-1"}}


def refused(told: str, /, **errors: list[str]) -> dict[str, Any]:
    meta = {
        "status": False,
        "message": "خطا",
        "message_parameters": [],
        "message_code": told,
        "errors": errors,
    }
    return {"data": None, "meta": meta}


def ids(*numbers: Any) -> dict[str, Any]:
    return done({"message_outbox_ids": list(numbers)})


def body_of(call: responses.Call) -> Any:
    return json.loads(call.request.body)  # type: ignore[arg-type]


@responses.activate
def test_one_text_goes_as_a_webservice_call_with_the_number_as_the_world_writes_it(gateway: IpPanel) -> None:
    responses.post(f"{BASE}/send", json=ids(1123544244))
    assert gateway.send([a_message()]) == [Accepted(gateway_reference="1123544244")]
    assert body_of(responses.calls[0]) == {
        "sending_type": "webservice",
        "from_number": "+983000505",
        "message": "سلام & + %",
        "params": {"recipients": ["+989000000001"]},
    }
    assert responses.calls[0].request.headers["Authorization"] == SECRET


@responses.activate
def test_many_texts_go_peer_to_peer(gateway: IpPanel) -> None:
    responses.post(f"{BASE}/send", json=ids(11, 12))
    gateway.send([a_message(1), a_message(2, "دو")])
    assert body_of(responses.calls[0]) == {
        "sending_type": "peer_to_peer",
        "from_number": "+983000505",
        "params": [
            {"recipients": ["+989000000001"], "message": "سلام & + %"},
            {"recipients": ["+989000000002"], "message": "دو"},
        ],
    }


@responses.activate
def test_a_pattern_goes_to_one_recipient(gateway: IpPanel) -> None:
    responses.post(f"{BASE}/send", json=ids(13))
    gateway.send([by_pattern("jhaskdab45s6f4sfw", code="482 915")])  # type: ignore[arg-type]
    assert body_of(responses.calls[0]) == {
        "sending_type": "pattern",
        "from_number": "+983000505",
        "code": "jhaskdab45s6f4sfw",
        "recipients": ["+989000000001"],
        "params": {"code": "482 915"},
    }


@responses.activate
@pytest.mark.parametrize("data", [None, [], {}, {"message_outbox_ids": [1]}, {"message_outbox_ids": "12"}])
def test_an_answer_without_an_id_for_each_is_not_believed(gateway: IpPanel, data: object) -> None:
    responses.post(f"{BASE}/send", json=done(data))
    with pytest.raises(Misbehaved):
        gateway.send([a_message(1), a_message(2)])


@responses.activate
@pytest.mark.parametrize("given", [None, 0, "x", True, "9" * 30])
def test_an_id_that_cannot_be_one_leaves_the_outcome_open(gateway: IpPanel, given: object) -> None:
    responses.post(f"{BASE}/send", json=ids(given))
    assert gateway.send([a_message()]) == [Unanswered(reason="no_reference")]


@responses.activate
@pytest.mark.parametrize(
    ("http", "answer", "kind"),
    [
        (401, refused("400-1"), CredentialsRejected),
        (403, refused("400-1"), CredentialsRejected),
        (404, refused("400-1"), CredentialsRejected),
        (422, refused("400-2", from_number=["شماره"]), CredentialsRejected),
        (422, refused("400-2", code=["الگو"]), CredentialsRejected),
        (429, refused("400-9"), RateLimited),
        (418, refused("400-77"), Misbehaved),
        (500, refused("500-1"), Misbehaved),
        (200, refused("200-1"), Misbehaved),
        (422, done(None), Misbehaved),
    ],
)
def test_the_code_is_looked_up_between_http_and_the_field_at_fault(
    gateway: IpPanel, http: int, answer: dict[str, Any], kind: type[CallFailed]
) -> None:
    responses.post(f"{BASE}/send", json=answer, status=http)
    with pytest.raises(kind) as caught:
        gateway.send([a_message()])
    assert type(caught.value) is kind


@responses.activate
def test_a_fault_in_a_message_refuses_it_and_one_in_a_batch_halves_it(gateway: IpPanel) -> None:
    bad = refused("400-2", **{"params.1.recipients.0": ["شماره"]})
    responses.post(f"{BASE}/send", json=bad, status=422)
    responses.post(f"{BASE}/send", json=ids(21))
    responses.post(f"{BASE}/send", json=refused("400-2", params=["شماره"]), status=422)
    first, second = gateway.send([a_message(1), a_message(2)])
    assert first == Accepted(gateway_reference="21")
    assert isinstance(second, Rejected)
    assert second.code == "422 400-2"


@responses.activate
@pytest.mark.parametrize(
    "body", ["", "null", "[]", "{}", '{"meta": 3}', '{"meta": {"message_code": 5}}', "[" * 100_000]
)
def test_whatever_is_not_its_answer_is_not_believed(gateway: IpPanel, body: str) -> None:
    responses.post(f"{BASE}/send", body=body)
    responses.get(f"{BASE}/payment/credit/mine", body=body)
    with pytest.raises(Misbehaved):
        gateway.send([a_message()])
    with pytest.raises(Misbehaved):
        gateway.check()


def recipient(status: object) -> dict[str, Any]:
    return done(
        [{"recipient": "+989000000001", "message": "متن", "msg_parts": "1", "message_status": status}]
    )


@responses.activate
@pytest.mark.parametrize(
    ("status", "state"),
    [("2", Delivered()), (3, Undelivered(code="recipient 3")),
     ("4", Undelivered(code="recipient 4", is_blacklisted=True))],
)  # fmt: skip
def test_a_final_word_about_the_recipient_needs_one_call(
    gateway: IpPanel, status: object, state: object
) -> None:
    responses.get(f"{BASE}/report/recipients", json=recipient(status))
    assert gateway.delivery(["11"]) == {"11": state}
    assert len(responses.calls) == 1


@responses.activate
@pytest.mark.parametrize("rows", [done([]), recipient("0"), recipient("77"), recipient(None)])
@pytest.mark.parametrize(
    ("state_id", "state"),
    [(6, StillUnderway()), (8, Undelivered(code="state 8")), (3, Undelivered(code="state 3"))],
)
def test_without_it_the_message_itself_is_asked_about(
    gateway: IpPanel, rows: dict[str, Any], state_id: int, state: object
) -> None:
    responses.get(f"{BASE}/report/recipients", json=rows)
    responses.get(f"{BASE}/report/by_bulk", json=done({"state_id": state_id}))
    assert gateway.delivery(["11"]) == {"11": state}


@responses.activate
def test_an_id_that_it_does_not_know_is_left_out(gateway: IpPanel) -> None:
    responses.get(f"{BASE}/report/recipients", json=refused("400-1"), status=404)
    responses.get(f"{BASE}/report/by_bulk", json=refused("400-1"), status=404)
    assert gateway.delivery(["11"]) == {}


def inbox_of(first: int, last: int) -> dict[str, Any]:
    return done(
        [
            {"messages_inbox_id": number, "from": "+989120000001", "number": "+983000505", "message": "سلام",
             "time": 1747808125, "seen": "0"}
            for number in range(last, first - 1, -1)
        ]
    )  # fmt: skip


@responses.activate
def test_the_inbox_is_walked_page_by_page_from_the_cursor(gateway: IpPanel) -> None:
    for page in (inbox_of(451, 500), inbox_of(551, 650), inbox_of(501, 551)):
        responses.post(f"{BASE}/report/messages-inbox", json=page)
    first = gateway.inbox(None)
    assert (first.cursor, first.has_more) == ("500", False)
    second = gateway.inbox(first.cursor)
    assert (second.cursor, second.has_more) == ("500 2 650", True)
    third = gateway.inbox(second.cursor)
    assert (third.cursor, third.has_more) == ("650", False)
    assert [body_of(call) for call in responses.calls] == [
        {"page": 1, "per_page": 100, "filters": {}},
        {"page": 1, "per_page": 100, "filters": {"from_id": 500}},
        {"page": 2, "per_page": 100, "filters": {"from_id": 500}},
    ]


@pytest.mark.parametrize("sender", ["3000505", "+4930123456", "00983000505", "+98"])
def test_a_line_in_another_form_is_refused_in_the_settings(tmp_path: Path, sender: str) -> None:
    with pytest.raises(ValueError, match="sender"):
        built("ippanel", tmp_path, key={"file": tmp_path / "secret"}, sender=sender)
