"""The header that joins the parts of a long SMS, and the alphabet of GSM."""

import pytest

from connector.domain.concatenation import Concatenation, joined, read_header, written_header
from connector.domain.gsm_alphabet import from_gsm, is_gsm, to_gsm
from connector.domain.segments import parts_of, segments


def test_a_header_is_read_as_it_was_written() -> None:
    header = written_header(Concatenation(0x1C3, 4, 2))
    assert header.hex() == "050003c30402"
    assert read_header(header + b"text") == (Concatenation(0xC3, 4, 2), 6)


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        ("0608041234 0302", (Concatenation(0x1234, 3, 2), 7)),
        ("0b05040b84000000034d0201", (Concatenation(0x4D, 2, 1), 12)),
        ("050003c30400", (None, 6)),
        ("050003c30405", (None, 6)),
        ("050003c3", (None, 4)),
        ("0500", (None, 2)),
        ("00", (None, 1)),
        ("", (None, 0)),
        ("ff0003", (None, 3)),
    ],
)
def test_a_header_of_another_kind_or_a_broken_one_breaks_nothing(
    octets: str, expected: tuple[Concatenation | None, int]
) -> None:
    assert read_header(bytes.fromhex(octets)) == expected


def test_parts_are_joined_by_number_and_a_gap_is_marked() -> None:
    assert joined({2: "b", 1: "a", 3: "c"}, 3) == "abc"
    assert joined({1: "a", 4: "d"}, 4) == "a…d"
    assert joined({2: "b"}, 3) == "…b…"


@pytest.mark.parametrize("text", ["س" * 66 + "👋" * 70, "a" * 152 + "€" + "b" * 200, "سلام", "", "[" * 200])
def test_parts_are_the_text_and_no_letter_is_cut_in_two(text: str) -> None:
    parts = parts_of(text)
    assert "".join(parts) == text
    assert len(parts) == segments(text).parts
    most = (153 if is_gsm(text) else 134) if len(parts) > 1 else 160
    for part in parts:
        assert len(to_gsm(part) if is_gsm(text) else part.encode("utf-16-be")) <= most


def test_the_alphabet_of_gsm_goes_both_ways() -> None:
    letters = "".join(chr(code) for code in range(0x20000) if is_gsm(chr(code)))
    assert len(letters) == 127 + 10
    assert from_gsm(to_gsm(letters)) == letters
    assert to_gsm("@€[س") == b"\x00\x1b\x65\x1b\x3c?"


@pytest.mark.parametrize(("octets", "text"), [(b"\x1b\x41", "A"), (b"a\x1b", "a"), (b"\xc8", "\ufffd")])
def test_what_is_no_gsm_breaks_nothing(octets: bytes, text: str) -> None:
    assert from_gsm(octets) == text
