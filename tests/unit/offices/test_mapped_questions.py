"""Questions of several steps, XML inside texts, two levels of codes, and batches whose order tells letters apart."""

from pathlib import Path
from typing import Any

import pytest
import responses

from connector.domain.registration import LetterReference, Registration
from connector.errors import MappingInvalid, Misbehaved, NotPossible, OutcomeUnknown, Unavailable
from connector.ports.outcomes import Refused, Registered, Submitted
from tests.contract.offices.requests_to_register import a_request
from tests.unit.offices.conversing import URL, asked, body, built

FIND = """
operations:
  find:
    steps:
      - name: look
        request: {path: "/keys/{{ correlation_key }}"}
        take: {id: reply.id, is_secret: reply.secret}
        verdict: {code: reply.code, means: {ok: done, none: absent, waiting: accepted}}
      - name: details
        when: "!(taken.look.is_secret)"
        request: {path: "/letters/{{ taken.look.id }}"}
        take: {pages: reply.pages}
        verdict: {code: reply.code, means: {ok: done}}
      - name: pages
        each: taken.details.pages
        request: {path: "/pages/{{ item }}"}
        take: {text: reply.text}
        verdict: {http: {"404": absent}}
      - name: number
        request: {path: "/numbers/{{ taken.look.id }}"}
        verdict: {code: reply.code, means: {ok: registered}}
    registration: {number: reply.no, office_reference: "join('+', taken.pages.text[?@])"}
"""


@responses.activate
def test_a_question_goes_on_step_by_step_until_it_is_answered(tmp_path: Path) -> None:
    office = built(tmp_path, FIND)
    responses.get(f"{URL}/keys/K1", json={"code": "ok", "id": "7"})
    responses.get(f"{URL}/letters/7", json={"code": "ok", "pages": [1, 2, 3]})
    responses.get(f"{URL}/pages/1", json={"text": "a"})
    responses.get(f"{URL}/pages/2", status=404)
    responses.get(f"{URL}/pages/3", json={"text": "c"})
    responses.get(f"{URL}/numbers/7", json={"code": "ok", "no": "42"})
    found = office.find("K1", "10")
    assert isinstance(found, Registered)
    assert found.registration.number == "42"
    assert found.registration.office_reference == "a+c"
    assert asked() == ["/keys/K1", "/letters/7", "/pages/1", "/pages/2", "/pages/3", "/numbers/7"]


@responses.activate
@pytest.mark.parametrize(("code", "outcome"), [("none", type(None)), ("waiting", Submitted)])
def test_the_first_answer_that_says_more_than_done_ends_the_question(
    tmp_path: Path, code: str, outcome: type[Any]
) -> None:
    office = built(tmp_path, FIND)
    responses.get(f"{URL}/keys/K1", json={"code": code})
    assert isinstance(office.find("K1", "10"), outcome)
    assert asked() == ["/keys/K1"]


@responses.activate
def test_a_question_that_ends_without_a_word_is_a_failed_look_up_and_no_absence(tmp_path: Path) -> None:
    office = built(tmp_path, FIND)
    responses.get(f"{URL}/keys/K1", json={"code": "ok", "id": "7", "secret": True})
    with pytest.raises(Misbehaved, match=r"each: this is no list"):
        office.find("K1", "10")
    responses.get(f"{URL}/keys/K2", json={"code": "ok", "id": "8"})
    responses.get(f"{URL}/letters/8", json={"code": "ok", "pages": []})
    responses.get(f"{URL}/numbers/8", status=503)
    with pytest.raises(Unavailable):
        office.find("K2", "10")


