"""What an office may write as a number, and what is none."""

import pytest

from connector.domain.registration import Registration


@pytest.mark.parametrize("number", ["1405/12", "۱۲/۳۴۵", "007", "ص-۱۲/الف", "AB 12.3"])
def test_a_number_is_what_stands_in_one_line(number: str) -> None:
    assert Registration(number=number, secretariat="10").has_number


@pytest.mark.parametrize(
    "number", ["", "  ", "??/??", "9" * 101, "1\n2", "1\x002", "\x1b[31m1", "12\u202e34", "1\u20282"]
)
def test_what_no_person_could_read_out_is_no_number(number: str) -> None:
    assert not Registration(number=number, secretariat="10").has_number
