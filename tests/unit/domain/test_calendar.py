"""Jalali for people and offices, Gregorian inside."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.calendar import (
    jalali_for_people,
    jalali_text,
    jalali_year,
    local_date,
    local_time,
    parse_jalali,
)

PAIRS = [
    (date(2026, 11, 21), "1405/08/30"),
    (date(2026, 3, 21), "1405/01/01"),
    (date(2026, 3, 20), "1404/12/29"),
    (date(2025, 3, 20), "1403/12/30"),
    (date(2021, 3, 20), "1399/12/30"),
    (date(1979, 2, 11), "1357/11/22"),
]


@pytest.mark.parametrize(("day", "text"), PAIRS)
def test_a_day_is_written_for_offices_and_read_back(day: date, text: str) -> None:
    assert jalali_text(day) == text
    assert parse_jalali(text) == day


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)))
def test_every_day_goes_there_and_back(day: date) -> None:
    assert parse_jalali(jalali_text(day)) == day
    assert parse_jalali(jalali_for_people(day)) == day


def test_people_read_persian_digits() -> None:
    assert jalali_for_people(date(2026, 11, 21)) == "۱۴۰۵/۰۸/۳۰"


@pytest.mark.parametrize("text", ["۱۴۰۵/۰۸/۳۰", "١٤٠٥/٠٨/٣٠", " 1405/08/30 "])
def test_all_three_kinds_of_digits_are_read(text: str) -> None:
    assert parse_jalali(text) == date(2026, 11, 21)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1404/12/30", "no such day"),
        ("1405/13/01", "no such day"),
        ("1405/00/01", "no such day"),
        ("1405/07/31", "no such day"),
        ("2026/11/21", "not one of the Jalali calendar"),
        ("0084/01/01", "not one of the Jalali calendar"),
        ("1405-08-30", "yyyy/MM/dd"),
        ("1405/8/30", "yyyy/MM/dd"),
        ("05/08/30", "yyyy/MM/dd"),
        ("1405/08/30 10:00", "yyyy/MM/dd"),
        ("", "yyyy/MM/dd"),
    ],
)
def test_what_is_no_jalali_date_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        parse_jalali(text)


def test_the_book_of_the_secretariat_turns_at_nowruz() -> None:
    assert jalali_year(date(2026, 3, 20)) == 1404
    assert jalali_year(date(2026, 3, 21)) == 1405


def test_the_local_date_turns_at_midnight_in_tehran() -> None:
    midnight = datetime(2026, 11, 20, 20, 30, tzinfo=UTC)
    assert local_date(midnight - timedelta(seconds=1)) == date(2026, 11, 20)
    assert local_date(midnight) == date(2026, 11, 21)
    assert (local_time(midnight).hour, local_time(midnight).minute) == (0, 0)


def test_a_system_without_zone_files_tells_the_same_date() -> None:
    program = (
        "import datetime as d; from connector.domain.calendar import local_time;"
        "print(local_time(d.datetime(2026, 7, 1, 20, 30, tzinfo=d.UTC)).isoformat())"
    )
    without_zones = os.environ | {"PYTHONTZPATH": ""}
    told = subprocess.run(
        [sys.executable, "-c", program], env=without_zones, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "2026-07-02T00:00:00+03:30"


def test_an_instant_without_a_zone_has_no_local_date() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        local_date(datetime(2026, 11, 21, 8, 0))  # noqa: DTZ001


def test_an_instant_is_not_taken_for_a_date() -> None:
    with pytest.raises(TypeError, match="local_date"):
        jalali_text(datetime(2026, 11, 20, 22, 0, tzinfo=UTC))
