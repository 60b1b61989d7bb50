"""Attachments are judged by their content; a file that says something else about itself is refused."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.attachment import Attachment
from connector.errors import SubmissionInvalid
from connector.intake.attachment_rules import DOC, DOCX, ODT, AttachmentRules, media_type_by_content
from connector.intake.file_names import extension_of, safe_file_name
from connector.intake.storing import store_attachment
from connector.ledger.attachments import AttachmentStore

Files = dict[str, bytes]


def code_of(caught: pytest.ExceptionInfo[SubmissionInvalid]) -> tuple[str, str]:
    (problem,) = caught.value.problems
    return problem.field, problem.code


@pytest.mark.parametrize(
    ("kind", "name", "declared", "media_type"),
    [
        ("pdf", "نامه.pdf", "application/pdf", "application/pdf"),
        ("pdf", "نامه.PDF", None, "application/pdf"),
        ("pdf", "نامه", "application/octet-stream", "application/pdf"),
        ("pdf", "گزارش ۱.۲", "", "application/pdf"),
        ("png", "a.png", "image/png", "image/png"),
        ("jpeg", "a.JPG", "image/jpg", "image/jpeg"),
        ("jpeg", "a.jpeg", "image/pjpeg; q=1", "image/jpeg"),
        ("tiff", "a.tif", "image/tiff", "image/tiff"),
        ("docx", "a.docx", DOCX, DOCX),
        ("docx", "a.docx", "application/zip", DOCX),
        ("docx_types_last", "a.docx", None, DOCX),
        ("odt", "a.odt", ODT, ODT),
        ("doc", "a.doc", "application/msword", DOC),
        ("txt", "a.txt", "text/plain; charset=utf-8", "text/plain"),
        ("txt_utf16", "a.txt", None, "text/plain"),
        ("txt_1256", "a.txt", "TEXT/PLAIN", "text/plain"),
    ],
)
def test_a_truthful_file_is_known_by_its_content(
    files: Files, kind: str, name: str, declared: str | None, media_type: str
) -> None:
    assert media_type_by_content(name, declared, files[kind]) == media_type


@pytest.mark.parametrize(
    ("kind", "name", "declared"),
    [
        ("exe", "a.pdf", "application/pdf"),
        ("html", "a.txt", "text/plain"),
        ("png", "a.jpg", "image/jpeg"),
        ("pdf", "a.pdf", "image/png"),
        ("pdf", "a.pdf.exe", None),
        ("pdf", "a.hta", "application/pdf"),
        ("docx", "a.doc", None),
        ("docm", "a.docx", DOCX),
        ("docm_types_last", "a.docx", DOCX),
        ("xlsx", "a.docx", DOCX),
        ("zip", "a.docx", "application/zip"),
        ("xls", "a.doc", "application/msword"),
        ("ppt", "a.doc", None),
        ("rtf", "a.doc", None),
        ("txt", "a.pdf", None),
        ("noise", "a.txt", "text/plain"),
    ],
)
def test_a_file_that_lies_about_itself_is_refused(
    files: Files, kind: str, name: str, declared: str | None
) -> None:
    with pytest.raises(SubmissionInvalid) as caught:
        media_type_by_content(name, declared, files[kind], index=2)
    assert code_of(caught) == ("attachments[2]", "type_disagrees")


@pytest.mark.parametrize(
    "kind", ["exe", "elf", "html", "svg", "rtf", "script", "zip", "xls", "xlsx", "docm", "noise"]
)
def test_a_forbidden_type_is_refused_even_when_it_says_nothing(files: Files, kind: str) -> None:
    with pytest.raises(SubmissionInvalid) as caught:
        AttachmentRules().check_file(0, "file", None, head=files[kind], size=len(files[kind]))
    assert code_of(caught) == ("attachments[0]", "type_not_allowed")


def test_an_old_word_file_whose_directory_is_far_is_believed_by_its_name(files: Files) -> None:
    far = bytearray(files["doc"])
    far[48:52] = (10_000).to_bytes(4, "little")
    assert media_type_by_content("a.doc", None, bytes(far)) == DOC
    with pytest.raises(SubmissionInvalid):
        media_type_by_content("a.xls", None, bytes(far))


@given(st.binary(max_size=600))
def test_no_content_makes_the_look_crash(head: bytes) -> None:
    for start in (b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe", b"%PDF-"):
        assert media_type_by_content("file", None, start + head)


def test_a_zip_that_would_blow_up_is_not_unpacked_far() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"a" * 50_000_000)
    assert media_type_by_content("file", None, out.getvalue()[:8192]) == "application/zip"


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(SubmissionInvalid) as caught:
        AttachmentRules().check_file(1, "a.pdf", None, head=b"", size=0)
    assert code_of(caught) == ("attachments[1]", "empty_file")


def test_the_operator_chooses_what_is_let_in(files: Files) -> None:
    rules = AttachmentRules(allowed=frozenset({ODT}))
    assert rules.check_file(0, "a.odt", None, head=files["odt"], size=500) == ODT
    with pytest.raises(SubmissionInvalid):
        rules.check_file(0, "a.pdf", None, head=files["pdf"], size=500)


def an_attachment(size: int, media_type: str = "application/pdf") -> Attachment:
    return Attachment(name="a", media_type=media_type, size=size, digest="0" * 64)


def test_count_size_and_total_are_bounded() -> None:
    rules = AttachmentRules(most=3, largest=2_000_000, largest_together=5_000_000)
    rules.check_together([an_attachment(1_000_000)] * 3)
    with pytest.raises(SubmissionInvalid) as caught:
        rules.check_together([an_attachment(1)] * 4)
    assert code_of(caught) == ("attachments", "too_many")
    with pytest.raises(SubmissionInvalid) as caught:
        rules.check_together([an_attachment(1), an_attachment(2_000_001)])
    assert code_of(caught) == ("attachments[1]", "file_too_large")
    with pytest.raises(SubmissionInvalid) as caught:
        rules.check_together([an_attachment(2_000_000)] * 3)
    assert code_of(caught) == ("attachments", "files_too_large")
    with pytest.raises(SubmissionInvalid) as caught:
        rules.check_together([an_attachment(1, "application/zip")])
    assert code_of(caught) == ("attachments[0]", "type_not_allowed")


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("نامه.pdf", "نامه.pdf"),
        ("می\u200cخواهم.pdf", "می\u200cخواهم.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\scan.pdf", "scan.pdf"),
        ("a\x00b\x07\nc.pdf", "ab c.pdf"),
        ("gpj.\u202efdp.exe", "gpj.fdp.exe"),
        ('a<b>:"c|?*.pdf', "a_b___c___.pdf"),
        ("  ..hidden. ", "hidden"),
        ("CON.pdf", "_CON.pdf"),
        ("a  \t b.pdf", "a b.pdf"),
        ("", "attachment"),
        ("...", "attachment"),
        ("\u200f\u200c", "attachment"),
        ("dir/", "attachment"),
        ("\ud800.pdf", "pdf"),
    ],
)
def test_file_names_are_made_safe_for_every_system(name: str, safe: str) -> None:
    assert safe_file_name(name) == safe


def test_a_long_name_keeps_its_extension() -> None:
    safe = safe_file_name("ن" * 400 + ".docx")
    assert len(safe.encode()) <= 255
    assert safe.endswith("ن.docx")


@given(st.text(max_size=300))
def test_making_a_name_safe_twice_is_making_it_safe_once(name: str) -> None:
    safe = safe_file_name(name)
    assert safe
    assert "/" not in safe
    assert safe_file_name(safe) == safe


@pytest.mark.parametrize(
    ("name", "extension"),
    [
        ("a.PDF", "pdf"),
        ("a.tar.gz", "gz"),
        (".pdf", None),
        ("a", None),
        ("۱.۲", None),
        ("1.2", None),
        ("a.", None),
    ],
)
def test_only_latin_letters_make_an_extension(name: str, extension: str | None) -> None:
    assert extension_of(name) == extension


@pytest.fixture
def rows() -> dict[str, bytes]:
    return {}


@pytest.fixture
def store(tmp_path: Path, rows: dict[str, bytes]) -> AttachmentStore:
    return AttachmentStore(tmp_path / "attachments", put_row=rows.__setitem__, get_row=rows.get)


def test_a_good_file_is_stored_under_a_safe_name(store: AttachmentStore, files: Files) -> None:
    chunks = [files["pdf"], bytes(200_000)]
    stored = store_attachment(
        store, AttachmentRules(), index=0, name="../نامه.pdf", declared=None, chunks=chunks
    )
    assert (stored.name, stored.media_type, stored.size) == (
        "نامه.pdf",
        "application/pdf",
        len(b"".join(chunks)),
    )
    with store.open(stored.digest) as stream:
        assert stream.read() == b"".join(chunks)


def test_a_file_that_is_too_large_is_not_read_to_its_end(
    store: AttachmentStore, files: Files, tmp_path: Path
) -> None:
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield files["pdf"].ljust(100_000, b"\x00")

    rules = AttachmentRules(largest=1_000_000)
    with pytest.raises(SubmissionInvalid) as caught:
        store_attachment(store, rules, index=0, name="a.pdf", declared=None, chunks=endless())
    assert code_of(caught) == ("attachments[0]", "file_too_large")
    assert read == 11
    assert [path for path in (tmp_path / "attachments").rglob("*") if path.is_file()] == []


def test_a_refused_file_leaves_nothing_behind(
    store: AttachmentStore, files: Files, tmp_path: Path, rows: dict[str, bytes]
) -> None:
    for content in ([], [files["exe"]], [files["exe"], bytes(300_000)]):
        with pytest.raises(SubmissionInvalid):
            store_attachment(store, AttachmentRules(), index=0, name="a.pdf", declared=None, chunks=content)
    assert [path for path in (tmp_path / "attachments").rglob("*") if path.is_file()] == []
    assert rows == {}


def test_a_stream_that_breaks_off_leaves_nothing_behind(
    store: AttachmentStore, files: Files, tmp_path: Path
) -> None:
    def broken() -> Iterator[bytes]:
        yield files["pdf"].ljust(300_000, b"\x00")
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        store_attachment(store, AttachmentRules(), index=0, name="a.pdf", declared=None, chunks=broken())
    assert [path for path in (tmp_path / "attachments").rglob("*") if path.is_file()] == []


def test_a_mark_inside_the_extension_does_not_hide_it() -> None:
    with pytest.raises(SubmissionInvalid) as caught:
        media_type_by_content("gpj.\u202eexe", None, b"hello")
    assert [each.code for each in caught.value.problems] == ["type_disagrees"]
