"""What the operator has said of one gateway: its patterns, its prices, and what it may be given in a day."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Final

from connector.domain.calendar import TEHRAN
from connector.ledger.records import DailyBudget
from connector.notification.composing import Prices
from connector.notification.patterns import GatewayPatterns

__all__ = ["GatewayRules"]

_THOUSANDTHS: Final = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class GatewayRules:
    """The rules of one gateway."""

    patterns: GatewayPatterns = field(default_factory=GatewayPatterns)
    prices: Prices = field(default_factory=Prices)
    daily_parts: int | None = None
    daily_cost: Decimal | None = None
    others: Mapping[str, GatewayPatterns] = field(default_factory=dict)
    """The patterns of the gateways that may take over from this one, in their order."""
    zone: tzinfo = TEHRAN
    """By whose clock a day begins."""

    def next_day(self, at: datetime) -> datetime:
        """Return when the day of this instant ends, and its budget with it."""
        tomorrow = at.astimezone(self.zone).date() + timedelta(days=1)
        return datetime.combine(tomorrow, time(), self.zone).astimezone(at.tzinfo)

    def budget(self, gateway: str, at: datetime) -> DailyBudget | None:
        """Return what this gateway may be given on the day of this instant; None where the operator sets no bound."""
        if self.daily_parts is None and self.daily_cost is None:
            return None
        most_cost = None if self.daily_cost is None else int(self.daily_cost * _THOUSANDTHS)
        day = at.astimezone(self.zone).date()
        return DailyBudget(gateway=gateway, day=day, most_parts=self.daily_parts, most_cost=most_cost)
