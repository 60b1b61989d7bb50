"""XML from strangers: read whatever its encoding, and refused where it could hurt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.offices.ece.dates import day_of
from adapters.offices.ece.document import read_document
from adapters.offices.ece.unreadable import Unreadable

WORDS = "نامهٔ اداری پیرو درخواست شماره یک"
ARABIC = WORDS.replace("ٔ", "").replace("ی", "ي")


def written(encoding: str, declared: str | None, text: str = WORDS, *, mark: bytes = b"") -> bytes:
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    return mark + f"{head}<letter><Subject>{text}</Subject></letter>".encode(encoding)


def reason(content: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        read_document(content)
    return caught.value.reason


@pytest.mark.parametrize(
    "content",
    [
        written("utf-8", "UTF-8"),
        written("utf-8", None),
        written("utf-8", "utf-16"),  # a program that writes through a string
        written("utf-8", "utf-8", mark=b"\xef\xbb\xbf"),
        written("utf-16-le", "utf-16", mark=b"\xff\xfe"),
        written("utf-16-be", "utf-16", mark=b"\xfe\xff"),
        written("utf-16-le", "utf-16"),
        written("utf-8", "no-such-thing"),
        written("utf-8", "zip"),
        b"\r\n " + written("utf-8", None),
    ],
)
def test_an_encoding_is_told_by_mark_declaration_or_bytes(content: bytes) -> None:
    assert read_document(content).first_text("subject") == WORDS


@pytest.mark.parametrize("declared", ["windows-1256", "cp1256", "utf-8", "utf-16", None])
def test_windows_1256_is_read_whatever_it_declares(declared: str | None) -> None:
    assert read_document(written("cp1256", declared, ARABIC)).first_text("Subject") == ARABIC


def test_damaged_utf_8_is_not_taken_for_another_encoding() -> None:
    content = written("utf-8", "utf-8", WORDS * 5)
    place = content.index("پ".encode())
    assert reason(content[:place] + content[place + 1 :]) == "wrong_encoding"
    assert reason(b"\xff\xfe<\0a\0\x00\xd8>\0") == "wrong_encoding"


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE letter SYSTEM "ece.dtd">',
        '<!DOCTYPE letter PUBLIC "-//x" "http://127.0.0.1:1/ece.dtd">',
        "<!DOCTYPE letter>",
        "<!-- a <!DOCTYPE x [ --><?p q?>\n<!DOCTYPE letter SYSTEM 'file:///etc/passwd' >",
    ],
)
def test_a_doctype_that_only_names_a_file_is_tolerated_and_nothing_is_loaded(doctype: str) -> None:
    content = f'<?xml version="1.0"?>{doctype}<letter><Subject>x</Subject></letter>'.encode()
    assert read_document(content).first_text("Subject") == "x"


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE letter [<!ENTITY a "b">]><letter>&a;</letter>',
        b'<!DOCTYPE letter SYSTEM "x" [<!ENTITY % a SYSTEM "http://127.0.0.1:1/">%a;]><letter/>',
        b"<!DOCTYPE letter [<!ATTLIST letter a CDATA 'x'>]><letter/>",
        b'<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY l2 "&lol;&lol;">]><letter>&l2;</letter>',
        b"<!ENTITY a 'b'><letter/>",
        b"<!DOCTYPE letter",
        b"<!doctype letter><letter/>",
    ],
)
def test_whatever_declares_something_is_refused_before_it_is_parsed(content: bytes) -> None:
    assert reason(content) == "declares_entities"


def test_bombs_of_every_kind_end_early() -> None:
    assert reason(b"<a>" * 100_000) == "too_deep"
    assert reason(b"<a>" + b"<b/>" * 1_000_000) == "too_many_elements"
    assert reason(b"<a " + b" ".join(b'a%d="x"' % n for n in range(1000)) + b"/>") == "too_many_elements"
    assert reason(b"<letter><Subject>&undefined;</Subject></letter>") == "not_xml"
    later = b'<letter/><!DOCTYPE letter [<!ENTITY a "b">]>'
    assert reason(later) == "not_xml"


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04zip", b"<a></b>", b"<a", b"<!-- x", b"hello", b"<a/><a/>", b"\0\0\0"]
)
def test_what_is_no_xml_is_said(content: bytes) -> None:
    assert reason(content) == "not_xml"


def test_a_file_of_many_megabytes_is_one_text_and_is_not_kept() -> None:
    document = read_document(
        b"<letter><Origin>" + b"QUJD" * 3_000_000 + b"</Origin><Subject>x</Subject></letter>"
    )
    (origin,) = document.all("Origin")
    assert len(origin.text) <= 1024 * 1024
    assert document.first_text("Subject") == "x"


@given(st.binary(max_size=200))
def test_any_bytes_are_a_tree_or_said_to_be_none(content: bytes) -> None:
    try:
        read_document(content)
    except Unreadable:
        pass


@given(st.text(max_size=60), st.sampled_from(["utf-8", "utf-16"]))
def test_any_text_between_the_tags_is_a_tree_or_said_to_be_none(text: str, encoding: str) -> None:
    try:
        document = read_document(f"<letter>{text}</letter>".encode(encoding, "surrogatepass"))
    except Unreadable:
        return
    assert document.name == "letter"


@pytest.mark.parametrize(
    ("text", "show_as", "day"),
    [
        ("1405/08/30", "jalali", "2026-11-21"),
        ("1405/08/30", "gregorian", "2026-11-21"),  # the default of the public implementation, and untrue
        ("۱۴۰۵/۸/۳۰", "", "2026-11-21"),
        ("30/08/1405 10:15", "jalali", "2026-11-21"),
        ("2026-11-21T10:15:00", "jalali", "2026-11-21"),
        ("21.11.2026", "gregorian", "2026-11-21"),
        ("1448/06/11", "hijri", None),
        ("1448/06/11", "jalali", None),
        ("1428/06/11", "hijri", None),
        ("1405/08/30", "hijri", "2026-11-21"),
        ("1405/13/01", "jalali", None),
        ("2026-02-30", "gregorian", None),
        ("0001/01/01", "jalali", None),
        ("", "", None),
        ("شنبه", "jalali", None),
    ],
)
def test_the_year_says_more_than_show_as(text: str, show_as: str, day: str | None) -> None:
    assert (str(found) if (found := day_of(text, show_as)) else None) == day
