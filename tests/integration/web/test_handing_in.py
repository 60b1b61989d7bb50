"""A portal hands submissions in."""

import base64
import json
from typing import Any

import pytest

from connector.domain.tracking_code import parse_tracking_code
from connector.errors import LedgerUnavailable
from connector.observability.logging import configure_logging
from tests.integration.web.house import PDF, House, form


def test_a_new_letter_is_answered_with_its_tracking_code_when_it_is_on_disk(web: House) -> None:
    answer = web.hand_in(form())
    assert answer.status == 201
    assert answer.headers["location"] == "/portals/city/letters/S-1"
    document = answer.json
    assert document["submission_id"] == "S-1"
    assert document["status"] == "received"
    assert parse_tracking_code(document["tracking_code_grouped"]) == document["tracking_code"]
    letter_id = web.ledger.find_letter(document["tracking_code"])
    state = web.ledger.state(letter_id)
    assert state.letter.subject == "درخواست بررسی"
    assert state.route is not None
    assert state.route.office == "farzin"


def test_the_same_submission_again_is_the_same_letter(web: House) -> None:
    first, second = web.hand_in(form()), web.hand_in(form())
    assert (first.status, second.status) == (201, 200)
    assert first.json["tracking_code"] == second.json["tracking_code"]
    assert web.letters() == 1


def test_the_same_id_with_other_content_is_a_conflict_and_changes_nothing(web: House) -> None:
    web.hand_in(form())
    answer = web.hand_in(form(subject="چیز دیگر"))
    assert answer.status == 409
    assert answer.json["code"] == "submission_conflict"
    assert web.letters() == 1


def test_two_portals_may_use_the_same_submission_id(web: House) -> None:
    web.hand_in(form())
    body = json.dumps(form()).encode()
    other = web.call(
        "POST",
        "/portals/village/letters",
        body,
        Content_Type="application/json",
        Authorization="Bearer the-token-of-the-village",
    )
    assert other.status == 201
    assert web.letters() == 2


