"""The hours of sending, by the agency's clock and the kind of day."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connector.domain.calendar import TEHRAN
from connector.domain.sending_window import Hours, SendingWindow
from connector.domain.working_days import DayKind, WorkingDays

FRIDAY, SATURDAY = date(2026, 11, 27), date(2026, 11, 28)


def tehran(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of November 2026, by a clock in Tehran."""
    return datetime(2026, 11, day, hour, minute, tzinfo=TEHRAN).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "opening"),
    [
        (tehran(28, 6, 59), tehran(28, 7)),
        (tehran(28, 7), tehran(28, 7)),
        (tehran(28, 21, 59), tehran(28, 21, 59)),
        (tehran(28, 22), tehran(29, 7)),
        (tehran(28, 23, 50), tehran(29, 7)),
        (tehran(28, 0, 5), tehran(28, 7)),
    ],
)
def test_it_opens_at_seven_and_closes_at_ten(at: datetime, opening: datetime) -> None:
    window = SendingWindow()
    assert window.next_opening(at) == opening
    assert window.is_open(at) == (at == opening)


def test_closed_days_may_have_hours_of_their_own_or_none() -> None:
    short = SendingWindow(closed=Hours.read("09:00-13:00"))
    assert short.next_opening(tehran(27, 8)) == tehran(27, 9)
    assert short.next_opening(tehran(27, 13)) == tehran(28, 7)
    silent = SendingWindow(closed=None)
    assert silent.next_opening(tehran(26, 23)) == tehran(28, 7)


def test_the_whole_day_is_open_at_any_instant() -> None:
    always = SendingWindow(working=Hours.read("00:00-24:00"), closed=Hours.read("0:00 - 24:00"))
    assert all(always.is_open(tehran(27, hour)) for hour in range(24))


def test_it_is_known_when_it_closes_and_that_the_whole_day_never_does() -> None:
    assert SendingWindow().closes_at(tehran(28, 12)) == tehran(28, 22)
    until_midnight = SendingWindow(working=Hours.read("07:00-24:00"))
    assert until_midnight.closes_at(tehran(28, 12)) == tehran(29, 0)
    always = SendingWindow(working=Hours.read("00:00-24:00"), closed=Hours.read("00:00-24:00"))
    assert always.closes_at(tehran(28, 12)) is None


def test_where_no_day_is_open_somebody_looks_again_in_two_months() -> None:
    never = SendingWindow(closed=None, days=WorkingDays(weekend=frozenset(range(7))))
    assert never.next_opening(tehran(28, 8)) == tehran(28, 8) + timedelta(days=60)


def test_a_day_on_which_the_clock_is_set_still_opens_at_seven() -> None:
    window = SendingWindow(zone=ZoneInfo("Europe/Berlin"))
    opening = window.next_opening(datetime(2026, 3, 29, 0, 30, tzinfo=UTC))
    assert opening == datetime(2026, 3, 29, 5, tzinfo=UTC)


@pytest.mark.parametrize("text", ["7-22", "22:00-07:00", "07:00-24:01", "07:60-22:00", "07:00-07:00", ""])
def test_hours_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="hours"):
        Hours.read(text)


def test_the_operators_word_goes_before_holidays_and_those_before_the_weekend() -> None:
    days = WorkingDays(
        holidays=frozenset({SATURDAY}),
        closed=frozenset({date(2026, 11, 26)}),
        opened=frozenset({FRIDAY}),
    )
    kinds = [days.kind(date(2026, 11, day)) for day in (25, 26, 27, 28)]
    assert kinds == [DayKind.WORKING, DayKind.CLOSED, DayKind.WORKING, DayKind.CLOSED]
    assert WorkingDays().kind(date(2026, 11, 26)) is DayKind.WORKING  # a Thursday
