"""Cases that are whole conversations: sessions, steps before and after the number; and what a wrong case is told."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.offices.rest import OFFICE
from adapters.offices.soap import OFFICE as SOAP
from connector.errors import MappingInvalid
from connector.mapping.cases import load_cases
from connector.testing.mapping_cases import CaseResult, example_credentials, run_cases

FOLDER = Path(__file__).parent / "mappings" / "offices"


def results(mapping: Path) -> list[CaseResult]:
    with example_credentials() as settings:
        return list(run_cases(mapping, OFFICE, settings))


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    folder = tmp_path / "offices"
    shutil.copytree(FOLDER, folder)
    return folder / "whole-way.yaml"


def test_every_conversation_holds() -> None:
    found = results(FOLDER / "whole-way.yaml")
    assert len(found) == 10
    assert [f"{each.name}: {each.complaints}" for each in found if each.complaints] == []


def only(mine: Path, name: str, change: Any) -> tuple[str, ...]:
    path = mine.with_suffix(".cases.yaml")
    values = yaml.safe_load(path.read_text(encoding="utf-8"))
    values["cases"] = [case for case in values["cases"] if case["name"] == name]
    change(values)
    path.write_text(yaml.safe_dump(values, allow_unicode=True), encoding="utf-8")
    (result,) = results(mine)
    return result.complaints


WHOLE = "a letter goes its whole way"


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        (WHOLE, lambda v: v["cases"][0]["exchanges"].pop(), None),
        (WHOLE, lambda v: v["cases"][0]["exchanges"].insert(0, {"reply": {"json": {}}}), "outcome.registered is not"),
        (
            WHOLE,
            lambda v: v["cases"][0]["exchanges"][1]["request"]["fields"].update(name="c.txt"),
            "request 3.fields.name is 'b.txt', not 'c.txt'",
        ),
        (
            WHOLE,
            lambda v: v["cases"][0]["exchanges"][0]["request"]["headers"].update(cookie="sid=2"),
            "request 2.headers.cookie is 'sid=1', not 'sid=2'",
        ),
        (
            WHOLE,
            lambda v: v["cases"][0]["exchanges"][2]["request"]["fields"].update(document={"$xml": "<Document/>"}),
            "request 4.fields.document",
        ),
        (
            WHOLE,
            lambda v: v["cases"][0]["exchanges"][2]["request"]["fields"].update(document={"$contains": ["<Q>"]}),
            "request 4.fields.document does not contain '<Q>'",
        ),
        (
            "a lost answer is a question",
            lambda v: v["session"][0]["request"]["fields"].update(key="other"),
            "request 1.fields.key is",
        ),
        ("a lost answer is a question", lambda v: v["cases"][0].update(logs_in=False), "outcome.fails"),
        (
            "a check logs in",
            lambda v: v["cases"][0].update(operation="register"),
            "something more was sent: POST /desk/insert",
        ),
    ],
)  # fmt: skip
def test_a_wrong_case_is_told_what_differs(mine: Path, name: str, change: Any, words: str | None) -> None:
    complaints = only(mine, name, change)
    if words is None:
        assert complaints == ()
    else:
        assert [each for each in complaints if words in each], complaints
        assert all(
            re.match(rf"{re.escape(str(mine.with_suffix('.cases.yaml')))}:[0-9]+: ", each)
            for each in complaints
        )


def test_a_wrong_case_says_what_came_at_the_line_of_what_was_expected(mine: Path) -> None:
    cases = mine.with_suffix(".cases.yaml")
    for old, new, words in (
        ("outcome: {kept: {handle: 12}}", "outcome: {refused: {}}", "what came: {'kept': {'handle': 12}}"),
        (
            "outcome: {refused: {}}",
            "outcome: {kept: {handel: 12}}",
            "kept.handel is not there; what came: {'handle': 12}",
        ),
    ):
        text = cases.read_text(encoding="utf-8")
        assert old in text
        cases.write_text(text.replace(old, new), encoding="utf-8")
        line = next(
            at for at, each in enumerate(cases.read_text(encoding="utf-8").splitlines(), 1) if new in each
        )
        (complaint,) = [each for result in results(mine) for each in result.complaints]
        assert complaint.startswith(f"{cases}:{line}: outcome.")
        assert words in complaint


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ({"reply": {}, "exchanges": [{"reply": {}}]}, "give request and reply, or exchanges"),
        ({"operation": "prepare", "reply": {}}, "step belongs to the operations prepare and complete"),
        ({"step": "upload", "reply": {}}, "step belongs to the operations prepare and complete"),
        ({"exchanges": [{"request": {}}]}, "exchanges[0].reply: this key is missing"),
        ({"operation": "registr", "reply": {}}, "operation"),
        ({"reply": {"xml": "<a/>", "json": {}}}, "give one of: xml, json, text, lost"),
        ({"replay": {}}, "did you mean 'reply'?"),
    ],
)
def test_a_case_that_cannot_be_read_is_told_with_its_line(tmp_path: Path, case: Any, words: str) -> None:
    path = tmp_path / "a.cases.yaml"
    path.write_text(
        yaml.safe_dump({"cases": [{"name": "a", "outcome": {"absent": True}, **case}]}), encoding="utf-8"
    )
    with pytest.raises(MappingInvalid) as caught:
        load_cases(path)
    assert words in caught.value.sentence
    assert f"{path}:" in caught.value.sentence


SOAP_SESSION = """
session:
  open:
    - name: log_in
      call: Ping
      take: {ticket: reply.status}
      verdict: {code: reply.status, means: {t1: done, t2: done, wrong: credentials}}
  keep_cookies: true
  headers: {X-Ticket: session.ticket}
  expired: {faults: [{text: session unknown}]}
