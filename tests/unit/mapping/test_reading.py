"""The verdict on every kind of answer: a definite word counts, everything else is a question."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.errors import (
    CallFailed,
    CredentialsRejected,
    Misbehaved,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from connector.mapping.expressions import compile_expression
from connector.mapping.reading import Fault, Judge, Reply, retry_after
from connector.mapping.schema_parts import FaultRule, Meaning

MEANS = {
    "0": Meaning.REGISTERED,
    "1": Meaning.KNOWN,
    "2": Meaning.NEVER,
    "3": Meaning.ACCEPTED,
    "5": Meaning.CREDENTIALS,
    "6": Meaning.RATE,
    "7": Meaning.UNKNOWN,
    "9": Meaning.RETRY,
}


def now() -> datetime:
    return datetime(2026, 11, 21, 8, tzinfo=UTC)


def a_judge(*, is_safe: bool = False, **changes: Any) -> Judge:
    tables: dict[str, Any] = {
        "http": {},
        "faults": (),
        "code": compile_expression("reply.code", where="here"),
        "text": compile_expression("reply.text", where="here"),
        "means": MEANS,
        "is_safe": is_safe,
        **changes,
    }
    return Judge(**tables)


def judged(reply: Reply, **tables: Any) -> Any:
    return a_judge(**tables).judge(reply, now=now)


def failed(reply: Reply, **tables: Any) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        judged(reply, **tables)
    return caught.value


def expected(status: int, *, is_safe: bool) -> tuple[type[CallFailed], str]:
    if status in {401, 403}:
        return CredentialsRejected, f"http_{status}"
    if status == 429:
        return RateLimited, "http_429"
    if 200 <= status < 300:
        return Misbehaved, "unreadable_answer"
    return (Unavailable if is_safe else OutcomeUnknown), f"http_{status}"


@pytest.mark.parametrize("is_safe", [True, False])
def test_every_status_without_a_readable_answer(is_safe: bool) -> None:
    for status in range(100, 600):
        error = failed(Reply(status=status, is_readable=False), is_safe=is_safe)
        assert (type(error), error.reason) == expected(status, is_safe=is_safe), status


def test_the_offices_wording_is_kept_where_only_the_status_says_what_is_meant() -> None:
    reply = Reply(status=400, content={"text": "مدارک ناقص است"})
    refused = judged(reply, code=None, means={}, http={"400": Meaning.NEVER})
    assert (refused.meaning, refused.code, refused.text) == (Meaning.NEVER, None, "مدارک ناقص است")
    assert failed(reply, code=None, means={}).remark == "مدارک ناقص است"


def test_a_wording_that_cannot_be_worked_out_hides_no_code() -> None:
    text = compile_expression("join('', reply.words)", where="here")
    judgement = judged(Reply(status=200, content={"code": "0", "words": 7}), text=text)
    assert (judgement.meaning, judgement.text) == (Meaning.REGISTERED, None)


def test_what_a_mapping_says_of_a_status_counts_before_what_it_means_elsewhere() -> None:
    refused = judged(Reply(status=403, is_readable=False), http={"403": Meaning.NEVER})
    assert refused.meaning is Meaning.NEVER
    lost = failed(Reply(status=403, is_readable=False), http={"403": Meaning.UNKNOWN})
    assert (type(lost), lost.reason) == (OutcomeUnknown, "http_403")


@pytest.mark.parametrize("status", [200, 201, 204, 299])
@pytest.mark.parametrize(
    ("code", "meaning"), [("0", "registered"), (1, "known"), (" 2 ", "never"), (3, "accepted")]
)
def test_a_definite_code_under_a_good_status_is_the_outcome(status: int, code: Any, meaning: str) -> None:
    judgement = judged(Reply(status=status, content={"code": code, "text": "سخن دفتر"}))
    assert judgement.meaning == meaning
    assert judgement.code == str(code).strip()
    assert judgement.text == "سخن دفتر"


@pytest.mark.parametrize(
    ("code", "failure"),
    [(5, CredentialsRejected), (6, RateLimited), (7, OutcomeUnknown), (9, Unavailable), (8, Misbehaved)],
)
def test_a_code_inside_http_200_says_what_to_do_next(code: int, failure: type[CallFailed]) -> None:
    error = failed(Reply(status=200, content={"code": code, "text": "personal words"}))
    assert type(error) is failure
    assert error.code == str(code)
    assert error.remark == "personal words"
    assert "personal" not in f"{error} {error.args} {error.facts}"


@pytest.mark.parametrize(
    "content", [None, [], {}, "text", 7, {"code": None}, {"code": {}}, {"code": []}, {"other": 1}]
)
def test_an_answer_without_its_code_breaks_the_contract(content: Any) -> None:
    assert type(failed(Reply(status=200, content=content))) is Misbehaved


@pytest.mark.parametrize("status", [300, 302, 400, 404, 409, 422, 500, 502, 503, 504])
def test_under_a_bad_status_a_refusal_is_believed_and_a_success_is_not(status: int) -> None:
    assert judged(Reply(status=status, content={"code": 2})).meaning is Meaning.NEVER
    assert type(failed(Reply(status=status, content={"code": 9}))) is Unavailable
    for code in (0, 1, 3):
        assert type(failed(Reply(status=status, content={"code": code}))) is OutcomeUnknown


def test_the_mappings_word_for_a_status_counts_where_the_answer_says_nothing() -> None:
    http = {"503": Meaning.RETRY, "409": Meaning.KNOWN, "404": Meaning.ABSENT}
    assert type(failed(Reply(status=503, is_readable=False), http=http)) is Unavailable
    assert type(failed(Reply(status=503, content={"code": 8}), http=http)) is Unavailable
    assert judged(Reply(status=409, content={"number": 7}), http=http).meaning is Meaning.KNOWN
    assert judged(Reply(status=404), http=http, is_safe=True).meaning is Meaning.ABSENT
    assert type(failed(Reply(status=404))) is OutcomeUnknown


def test_wrong_credentials_count_before_every_code() -> None:
    assert type(failed(Reply(status=401, content={"code": 0}))) is CredentialsRejected
    assert type(failed(Reply(status=429, content={"code": 0}))) is RateLimited


FAULTS = (
    FaultRule.model_validate({"code": "Busy", "means": "retry"}),
    FaultRule.model_validate({"text": "Ticket Is not Valid", "means": "credentials"}),
    FaultRule.model_validate({"code": "Client", "text": "no such", "means": "never"}),
)


@pytest.mark.parametrize(
    ("code", "text", "failure"),
    [
        ("s:Busy", "", Unavailable),
        ("Busy", "", Unavailable),
        ("s:Server", "The Ticket Is not Valid any more", CredentialsRejected),
        ("s:Client", "bad", OutcomeUnknown),
        ("", "", OutcomeUnknown),
    ],
)
def test_a_fault_is_unknown_unless_the_mapping_names_it(
    code: str, text: str, failure: type[CallFailed]
) -> None:
    for status in (200, 400, 500):
        error = failed(Reply(status=status, fault=Fault(code=code, text=text)), faults=FAULTS)
        assert type(error) is failure
        assert error.code == code


def test_a_fault_is_told_by_a_whole_word_of_its_detail() -> None:
    rules = (FaultRule(detail="unit.unknown", means=Meaning.NEVER),)
    fault = Fault(code="s:Server", text="boom", detail=frozenset({"Error", "unit.unknown"}))
    assert judged(Reply(status=500, fault=fault), faults=rules).meaning is Meaning.NEVER
    other = Fault(code="s:Server", text="unit.unknown", detail=frozenset({"unit.unknown.yet"}))
    assert type(failed(Reply(status=500, fault=other), faults=rules)) is OutcomeUnknown


def test_a_fault_that_the_mapping_calls_never_is_a_refusal_with_its_words() -> None:
    judgement = judged(Reply(status=500, fault=Fault(code="s:Client", text="no such unit")), faults=FAULTS)
    assert (judgement.meaning, judgement.text) == (Meaning.NEVER, "no such unit")


def test_a_fault_of_a_safe_call_has_changed_nothing() -> None:
    assert type(failed(Reply(status=500, fault=Fault(code="x", text="y")), is_safe=True)) is Unavailable


def test_a_step_without_codes_is_done_when_its_answer_can_be_read() -> None:
    assert judged(Reply(status=200, content={}), code=None, text=None, means={}).meaning is Meaning.DONE
    assert type(failed(Reply(status=200, is_readable=False), code=None, means={})) is Misbehaved


def test_an_expression_that_fails_on_an_answer_breaks_the_contract() -> None:
    code = compile_expression("length(reply.code)", where="here")
    assert type(failed(Reply(status=200, content={"code": 7}), code=code)) is Misbehaved


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7),
        (" 120 ", 120),
        ("999999999999", 3600),
        ("Sat, 21 Nov 2026 08:01:00 GMT", 60),
        ("Sat, 21 Nov 2026 07:00:00 GMT", 0),
        ("Sat, 21 Nov 2026 08:01:00", None),
        ("soon", None),
        ("-1", None),
        ("۷", None),
        ("", None),
    ],
)
def test_how_long_the_office_asks_us_to_wait(text: str, seconds: int | None) -> None:
    wait = retry_after({"retry-AFTER": text}, now)
    assert wait == (None if seconds is None else timedelta(seconds=seconds))
