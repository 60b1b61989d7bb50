"""Kavenegar before its simulated vendor, which holds to the documented rules."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest

from connector.errors import CredentialsRejected, Misbehaved, OutcomeUnknown, RateLimited, Unavailable
from connector.ports.credit import Credit
from connector.ports.outcomes import (
    Accepted,
    Delivered,
    NotSent,
    StillUnderway,
    Unanswered,
    Undelivered,
)
from connector.ports.pattern import PatternUse
from connector.simulator.exchange import Reply
from connector.simulator.gateways import Arrival, NumberKind, WrittenText
from connector.simulator.gateways.kavenegar import KavenegarVendor
from connector.testing.gateway_contract.bench import SECRET
from connector.testing.gateway_contract.messages import a_message, some_messages
from tests.contract.gateways.ours import OurGateway

VENDOR = KavenegarVendor


class TestKavenegar(OurGateway):
    """The contract."""

    adapter = "kavenegar"
    unmet = frozenset(
        ["blacklist", "code_each", "cursor", "hours", "incoming", "no_find", "patterns_found", "receipts"]
    )


def written(code: int, entries: Any = None, *, status: int = 200, **headers: str) -> Reply:
    return Reply(status, orjson.dumps({"return": {"status": code}, "entries": entries}), headers=headers)


def test_one_text_goes_by_send_and_many_by_one_sendarray(gateway: Any, vendor: Any) -> None:
    gateway.send([a_message(1)])
    gateway.send([a_message(number) for number in range(2, 202)])
    assert [address.rpartition("/")[2] for address in vendor.book.addresses] == [
        "send.json",
        "sendarray.json",
    ]
    assert [each.own_id for each in vendor.book.sent] == [
        a_message(number).own_id for number in range(1, 202)
    ]


@pytest.mark.parametrize("code", [402, 999])
def test_a_code_that_leaves_it_open_is_an_unknown_outcome(gateway: Any, vendor: Any, code: int) -> None:
    vendor.replies.append(written(code))
    with pytest.raises(OutcomeUnknown) as caught:
        gateway.send([a_message(1)])
    assert caught.value.code == str(code)


@pytest.mark.parametrize(("code", "failure"), [(409, Unavailable), (429, RateLimited), (451, RateLimited)])
def test_a_code_that_says_later_is_certainly_not_sent(
    gateway: Any, vendor: Any, code: int, failure: type[Unavailable]
) -> None:
    vendor.replies.append(written(code))
    with pytest.raises(failure) as caught:
        gateway.send([a_message(1)])
    assert type(caught.value) is failure
    assert vendor.book.sent == []


@pytest.mark.parametrize("code", [401, 403, 407, 412, 416, 418, 424, 426, 427, 501, 400, 404, 419])
def test_a_code_about_the_account_stops_the_channel(gateway: Any, vendor: Any, code: int) -> None:
    vendor.replies.append(written(code))
    with pytest.raises(CredentialsRejected) as caught:
        gateway.send([a_message(1)])
    assert caught.value.code == str(code)
    assert caught.value.next_step


def test_the_time_that_a_limited_caller_should_wait_is_kept(gateway: Any, vendor: Any) -> None:
    vendor.replies.append(written(429, status=429, **{"Retry-After": "17"}))
    vendor.replies.append(Reply(429, b"slow down", "text/plain", {"Retry-After": "18"}))
    for seconds in (17, 18):
        with pytest.raises(RateLimited) as caught:
            gateway.send([a_message(1)])
        assert caught.value.retry_after is not None
        assert caught.value.retry_after.total_seconds() == seconds


def test_a_half_whose_answer_is_lost_does_not_hide_the_other_half(gateway: Any, vendor: Any) -> None:
    vendor.book.numbers[a_message(4).mobile] = NumberKind.INVALID
    vendor.replies += [None, None, written(409)]  # the third call meets a closed door
    first = gateway.send(some_messages(4))
    assert [type(outcome) for outcome in first] == [Accepted, Accepted, NotSent, NotSent]

    vendor.book.numbers[a_message(8).mobile] = NumberKind.INVALID
    vendor.replies += [None, None, Reply(502, b"", "text/html")]
    second = gateway.send(some_messages(4, first=5))
    assert [type(outcome) for outcome in second] == [Accepted, Accepted, Unanswered, Unanswered]


def test_a_batch_that_the_vendor_finds_too_large_is_split(gateway: Any, vendor: Any) -> None:
    outcomes = gateway.send([a_message(number) for number in range(300)])
    assert {type(outcome) for outcome in outcomes} == {Accepted}
    assert len(vendor.book.sent) == 300


def test_an_answer_that_is_too_short_or_shifted_is_not_believed(gateway: Any, vendor: Any) -> None:
    entry = b'{"messageid": 1, "receptor": "%s", "status": 1}'
    for entries in (b"[]", b"null", b"[%s]" % (entry % b"09000000002"), b'["x"]'):
        vendor.replies.append(Reply(200, b'{"return": {"status": 200}, "entries": %s}' % entries))
        with pytest.raises(Misbehaved):
            gateway.send([a_message(1)])


def test_an_accepted_text_without_an_id_is_unanswered(gateway: Any, vendor: Any) -> None:
    entry = b'{"messageid": null, "receptor": "09000000001", "status": 14}'
    vendor.replies.append(Reply(200, b'{"return": {"status": 200}, "entries": [%s]}' % entry))
    assert gateway.send([a_message(1)]) == [Unanswered(reason="no_reference", code="14")]


@pytest.mark.parametrize("reference", ["9" * 5000, "9" * 21, "-1", {"a": 1}, True, "1\x002"])
def test_an_id_that_cannot_be_one_leaves_the_outcome_open(
    gateway: Any, vendor: Any, reference: object
) -> None:
    entry = {"messageid": reference, "status": 1, "receptor": None}
    body = json.dumps({"return": {"status": 200}, "entries": [entry]}).encode()
    vendor.replies.append(Reply(200, body))
    assert gateway.send([a_message(1)]) == [Unanswered(reason="no_reference", code="1")]


@pytest.mark.parametrize("wish", ["9" * 40, "soon", "-1", "²"])
def test_a_wish_to_wait_that_makes_no_sense_is_bounded_or_left(gateway: Any, vendor: Any, wish: str) -> None:
    vendor.replies.append(Reply(429, b"", "text/plain", {"Retry-After": wish}))
    with pytest.raises(RateLimited) as caught:
        gateway.send([a_message(1)])
    assert caught.value.retry_after in {None, timedelta(days=1)}


def test_a_thousand_ids_are_asked_for_in_calls_of_five_hundred(gateway: Any, vendor: Any) -> None:
    own_ids = [a_message(number).own_id for number in range(1000)]
    gateway.send([a_message(number) for number in range(3)])
    vendor.book.calls.clear()
    assert set(gateway.find(own_ids)) == set(own_ids[:3])
    assert vendor.book.calls == ["find"] * 2


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (10, Delivered()),
        *((code, StillUnderway()) for code in (1, 2, 4, 5)),
        *((code, Undelivered(code=str(code))) for code in (6, 11, 13)),
        (14, Undelivered(code="14", is_blacklisted=True)),
        (77, None),
        (100, None),
    ],
)
def test_each_delivery_code_has_its_state(gateway: Any, vendor: Any, code: int, state: object) -> None:
    vendor.replies.append(written(200, [{"messageid": 8792343, "status": code}]))
    assert gateway.delivery(["8792343"]).get("8792343") == state


def test_what_is_found_has_its_state(gateway: Any, vendor: Any) -> None:
    gateway.send([a_message(1)])
    vendor.book.arrivals[vendor.book.sent[0].reference] = Arrival.DELIVERED
    assert gateway.find([a_message(1).own_id])[a_message(1).own_id].state == Delivered()


def a_pattern(number: int, **values: str) -> Any:
    return a_message(number, pattern=PatternUse(code="registered", values=values))


def test_each_pattern_goes_in_a_call_of_its_own_and_texts_stay_together(gateway: Any, vendor: Any) -> None:
    use = {"token": "12/345", "token10": "دبیرخانهٔ مرکزی"}
    outcomes = gateway.send([a_message(1), a_pattern(2, **use), a_message(3), a_pattern(4, **use)])
    assert [type(outcome) for outcome in outcomes] == [Accepted] * 4
    methods = [address.rpartition("/")[2] for address in vendor.book.addresses]
    assert methods == ["sendarray.json", "lookup.json", "lookup.json"]


def test_a_pattern_that_fails_does_not_hide_what_became_of_the_texts(gateway: Any, vendor: Any) -> None:
    vendor.replies += [None, Reply(502, b"", "text/html"), None]
    use = {"token": "1", "token10": "2"}
    outcomes = gateway.send([a_message(1), a_pattern(2, **use), a_pattern(3, **use)])
    assert [type(outcome) for outcome in outcomes] == [Accepted, Unanswered, NotSent]
    assert outcomes[2].reason == "not_tried"  # who did not answer is not asked for the next one at once
    assert len(vendor.replies) == 1


@pytest.mark.parametrize("is_list", [True, False])
def test_what_a_pattern_brings_is_read_as_one_entry_and_as_a_list_of_one(
    gateway: Any, vendor: Any, is_list: bool
) -> None:
    entry = {"messageid": 55, "receptor": "09000000001", "status": 5}
    vendor.replies.append(written(200, [entry] if is_list else entry))
    assert gateway.send([a_pattern(1, token="1")]) == [Accepted(gateway_reference="55")]


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"token": "12 345"}, "pattern_value_has_spaces"),
        ({"token": "12345", "token10": "یک دو سه چهار پنج شش هفت"}, "pattern_value_has_spaces"),
        ({"token": "12345", "token10": "یک دو سه چهار پنج شش"}, None),
        ({"token10": "x"}, "pattern_place_missing"),
        ({"token": "x", "token4": "x"}, "pattern_place_unknown"),
        ({"token": "x" * 101}, "pattern_value_too_long"),
        ({"token": ""}, "pattern_value_empty"),
    ],
)
def test_the_rules_of_patterns_are_declared(gateway: Any, values: dict[str, str], word: str | None) -> None:
    rules = gateway.capabilities.patterns
    assert rules.objection(PatternUse(code="registered", values=values)) == word


def test_an_unread_text_comes_with_its_line_and_time(gateway: Any, vendor: Any) -> None:
    vendor.book.written.append(
        WrittenText(key="77001", sender="09000000001", text="۴۸۲۹۱۵", line=vendor.book.line)
    )
    (message,) = gateway.inbox(None).messages
    assert (message.gateway_key, message.sender, message.line) == ("77001", "09000000001", "30001234")
    assert message.sent_at == datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def test_nothing_that_an_inbox_shows_once_is_let_go(gateway: Any, vendor: Any) -> None:
    entries = [
        {"message": "بی‌شناسه", "sender": "5000"},
        {"messageid": 5, "message": None},
        {"messageid": "x"},
    ]
    vendor.replies.append(written(200, entries))
    page = gateway.inbox(None)
    assert [message.text for message in page.messages] == ["بی‌شناسه", "", ""]
    assert len({message.gateway_key for message in page.messages}) == 3


def test_a_full_page_says_that_there_may_be_more(gateway: Any, vendor: Any) -> None:
    entries = [{"messageid": number, "message": "x", "sender": "0"} for number in range(1, 101)]
    vendor.replies += [written(200, entries), written(200, entries[:99]), written(200)]
    assert [gateway.inbox(None).has_more for _ in range(3)] == [True, False, False]


def test_the_credit_is_told_in_rials_with_the_end_of_the_account(gateway: Any) -> None:
    assert gateway.credit() == Credit(amount=Decimal(1_250_000), unit="rial", runs_until=date(2027, 12, 28))


@pytest.mark.parametrize("entry", [None, [], {}, {"remaincredit": "much"}, {"remaincredit": True}])
def test_a_credit_that_is_none_is_not_believed(gateway: Any, vendor: Any, entry: object) -> None:
    vendor.replies.append(written(200, entry))
    with pytest.raises(Misbehaved):
        gateway.credit()


def test_the_check_tells_the_credit_in_words(gateway: Any) -> None:
    assert gateway.check() == (
        "Kavenegar answers; 1250000 rials of credit are left, the account runs until 2027-12-28."
    )


def test_the_key_is_in_the_path_of_every_call_and_nowhere_in_a_form(gateway: Any, vendor: Any) -> None:
    gateway.check()
    assert vendor.book.addresses == [f"/v1/{SECRET}/account/info.json"]
