"""What operators are told, and when not: tables over a pure decision."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.alerting.deciding import alert_for, is_all_well, is_over, troubles_of, when_to_try_again
from connector.alerting.policy import AlertPolicy
from connector.domain.alert import BADNESS, QuietHours, Severity, Trouble, Unwell
from connector.domain.attention import Because
from connector.ledger.alerts_told import Told
from connector.ledger.connection_needs import NeedsPerson

NOON = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)  # 12:00 in Tehran
MIDNIGHT = datetime(2026, 11, 21, 20, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
POLICY = AlertPolicy(quiet=QuietHours.read("22:00-07:00"), remind_every=6 * HOUR)
PARKED = Trouble(because=Because.PARKED, where="city", count=3, since=NOON - HOUR)
SUSPENDED = Trouble(because=Because.SUSPENDED, where="sms", count=9, since=NOON - HOUR)
PAUSED = Trouble(because=Because.PAUSED, where="city", since=NOON - HOUR)


def told(*troubles: Trouble, at: datetime = NOON - HOUR, over: datetime | None = None) -> dict[str, Told]:
    return {trouble.key: Told(told_at=at, over_since=over) for trouble in troubles}


def test_what_was_never_told_is_told() -> None:
    alert = alert_for("pager", [SUSPENDED, PARKED], {}, NOON, POLICY)
    assert alert is not None
    assert list(alert.new) == [SUSPENDED, PARKED]
    assert alert.severity is Severity.CRITICAL
    assert alert.claimed == {SUSPENDED.key: None, PARKED.key: None}


@pytest.mark.parametrize(
    ("told_ago", "is_reminded"),
    [
        (timedelta(), False),
        (timedelta(hours=5, minutes=59), False),
        (6 * HOUR, True),
        (timedelta(days=30), True),
        (-HOUR, True),  # the clock went back: nothing is silent for as long as that
    ],
)
def test_what_was_told_is_told_again_only_after_the_reminders_time(
    told_ago: timedelta, is_reminded: bool
) -> None:
    alert = alert_for("pager", [PARKED], told(PARKED, at=NOON - told_ago), NOON, POLICY)
    assert (alert is not None and list(alert.still) == [PARKED]) is is_reminded


def test_a_growing_count_is_the_same_trouble() -> None:
    more = Trouble(because=Because.PARKED, where="city", count=30, since=NOON)
    assert alert_for("pager", [more], told(PARKED), NOON, POLICY) is None


def test_what_was_told_not_long_ago_is_counted_beside_what_is_new() -> None:
    alert = alert_for("pager", [SUSPENDED, PARKED], told(PARKED), NOON, POLICY)
    assert alert is not None
    assert (list(alert.new), alert.besides) == ([SUSPENDED], 1)


def test_at_quiet_hours_only_what_is_critical_is_told_and_the_rest_in_the_morning() -> None:
    at_night = alert_for("pager", [SUSPENDED, PARKED], {}, MIDNIGHT, POLICY)
    assert at_night is not None
    assert list(at_night.new) == [SUSPENDED]
    assert alert_for("pager", [PARKED], {}, MIDNIGHT, POLICY) is None
    in_the_morning = alert_for("pager", [PARKED], {}, MIDNIGHT + 7 * HOUR, POLICY)
    assert in_the_morning is not None


def test_milder_troubles_than_asked_for_are_not_told() -> None:
    policy = AlertPolicy(at_least=Severity.WARNING)
    alert = alert_for("pager", [PARKED, PAUSED], {}, NOON, policy)
    assert alert is not None
    assert list(alert.new) == [PARKED]
    assert alert_for("pager", [PAUSED], {}, NOON, policy) is None


def test_that_a_channel_fails_is_told_through_the_others() -> None:
    failing = Trouble(because=Because.ALERTS_FAIL, where="pager", since=NOON)
    assert alert_for("pager", [failing], {}, NOON, POLICY) is None
    assert alert_for("mail", [failing], {}, NOON, POLICY) is not None


@pytest.mark.parametrize(
    ("over_for", "at", "is_told"),
    [
        (None, NOON, False),
        (timedelta(minutes=9), NOON, False),
        (timedelta(minutes=10), NOON, True),
        (timedelta(minutes=10), MIDNIGHT, False),
    ],
)
def test_all_is_well_again_is_told_when_nothing_has_been_there_for_a_while(
    over_for: timedelta | None, at: datetime, is_told: bool
) -> None:
    before = told(PARKED, SUSPENDED, at=at - HOUR, over=None if over_for is None else at - over_for)
    alert = alert_for("pager", [], before, at, POLICY)
    assert (alert is not None and alert.is_well_again) is is_told


def test_nothing_is_called_well_while_one_of_several_stands() -> None:
    before = told(PARKED, over=NOON - HOUR) | told(SUSPENDED)
    assert alert_for("pager", [SUSPENDED], before, NOON, POLICY) is None


def test_nobody_who_was_told_nothing_is_told_that_all_is_well() -> None:
    assert alert_for("pager", [], {}, NOON, POLICY) is None


@pytest.mark.parametrize(
    ("key", "over_since", "standing", "expected"),
    [
        ("parked city", None, {"parked city"}, None),
        ("parked city", NOON - HOUR, {"parked city"}, None),
        ("parked city", None, set(), NOON),
        ("parked city", NOON - HOUR, set(), NOON - HOUR),
        ("little_room @here", None, set(), NOON),
        ("little_room @there", None, set(), None),
        ("little_room @there", NOON - HOUR, set(), NOON - HOUR),
    ],
)
def test_a_trouble_is_over_since_it_was_first_missed_and_only_its_own_node_can_miss_it(
    key: str, over_since: datetime | None, standing: set[str], expected: datetime | None
) -> None:
    each = Told(told_at=NOON - HOUR, over_since=over_since)
    assert is_over(each, key, standing, of_this_node="here", at=NOON) == expected


def test_what_a_node_that_is_gone_has_told_keeps_nobody_from_saying_that_all_is_well() -> None:
    assert is_all_well({"little_room @gone": Told(told_at=NOON - 24 * HOUR)}, NOON, POLICY)
    assert not is_all_well({"little_room @gone": Told(told_at=NOON - 23 * HOUR)}, NOON, POLICY)


def need(**changes: Any) -> NeedsPerson:
    usual: dict[str, Any] = {"because": Because.PARKED, "since": NOON, "letter_id": "01", "office": "city"}
    return NeedsPerson(**(usual | changes))


def test_many_letters_with_one_reason_at_one_place_are_one_trouble() -> None:
    needs = [
        need(tracking_code="1"),
        need(since=NOON - HOUR, tracking_code="2"),
        need(office="village"),
        need(because=Because.SUSPENDED, kind="connection", connection="sms", waiting=12),
        need(office=None),
    ]
    found = {trouble.key: (trouble.count, trouble.since) for trouble in troubles_of(needs)}
    assert found == {
        "suspended sms": (12, NOON),
        "parked city": (2, NOON - HOUR),
        "parked village": (1, NOON),
        "parked": (1, NOON),
    }
    assert troubles_of(needs)[0].because is Because.SUSPENDED, "the worst comes first"


def test_a_channel_that_fails_is_tried_at_growing_gaps_without_end() -> None:
    gaps = [when_to_try_again(failures, NOON, POLICY) - NOON for failures in (1, 2, 3, 6, 10_000)]
    assert gaps == [timedelta(minutes=minutes) for minutes in (2, 4, 8, 60, 60)]


def test_every_reason_has_its_badness() -> None:
    assert set(BADNESS) == {*Because, *Unwell}


@pytest.mark.parametrize("text", ["22-07", "25:00-07:00", "22:00-07:60", "08:00-08:00", "night"])
def test_quiet_hours_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="hours"):
        QuietHours.read(text)


@pytest.mark.parametrize(
    ("hours", "at", "is_quiet"),
    [
        ("22:00-07:00", NOON, False),
        ("22:00-07:00", MIDNIGHT, True),
        ("22:00-07:00", datetime(2026, 11, 21, 3, 30, tzinfo=UTC), False),  # 07:00
        ("13:00-14:00", NOON, False),
        ("12:00-14:00", NOON, True),
        ("00:00-24:00", MIDNIGHT, True),
    ],
)
def test_quiet_hours_may_lie_over_midnight(hours: str, at: datetime, is_quiet: bool) -> None:
    read = QuietHours.read(hours)
    assert read is not None
    assert read.holds(at) is is_quiet
