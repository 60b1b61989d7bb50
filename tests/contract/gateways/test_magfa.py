"""Magfa before its simulated vendor, which holds to the documented rules."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from connector.errors import CredentialsRejected, Misbehaved, OutcomeUnknown, RateLimited, Unavailable
from connector.ports.outcomes import (
    Accepted,
    Delivered,
    NotSent,
    Rejected,
    StillUnderway,
    Unanswered,
    Undelivered,
)
from connector.simulator.exchange import Reply
from connector.simulator.gateways import Arrival, NumberKind, WrittenText
from connector.simulator.gateways.magfa import MagfaVendor
from connector.testing.gateway_contract import VendorBench
from connector.testing.gateway_contract.messages import a_message, some_messages
from tests.contract.gateways.ours import OurGateway

VENDOR = MagfaVendor


class TestMagfa(OurGateway):
    """The contract."""

    adapter = "magfa"
    unmet = frozenset(
        [
            "blacklisted",
            "cursor",
            "incoming",
            "no_find",
            "patterns",
            "patterns_found",
            "patterns_lost",
            "receipts",
        ]
    )


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        (14, CredentialsRejected),
        (18, CredentialsRejected),
        (19, CredentialsRejected),
        (29, CredentialsRejected),
        (103, CredentialsRejected),
        (15, Unavailable),
        (23, Unavailable),
        (8, Unavailable),
        (5, Misbehaved),
    ],
)
def test_a_code_of_the_whole_call_has_its_meaning(
    gateway: Any, vendor: Any, code: int, failure: type[Exception]
) -> None:
    vendor.replies.append(Reply(200, orjson.dumps({"status": code})))
    with pytest.raises(failure) as caught:
        gateway.send(some_messages(3))
    assert type(caught.value) is failure
    assert caught.value.code == str(code)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (1, Rejected(code="1", reason="شماره گیرنده نادرست است")),
        (8, NotSent(reason="outside_hours", code="8")),
        (14, NotSent(reason="gateway_stopped", code="14")),
        (15, NotSent(reason="gateway_later", code="15")),
        (77, Unanswered(reason="unmapped_code", code="77")),
    ],
)
def test_a_code_of_one_message_has_its_meaning(gateway: Any, vendor: Any, code: int, outcome: object) -> None:
    taken = {"status": 0, "id": 55, "userId": a_message(1).own_id, "recipient": "989000000001"}
    refused = {"status": code, "id": 0, "userId": a_message(2).own_id, "recipient": "989000000002"}
    vendor.replies.append(Reply(200, orjson.dumps({"status": 0, "messages": [taken, refused]})))
    assert gateway.send(some_messages(2)) == [Accepted(gateway_reference="55"), outcome]


@pytest.mark.parametrize(("code", "kind"), [(27, NumberKind.BLACKLISTED), (33, None)])
def test_a_number_that_refused_advertising_or_this_line_is_blacklisted(
    gateway: Any, vendor: Any, code: int, kind: NumberKind | None
) -> None:
    if kind is not None:
        vendor.book.numbers[a_message(1).mobile] = kind
    else:
        vendor.replies.append(Reply(200, orjson.dumps({"status": 0, "messages": [{"status": code}]})))
    (outcome,) = gateway.send([a_message(1)])
    assert (outcome.code, outcome.is_blacklisted) == (str(code), True)


def test_a_refused_recipient_of_the_whole_call_is_found_by_halves(gateway: Any, vendor: Any) -> None:
    refused = Reply(200, orjson.dumps({"status": 1}))
    vendor.replies += [refused, None, refused, None, refused]
    outcomes = gateway.send(some_messages(4))
    assert [type(outcome) for outcome in outcomes] == [Accepted, Accepted, Accepted, Rejected]


@pytest.mark.parametrize(
    "entry", [{"status": 0, "id": None}, {"status": 0, "id": 0}, {"status": 0, "id": "x" * 30}]
)
def test_a_text_that_is_taken_without_an_id_is_unanswered(gateway: Any, vendor: Any, entry: object) -> None:
    vendor.replies.append(Reply(200, orjson.dumps({"status": 0, "messages": [entry]})))
    assert gateway.send([a_message(1)]) == [Unanswered(reason="no_reference", code="0")]


@pytest.mark.parametrize("messages", [None, [], [7], [{"status": 0, "id": 5, "userId": 99}], {"status": 0}])
def test_an_answer_that_does_not_fit_is_not_believed(gateway: Any, vendor: Any, messages: object) -> None:
    vendor.replies.append(Reply(200, orjson.dumps({"status": 0, "messages": messages})))
    with pytest.raises(OutcomeUnknown):
        gateway.send([a_message(1)])


@pytest.mark.parametrize(
    ("reply", "failure"),
    [
        (Reply(401, b"<html>", "text/html"), CredentialsRejected),
        (Reply(429, b"", "text/plain"), RateLimited),
        (Reply(200, b'{"status": "0"}'), Misbehaved),
        (Reply(200, b'{"status": true}'), Misbehaved),
        (Reply(200, b"[]"), Misbehaved),
        (Reply(500, b"", "text/plain"), Misbehaved),
    ],
)
def test_what_is_not_the_vendors_json_is_taken_for_what_it_may_be(
    gateway: Any, vendor: Any, reply: Reply, failure: type[Exception]
) -> None:
    vendor.replies.append(reply)
    with pytest.raises(failure):
        gateway.send([a_message(1)])


@pytest.mark.parametrize(
    "absent", [{"status": 24}, {"status": 0, "mid": None}, {"status": 0, "mid": 0}, {"status": 0}]
)
def test_an_id_that_is_not_there_is_an_absence(gateway: Any, vendor: Any, absent: dict[str, Any]) -> None:
    vendor.replies.append(Reply(200, orjson.dumps(absent)))
    assert gateway.find([a_message(1).own_id]) == {}


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (1, Delivered()),
        (2, Undelivered(code="2")),
        (16, Undelivered(code="16")),
        (0, StillUnderway()),
        (8, StillUnderway()),
        (-1, None),
        (5, None),
    ],
)
def test_each_delivery_code_has_its_state(gateway: Any, vendor: Any, code: int, state: object) -> None:
    vendor.replies.append(Reply(200, orjson.dumps({"status": 0, "dlrs": [{"mid": 55, "status": code}]})))
    assert gateway.delivery(["55"]).get("55") == state


def test_more_ids_than_one_question_takes_are_asked_for_in_several(gateway: Any, vendor: Any) -> None:
    assert gateway.delivery([str(number) for number in range(1, 251)]) == {}
    assert vendor.book.calls == ["delivery"] * 3


def test_a_text_from_a_citizen_has_the_time_of_tehran_and_a_key_of_its_whole(
    gateway: Any, vendor: Any
) -> None:
    noon = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
    vendor.book.written.append(
        WrittenText(key="1", sender="989000000001", text="۴۸۲۹۱۵", line="30001234", written_at=noon)
    )
    (message,) = gateway.inbox(None).messages
    assert (message.sender, message.line, message.sent_at) == ("989000000001", "30001234", noon)
    assert len(message.gateway_key) == 64


def test_an_inbox_that_shows_the_same_page_again_comes_to_an_end(gateway: Any, vendor: Any) -> None:
    entries = [
        {"body": f"{number}", "senderNumber": "1", "recipientNumber": "2", "date": ""}
        for number in range(100)
    ]
    vendor.replies += [Reply(200, orjson.dumps({"status": 0, "messages": entries}))] * 2
    assert [gateway.inbox(None).has_more for _ in range(2)] == [True, False]


def test_the_check_tells_the_credit_in_words(gateway: Any) -> None:
    assert gateway.check() == "Magfa answers; 1250000 rials of credit are left."


def test_the_user_and_its_domain_are_joined(bench: VendorBench, vendor: Any) -> None:
    strange = bench.build({**vendor.settings(bench.place()), "domain": "other"})
    with pytest.raises(CredentialsRejected):
        strange.check()
    strange.close()


def test_what_was_found_and_forgotten_goes_by_the_day(gateway: Any, vendor: Any) -> None:
    gateway.send([a_message(1)])
    assert list(gateway.find([a_message(1).own_id])) == [a_message(1).own_id]
    vendor.book.arrivals[vendor.book.sent[0].reference] = Arrival.FORGOTTEN
    assert gateway.find([a_message(1).own_id]) == {}
    assert gateway.delivery([vendor.book.sent[0].reference]) == {}
