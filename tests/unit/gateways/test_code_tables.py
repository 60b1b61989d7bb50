"""The code tables of gateways: shipped whole, overridden by the operator, and never guessed at."""

from datetime import timedelta
from pathlib import Path

import pytest

from connector.errors import (
    CallFailed,
    CredentialsRejected,
    MappingInvalid,
    Misbehaved,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from connector.mapping.gateway_codes import AnswerClass, DeliveryClass, failure, load_gateway_codes
from connector.ports.gateway import left_over
from connector.ports.outcomes import NotSent, Unanswered

SHIPPED = Path("mappings").resolve()


def test_every_published_code_of_kavenegar_has_its_class() -> None:
    codes = load_gateway_codes([SHIPPED], "kavenegar")
    published = (
        "200 400 401 402 403 404 405 406 407 409 411 412 413 414 415 416 417 418 419 420 422 424 426 427"
    )
    assert all(codes.answer(code) for code in [*published.split(), "428", "429", "431", "432", "451", "501"])
    assert {codes.delivery(code) for code in ("6", "11", "13")} == {DeliveryClass.UNDELIVERED}
    assert codes.delivery("14") is DeliveryClass.BLACKLISTED
    assert codes.delivery("100") is DeliveryClass.ABSENT
    assert codes.answer("999") is None
    assert codes.delivery("999") is None


@pytest.mark.parametrize(
    ("name", "answers", "deliveries"),
    [
        (
            "smsir",
            "0 1 10 11 12 13 14 15 16 20 101 102 103 104 105 106 107 108 109 110 112 113 114 115 116 117 118 119 "
            "123 124",
            "1 2 3 4 5 6 7 8 111",
        ),
        (
            "melipayamak",
            "0 1 2 3 4 5 6 7 9 10 11 12 14 15 16 17 18 35 -1 -2 -3 -4 -5 -6 -7 -10",
            "0 1 2 3 5 8 16 35 100 200 300 400 500",
        ),
    ],
)
def test_every_published_code_has_its_class(name: str, answers: str, deliveries: str) -> None:
    codes = load_gateway_codes([SHIPPED], name)
    assert [code for code in answers.split() if codes.answer(code) is None] == []
    assert [code for code in deliveries.split() if codes.delivery(code) is None] == []


def test_every_published_status_of_ippanel_has_its_class() -> None:
    codes = load_gateway_codes([SHIPPED], "ippanel")
    assert all(codes.delivery(f"recipient {status}") for status in range(5))
    assert all(codes.delivery(f"state {status}") for status in range(10))
    assert codes.delivery("state 6") is DeliveryClass.UNDERWAY, "sent is not delivered"


def test_what_ghasedaks_two_lists_agree_on_is_what_can_mean_one_thing_alone() -> None:
    codes = load_gateway_codes([SHIPPED], "ghasedak")
    assert all(codes.delivery(f"sdk {status}") for status in range(18))
    assert all(codes.delivery(f"documentation {status}") for status in range(9))
    for status in range(18):
        said = {codes.delivery(f"{name} {status}") for name in ("sdk", "documentation")} - {None}
        agreed = said.pop() if len(said) == 1 else None
        assert codes.delivery(f"agreed {status}") is agreed, status


@pytest.mark.parametrize("name", sorted(file.stem for file in (SHIPPED / "gateways").glob("*.yaml")))
def test_each_table_says_where_it_was_taken_from(name: str) -> None:
    assert load_gateway_codes([SHIPPED], name).source


def test_the_operators_table_comes_before_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "gateways").mkdir()
    table = 'source: our contract\nanswers:\n  "402": {means: later}\ndeliveries: {}\n'
    (tmp_path / "gateways" / "kavenegar.yaml").write_text(table)
    codes = load_gateway_codes([tmp_path, SHIPPED], "kavenegar")
    assert codes.answer("402") is AnswerClass.LATER
    assert codes.answer("200") is None


def test_a_broken_table_is_told_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "gateways").mkdir()
    file = tmp_path / "gateways" / "kannel.yaml"
    file.write_text(
        'source: x\nanswers:\n  "202 0": {means: done}\n  "403": {means: stopp}\ndeliveries: {}\n'
    )
    with pytest.raises(MappingInvalid) as caught:
        load_gateway_codes([tmp_path, SHIPPED], "kannel")
    assert f"{file}:4: answers.403.means" in caught.value.sentence


def test_a_table_that_is_nowhere_is_told_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(MappingInvalid, match=r"gateways/nobody\.yaml"):
        load_gateway_codes([tmp_path], "nobody")


@pytest.mark.parametrize(
    ("meaning", "kind"),
    [
        (AnswerClass.LATER, Unavailable),
        (AnswerClass.SPLIT, Unavailable),
        (AnswerClass.SLOWER, RateLimited),
        (AnswerClass.UNSURE, OutcomeUnknown),
        (AnswerClass.STOP, CredentialsRejected),
        (None, Misbehaved),
    ],
)
def test_each_class_of_answer_has_its_failure(meaning: AnswerClass | None, kind: type[CallFailed]) -> None:
    error = failure(meaning, gateway="Sample", code="7", text="نمونه")
    assert type(error) is kind
    assert error is not None
    assert error.code == "7"


@pytest.mark.parametrize("meaning", [AnswerClass.DONE, AnswerClass.REJECTED])
def test_what_concerns_no_whole_call_is_no_failure(meaning: AnswerClass) -> None:
    assert failure(meaning, gateway="Sample", code="7", text="") is None


def test_what_is_left_over_of_a_batch_is_sent_later_only_where_that_is_certain() -> None:
    wish = timedelta(seconds=5)
    assert left_over(RateLimited(reason="slow", retry_after=wish)) == NotSent(reason="slow", retry_after=wish)
    assert left_over(CredentialsRejected(reason="gateway_stopped", code="418")) == NotSent(
        reason="gateway_stopped", code="418"
    )
    assert left_over(Misbehaved(reason="garbage")) == Unanswered(reason="garbage")
    assert left_over(OutcomeUnknown()) == Unanswered(reason="outcome_unknown")
