"""Tracking codes: hard to guess, easy to say, and mistyping is noticed."""

import math
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain import tracking_code as module
from connector.domain.text import to_persian_digits
from connector.domain.tracking_code import grouped_tracking_code, new_tracking_code, parse_tracking_code

CODES = st.integers(0, 9 * 10**13 - 1).map(lambda drawn: new_tracking_code(lambda _below: drawn))


def test_a_code_has_fifteen_digits_and_no_zero_in_front() -> None:
    for _ in range(200):
        code = new_tracking_code()
        assert len(code) == 15
        assert code.isascii()
        assert code.isdigit()
        assert code[0] != "0"


def test_a_code_is_drawn_from_at_least_forty_five_bits() -> None:
    asked: list[int] = []

    def draw(below: int) -> int:
        asked.append(below)
        return below - 1

    assert new_tracking_code(draw).startswith("99999999999999")
    assert math.log2(asked[0]) >= 45


def test_codes_do_not_repeat() -> None:
    assert len({new_tracking_code() for _ in range(2000)}) == 2000


def test_the_check_table_is_totally_anti_symmetric() -> None:
    table = module._DAMM
    digits = range(10)
    assert all(sorted(row) == list(digits) for row in table)
    assert all(sorted(table[row][column] for row in digits) == list(digits) for column in digits)
    assert all(table[digit][digit] == 0 for digit in digits)
    for state in digits:
        for one in digits:
            for other in digits:
                if one != other:
                    assert table[table[state][one]][other] != table[table[state][other]][one]


@given(CODES, st.integers(0, 14), st.integers(1, 9))
def test_one_wrong_digit_is_always_caught(code: str, place: int, by: int) -> None:
    wrong = code[:place] + str((int(code[place]) + by) % 10) + code[place + 1 :]
    with pytest.raises(ValueError, match="tracking code"):
        parse_tracking_code(wrong)


@given(CODES, st.integers(0, 13))
def test_two_exchanged_neighbours_are_always_caught(code: str, place: int) -> None:
    exchanged = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if exchanged != code:
        with pytest.raises(ValueError, match="tracking code"):
            parse_tracking_code(exchanged)


@given(CODES)
def test_a_code_is_understood_as_people_type_it(code: str) -> None:
    grouped = grouped_tracking_code(code)
    typed = [
        code,
        grouped,
        to_persian_digits(grouped),
        to_persian_digits(code).translate(str.maketrans("۴۵۶", "٤٥٦")),
        f" \u200f{code[:5]}-{code[5:10]} / {code[10:]}\n",
        grouped.replace("\u00a0", "."),
        grouped.replace("\u00a0", "، "),
    ]
    assert {parse_tracking_code(text) for text in typed} == {code}


@pytest.mark.parametrize("text", ["", "123", "09123456789", "0" * 15, "12345678901234x", "1" * 16, "کد ۱۲۳"])
def test_what_is_no_code_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="A tracking code has 15 digits"):
        parse_tracking_code(text)


def test_the_groups_keep_their_order_in_right_to_left_text() -> None:
    grouped = grouped_tracking_code("482915037264118")
    assert grouped.split("\u00a0") == ["482", "915", "037", "264", "118"]
    assert {unicodedata.bidirectional(mark) for mark in grouped if not mark.isdigit()} == {"CS"}
