"""What a mapping can say about fields, texts, limits and addresses, seen in the request that goes out."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import requests
import responses
import yaml

from adapters.offices.rest import OFFICE, RestOfficeSettings
from connector.domain.registration import LetterReference, Registration
from connector.errors import (
    CredentialsRejected,
    Misbehaved,
    NotPossible,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from connector.ports.catalogue import AdapterSite
from connector.ports.office import FindsByKey, ReportsProgress, SearchQuery, recovery_level
from connector.ports.outcomes import Refused, Registered
from tests.contract.offices.requests_to_register import a_letter, a_request, content_of

URL = "http://office.invalid/base"

MAPPING = """
title: Some office
source: written for this test
transport: rest
services: {office: {path: /v1}}
authentication: bearer
text: {letters: arabic}
http: {"503": retry}
limits: {longest_processing: PT1M, attachment_count: 2, attachment_bytes: 10, attachment_types: [text/plain]}
operations:
  register:
    steps:
      - name: create
        request:
          method: POST
          path: "/desks/{{ secretariat }}/letters"
          query: {unit: unit, urgent: letter.urgency == 'urgent'}
          headers: {X-Key: correlation_key}
        send:
          title: {$pick: letter.subject, $longest: 10, $too_long: cut}
          text: {$write: "{{ letter.text }} [{{ correlation_key }}]", $longest: 60}
          kind: {$value: null}
          absent: sender.email
          constant: 7
          flag: true
          fixed: "'LETTER'"
          files: {$each: attachments, $give: {n: index, d: item.content, e: item.extension}}
          list: [letter.urgency, sender.email, 3]
        verdict:
          code: reply.code
          text: reply.message
          means: {ok: registered, "no": never}
          http: {"409": known}
    registration: {number: reply.letter.no, date: reply.letter.date, year: reply.letter.year}
