"""The rules of sending as they come from a configuration, and a gateway's credit as it is watched."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connector.assembly.crediting import asking_for_credit, is_low
from connector.assembly.lining_up import lineup_of, runs_of_lineup
from connector.assembly.sending_rules import (
    gateway_rules,
    last_holiday,
    notification_policy,
    second_way_of,
    working_days,
)
from connector.domain.calendar import parse_jalali
from connector.domain.message import FactKind, MessageEvent
from connector.domain.working_days import DayKind
from connector.errors import MappingInvalid, SettingsInvalid, Unavailable
from connector.ledger import Ledger
from connector.ports.connection import Connection
from connector.ports.credit import Credit
from connector.ports.gateway import GatewayCapabilities
from connector.ports.pattern import PatternRules
from connector.settings.settings import Settings
from connector.testing.builders import HeldClock
from tests.unit.notification.test_choosing import TEXTS, message

CAPABLE = GatewayCapabilities(patterns=PatternRules(places=("token",)), tells_credit=True)
BASE: dict[str, Any] = {
    "ledger": {
        "url": "sqlite:///unused.db",
        "keys": {"current": "k", "ring": {"k": {"environment": "K"}}, "blind_index": {"environment": "B"}},
    },
}


@dataclass
class StandIn:
    """A gateway that can do what it is said to, and tells a credit."""

    capabilities: GatewayCapabilities = CAPABLE
    told: list[Credit | Exception] = field(default_factory=list)

    def credit(self) -> Credit:
        credit = self.told.pop(0)
        if isinstance(credit, Exception):
            raise credit
        return credit


def settings(**tables: Any) -> Settings:
    return Settings(**(BASE | {"gateways": {"sms": {"adapter": "console"}}} | tables))


def connected(made: Settings, capabilities: GatewayCapabilities = CAPABLE) -> dict[str, Connection[Any]]:
    return {
        name: Connection(name=name, adapter=StandIn(capabilities), pool_size=1)  # type: ignore[type-var]
        for name in made.gateways
    }


def test_the_calendar_is_made_of_weekend_list_and_the_operators_own_days() -> None:
    days = working_days(
        settings(
            calendar={
                "weekend": ["thursday", "friday"],
                "closed_days": ["1405/09/10", "2026-12-05"],
                "open_days": ["1405/01/02"],
            }
        )
    )
    kinds = {
        text: days.kind(parse_jalali(text))
        for text in ("1405/09/10", "1405/09/14", "1405/01/01", "1405/01/02")
    }
    assert kinds == {
        "1405/09/10": DayKind.CLOSED,
        "1405/09/14": DayKind.CLOSED,
        "1405/01/01": DayKind.CLOSED,
        "1405/01/02": DayKind.WORKING,
    }
    assert days.kind(date(2026, 12, 3)) is DayKind.CLOSED  # a Thursday
    assert last_holiday(settings()) == "1411/12/29"


def test_without_a_list_there_are_no_holidays_and_a_list_that_is_not_there_is_said() -> None:
    nowruz = parse_jalali("1406/01/01")
    assert working_days(settings(calendar={"holidays": ""})).kind(nowruz) is DayKind.WORKING
    with pytest.raises(MappingInvalid, match="holidays-xx"):
        working_days(settings(calendar={"holidays": "xx"}))


def test_the_policy_is_what_the_operator_wrote() -> None:
    policy = notification_policy(
        settings(
            sending={
                "window": "8:00-20:00",
                "window_on_closed_days": "",
                "at_least_once": ["registered"],
                "despite_opt_out": ["returned"],
                "stale_after": "0s",
            }
        )
    )
    assert policy.window is not None
    assert (str(policy.window.working), policy.window.closed) == ("08:00-20:00", None)
    assert policy.at_least_once == (FactKind.REGISTERED,)
    assert policy.despite_opt_out == (FactKind.RETURNED,)
    assert policy.stale_after == timedelta()


PATTERNS = {"fa": {"closed": {"code": "bye", "values": {"token": "number"}}}}


def gateways(**options: Any) -> Settings:
    return settings(gateways={"sms": {"adapter": "console", **options}, "backup": {"adapter": "console"}})


def test_a_gateway_has_its_patterns_prices_bounds_and_those_that_take_over() -> None:
    made = gateways(patterns=PATTERNS, price_per_part=250, daily_cost=1000, then=["backup"], low_credit=5)
    rules = gateway_rules(made, connected(made))["sms"]
    budget = rules.budget("sms", datetime(2026, 11, 28, 8, tzinfo=UTC))
    assert budget is not None
    assert (budget.most_cost, budget.most_parts, list(rules.others)) == (1_000_000, None, ["backup"])
    lineup = lineup_of(made, connected(made), HeldClock().now)
    assert len(runs_of_lineup(lineup, None)) == 1  # type: ignore[arg-type]
    assert runs_of_lineup(lineup_of(settings(), connected(settings()), HeldClock().now), None) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "capabilities", "sentence"),
    [
        ({"patterns": PATTERNS}, GatewayCapabilities(), "no patterns"),
        ({"patterns": {"fa": {"closed": {"code": "x", "values": {"t": "number"}}}}}, CAPABLE, "no place 't'"),
        ({"patterns": {"fa": {"closed": {"code": "x", "values": {"token": "nmber"}}}}}, CAPABLE, "nmber"),
        ({"daily_cost": 10}, CAPABLE, "what a part costs"),
        ({"then": ["nobody"]}, CAPABLE, "nobody"),
        ({"then": ["sms"]}, CAPABLE, "no other gateway"),
        ({"low_credit": 10}, GatewayCapabilities(), "does not tell its credit"),
    ],
)
def test_what_does_not_fit_a_gateway_is_refused_with_a_next_step(
    options: dict[str, Any], capabilities: GatewayCapabilities, sentence: str
) -> None:
    made = gateways(**options)
    with pytest.raises(SettingsInvalid, match=sentence) as caught:
        gateway_rules(made, connected(made, capabilities))
    assert caught.value.next_step


def test_a_report_of_a_blacklisted_number_leads_to_the_gateway_that_has_the_pattern() -> None:
    made = settings(
        gateways={
            "sms": {"adapter": "console", "then": ["backup"]},
            "backup": {"adapter": "console", "patterns": PATTERNS},
        }
    )
    rules = gateway_rules(made, connected(made))
    second_way = second_way_of(TEXTS, notification_policy(made), rules, HeldClock().now)
    again = second_way(message("closed"))
    assert again is not None
    assert (again.event, again.to_gateway) == (MessageEvent.BLACKLISTED, "backup")
    assert second_way(message("closed", pattern="bye")) is None
    assert second_way(message("closed", is_blacklisted=True)) is None
    assert second_way(message("refused")) is None
    assert second_way(replace(message("closed"), gateway="gone")) is None


@pytest.mark.parametrize(
    ("amount", "runs_until", "expected"),
    [
        ("99.9", None, True),
        ("100", None, False),
        ("500", date(2026, 11, 27), True),
        ("500", date(2026, 12, 24), False),
    ],
)
def test_credit_is_low_by_its_amount_or_by_the_end_of_the_account(
    amount: str, runs_until: date | None, expected: bool
) -> None:
    credit = Credit(amount=Decimal(amount), unit="rial", runs_until=runs_until)
    assert is_low(credit, Decimal(100), HeldClock().now) is expected


def test_what_a_gateway_tells_is_kept_and_silence_changes_nothing(
    open_on: Callable[..., Ledger], sqlite_url: str, clock: HeldClock
) -> None:
    ledger = open_on(sqlite_url)
    adapter = StandIn(told=[Credit(amount=Decimal("7.5"), unit="rial"), Unavailable(reason="refused")])
    connection: Connection[Any] = Connection(name="sms", adapter=adapter, pool_size=1)  # type: ignore[type-var]
    ask = asking_for_credit(connection, ledger.sendings.credits_told, Decimal(10), clock.now)
    ask()
    ask()
    (told,) = ledger.sendings.credits_told.all()
    assert (told.amount, told.unit, told.low_since) == ("7.5", "rial", clock.now())
