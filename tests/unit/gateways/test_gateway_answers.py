"""What stands in gateways' answers, believed only where it is what it should be."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connector.mapping.gateway_answers import amount_of, is_reference, iso_instant, message_key, unix_instant
from connector.transport.http import HttpAnswer
from connector.transport.json_bodies import as_json, json_of, retry_after


@pytest.mark.parametrize("value", ["1", 86522023, "9" * 19, "9" * 20])
def test_a_whole_number_above_zero_is_an_id(value: object) -> None:
    assert is_reference(value)


@pytest.mark.parametrize(
    "value",
    [0, "0", -1, "-1", "", None, True, 1.5, "9" * 21, "9" * 5000, "²", "۱۲", "1 ", [1], {"a": 1}, "1\x002"],
)
def test_nothing_else_is_an_id(value: object) -> None:
    assert not is_reference(value)


@pytest.mark.parametrize(
    ("value", "amount"),
    [(12, Decimal(12)), (2.5, Decimal("2.5")), ("1250.75", Decimal("1250.75")), (-3, Decimal(-3))],
)
def test_a_balance_is_a_number(value: object, amount: Decimal) -> None:
    assert amount_of(value) == amount


@pytest.mark.parametrize(
    "value", [None, True, "", "rials", [], {}, float("nan"), float("inf"), "NaN", "1" * 39 + "x9"]
)
def test_what_is_no_number_is_no_balance(value: object) -> None:
    assert amount_of(value) is None


def test_an_incoming_message_is_told_by_its_id_or_by_its_whole() -> None:
    assert message_key(123456, "09120000001", "متن") == "123456"
    first, second = message_key(None, "09120000001", "سلام"), message_key(None, "09120000001", "درود")
    assert len(first) == 64
    assert first != second
    assert message_key("x" * 65, "a") != message_key("x" * 66, "a")
    assert len(message_key("12'; drop", "\ud800")) == 64


@pytest.mark.parametrize("value", [None, "", "soon", 10**30, -(10**30), [], float("nan")])
def test_a_time_that_is_none_is_left(value: Any) -> None:
    assert unix_instant(value) is None
    assert iso_instant(value) is None


def test_times_are_read_in_both_forms() -> None:
    at = datetime(2024, 7, 16, 7, 18, 21, tzinfo=UTC)
    assert unix_instant(str(int(at.timestamp()))) == at
    assert iso_instant("2024-07-16T10:48:21+03:30") == at
    assert iso_instant("2024-07-16T10:48:21") is None


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"<html>", b"[" * 100_000, b'{"a":', b"nul"])
def test_what_is_no_json_is_none(body: bytes) -> None:
    assert json_of(HttpAnswer(status=200, headers={}, body=body)) is None


@pytest.mark.parametrize(
    ("wish", "seconds"),
    [("17", 17), ("9" * 40, 86400), ("soon", None), ("-1", None), ("²", None), ("", None)],
)
def test_a_wish_to_wait_is_bounded_or_left(wish: str, seconds: int | None) -> None:
    wait = retry_after(HttpAnswer(status=429, headers={"Retry-After": wish}, body=b""))
    assert (None if wait is None else wait.total_seconds()) == seconds


def test_a_text_can_always_be_written() -> None:
    assert as_json({"text": "سلام \ud800 👋"}).decode() == '{"text":"سلام ? 👋"}'