"""
NAMESPACE = 'xmlns="urn:chapar:simulated-office:1"'


def ping(status: str) -> Any:
    return {
        "request": {"call": "Ping"},
        "reply": {
            "xml": f"<PingResponse {NAMESPACE}><status>{status}</status></PingResponse>",
            "headers": {"Set-Cookie": f"sid={status}"},
        },
    }


def creation(ticket: str, reply: Any) -> Any:
    headers = {"x-ticket": ticket, "cookie": f"sid={ticket}"}
    return {
        "request": {"call": "RegisterLetter", "fields": {"key": "KEY1"}, "headers": headers},
        "reply": reply,
    }


def test_a_session_over_soap_ends_by_a_fault_and_is_opened_anew(tmp_path: Path) -> None:
    shipped = Path(__file__).parents[3] / "mappings" / "offices"
    shutil.copytree(shipped / "simulated", tmp_path / "simulated")
    values = yaml.safe_load((shipped / "simulated-soap.yaml").read_text(encoding="utf-8"))
    values |= {**yaml.safe_load(SOAP_SESSION), "faults": []}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(values, allow_unicode=True), encoding="utf-8")
    fault = "<s:Fault><faultcode>s:Server</faultcode><faultstring>session unknown</faultstring></s:Fault>"
    number = "<resultCode>0</resultCode><number>7</number></RegisterLetterResponse>"
    cases = {
        "session": [ping("t1")],
        "cases": [
            {
                "name": "over",
                "exchanges": [
                    creation("t1", {"status": 500, "xml": fault}),
                    ping("t2"),
                    creation("t2", {"xml": f"<RegisterLetterResponse {NAMESPACE}>{number}"}),
                ],
                "outcome": {"registered": {"number": "7"}},
            },
            {
                "name": "over again",
                "exchanges": [
                    creation("t1", {"status": 500, "xml": fault}),
                    ping("t2"),
                    creation("t2", {"status": 500, "xml": fault}),
                ],
                "outcome": {"fails": {"type": "Unavailable", "reason": "session_over_again"}},
            },
            {
                "name": "refused",
                "logs_in": False,
                "exchanges": [ping("wrong")],
                "outcome": {"fails": {"type": "CredentialsRejected"}},
            },
        ],
    }
    (tmp_path / "mine.cases.yaml").write_text(yaml.safe_dump(cases, allow_unicode=True), encoding="utf-8")
    with example_credentials() as settings:
        found = list(run_cases(tmp_path / "mine.yaml", SOAP, settings))
    assert [(each.name, each.complaints) for each in found] == [
        (name, ()) for name in ("over", "over again", "refused")
    ]