@pytest.mark.parametrize("size", [len(PDF), 200_000, 1_900_000])
def test_files_come_as_parts_of_a_form_and_are_kept_byte_for_byte(web: House, size: int) -> None:
    content = PDF + b"\r\n--frontie\r\r\n-" * ((size - len(PDF)) // 15)
    answer = web.hand_in_multipart(form(), ("نامهٔ من.pdf", content), ("C:\\temp\\دوم.pdf", PDF))
    assert answer.status == 201, answer.body
    state = web.ledger.state(web.ledger.find_letter(answer.json["tracking_code"]))
    first, second = state.letter.attachments
    assert (first.name, first.media_type, first.size) == ("نامهٔ من.pdf", "application/pdf", len(content))
    assert second.name == "دوم.pdf"
    with web.ledger.attachments.open(first.digest) as stream:
        assert stream.read() == content


def test_files_may_come_in_base64_in_the_json_body(web: House) -> None:
    content = base64.b64encode(PDF).decode()
    attachment = {"name": "a.pdf", "media_type": "application/pdf", "content_base64": content}
    answer = web.hand_in(form(attachments=[attachment]))
    assert answer.status == 201
    state = web.ledger.state(web.ledger.find_letter(answer.json["tracking_code"]))
    assert [each.size for each in state.letter.attachments] == [len(PDF)]


def test_everything_that_is_wrong_is_told_at_once_in_both_tongues(web: House) -> None:
    bad = form(subject="", sender={**form()["sender"], "mobile": "123", "identity_number": "0012345678"})
    answer = web.hand_in_multipart(bad, ("a.pdf", b""), ("b.exe", b"MZ" + b"\0" * 600))
    assert answer.status == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    document = answer.json
    assert document["code"] == "submission_invalid"
    assert document["title_fa"]
    found = {problem["field"]: problem for problem in document["problems"]}
    assert set(found) == {
        "subject",
        "sender.mobile",
        "sender.identity_number",
        "attachments[0]",
        "attachments[1]",
    }
    assert all(problem["fa"] and problem["en"] for problem in found.values())
    assert found["attachments[0]"]["code"] == "empty_file"
    assert "123" not in answer.body.decode()
    assert web.letters() == 0
    assert web.kept_files() == []


@pytest.mark.parametrize(
    ("files", "field", "code"),
    [
        ([("a.pdf", PDF + b"x" * 2_000_000)], "attachments[0]", "file_too_large"),
        ([("a.pdf", PDF)] * 4, "attachments", "too_many"),
        ([("a.pdf", PDF + b"x" * 1_500_000)] * 3, "attachments", "files_too_large"),
        ([("a.png", PDF + b"x" * 300_000)], "attachments[0]", "type_disagrees"),
        ([("", PDF)], "attachments[0].name", "required"),
    ],
)
def test_a_file_that_is_not_let_in_is_named_and_leaves_nothing_behind(
    web: House, files: list[tuple[str, bytes]], field: str, code: str
) -> None:
    answer = web.hand_in_multipart(form(), *files)
    assert answer.status == 422
    assert (field, code) in {(each["field"], each["code"]) for each in answer.json["problems"]}
    assert web.letters() == 0
    assert web.kept_files() == []


def test_however_many_files_are_too_many_they_are_told_in_one_problem(web: House) -> None:
    answer = web.hand_in_multipart(form(), *[("", b"")] * 5_000)
    assert answer.status == 422
    assert [each["code"] for each in answer.json["problems"]].count("too_many") == 1
    assert len(answer.json["problems"]) < 10


@pytest.mark.parametrize(
    ("attachments", "field", "code"),
    [
        ("x", "attachments", "not_a_list"),
        (["x"], "attachments[0]", "not_a_group"),
        ([{"name": "a.pdf"}], "attachments[0].content_base64", "required"),
        ([{"content_base64": "AA=="}], "attachments[0].name", "required"),
        ([{"name": 1, "content_base64": "AA=="}], "attachments[0].name", "not_text"),
        ([{"name": "a.pdf", "content_base64": "%%%"}], "attachments[0].content_base64", "not_base64"),
        ([{"name": "a.pdf", "content_base64": "", "x": 1}], "attachments[0]", "unknown_key"),
    ],
)
def test_what_is_wrong_with_an_attachment_in_json_is_named(
    web: House, attachments: Any, field: str, code: str
) -> None:
    answer = web.hand_in(form(attachments=attachments))
    assert answer.status == 422
    assert (field, code) in {(each["field"], each["code"]) for each in answer.json["problems"]}


@pytest.mark.parametrize("text", ["<b>&amp;]]></b> \"'", "😀 پیام", "پایان\n\n\u200fRTL\u200f", "𠀀𐍈"])
def test_markup_and_every_script_come_through_unchanged(web: House, text: str) -> None:
    answer = web.hand_in(form(text=text, subject=text.splitlines()[0]))
    assert answer.status == 201
    state = web.ledger.state(web.ledger.find_letter(answer.json["tracking_code"]))
    assert state.letter.text == text


def test_a_character_that_xml_cannot_carry_is_refused_at_the_door(web: House) -> None:
    answer = web.hand_in(form(text="a\x00b"))
    assert answer.status == 422
    assert answer.json["problems"][0]["code"] == "forbidden_character"


def test_without_the_ledger_nothing_is_acknowledged_and_the_portal_is_told_to_repeat(house: House) -> None:
    class Away:
        def admit(self, _submission: Any) -> Any:
            raise LedgerUnavailable

    answer = house.serve(front_door=Away()).hand_in(form())
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json["code"] == "unavailable"


def test_an_error_of_ours_says_nothing_of_what_it_carries(
    house: House, capfd: pytest.CaptureFixture[str]
) -> None:
    class Broken:
        def admit(self, _submission: Any) -> Any:
            raise ValueError("شهروند نمونه 09120000000")

    configure_logging("json", "info")  # the daemon's own log is what must not hold it
    answer = house.serve(front_door=Broken()).hand_in(form())
    assert answer.status == 500
    assert answer.json["code"] == "internal"
    assert "شهروند" not in answer.body.decode()
    logged = "".join(capfd.readouterr())
    assert "web.request_failed" in logged
    assert "شهروند" not in logged
    assert "09120000000" not in logged


def test_the_portal_may_ask_how_far_its_letter_is(web: House) -> None:
    handed_in = web.hand_in(form("شناسهٔ/۱ ?"))
    assert handed_in.status == 201
    answer = web.call("GET", handed_in.headers["location"])
    assert answer.status == 200
    document = answer.json
    assert document["submission_id"] == "شناسهٔ/۱ ?"
    assert document["status"] == "received"
    assert document["registration"] is None
    assert document["tracking_code"] == handed_in.json["tracking_code"]


def test_a_letter_of_another_portal_or_of_none_is_not_found(web: House) -> None:
    web.hand_in(form())
    other = web.call("GET", "/portals/village/letters/S-1", Authorization="Bearer the-token-of-the-village")
    assert other.status == 404
    assert other.json["code"] == "letter_unknown"
    assert web.call("GET", "/portals/city/letters/nothing").status == 404
