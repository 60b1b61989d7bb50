"""The body as JSON: what is not to be read is refused with its place, and no name counts twice."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.intake.attachment_rules import AttachmentRules
from connector.ledger.attachments import AttachmentStore
from connector.web.incoming import IncomingFiles
from connector.web.json_form import read_json_form, read_json_object
from connector.web.problems import RequestRefused

FORM = {"submission_id": "1", "subject": "درخواست", "sender": {"name": "شهروند نمونه"}}
WRITTEN = json.dumps(FORM, ensure_ascii=False)


def refused(body: bytes) -> str:
    with pytest.raises(RequestRefused) as caught:
        read_json_object(body, what="The body")
    assert caught.value.where
    return caught.value.where


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (WRITTEN.encode("utf-16"), "The body: it looks like UTF-16; write it in UTF-8."),
        (WRITTEN.encode("utf-16-le"), "The body: it looks like UTF-16; write it in UTF-8."),
        (WRITTEN.encode("utf-16-be"), "The body: it looks like UTF-16; write it in UTF-8."),
        ('{"a": "سلام"}'.encode("cp1256"), "The body: it is not UTF-8 at byte 8."),
        (b'{"subject": "a", "subject": "b"}', 'The body: the name "subject" stands twice in one object.'),
        (b'{"x": {"a": 1, "\\u0061": 2}}', 'The body: the name "a" stands twice in one object.'),
        (b'{"a": NaN}', "The body: line 1, column 7."),
        (b'{"a": ' + b"9" * 5000 + b"}", "The body: line 1, column 7."),
        (b'{"a": 1}{}', "The body: line 1, column 9."),
        (b'"a"', "The body: it must be an object."),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(body: bytes, where: str) -> None:
    assert refused(body) == where


@pytest.mark.parametrize("depth", [900, 1500, 100_000])
def test_endless_nesting_is_read_or_refused_and_breaks_nothing(depth: int) -> None:
    body = b'{"a":' * depth + b"1" + b"}" * depth
    try:
        assert isinstance(read_json_object(body, what="The body"), dict)
    except RequestRefused as error:
        assert error.where  # noqa: PT017 - either is right


def test_a_mark_of_utf8_at_the_start_does_no_harm() -> None:
    assert read_json_object(b"\xef\xbb\xbf" + WRITTEN.encode(), what="The body") == FORM


@settings(max_examples=300, deadline=None)
@given(at=st.integers(0, len(WRITTEN.encode())), cut=st.integers(0, 10), put=st.binary(max_size=6))
def test_a_spoiled_body_is_read_or_refused_and_nothing_else_happens(at: int, cut: int, put: bytes) -> None:
    body = WRITTEN.encode()
    try:
        assert isinstance(read_json_object(body[:at] + put + body[at + cut :], what="The body"), dict)
    except RequestRefused as error:
        assert error.where  # noqa: PT017 - either is right


def files(folder: Path) -> IncomingFiles:
    return IncomingFiles(
        AttachmentStore(folder, put_row=lambda *_: None, get_row=lambda _: None), AttachmentRules(most=3)
    )


@pytest.mark.parametrize("attachment", [0, {}, {"name": 1}, None])
def test_a_list_of_attachments_without_end_is_one_problem(tmp_path: Path, attachment: Any) -> None:
    coming = files(tmp_path)
    read_json_form(json.dumps({"attachments": [attachment] * 10_000}).encode(), coming)
    assert [each.code for each in coming.problems] == ["too_many"]


def test_a_problem_names_the_place_in_the_portals_own_list(tmp_path: Path) -> None:
    coming = files(tmp_path)
    empty = {"name": "a.pdf", "content_base64": ""}
    read_json_form(json.dumps({"attachments": ["x", empty]}).encode(), coming)
    assert [(each.field, each.code) for each in coming.problems] == [
        ("attachments[0]", "not_a_group"),
        ("attachments[1]", "empty_file"),
    ]
