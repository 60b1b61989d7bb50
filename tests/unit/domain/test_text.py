"""Text is compared folded and kept as it came."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.text import (
    code_point,
    fold,
    forbidden_in_xml,
    is_showable,
    isolate,
    one_line,
    to_arabic_letters,
    to_ascii_digits,
    to_persian_digits,
    to_persian_letters,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("تكراري", "تکراری"),
        ("اشتراکي", "اشتراکی"),
        ("مصطفى", "مصطفی"),
        ("مسئول", "مسیول"),
        ("مؤمن", "مومن"),
        ("رأس", "راس"),
        ("نامۀ", "نامه"),
        ("نامهٔ", "نامه"),
        ("قراة", "قراه"),
        ("امضاء", "امضا"),
        ("ﻧﺎﻣﻪ", "نامه"),
        ("ﻻله", "لاله"),
        ("مُدَرِّس", "مدرس"),
        ("رحمٰن", "رحمن"),
        ("کتـــاب", "کتاب"),
        ("می\u200c\u200cرود", "می\u200cرود"),
        ("\u200cمی\u200cرود\u200c", "می\u200cرود"),
        ("نامه \u200c ها", "نامه ها"),
        ("\u202bنامه\u202c", "نامه"),
        ("  نامه\u00a0\tدوم\n", "نامه دوم"),
        ("۱۴۰۵", "1405"),
        ("١٤٠٥", "1405"),
        ("Permit", "PERMIT"),
        ("\u0627\u0653ب", "آب"),
    ],
)
def test_texts_that_a_reader_takes_for_the_same_fold_to_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"), [("آرد", "ارد"), ("نامه", "نام"), ("می\u200cرود", "میرود"), ("کار", "گار"), ("۱", "۲")]
)
def test_texts_that_differ_to_a_reader_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet="اآيیىكکةه\u0653\u0654\u0655ئأءـ\u200c\u200d\u064b ۱١1", max_size=20))
def test_folding_persian_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_emoji_and_letters_beyond_the_first_plane_survive_folding() -> None:
    assert fold("درخواست 🏠 𐎠") == "درخواست 🏠 𐎠"


def test_digits_go_both_ways_and_leave_all_else_alone() -> None:
    assert to_ascii_digits("نامه ۱۲۳ و ٤٥٦ و 789") == "نامه 123 و 456 و 789"
    assert to_persian_digits("نامه 123 و ٤٥٦ و ۷۸۹") == "نامه ۱۲۳ و ۴۵۶ و ۷۸۹"


def test_letters_go_in_the_direction_that_the_office_asks_for() -> None:
    assert to_arabic_letters("شکایت یک") == "شكايت يك"
    assert to_persian_letters("شكايت يك مصطفى") == "شکایت یک مصطفی"


@pytest.mark.parametrize(
    "letter", ["\x00", "\x07", "\x0b", "\x0c", "\x1f", "\ud800", chr(0xDFFF), "\ufffe", "\uffff"]
)
def test_what_no_xml_document_may_hold_is_found(letter: str) -> None:
    assert forbidden_in_xml(f"الف{letter}ب{letter}") == (letter,)


@pytest.mark.parametrize(
    "text", ["\t\r\n", "سلام", "\u200c\u202e", "🏠𐎠", "<a>&amp;</a>", "\x7f\x85", "\ud7ff\ue000\ufffd"]
)
def test_what_an_xml_document_may_hold_is_left_alone(text: str) -> None:
    assert forbidden_in_xml(text) == ()


def test_forbidden_characters_come_once_each_in_the_order_of_appearance() -> None:
    assert forbidden_in_xml("\x07a\x01b\x07") == ("\x07", "\x01")


def test_a_character_is_named_by_its_code_point() -> None:
    assert code_point("\x07") == "U+0007"
    assert code_point("🏠") == "U+1F3E0"


def test_an_isolated_number_carries_both_marks() -> None:
    assert isolate("1/2") == "\u20661/2\u2069"


@pytest.mark.parametrize("letter", ["\x00", "\n", "\x1b", "\x7f", "\x9b", "\u2028", "\u202e", "\ud800"])
def test_what_turns_a_line_round_or_controls_a_terminal_is_not_shown(letter: str) -> None:
    assert not is_showable(f"۱۲{letter}۳۴")
    assert one_line(f"۱۲{letter}۳۴ ", longest=20) == "۱۲ ۳۴"


def test_a_line_is_kept_as_it_is_as_long_as_it_fits() -> None:
    assert is_showable("واحد شهرسازی \u200c\u200f ۱۲/الف 😀")
    assert one_line("واحد\u200cها 😀", longest=9) == "واحد\u200cها 😀"
    assert one_line("واحد شهرسازی", longest=6) == "واحد…"
    assert len(one_line("و" * 10_000, longest=200)) == 200
