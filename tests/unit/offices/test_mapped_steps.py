"""Registrations of several steps: what comes before the number, the number, and what follows it, each by itself."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import responses
import yaml

from connector.domain.registration import LetterReference, Registration
from connector.errors import MappingInvalid, Misbehaved, NotPossible, OutcomeUnknown
from connector.ports.office import (
    CompletesRegistration,
    PreparesRegistration,
    RecoveryLevel,
    ReservesNumber,
    recovery_level,
)
from connector.ports.outcomes import Refused, Registered
from tests.contract.offices.requests_to_register import a_request, content_of
from tests.unit.offices.conversing import URL, asked, body, built

STEPS = """
operations:
  register:
    preparations_last: PT20M
    steps:
      - name: upload
        role: prepares
        each: "attachments[?size > `0`]"
        request: {method: POST, path: "/files/{{ index }}"}
        send: {name: item.name, data: item.content}
        take: {handle: reply.id, name: item.name}
        verdict: {code: reply.code, means: {ok: done, bad: never}}
      - name: open_case
        role: prepares
        when: letter.urgency == 'urgent'
        request: {method: POST, path: /cases}
        send: {files: taken.upload.handle}
        take: {case: reply.case}
      - name: reserve_number
        role: prepares
        reserves: true
        request: {method: POST, path: /numbers}
        send: {case: taken.open_case.case}
        take: {token: reply.token}
      - name: create
        request: {method: POST, path: /letters}
        send:
          token: taken.reserve_number.token
          case: taken.open_case.case
          files: taken.upload.handle
          names: taken.upload.name
        verdict: {code: reply.code, means: {ok: registered}}
      - name: attach
        role: follows
        each: attachments
        request: {method: POST, path: "/letters/{{ registration.number }}/files"}
        send: {name: item.name, place: index, case: taken.open_case.case}
        verdict: {code: reply.code, means: {ok: done, bad: never}}
      - name: start
        role: follows
        repeatable: true
        request: {method: POST, path: "/letters/{{ registration.number }}/start"}
        send: {part: "split(registration.office_reference, '/')[1]"}
    registration: {number: reply.no, office_reference: taken.reserve_number.token}
  verify:
    steps:
      - name: look
        request: {path: "/numbers/{{ taken.reserve_number.token }}"}
        verdict: {code: reply.code, means: {ok: registered, empty: absent, unknown: retry}}
    registration: {number: reply.no}
