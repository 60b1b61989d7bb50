"""National and legal ids, and the ids of letters. The numbers are made by the rule."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.identifiers import new_letter_id, normalise_legal_id, normalise_national_id


def national_id(first_nine: str) -> str:
    remainder = (
        sum(int(digit) * weight for digit, weight in zip(first_nine, range(10, 1, -1), strict=True)) % 11
    )
    return first_nine + str(remainder if remainder < 2 else 11 - remainder)


@pytest.mark.parametrize(
    ("came", "kept"),
    [
        ("0084575948", "0084575948"),
        ("84575948", "0084575948"),
        ("084575948", "0084575948"),
        ("۰۰۸۴۵۷۵۹۴۸", "0084575948"),
        ("٠٠٨٤٥٧٥٩٤٨", "0084575948"),
        (" 008-457594-8 ", "0084575948"),
        ("\u200f0084575948\u200c", "0084575948"),
        (national_id("100000000"), "1000000001"),
        (national_id("123456789"), "1234567891"),
    ],
)
def test_a_national_id_is_kept_as_ten_ascii_digits(came: str, kept: str) -> None:
    assert normalise_national_id(came) == kept


@pytest.mark.parametrize(
    ("came", "sentence"),
    [
        ("0084575947", "The check digit of the national id is wrong."),
        ("0084579548", "The check digit of the national id is wrong."),
        ("1111111111", "The national id repeats one digit; such a number is never given."),
        ("00000000", "The national id repeats one digit; such a number is never given."),
        ("1234567", "The national id must have 10 digits."),
        ("00845759480", "The national id must have 10 digits."),
        ("008457594a", "The national id must be written in digits alone."),
        ("0084575९48", "The national id must be written in digits alone."),
        ("", "The national id must be written in digits alone."),
    ],
)
def test_what_is_no_national_id_is_refused_with_a_sentence(came: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        normalise_national_id(came)


@given(st.from_regex(r"[0-9]{9}", fullmatch=True), st.integers(1, 9))
def test_of_ten_check_digits_only_one_is_right(first_nine: str, by: int) -> None:
    right = national_id(first_nine)
    wrong = first_nine + str((int(right[9]) + by) % 10)
    with pytest.raises(ValueError, match="national id"):
        normalise_national_id(wrong)
    if len(set(right)) > 1:
        assert normalise_national_id(right) == right


@pytest.mark.parametrize(
    ("came", "kept"),
    [("10380284790", "10380284790"), ("۱۰۳۸۰۲۸۴۷۹۰", "10380284790"), ("103 802 84790", "10380284790")],
)
def test_a_legal_id_is_kept_as_eleven_ascii_digits(came: str, kept: str) -> None:
    assert normalise_legal_id(came) == kept


@pytest.mark.parametrize(
    ("came", "sentence"),
    [
        ("10380284791", "The check digit of the legal id is wrong."),
        ("1038028479", "The legal id must have 11 digits."),
        ("103802847900", "The legal id must have 11 digits."),
        ("55555555555", "The legal id repeats one digit; such a number is never given."),
        ("1038028479o", "The legal id must be written in digits alone."),
    ],
)
def test_what_is_no_legal_id_is_refused_with_a_sentence(came: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        normalise_legal_id(came)


def test_letter_ids_are_unique_and_sort_by_time() -> None:
    first_at = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
    ids = [new_letter_id(first_at + timedelta(milliseconds=step)) for step in range(100)]
    assert ids == sorted(ids)
    assert len({new_letter_id(first_at) for _ in range(1000)}) == 1000


def test_a_letter_id_is_twenty_six_plain_characters() -> None:
    letter_id = new_letter_id()
    assert len(letter_id) == 26
    assert letter_id.isascii()
    assert letter_id.isalnum()
