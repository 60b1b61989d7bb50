"""The rules of sending, made of the settings: the stage's policy, and what holds at each gateway."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import tzinfo
from zoneinfo import ZoneInfo

from connector.clock import Now
from connector.domain.calendar import TEHRAN, jalali_text
from connector.domain.message import MessageEvent
from connector.domain.sending_window import Hours, SendingWindow
from connector.domain.working_days import WEEKDAYS, WorkingDays
from connector.errors import SettingsInvalid
from connector.ledger.records import MessageHappening, MessageMaterial
from connector.mapping.holiday_list import load_holidays
from connector.notification.composing import Prices, Words
from connector.notification.gateway_rules import GatewayRules
from connector.notification.patience import jitter
from connector.notification.patterns import GatewayPatterns, PatternChoice
from connector.notification.planning import Planner
from connector.notification.policy import NotificationPolicy
from connector.notification.receipts import SecondWay
from connector.ports.connection import Connection
from connector.ports.gateway import GatewayAdapter, GatewayCapabilities
from connector.settings.connections import GatewaySection
from connector.settings.policies import policy_of
from connector.settings.sending import read_day
from connector.settings.settings import Settings
from connector.settings.shipped import mapping_folders

__all__ = [
    "gateway_rules",
    "last_holiday",
    "notification_policy",
    "patterns_of",
    "second_way_of",
    "sending_window",
    "working_days",
]

Gateways = Mapping[str, Connection[GatewayAdapter]]


def working_days(settings: Settings) -> WorkingDays:
    """Return the agency's calendar. Raise MappingInvalid where its list of holidays cannot be used."""
    calendar = settings.calendar
    folders = mapping_folders(settings.daemon.mappings)
    holidays = load_holidays(folders, calendar.holidays).days if calendar.holidays else frozenset()
    return WorkingDays(
        weekend=frozenset(WEEKDAYS[day] for day in calendar.weekend),
        holidays=holidays,
        closed=frozenset(read_day(day) for day in calendar.closed_days),
        opened=frozenset(read_day(day) for day in calendar.open_days),
    )


def last_holiday(settings: Settings) -> str | None:
    """Return the last day that the list of holidays covers, as people write it; None where there is no list.

    Raise MappingInvalid where it cannot be used.
    """
    name = settings.calendar.holidays
    return jalali_text(load_holidays(mapping_folders(settings.daemon.mappings), name).last) if name else None


def sending_window(settings: Settings) -> SendingWindow:
    """Return the hours in which citizens are told things."""
    closed = settings.sending.window_on_closed_days
    return SendingWindow(
        working=Hours.read(settings.sending.window),
        closed=Hours.read(closed) if closed else None,
        days=working_days(settings),
        zone=_zone(settings),
    )


def notification_policy(settings: Settings) -> NotificationPolicy:
    """Return the policy of the notification stage. Raise MappingInvalid for a list of holidays that cannot be used."""
    sending = settings.sending
    return replace(
        policy_of(settings.notification, NotificationPolicy),
        at_least_once=sending.at_least_once,
        send_again_after=sending.send_again_after,
        most_doubles=sending.most_doubles,
        despite_opt_out=sending.despite_opt_out,
        urgent_facts=sending.urgent_facts,
        window=sending_window(settings),
        opening_spread=sending.opening_spread,
        stale_after=sending.stale_after,
        join_within=sending.join_within,
        most_moves=sending.most_moves,
    )


def gateway_rules(settings: Settings, gateways: Gateways) -> dict[str, GatewayRules]:
    """Return what holds at each gateway.

    Raise SettingsInvalid where a pattern does not fit its gateway, a budget has no price, or a gateway that is to take
    over is not there.
    """
    patterns = {
        name: patterns_of(name, settings.gateways[name], gateway.capabilities)
        for name, gateway in gateways.items()
    }
    return {
        name: _rules(settings, name, patterns, tells_credit=gateway.capabilities.tells_credit)
        for name, gateway in gateways.items()
    }


def patterns_of(name: str, section: GatewaySection, capabilities: GatewayCapabilities) -> GatewayPatterns:
    """Return the patterns of one gateway. Raise SettingsInvalid where one does not fit it."""
    choices = {
        (language, fact): PatternChoice(code=pattern.code, values=pattern.values)
        for language, by_fact in section.patterns.items()
        for fact, pattern in by_fact.items()
    }
    patterns = GatewayPatterns(rules=capabilities.patterns, choices=choices, go_first=section.patterns_first)
    complaints = patterns.complaints()
    if complaints:
        raise SettingsInvalid(
            f"The patterns of gateways.{name} cannot be used: {'; '.join(complaints)}.",
            next_step=f"Correct gateways.{name}.patterns, then look at: chapar messages preview.",
        )
    return patterns


def second_way_of(
    texts: Words, policy: NotificationPolicy, rules: Mapping[str, GatewayRules], now: Now
) -> SecondWay:
    """Return what becomes of a message that a gateway reports as undelivered because of a list."""
    planners = {name: Planner(name, texts, policy, each, jitter) for name, each in rules.items()}

    def second_way(material: MessageMaterial) -> MessageHappening | None:
        planner = planners.get(material.gateway)
        if planner is None or material.is_blacklisted:
            return None
        way = planner.second_way(material, pattern=material.pattern)
        if way is None:
            return None
        return MessageHappening(
            event=MessageEvent.BLACKLISTED,
            due_at=now(),
            reason="blacklisted",
            to_gateway=None if way == material.gateway else way,
        )

    return second_way


def _rules(
    settings: Settings, name: str, patterns: Mapping[str, GatewayPatterns], *, tells_credit: bool
) -> GatewayRules:
    section = settings.gateways[name]
    strange = [other for other in section.then if other not in patterns or other == name]
    if strange:
        raise SettingsInvalid(
            f"gateways.{name}.then names {strange[0]!r}, which is no other gateway.",
            next_step=f"Choose among: {', '.join(sorted({*patterns} - {name})) or 'there is no other'}.",
        )
    if section.low_credit is not None and not tells_credit:
        raise SettingsInvalid(
            f"gateways.{name}.low_credit cannot be watched: this gateway does not tell its credit.",
            next_step=f"Take gateways.{name}.low_credit out.",
        )
    if section.daily_cost is not None and section.price_per_part is None:
        raise SettingsInvalid(
            f"gateways.{name}.daily_cost bounds the cost, and nothing says what a part costs.",
            next_step=f"Write gateways.{name}.price_per_part, or bound daily_parts instead.",
        )
    return GatewayRules(
        patterns=patterns[name],
        prices=Prices(per_part=section.price_per_part, per_latin_part=section.price_per_latin_part),
        daily_parts=section.daily_parts,
        daily_cost=section.daily_cost,
        others={other: patterns[other] for other in section.then},
        zone=_zone(settings),
    )


def _zone(settings: Settings) -> tzinfo:
    name = settings.calendar.time_zone
    return TEHRAN if name == "Asia/Tehran" else ZoneInfo(name)