"""

FILES = (content_of("a.txt", b"abc"), content_of("empty.txt", b""), content_of("b.txt", b"defg"))


@pytest.fixture
def office(tmp_path: Path) -> Any:
    return built(tmp_path, STEPS)


def test_an_office_declares_what_its_steps_are(office: Any) -> None:
    assert isinstance(office, PreparesRegistration)
    assert isinstance(office, ReservesNumber)
    assert isinstance(office, CompletesRegistration)
    capabilities = office.capabilities
    assert (capabilities.prepares, capabilities.reserves, capabilities.completes) == (True, True, True)
    assert recovery_level(capabilities) == RecoveryLevel.A
    assert office.preparations_last.total_seconds() == 1200


def test_the_steps_of_a_letter_are_told_without_asking_anybody(office: Any) -> None:
    request = a_request("K1", *FILES)
    assert office.preparations(request) == ["upload_1", "upload_2", "open_case"]
    calm = replace(request, letter=replace(request.letter, urgency="normal"))
    assert office.preparations(calm) == ["upload_1", "upload_2"]
    assert office.preparations(a_request()) == ["open_case"]
    told = [(step.name, step.is_repeatable) for step in office.completions(request)]
    assert told == [("attach_1", False), ("attach_2", False), ("attach_3", False), ("start", True)]


@responses.activate
def test_a_letter_goes_its_whole_way_step_by_step(office: Any) -> None:
    request = a_request("K1", FILES[0], FILES[2])
    responses.post(f"{URL}/files/1", json={"code": "ok", "id": 11})
    responses.post(f"{URL}/files/2", json={"code": "ok", "id": "12"})
    responses.post(f"{URL}/cases", json={"case": {"type": 5, "no": 7}})
    responses.post(f"{URL}/numbers", json={"token": "T/9"})
    responses.post(f"{URL}/letters", json={"code": "ok", "no": "42"})
    responses.post(f"{URL}/letters/42/files", json={"code": "ok"})
    responses.post(f"{URL}/letters/42/start", body="done")
    for name in office.preparations(request):
        request = replace(request, kept={**request.kept, name: office.prepare(name, request)})
    request = replace(request, kept={**request.kept, "reserve": office.reserve(request)})
    assert all(isinstance(value, str) for kept in request.kept.values() for value in kept.values())
    outcome = office.register(request)
    assert isinstance(outcome, Registered)
    assert outcome.registration.office_reference == "T/9"
    reference = LetterReference(correlation_key="K1", secretariat="10", registration=outcome.registration)
    for step in office.completions(request)[:2]:
        office.complete(step.name, request, reference)
    assert asked() == [
        "/files/1", "/files/2", "/cases", "/numbers", "/letters", "/letters/42/files", "/letters/42/files",
    ]  # fmt: skip
    assert body(0) == {"name": "a.txt", "data": "YWJj"}
    assert body(2) == {"files": [11, "12"]}
    assert body(4) == {
        "token": "T/9", "case": {"type": 5, "no": 7}, "files": [11, "12"], "names": ["a.txt", "b.txt"],
    }  # fmt: skip
    assert body(6) == {"name": "b.txt", "place": 2, "case": {"type": 5, "no": 7}}
    with pytest.raises(Misbehaved):
        office.complete("start", request, reference)  # its answer is no JSON


@responses.activate
def test_what_a_step_did_not_do_is_told_by_its_type(office: Any) -> None:
    request = a_request("K1", FILES[0])
    responses.post(f"{URL}/files/1", json={"code": "bad"})
    with pytest.raises(NotPossible, match="will never do this step"):
        office.prepare("upload_1", request)
    responses.post(f"{URL}/cases", status=500)
    with pytest.raises(OutcomeUnknown):
        office.prepare("open_case", request)
    with pytest.raises(NotPossible, match="no longer has this step"):
        office.prepare("upload_7", request)
    responses.post(f"{URL}/numbers", json={"token": None})
    with pytest.raises(Misbehaved, match="does not say which"):
        office.reserve(request)
    reference = LetterReference(
        correlation_key="K1",
        secretariat="10",
        registration=Registration(number="42", secretariat="10", year=None),
    )
    responses.post(f"{URL}/letters/42/files", json={"code": "bad"})
    with pytest.raises(NotPossible, match="will never do this step"):
        office.complete("attach_1", request, reference)


@responses.activate
@pytest.mark.parametrize(
    ("answer", "number"), [({"code": "ok", "no": "42"}, "42"), ({"code": "empty"}, None)]
)
def test_the_reserved_place_is_looked_at(office: Any, answer: Any, number: str | None) -> None:
    responses.get(f"{URL}/numbers/T%2F9", json=answer)
    found = office.verify({"token": '"T/9"'}, "10")
    assert (found.registration.number if found else None) == number


CONTENTS = """
operations:
  register:
    steps:
      - name: upload
        role: prepares
        each: "attachments[1:2]"
        request: {method: POST, path: /files}
        send: {data: item.content}
        take: {id: reply.id}
      - name: create
        request: {method: POST, path: /letters}
        send: {title: letter.subject, main: "attachments[0].content"}
        verdict: {code: reply.code, means: {ok: registered}}
      - name: attach
        role: follows
        each: "attachments[2:]"
        request: {method: POST, path: "/letters/{{ registration.number }}/files"}
        send: {$xml: "<f>{{ item.content }}</f>"}
    registration: {number: reply.no}
