"""What may not be in a log line is not in it."""

import dataclasses

import pytest

from connector.observability.redaction import DROPPED_KEYS, MASK, mask, redact

MOBILES = [
    "09123456789",
    "+989123456789",
    "00989123456789",
    "989123456789",
    "9123456789",
    "0912 345 67 89",
    "0912-345-6789",
    "+98 912 345 6789",
    "۰۹۱۲۳۴۵۶۷۸۹",
    "٠٩١٢٣٤٥٦٧٨٩",
    "۰۰۹۸۹۱۲۳۴۵۶۷۸۹",
]


@pytest.mark.parametrize("mobile", MOBILES)
def test_a_mobile_number_is_masked_in_every_script_and_spelling(mobile: str) -> None:
    masked = mask(f"به شماره {mobile}، ارسال شد; receptor={mobile}")
    assert masked == f"به شماره {MASK}، ارسال شد; receptor={MASK}"


@pytest.mark.parametrize("identity", ["0012345679", "۰۰۱۲۳۴۵۶۷۹", "10100000007", "001-234567-9"])
def test_an_identity_number_is_masked(identity: str) -> None:
    assert identity not in mask(f"شناسه {identity} نامعتبر است")


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abc.def-ghi",
        "Bearer s3cr3t-token-value",
        "Basic dXNlcjpwYXNz",
        "api_key=s3cr3t-token-value",
        "password: s3cr3t-token-value",
        '{"token": "s3cr3t-token-value"}',
        "/v1/4D6B397A4F2B53476B2F5573305A4D7A4F/sms/send.json",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    ],
)
def test_keys_and_tokens_are_masked(text: str) -> None:
    masked = mask(text)
    assert MASK in masked
    for secret in ("abc.def", "s3cr3t", "dXNlcjpwYXNz", "4D6B397A", "eyJ"):
        assert secret not in masked


def test_a_url_keeps_its_place_and_loses_login_and_query() -> None:
    masked = mask("GET https://user:word@sms.example/send?to=09123456789&text=hello failed")
    assert masked == f"GET https://{MASK}@sms.example/send?{MASK} failed"


@pytest.mark.parametrize(
    "harmless",
    [
        "registration.outcome_lost",
        "01JCQ4Z9V0912345678900ABCD",
        "http_503",
        "۱۴۰۳/۱۲۳۴۵",
        "farzin-main",
        "connector.ledger.attachments",
        "2026-11-21T21:58:28.727+00:00",
        "127.0.0.1:18080",
    ],
)
def test_ids_of_our_own_and_plain_words_are_left(harmless: str) -> None:
    assert mask(harmless) == harmless


def test_a_key_that_names_something_personal_is_dropped_at_any_depth_and_its_name_told() -> None:
    event = {
        "event": "intake.seen",
        "Mobile": "x",
        "facts": {"sender": {"name": "x"}, "count": 2, "list": [{"identity-number": 1}]},
    }
    assert redact(None, "info", event) == {
        "event": "intake.seen",
        "facts": {"count": 2, "list": [{}]},
        "redacted": ["identity_number", "mobile", "sender"],
    }


@pytest.mark.parametrize(
    "word", ["mobile", "name", "text", "subject", "identity_number", "password", "token"]
)
def test_the_list_of_dropped_keys_holds_what_the_promise_names(word: str) -> None:
    assert word in DROPPED_KEYS


def test_a_number_that_looks_like_a_mobile_is_masked_and_other_numbers_are_kept() -> None:
    event = {"event": "x", "given": 9123456789, "size": 52_428_800, "own_id": 9123456789, "ratio": 0.5}
    assert redact(None, "info", event) == {**event, "given": MASK}


def test_of_an_unknown_object_only_its_type_is_written() -> None:
    @dataclasses.dataclass
    class Citizen:
        called: str = "شهروند نمونه"

    clean = redact(
        None, "info", {"event": "x", "who": Citizen(), "error": ValueError("09123456789"), "raw": b"abc"}
    )
    assert clean == {"event": "x", "who": "[Citizen]", "error": "[ValueError]", "raw": "[3 bytes]"}
