"""Asks gateways what is left on their accounts, and says aloud where it is little."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Final

from connector.assembly.connections import Connections
from connector.clock import Now
from connector.errors import CallFailed
from connector.ledger.credits_told import CreditsTold
from connector.observability.logging import get_logger
from connector.observability.metrics import set_credit
from connector.ports.connection import Connection
from connector.ports.credit import Credit, TellsCredit
from connector.ports.gateway import GatewayAdapter
from connector.scheduling.runs import PeriodicRun
from connector.settings.settings import Settings

__all__ = ["asking_for_credit", "is_low", "runs_of_credit"]

log = get_logger(__name__)

_RUNS_OUT_WITHIN: Final = timedelta(days=7)


def runs_of_credit(
    settings: Settings, credits_told: CreditsTold, connections: Connections, now: Now
) -> list[PeriodicRun]:
    """Return a run for each gateway whose credit is to be watched."""
    runs = []
    for name, gateway in connections.gateways.items():
        section = settings.gateways[name]
        if section.low_credit is not None and gateway.capabilities.tells_credit:
            ask = asking_for_credit(gateway, credits_told, section.low_credit, now)
            runs.append(
                PeriodicRun(
                    name=f"credit-{name}",
                    every=section.credit_every,
                    deed=ask,
                    is_first_at_once=True,
                    once_for_all=True,
                )
            )
    return runs


def asking_for_credit(
    gateway: Connection[GatewayAdapter], credits_told: CreditsTold, low: Decimal, now: Now
) -> Callable[[], None]:
    """Return the deed that asks one gateway; where nobody answers, what was told last stays."""

    def ask() -> None:
        adapter = gateway.adapter
        if gateway.is_paused or not isinstance(adapter, TellsCredit):
            return
        try:
            credit = gateway.call("credit", lambda _: adapter.credit())
        except CallFailed:
            return  # the connection has logged it
        little = is_low(credit, low, now)
        set_credit(gateway.name, credit.amount, is_low=little)
        has_become_low = credits_told.tell(
            gateway.name,
            amount=f"{credit.amount:f}",
            unit=credit.unit,
            runs_until=credit.runs_until,
            is_low=little,
        )
        if has_become_low:
            log.error("notification.credit_low", gateway=gateway.name, unit=credit.unit)

    return ask


def is_low(credit: Credit, low: Decimal, now: Now) -> bool:
    """Return whether little is left, or the account ends within a week."""
    runs_out = credit.runs_until is not None and credit.runs_until <= (now() + _RUNS_OUT_WITHIN).date()
    return credit.amount < low or runs_out