"""


@responses.activate
def test_every_content_goes_out_in_exactly_one_step(tmp_path: Path) -> None:
    office = built(tmp_path, CONTENTS)
    request = a_request("K1", *(content_of(f"{n}.txt", str(n).encode()) for n in range(4)))
    responses.post(f"{URL}/files", json={"id": 1})
    responses.post(f"{URL}/letters", json={"code": "ok", "no": "42"})
    responses.post(f"{URL}/letters/42/files", json={})
    assert office.preparations(request) == ["upload_1"]
    with pytest.raises(NotPossible, match="leaves an attachment out"):
        office.register(request)  # the upload was not done
    assert asked() == []
    request = replace(request, kept={"upload_1": office.prepare("upload_1", request)})
    assert isinstance(office.register(request), Registered)
    reference = LetterReference(
        correlation_key="K1",
        secretariat="10",
        registration=Registration(number="42", secretariat="10", year=None),
    )
    for step in office.completions(request):
        office.complete(step.name, request, reference)
    assert body(0) == {"data": "MQ=="}
    assert body(1)["main"] == "MA=="
    assert [body(2), body(3)] == ["<f>Mg==</f>", "<f>Mw==</f>"]


@responses.activate
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("attachments[2:]", "attachments[3:]"), "leaves an attachment out"),
        (("attachments[2:]", "attachments[1:]"), "in two steps"),
        (("attachments[0].content", "attachments[].content"), "in two steps"),
    ],
)
def test_a_content_that_is_left_out_or_sent_twice_keeps_the_letter_back(
    tmp_path: Path, change: tuple[str, str], words: str
) -> None:
    office = built(tmp_path, CONTENTS.replace(*change))
    request = a_request("K1", *(content_of(f"{n}.txt", str(n).encode()) for n in range(4)))
    responses.post(f"{URL}/files", json={"id": 1})
    responses.post(f"{URL}/letters", json={"code": "ok", "no": "42"})
    request = replace(request, kept={"upload_1": office.prepare("upload_1", request)})
    with pytest.raises(NotPossible, match=words):
        office.register(request)
    assert asked() == ["/files"]


@pytest.mark.parametrize(
    ("step", "change", "words"),
    [
        ("create", {"when": "unit"}, "the deciding step is called once"),
        ("create", {"each": "attachments"}, "the deciding step is called once"),
        ("create", {"take": {"a": "reply.a"}}, "the deciding step is called once"),
        ("create", {"role": "follows"}, "exactly one step has the role: decides"),
        ("attach", {"role": "decides"}, "exactly one step has the role: decides"),
        ("attach", {"role": "prepares"}, "steps stand in their order"),
        ("attach", {"take": {"a": "reply.a"}}, "is not kept"),
        ("attach", {"reserves": True}, "only a step that prepares can reserve"),
        ("attach", {"name": "attach_all_the_files"}, "of at most 16 characters"),
        ("upload", {"repeatable": True}, "repeatable is said of steps that follow"),
        ("upload", {"verdict": {"code": "reply.a", "means": {"1": "known"}}}, "only the deciding step"),
        ("upload", {"each": "attachmnts"}, "did you mean 'attachments'?"),
        ("open_case", {"name": "upload_1"}, "its name is that of a turn"),
        ("open_case", {"name": "reserve"}, "choose another name"),
        ("open_case", {"when": "taken.upload.handle"}, "there is no 'taken' here"),
        ("open_case", {"send": {"a": "taken.uplod.handle"}}, "did you mean 'upload'?"),
        ("open_case", {"send": {"a": "taken.upload.handel"}}, "did you mean 'handle'?"),
        ("open_case", {"send": {"a": "item.name"}}, "there is no 'item' here"),
        ("open_case", {"send": {"a": "registration.number"}}, "there is no 'registration' here"),
        ("reserve_number", {"take": {}}, "takes how the office calls the place"),
        ("reserve_number", {"reserves": False}, "belong together"),
        ("start", {"request": {"path": "/{{ registration.nmber }}"}}, "did you mean 'number'?"),
        ("start", {"service": "other"}, "there is no service 'other'"),
    ],
)
def test_steps_that_are_no_registration_are_told_at_their_place(
    tmp_path: Path, step: str, change: dict[str, Any], words: str
) -> None:
    values = yaml.safe_load(STEPS)
    (found,) = [each for each in values["operations"]["register"]["steps"] if each["name"] == step]
    found.update(change)
    with pytest.raises(MappingInvalid) as caught:
        built(tmp_path, yaml.safe_dump(values))
    assert words in caught.value.sentence
    assert "mine.yaml:" in caught.value.sentence
    assert caught.value.next_step


@responses.activate
def test_each_step_goes_to_its_service(tmp_path: Path) -> None:
    office = built(
        tmp_path,
        """
services: {files: {path: /f}, letters: {path: /l/}}
operations:
  register:
    steps:
      - {name: upload, role: prepares, service: files, request: {method: POST, path: /new}, take: {id: reply.id}}
      - name: create
        service: letters
        request: {method: POST, path: /new}
        send: {file: taken.upload.id}
        verdict: {code: reply.code, means: {bad: never, ok: registered}}
    registration: {number: reply.no}
""",
    )
    responses.post(f"{URL}/f/new", json={"id": 3})
    responses.post(f"{URL}/l/new", json={"code": "bad"})
    request = a_request()
    request = replace(request, kept={"upload": office.prepare("upload", request)})
    assert isinstance(office.register(request), Refused)
    assert asked() == ["/f/new", "/l/new"]
    with pytest.raises(MappingInvalid, match="say which service: a, b"):
        built(tmp_path, "services: {a: {}, b: {}}")