INNER = """
operations:
  register:
    steps:
      - name: insert
        request: {method: POST, path: /insert}
        send:
          document:
            $xml: |
              <?xml version="1.0" encoding="utf-16"?>
              <Document day="{{ day }}">{% for file in attachments %}<F>{{ file.content }}</F>{% endfor %}
                <Subject>{{ letter.subject }}</Subject></Document>
            $with: {day: date(letter.received_on)}
        read_xml: reply.result
        verdict:
          code: "outer.error || (reply.Document && 'ok') || reply.Result.'@code' || 'none'"
          text: reply.Result."@errorMessage"
          means: {ok: registered, "7": never}
    registration: {number: reply.Document."@EntityNumber", office_reference: reply.Document."@entityCode"}
""".replace("reply.Result.'@code'", 'reply.Result.\\"@code\\"')


@responses.activate
def test_xml_inside_a_text_is_written_and_read(tmp_path: Path) -> None:
    from tests.contract.offices.requests_to_register import content_of

    office = built(tmp_path, INNER)
    answer = (
        '<?xml version="1.0" encoding="utf-16"?><Document entityCode="5" EntityNumber="007" xmlns="urn:x"/>'
    )
    responses.post(f"{URL}/insert", json={"result": answer})
    outcome = office.register(a_request("K1", content_of("a", b"abc"), subject='<b> & "é" 😀 ی'))
    assert outcome.registration.number == "007"
    assert outcome.registration.office_reference == "5"
    written = body(0)["document"]
    assert '<Document day="1405/08/30"><F>YWJj</F>' in written
    assert "<Subject>&lt;b&gt; &amp; &#34;é&#34; 😀 ی</Subject>" in written


@responses.activate
@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        ('<Result errorMessage="بد" code="7"/>', Refused(reason="بد", code="7")),
        ('<Result errorMessage="?" code="8"/>', "code_unmapped"),
        ("<Result", "unreadable_answer"),
        ("", "code_unmapped"),
        (None, "code_unmapped"),
        ({"a": 1}, "unreadable_answer"),
        ('<!DOCTYPE a [<!ENTITY x "y">]><Result code="7">&x;</Result>', "unreadable_answer"),
    ],
)
def test_xml_inside_an_answer_says_what_it_says_and_nothing_more(
    tmp_path: Path, result: Any, outcome: Any
) -> None:
    office = built(tmp_path, INNER)
    responses.post(f"{URL}/insert", json={"result": result})
    if isinstance(outcome, Refused):
        assert office.register(a_request()) == outcome
        return
    with pytest.raises(Misbehaved) as caught:
        office.register(a_request())
    assert caught.value.reason == outcome


@responses.activate
def test_what_is_around_the_inner_xml_counts_too(tmp_path: Path) -> None:
    office = built(tmp_path, INNER)
    responses.post(f"{URL}/insert", json={"error": "7", "result": "<Document EntityNumber='1'/>"})
    assert office.register(a_request()) == Refused(reason="7", code="7")


LEVELS = """
operations:
  register:
    steps:
      - name: create
        request: {method: POST, path: /letters}
        verdict:
          code: reply.status
          means: {"0": done, "9": retry}
          inner:
            code: reply.entries[0].status
            text: reply.entries[0].text
            means: {"0": registered, "5": never, "6": unknown}
    registration: {number: "reply.entries[0].no"}
""".replace("reply.entries[0].status", '"reply.entries[0].status"').replace(
    "reply.entries[0].text", '"reply.entries[0].text"'
)


@responses.activate
@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({"status": 0, "entries": [{"status": 0, "no": "1"}]}, Registered),
        ({"status": 0, "entries": [{"status": 5, "text": "نه"}]}, Refused),
        ({"status": 0, "entries": [{"status": 6}]}, OutcomeUnknown),
        ({"status": 0, "entries": [{"status": 77}]}, Misbehaved),
        ({"status": 0, "entries": []}, Misbehaved),
        ({"status": 9, "entries": [{"status": 0, "no": "1"}]}, Unavailable),
        ({"status": 8, "entries": [{"status": 0, "no": "1"}]}, Misbehaved),
    ],
)
def test_two_levels_of_codes_are_asked_one_after_the_other(tmp_path: Path, answer: Any, outcome: Any) -> None:
    office = built(tmp_path, LEVELS)
    responses.post(f"{URL}/letters", json=answer)
    if issubclass(outcome, Exception):
        with pytest.raises(outcome) as caught:
            office.register(a_request())
        assert type(caught.value) is outcome
    else:
        assert isinstance(office.register(a_request()), outcome)


