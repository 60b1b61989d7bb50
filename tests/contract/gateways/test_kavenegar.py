"""Kavenegar against a server that holds to the vendor's documented rules."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.gateways.kavenegar import GATEWAY, Kavenegar
from connector.errors import CredentialsRejected, Misbehaved, OutcomeUnknown, RateLimited, Unavailable
from connector.ports.catalogue import AdapterSite
from connector.ports.outcomes import (
    Accepted,
    Delivered,
    NotSent,
    Rejected,
    StillUnderway,
    Unanswered,
    Undelivered,
)
from connector.simulator.serving import Reply
from tests.contract.gateways.gateway_contract import (
    SECRET,
    DeliveryContract,
    FindContract,
    GatewayContract,
    NetworkContract,
    a_message,
)
from tests.contract.gateways.kavenegar_server import KavenegarServer

MAPPINGS = Path("mappings").resolve()


def build(url: str, key: Path, **changes: object) -> Kavenegar:
    settings = GATEWAY.settings.model_validate(
        {"key": {"file": key}, "sender": "30001234", "http": {"url": url}} | changes
    )
    site = AdapterSite(name="kavenegar", mappings=(MAPPINGS,), pool_size=2)
    built: Kavenegar = GATEWAY.build(settings, site)
    return built


@pytest.fixture
def key(tmp_path: Path) -> Path:
    file = tmp_path / "key"
    file.write_text(SECRET + "\n")
    return file


@pytest.fixture
def outside() -> Iterator[KavenegarServer]:
    with KavenegarServer(SECRET) as server:
        yield server


@pytest.fixture
def gateway(outside: KavenegarServer, key: Path) -> Iterator[Kavenegar]:
    adapter = build(outside.url, key)
    yield adapter
    adapter.close()


@pytest.fixture
def gateway_with_wrong_secret(outside: KavenegarServer, tmp_path: Path) -> Iterator[Kavenegar]:
    wrong = tmp_path / "wrong"
    wrong.write_text("another")
    adapter = build(outside.url, wrong)
    yield adapter
    adapter.close()


@pytest.fixture
def gateway_to_nowhere(key: Path) -> Iterator[Kavenegar]:
    adapter = build("http://127.0.0.1:9", key)
    yield adapter
    adapter.close()


class TestKavenegar(GatewayContract, NetworkContract, FindContract, DeliveryContract):
    """The contract."""


def test_one_text_goes_by_send_and_many_by_one_sendarray(
    gateway: Kavenegar, outside: KavenegarServer
) -> None:
    gateway.send([a_message(1)])
    gateway.send([a_message(number) for number in range(2, 202)])
    assert outside.calls == ["sms/send", "sms/sendarray"]
    assert [each.localid for each in outside.sent] == [
        str(a_message(number).own_id) for number in range(1, 202)
    ]


@pytest.mark.parametrize("code", [402, 999])
def test_a_code_that_leaves_it_open_is_an_unknown_outcome(
    gateway: Kavenegar, outside: KavenegarServer, code: int
) -> None:
    outside.answer_next(code, status=200)
    with pytest.raises(OutcomeUnknown) as caught:
        gateway.send([a_message(1)])
    assert caught.value.code == str(code)


@pytest.mark.parametrize(("code", "failure"), [(409, Unavailable), (429, RateLimited), (451, RateLimited)])
def test_a_code_that_says_later_is_certainly_not_sent(
    gateway: Kavenegar, outside: KavenegarServer, code: int, failure: type[Unavailable]
) -> None:
    outside.answer_next(code, status=200)
    with pytest.raises(failure) as caught:
        gateway.send([a_message(1)])
    assert type(caught.value) is failure
    assert outside.sent == []


@pytest.mark.parametrize("code", [401, 403, 407, 412, 416, 418, 424, 426, 427, 501, 400, 404, 419])
def test_a_code_about_the_account_stops_the_channel(
    gateway: Kavenegar, outside: KavenegarServer, code: int
) -> None:
    outside.answer_next(code, status=200)
    with pytest.raises(CredentialsRejected) as caught:
        gateway.send([a_message(1)])
    assert caught.value.code == str(code)
    assert caught.value.next_step


def test_the_time_that_a_limited_caller_should_wait_is_kept(
    gateway: Kavenegar, outside: KavenegarServer
) -> None:
    outside.answer_next(429, headers={"Retry-After": "17"})
    outside.reply_next(Reply(429, b"slow down", "text/plain", {"Retry-After": "18"}))
    for seconds in (17, 18):
        with pytest.raises(RateLimited) as caught:
            gateway.send([a_message(1)])
        assert caught.value.retry_after is not None
        assert caught.value.retry_after.total_seconds() == seconds


def test_one_bad_number_is_rejected_and_all_others_of_the_batch_go_out(
    gateway: Kavenegar, outside: KavenegarServer
) -> None:
    messages = [a_message(number) for number in (1, 2, 9999, 3, 4)]
    outcomes = gateway.send(messages)
    assert [type(outcome) for outcome in outcomes] == [Accepted, Accepted, Rejected, Accepted, Accepted]
    assert sorted(each.receptor for each in outside.sent) == sorted(
        message.mobile for message in messages if not message.mobile.endswith("9999")
    )


def test_a_half_whose_answer_is_lost_does_not_hide_the_other_half(
    gateway: Kavenegar, outside: KavenegarServer
) -> None:
    messages = [a_message(number) for number in (1, 2, 3, 9999)]
    outside.answers = [lambda: None, lambda: None]
    outside.after = []
    outside.answer_next(409)  # the third call: the first half is in, the second meets a closed door
    first = gateway.send(messages)
    assert [type(outcome) for outcome in first] == [Accepted, Accepted, NotSent, NotSent]

    outside.answers = [lambda: None, lambda: None]
    outside.reply_next(Reply(502, b"", "text/html"))
    second = gateway.send([a_message(number) for number in (5, 6, 7, 9999)])
    assert [type(outcome) for outcome in second] == [Accepted, Accepted, Unanswered, Unanswered]


def test_a_batch_that_the_vendor_finds_too_large_is_split(
    gateway: Kavenegar, outside: KavenegarServer
) -> None:
    outcomes = gateway.send([a_message(number) for number in range(300)])
    assert {type(outcome) for outcome in outcomes} == {Accepted}
    assert len(outside.sent) == 300


def test_an_answer_that_is_too_short_or_shifted_is_not_believed(
    gateway: Kavenegar, outside: KavenegarServer
) -> None:
    entry = b'{"messageid": 1, "receptor": "%s", "status": 1}'
    for entries in (b"[]", b"null", b"[%s]" % (entry % b"09000000002"), b'["x"]'):
        outside.reply_next(Reply(200, b'{"return": {"status": 200}, "entries": %s}' % entries))
        with pytest.raises(Misbehaved):
            gateway.send([a_message(1)])


def test_an_accepted_text_without_an_id_is_unanswered(gateway: Kavenegar, outside: KavenegarServer) -> None:
    entry = b'{"messageid": null, "receptor": "09000000001", "status": 14}'
    outside.reply_next(Reply(200, b'{"return": {"status": 200}, "entries": [%s]}' % entry))
    assert gateway.send([a_message(1)]) == [Unanswered(reason="no_reference", code="14")]


@pytest.mark.parametrize("reference", ["9" * 5000, "9" * 21, "-1", {"a": 1}, True, "1\x002"])
def test_an_id_that_cannot_be_one_leaves_the_outcome_open(
    gateway: Kavenegar, outside: KavenegarServer, reference: object
) -> None:
    entry = {"messageid": reference, "status": 1, "receptor": None}
    body = json.dumps({"return": {"status": 200}, "entries": [entry]}).encode()
    outside.reply_next(Reply(200, body))
    assert gateway.send([a_message(1)]) == [Unanswered(reason="no_reference", code="1")]


@pytest.mark.parametrize("wish", ["9" * 40, "soon", "-1", "²"])
def test_a_wish_to_wait_that_makes_no_sense_is_bounded_or_left(
    gateway: Kavenegar, outside: KavenegarServer, wish: str
) -> None:
    outside.reply_next(Reply(429, b"", "text/plain", {"Retry-After": wish}))
    with pytest.raises(RateLimited) as caught:
        gateway.send([a_message(1)])
    assert caught.value.retry_after in {None, timedelta(days=1)}


def test_a_thousand_ids_are_asked_for_in_calls_of_five_hundred(
    gateway: Kavenegar, outside: KavenegarServer
) -> None:
    own_ids = [a_message(number).own_id for number in range(1000)]
    gateway.send([a_message(number) for number in range(3)])
    outside.calls.clear()
    assert set(gateway.find(own_ids)) == set(own_ids[:3])
    assert outside.calls == ["sms/statuslocalmessageid"] * 2


def test_each_delivery_code_has_its_state_and_an_unknown_one_none(
    gateway: Kavenegar, outside: KavenegarServer
) -> None:
    outcomes = gateway.send([a_message(number) for number in range(10)])
    references = [outcome.gateway_reference for outcome in outcomes if isinstance(outcome, Accepted)]
    for each, code in zip(outside.sent, [10, 1, 2, 4, 5, 6, 11, 13, 14, 77], strict=True):
        each.status = code
    states = gateway.delivery([*references, "1"])
    assert [type(states[reference]) for reference in references[:9]] == [
        Delivered,
        *[StillUnderway] * 4,
        *[Undelivered] * 4,
    ]
    assert set(states) == set(references[:9])
    found = gateway.find([a_message(0).own_id])
    assert found[a_message(0).own_id].state == Delivered()


def test_the_check_tells_the_credit_in_words(gateway: Kavenegar) -> None:
    assert gateway.check() == (
        "Kavenegar answers; 1250000 rials of credit are left, the account runs until 2027-12-28."
    )


def test_the_key_is_in_the_path_of_every_call_and_nowhere_in_a_form(
    gateway: Kavenegar, outside: KavenegarServer
) -> None:
    gateway.check()
    assert outside.paths == [f"/v1/{SECRET}/account/info.json"]
