"""Puts the gateways in their order, and looks every so often which of them has left and which is back."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from connector.clock import Now
from connector.ledger.ledger import Ledger
from connector.notification.lineup import GatewayPlace, Lineup
from connector.ports.connection import Connection
from connector.ports.gateway import GatewayAdapter
from connector.scheduling.runs import PeriodicRun
from connector.settings.settings import Settings

__all__ = ["lineup_of", "runs_of_lineup"]

_LOOK_EVERY: Final = timedelta(seconds=5)


def lineup_of(settings: Settings, gateways: Mapping[str, Connection[GatewayAdapter]], now: Now) -> Lineup:
    """Return the order of the gateways, with nothing known of them yet."""
    places = {
        name: GatewayPlace(
            is_away=_is_away(gateway),
            then=settings.gateways[name].then,
            share=settings.gateways[name].share,
        )
        for name, gateway in gateways.items()
    }
    return Lineup(places=places, now=now, most_moves=settings.sending.most_moves)


def runs_of_lineup(lineup: Lineup, ledger: Ledger) -> list[PeriodicRun]:
    """Return the run that looks at the gateways; none where no gateway has another to take over from it.

    Each node looks for itself, for what it sees is its own; that two move the same message the ledger's guard prevents.
    """
    if not any(place.then for place in lineup.places.values()):
        return []
    return [PeriodicRun(name="lineup", every=_LOOK_EVERY, deed=lambda: lineup.run(ledger.sendings))]


def _is_away(gateway: Connection[GatewayAdapter]) -> Callable[[], bool]:
    def is_away() -> bool:
        health = gateway.health
        is_stopped = health.suspended_since is not None or health.paused_since is not None
        return is_stopped or "send" in health.open_deeds

    return is_away
