"""The sections about when citizens are told things, what is not worth telling, and which days the agency works."""

from datetime import date, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import field_validator

from connector.domain.calendar import parse_jalali
from connector.domain.message import FactKind
from connector.domain.sending_window import Hours
from connector.notification.policy import NotificationPolicy
from connector.settings.quantities import Duration
from connector.settings.section import Section, option

__all__ = ["CalendarSection", "SendingSection", "Weekday", "read_day"]

_POLICY: Final = NotificationPolicy()
_AT_LEAST: Final = timedelta(milliseconds=10)
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def read_day(text: str) -> date:
    """Return the day that is written ``1405/09/10`` or ``2026-12-01``. Raise ValueError where it is neither."""
    try:
        return parse_jalali(text) if "/" in text else date.fromisoformat(text)
    except ValueError:
        raise ValueError("write a day as 1405/09/10 (Jalali) or 2026-12-01") from None


class SendingSection(Section):
    """When citizens are told things, what is told twice rather than not at all, and what is stale."""

    window: str = option(
        "07:00-22:00",
        says="Texts go out between these hours, by the clock of calendar.time_zone; what comes later waits for the "
        "next opening. 00:00-24:00: at any hour.",
        fa="ساعت‌های ارسال پیامک؛ بیرون از آن تا گشایش بعدی می‌ماند",
    )
    window_on_closed_days: str = option(
        "07:00-22:00",
        says="The same on weekends, holidays and days that you closed. Empty: nothing goes out on such a day.",
        fa="ساعت‌های ارسال در روزهای تعطیل",
    )
    opening_spread: Duration = option(
        _POLICY.opening_spread,
        says="What waited goes out over this time after the opening, and not all at once.",
        le=timedelta(hours=6),
    )
    urgent_facts: tuple[FactKind, ...] = option(
        tuple(_POLICY.urgent_facts),
        says="Facts that are told at any hour, and wait for no other fact.",
        fa="رویدادهایی که در هر ساعت پیامک می‌شود",
    )
    despite_opt_out: tuple[FactKind, ...] = option(
        tuple(_POLICY.despite_opt_out),
        says="Facts that are told also to a citizen who wants no messages, because the law or sense demands it.",
        fa="رویدادهایی که با وجود لغو هم پیامک می‌شود",
        example=["refused", "returned"],
    )
    at_least_once: tuple[FactKind, ...] = option(
        tuple(_POLICY.at_least_once),
        says="Facts that are worth a doubled text: sent again where the answer was lost and the gateway cannot be "
        "asked. All others are then told at most once. Every such sending is counted.",
        fa="رویدادهایی که نرسیدن آن‌ها بدتر از دوبار رسیدن است",
    )
    send_again_after: Duration = option(
        _POLICY.send_again_after,
        says="How long a delivery report of the first sending is waited for before that.",
        ge=_AT_LEAST,
    )
    most_doubles: int = option(
        _POLICY.most_doubles, says="How often one text may be sent again so.", ge=0, le=5
    )
    stale_after: Duration = option(
        _POLICY.stale_after,
        says="A text that has waited so long is not told any more if a newer one, which waits too, says as much: a "
        "number is never lost by that. 0s: every fact is told.",
        fa="پس از این مدت انتظار، رویداد کهنه جای خود را به رویداد تازه می‌دهد",
    )
    join_within: Duration = option(
        _POLICY.join_within,
        says="Facts of one letter that happened so close together share a text while they wait. 0s: never.",
        fa="رویدادهای نزدیک به هم در یک پیامک می‌آیند",
    )
    hold: Duration = option(
        timedelta(),
        says="How long each text waits for the next fact, so that both may share one. 0s: what happens at once still "
        "shares a text.",
        le=timedelta(minutes=30),
    )
    most_moves: int = option(
        _POLICY.most_moves,
        says="How often one text may go over to another gateway.",
        ge=0,
        le=20,
    )

    @field_validator("window")
    @classmethod
    def _are_hours(cls, text: str) -> str:
        return str(Hours.read(text))

    @field_validator("window_on_closed_days")
    @classmethod
    def _are_hours_or_none(cls, text: str) -> str:
        return str(Hours.read(text)) if text.strip() else ""


class CalendarSection(Section):
    """The agency's clock, and the days on which it works."""

    time_zone: str = option(
        "Asia/Tehran", says="By whose clock the hours of [sending] and the day of a budget are meant."
    )
    weekend: tuple[Weekday, ...] = option(
        ("friday",),
        says="Days of the week that are closed. Many offices close on Thursday, too.",
        fa="روزهای تعطیل هفته",
        example=["thursday", "friday"],
    )
    holidays: str = option(
        "ir",
        says="List of public holidays: lists/holidays-ir.yaml of the mappings, your own before the shipped one. Empty: "
        "none.",
        fa="فهرست تعطیلات رسمی",
        pattern=r"^[a-z0-9-]{0,20}$",
        form="write small letters, digits and -",
    )
    closed_days: tuple[str, ...] = option(
        (),
        says="Further closed days, 1405/09/10 or 2026-12-01: an order from above, for one.",
        fa="روزهای تعطیل دیگر",
        example=["1405/09/10"],
    )
    open_days: tuple[str, ...] = option(
        (), says="Days that are worked although the list or the weekend closes them.", example=["1405/09/13"]
    )

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            if name != "Asia/Tehran":  # known also where the system has no zone files
                raise ValueError("this machine knows no time zone of this name") from None
        return name

    @field_validator("closed_days", "open_days")
    @classmethod
    def _are_days(cls, days: tuple[str, ...]) -> tuple[str, ...]:
        for day in days:
            read_day(day)
        return days