"""


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("OFFICE_TOKEN", "secret-token")

    def built(change: Any = None, **settings: Any) -> Any:
        values = yaml.safe_load(MAPPING)
        if change:
            change(values)
        (tmp_path / "offices").mkdir(exist_ok=True)
        (tmp_path / "offices" / "mine.yaml").write_text(
            yaml.safe_dump(values, allow_unicode=True), encoding="utf-8"
        )
        given = {
            "mapping": "mine",
            "http": {"url": URL},
            "token": {"environment": "OFFICE_TOKEN"},
            "may_lack_cases": True,
            **settings,
        }
        site = AdapterSite(name="main", mappings=(tmp_path,), pool_size=1)
        return OFFICE.build(RestOfficeSettings.model_validate(given), site)

    return built


CREATE = f"{URL}/v1/desks/10/letters"
GOOD = {"code": "ok", "letter": {"no": " ۱۲/۳ ", "date": "1405/08/30", "year": "۱۴۰۵"}}


def text_file(content: bytes = b"abc") -> Any:
    return content_of("نامه.TXT", content, "text/plain")


@responses.activate
def test_the_request_is_what_the_mapping_says(build: Any) -> None:
    responses.post(CREATE, json=GOOD)
    outcome = build().register(a_request("K1", text_file(), subject="موضوع يک کمی بلند", text="متن ی ک"))
    assert isinstance(outcome, Registered)
    assert outcome.registration.number == "۱۲/۳"
    assert outcome.registration.year == 1405
    (call,) = responses.calls
    request: Any = call.request
    assert request.url.startswith(CREATE + "?unit=")
    assert "urgent=true" in request.url
    assert request.headers["Authorization"] == "Bearer secret-token"
    assert request.headers["X-Key"] == "K1"
    assert request.headers["Content-Type"] == "application/json"
    sent = json.loads(b"".join(request.body))
    assert sent == {
        "title": "موضوع يك …",
        "text": "متن ي ك [K1]",
        "kind": None,
        "constant": 7,
        "flag": True,
        "fixed": "LETTER",
        "files": [{"n": 1, "d": "YWJj", "e": "txt"}],
        "list": ["urgent", 3],
    }


@responses.activate
@pytest.mark.parametrize(
    ("contents", "changes"),
    [
        ([], {"text": "x" * 60}),
        ([], {"text": "bad \x01"}),
        ([], {"text": "bad \ud800"}),
        ([text_file(), text_file(), text_file()], {}),
        ([text_file(b"x" * 11)], {}),
        ([content_of("a.pdf", b"x")], {}),
    ],
)
def test_a_letter_that_does_not_fit_is_told_before_anything_is_sent(
    build: Any, contents: list[Any], changes: dict[str, Any]
) -> None:
    with pytest.raises(NotPossible) as caught:
        build().register(a_request("K1", *contents, **{"text": "متن", **changes}))
    assert not responses.calls
    assert "xxx" not in f"{caught.value} {caught.value.facts}"


@responses.activate
def test_a_mapping_never_drops_an_attachment_in_silence(build: Any) -> None:
    def without_files(values: Any) -> None:
        del values["operations"]["register"]["steps"][0]["send"]["files"]

    with pytest.raises(NotPossible, match="leaves an attachment out"):
        build(without_files).register(a_request("K1", text_file(), text="متن"))
    assert not responses.calls


@responses.activate
def test_values_in_the_address_cannot_lead_elsewhere(build: Any) -> None:
    responses.post(f"{URL}/v1/desks/..%2F%3Fx/letters", json=GOOD)
    request = a_request("K1", text="متن")
    evil = type(request)(
        letter=request.letter, correlation_key="K1", secretariat="../?x", unit=None, attachments=()
    )
    assert isinstance(build().register(evil), Registered)


@responses.activate
@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        ({"status": 503, "body": b""}, Unavailable),
        ({"status": 500, "body": b"<html>"}, OutcomeUnknown),
        ({"status": 200, "body": b"{"}, Misbehaved),
        ({"status": 200, "body": b""}, Misbehaved),
        ({"status": 200, "json": {"code": "ok"}}, Misbehaved),
        ({"status": 200, "json": {"code": "ok", "letter": {"no": " "}}}, Misbehaved),
        ({"status": 200, "json": {"code": "ok", "letter": {"no": ["1"]}}}, Misbehaved),
        (
            {"status": 200, "body": b'{"code": "ok", "letter": {"no": 123456789012345678901234567890}}'},
            Misbehaved,
        ),
        (
            {"status": 200, "body": '{"code": "ok", "letter": {"no": "ص۱"}}'.encode("cp1256", "replace")},
            Misbehaved,
        ),
        ({"status": 200, "body": b"[" * 100_000}, Misbehaved),
        ({"status": 200, "body": b"[]"}, Misbehaved),
        ({"status": 200, "body": b" " * 5_000_000}, Misbehaved),
        ({"status": 200, "json": {"code": "what"}}, Misbehaved),
        ({"status": 302, "body": b"", "headers": {"Location": "/login"}}, OutcomeUnknown),
        ({"status": 401, "body": b""}, CredentialsRejected),
        ({"status": 429, "body": b""}, RateLimited),
        ({"body": requests.ConnectionError("reset")}, Unavailable),
        ({"body": requests.ReadTimeout("silence")}, OutcomeUnknown),
    ],
)
def test_each_answer_says_what_to_do_next(
    build: Any, answer: dict[str, Any], failure: type[Exception]
) -> None:
    responses.post(CREATE, **answer)
    with pytest.raises(failure) as caught:
        build().register(a_request("K1", text="متن"))
    assert type(caught.value) is failure
    assert len(responses.calls) == 1


@responses.activate
@pytest.mark.parametrize(("written", "number"), [("1201", "1201"), ("1201.0", "1201"), ("12.5", "12.5")])
def test_a_number_that_is_written_as_one_is_read_as_one(build: Any, written: str, number: str) -> None:
    responses.post(CREATE, body=f'{{"code": "ok", "letter": {{"no": {written}}}}}')
    outcome = build().register(a_request("K1", text="متن"))
    assert isinstance(outcome, Registered)
    assert outcome.registration.number == number


@responses.activate
def test_a_status_can_mean_that_the_letter_is_known(build: Any) -> None:
    responses.post(CREATE, status=409, json={"letter": {"no": "8"}})
    outcome = build().register(a_request("K1", text="متن"))
    assert isinstance(outcome, Registered)
    assert outcome.was_known
    assert outcome.registration.registered_on is None


@responses.activate
def test_a_refusal_keeps_the_offices_words(build: Any) -> None:
    responses.post(CREATE, status=422, json={"code": "no", "message": "ناقص"})
    assert build().register(a_request("K1", text="متن")) == Refused(reason="ناقص", code="no")


@responses.activate
def test_an_office_that_can_only_register_says_so(build: Any) -> None:
    office = build()
    assert not isinstance(office, FindsByKey)
    assert not isinstance(office, ReportsProgress)
    assert recovery_level(office.capabilities) == "C"
    assert office.capabilities.progress_batch == 0
    assert "was not asked" in office.check()
    assert not responses.calls


@responses.activate
def test_an_office_that_tells_of_one_letter_at_a_time(build: Any) -> None:
    def with_progress(values: Any) -> None:
        values["operations"]["progress"] = {
            "steps": [{"name": "ask", "request": {"path": "/letters/{{ reference.number }}"}}],
            "letters": "reply",
            "status": "letter.state",
            "statuses": {"done": "answered", "open": "registered"},
            "registration": {"number": "letter.no"},
            "referrals": {"each": "letter.moves", "unit": "item.to", "is_confidential": "item.secret"},
        }

    registration = Registration(number="1/2", secretariat="10", year=1405)
    moves = [{"to": "الف", "secret": 1}, {"to": "ب"}, {"to": ""}]
    responses.get(f"{URL}/v1/letters/1%2F2", json={"state": "done", "no": "1/2", "moves": moves})
    reference = LetterReference(correlation_key="K1", secretariat="10", registration=registration)
    (progress,) = build(with_progress).progress([reference])
    assert progress.correlation_key == "K1"
    assert progress.registration == Registration(number="1/2", secretariat="10")
    told = [(each.reference, each.unit, each.is_public) for each in progress.referrals]
    assert told == [("1", "الف", False), ("2", "ب", True)]
    assert progress.answer is not None
    assert progress.answer.text == ""


@responses.activate
@pytest.mark.parametrize("body", ["[1, 2]", "{}", '{"state": null}'])
def test_progress_without_a_status_breaks_the_contract(build: Any, body: str) -> None:
    def with_progress(values: Any) -> None:
        values["operations"]["progress"] = {
            "steps": [{"name": "ask", "request": {"path": "/x"}}],
            "letters": "reply",
            "status": "letter.state",
            "statuses": {"done": "answered"},
            "registration": {"number": "letter.no"},
        }

    responses.get(f"{URL}/v1/x", body=body, content_type="application/json")
    with pytest.raises(Misbehaved):
        build(with_progress).progress([LetterReference(correlation_key="K1", secretariat="10")])


@responses.activate
@pytest.mark.parametrize(("letters", "name"), [("arabic", "علي کريمی"), ("persian", "علي کريمی")])
def test_a_search_by_a_name_asks_with_the_letters_that_the_office_stores(
    build: Any, letters: str, name: str
) -> None:
    def with_search(values: Any) -> None:
        values["text"] = {"letters": letters}
        values["operations"]["search"] = {
            "steps": [
                {
                    "name": "seek",
                    "request": {"path": "/people/{{ sender.name }}", "query": {"subject": "letter.subject"}},
                    "verdict": {"code": "reply.code", "means": {"ok": "done"}},
                }
            ],
            "matches": "reply.found",
            "registration": {"number": "match.no"},
        }

    stored = {"arabic": "علي كريمي", "persian": "علی کریمی"}[letters]
    responses.add_callback(
        "GET", re.compile(f"{URL}/v1/people/.*"), lambda _request: (200, {}, '{"code": "ok", "found": []}')
    )
    letter = a_letter("K1", subject=name)
    letter = replace(letter, sender=replace(letter.sender, name=name))
    at = letter.received_at
    query = SearchQuery(letter=letter, correlation_key="K1", secretariat="10", since=at, until=at)
    assert build(with_search).search(query) == []
    (call,) = responses.calls
    address = urlsplit(str(call.request.url))
    assert unquote(address.path).endswith(f"/people/{stored}")
    assert parse_qs(address.query) == {"subject": [stored]}


def test_credentials_are_shown_nowhere(build: Any) -> None:
    office = build()
    assert "secret-token" not in repr(vars(office))
