"""The multipart form, however the network cuts it."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.errors import SubmissionInvalid
from connector.intake.attachment_rules import AttachmentRules
from connector.ledger.attachments import AttachmentStore
from connector.web.incoming import IncomingFiles
from connector.web.multipart_form import MultipartForm
from connector.web.problems import RequestRefused

PDF = b"%PDF-1.4\n" + b"\r\n--\r\n--fron\r\n" * 5
BODY = (
    b'--frontier\r\nContent-Disposition: form-data; name="letter"\r\n\r\n{"subject": "\xd8\xb3"}\r\n'
    b'--frontier\r\ncontent-disposition: form-data; filename="\xd9\x86.pdf"; name="attachment"\r\n'
    b"Content-Type: application/pdf\r\n\r\n" + PDF + b"\r\n--frontier--\r\n"
)
TYPE = "multipart/form-data; boundary=frontier"


def store(folder: Path) -> tuple[AttachmentStore, dict[str, bytes]]:
    rows: dict[str, bytes] = {}
    return AttachmentStore(folder, put_row=rows.__setitem__, get_row=rows.get), rows


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(cuts=st.lists(st.integers(min_value=0, max_value=len(BODY)), max_size=12))
def test_it_reads_the_same_however_the_body_is_cut(tmp_path: Path, cuts: list[int]) -> None:
    attachments, rows = store(tmp_path)
    files = IncomingFiles(attachments, AttachmentRules())
    form = MultipartForm(TYPE, files, largest_letter=1000)
    places = [0, *sorted(cuts), len(BODY)]
    for start, end in pairwise(places):
        form.feed(BODY[start:end])
    assert form.end() == {"subject": "س"}
    assert files.problems == []
    assert rows == {}, "nothing is kept before everything is right"
    (kept,) = files.described()
    files.keep()
    assert (kept.name, kept.media_type, rows[kept.digest]) == ("ن.pdf", "application/pdf", PDF)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(end=st.integers(min_value=0, max_value=len(BODY) - 5))
def test_half_a_form_is_never_taken_for_a_whole_one(tmp_path: Path, end: int) -> None:
    files = IncomingFiles(store(tmp_path)[0], AttachmentRules())
    form = MultipartForm(TYPE, files, largest_letter=1000)
    form.feed(BODY[:end])
    with pytest.raises(RequestRefused):
        form.end()


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(body=st.binary(max_size=300))
def test_garbage_is_refused_and_never_breaks_anything(tmp_path: Path, body: bytes) -> None:
    form = MultipartForm(TYPE, IncomingFiles(store(tmp_path)[0], AttachmentRules()), largest_letter=1000)

    def read() -> None:
        form.feed(b"--frontier" + body)
        form.end()

    with pytest.raises(RequestRefused):
        read()


BITS = st.sampled_from(
    [
        *(
            b"--frontier",
            b"--frontier--",
            b"\r\n",
            b"\n",
            b"\r\n\r\n",
            b"--",
            b"-",
            b"\x00",
            b";",
            b'"',
            b"\\",
            b":",
            b"=",
        ),
        *(
            b"Content-Disposition: form-data; ",
            b'name="letter"',
            b'name="attachment"',
            b"; filename=",
            b"filename*=",
        ),
        *(
            b"utf-8''%D9%86.pdf",
            b"=?utf-8?B?2YY=?=",
            b"=?utf-8?B?!!?=",
            b"=?x?q?=FF?=",
            b"../../",
            b"a.pdf",
            b"%PDF-1.4",
        ),
        *(
            b"Content-Type: ",
            b"application/pdf",
            b"Content-Transfer-Encoding: base64",
            b"{}",
            b'{"a":1,"a":2}',
            b"\xff",
        ),
    ]
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    at=st.integers(min_value=0, max_value=len(BODY)),
    cut=st.integers(min_value=0, max_value=60),
    bits=st.lists(BITS, max_size=8),
    piece=st.integers(min_value=1, max_value=400),
)
def test_a_spoiled_form_is_read_or_refused_and_nothing_else_happens(
    tmp_path: Path, at: int, cut: int, bits: list[bytes], piece: int
) -> None:
    attachments, rows = store(tmp_path)
    files = IncomingFiles(attachments, AttachmentRules(most=2))
    body = BODY[:at] + b"".join(bits) + BODY[at + cut :]
    try:
        form = MultipartForm(TYPE, files, largest_letter=1000)
        for start in range(0, len(body), piece):
            form.feed(body[start : start + piece])
        assert isinstance(form.end(), dict)
        names = [each.name for each in files.described()]
    except (RequestRefused, SubmissionInvalid):
        names = []
    files.abandon()
    assert not any(set(name) & set('/\\\x00\n"') for name in names)
    assert rows == {}
    assert list((tmp_path / "incoming").iterdir()) == []


def test_a_form_of_nothing_but_files_is_not_read_to_its_end(tmp_path: Path) -> None:
    files = IncomingFiles(store(tmp_path)[0], AttachmentRules(most=2))
    form = MultipartForm(TYPE, files, largest_letter=1000)
    part = b'--frontier\r\nContent-Disposition: form-data; name="attachment"; filename="a.txt"\r\n\r\nx\r\n'
    letter = BODY[: BODY.index(b"--frontier", 5)]
    with pytest.raises(SubmissionInvalid) as caught:
        form.feed(letter + part * 10_000)
    assert [each.code for each in caught.value.problems] == ["too_many"]
    assert len(files.described()) == 2