BATCH = """
operations:
  progress:
    batch: 3
    by_position: true
    steps:
      - name: states
        request: {method: POST, path: /states}
        send: {ids: "references[].number"}
        verdict: {code: reply.status, means: {"0": done}}
    letters: reply.entries
    status: letter.status
    statuses: {"1": registered, "2": closed}
    left_out: ["-1"]
    registration: {number: letter.no}
"""


def a_reference(key: str) -> LetterReference:
    registration = Registration(number=key.lower(), secretariat=f"desk {key}", year=None)
    return LetterReference(
        correlation_key=key, secretariat=registration.secretariat, registration=registration
    )


@responses.activate
def test_a_batch_may_tell_letters_by_their_position_and_fail_for_some_of_them(tmp_path: Path) -> None:
    office = built(tmp_path, BATCH)
    entries: list[Any] = [{"status": 2, "no": "a"}, {"status": -1}, {"status": 1, "no": "c"}]
    responses.post(f"{URL}/states", json={"status": 0, "entries": entries})
    progress = office.progress([a_reference("A"), a_reference("B"), a_reference("C")])
    assert [(each.correlation_key, each.is_closed) for each in progress] == [("A", True), ("C", False)]
    assert progress[1].registration.secretariat == "desk C"
    responses.post(f"{URL}/states", json={"status": 0, "entries": [None, *entries[:1]]})
    progress = office.progress([a_reference("A"), a_reference("B")])
    assert [each.correlation_key for each in progress] == ["B"]
    responses.post(f"{URL}/states", json={"status": 0, "entries": entries[:1]})
    with pytest.raises(Misbehaved) as caught:
        office.progress([a_reference("A"), a_reference("B")])
    assert caught.value.reason == "letters_uneven"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BATCH.replace("by_position: true", "key: letter.no\n    by_position: true"), "give one"),
        (BATCH.replace('["-1"]', '["1"]'), "in statuses or in left_out"),
        (
            FIND.replace("name: look\n", "name: look\n        role: prepares\n"),
            "belong to the steps of register",
        ),
        (FIND.replace("taken.look.id }}", "taken.lok.id }}"), "did you mean 'look'?"),
        (FIND.replace("taken.details.pages", "taken.number.x"), "there is no 'number' here"),
        (LEVELS.replace('{"0": done, "9": retry}', '{"9": retry}'), "inner needs a code that means done"),
        (LEVELS.replace("inner:", 'inner:\n            http: {"200": done}'), "inner has no http"),
        (INNER.replace("</Subject>", "</Subjct>"), "of what is written is no XML"),
        (INNER.replace("letter.subject }}", "letter.subjct }}"), "did you mean 'subject'?"),
        (INNER.replace("{{ day }}", "{{ dey }}"), "did you mean 'day'?"),
        (INNER.replace("read_xml: reply", "read_xml: replay"), "did you mean 'reply'?"),
    ],
)
def test_what_is_wrong_in_a_question_is_told_at_its_place(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(MappingInvalid) as caught:
        built(tmp_path, text)
    assert words in caught.value.sentence
    assert "mine.yaml:" in caught.value.sentence
    assert caught.value.next_step


@responses.activate
def test_a_template_that_writes_no_xml_for_a_letter_keeps_it_back(tmp_path: Path) -> None:
    text = INNER.replace(
        "<Subject>", "{% if letter.subject == 'odd' and letter.text != 'even' %}<{% endif %}<Subject>"
    )
    with pytest.raises(NotPossible, match=r"mine.yaml:\d+.*line 3 of what is written is no XML"):
        built(tmp_path, text).register(a_request(subject="odd"))
    assert asked() == []
