"""What is done every so often: portals asked, new events sealed, remains swept, suspended connections told of."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from connector.assembly.among_nodes import node_of
from connector.assembly.connections import Connections
from connector.assembly.lying_aside import run_of_set_aside
from connector.assembly.suspending import run_of_suspensions
from connector.intake.attachment_rules import AttachmentRules
from connector.intake.collection import Collection
from connector.intake.front_door import FrontDoor
from connector.ledger.ledger import Ledger
from connector.observability.logging import get_logger
from connector.ports.connection import Connection
from connector.ports.portal import HandsInSubmissions, PortalAdapter, StandsSomewhere
from connector.scheduling.runs import PeriodicRun
from connector.settings.settings import Settings

__all__ = ["periodic_runs"]

log = get_logger(__name__)

_SEAL_EVERY: Final = timedelta(minutes=1)
_SWEEP_EVERY: Final = timedelta(hours=6)
_LEFT_BEHIND: Final = timedelta(days=1)
"""An attachment that no letter names by then belongs to a submission that broke off."""


def periodic_runs(
    settings: Settings,
    ledger: Ledger,
    connections: Connections,
    front_door: FrontDoor,
    rules: AttachmentRules,
) -> list[PeriodicRun]:
    """Return the periodic runs of this configuration."""
    runs = [
        _for_all("sweep", _SWEEP_EVERY, lambda: _sweep(ledger)),
        _for_all("audit-seal", _SEAL_EVERY, lambda: _seal(ledger)),
        run_of_suspensions(ledger.suspensions, connections, node=node_of(settings)),
        run_of_set_aside(ledger.set_aside, connections, node=node_of(settings)),
    ]
    for name, collection in _collections(ledger, connections, front_door, rules).items():
        portal = connections.portals[name]
        place = portal.adapter.place() if isinstance(portal.adapter, StandsSomewhere) else ""
        runs.append(
            PeriodicRun(
                name=f"collect-{name}-{place}" if place else f"collect-{name}",
                every=settings.intake.collect_every,
                deed=_collecting(portal, collection),
                is_first_at_once=True,
                once_for_all=place is not None,
            )
        )
    return runs


def _for_all(name: str, every: timedelta, deed: Callable[[], None]) -> PeriodicRun:
    return PeriodicRun(name=name, every=every, deed=deed, is_first_at_once=True, once_for_all=True)


def _collections(
    ledger: Ledger, connections: Connections, front_door: FrontDoor, rules: AttachmentRules
) -> Mapping[str, Collection]:
    return {
        name: Collection(name, portal.adapter, front_door, ledger.attachments, rules)
        for name, portal in connections.portals.items()
        if isinstance(portal.adapter, HandsInSubmissions) and portal.capabilities.hands_in
    }


def _collecting(portal: Connection[PortalAdapter], collection: Collection) -> Callable[[], None]:
    def collect() -> None:
        if not portal.is_paused:
            collection.run()

    return collect


def _sweep(ledger: Ledger) -> None:
    removed = ledger.sweep_attachments(grace=_LEFT_BEHIND)
    if removed:
        log.info("ledger.remains_swept", files=removed)


def _seal(ledger: Ledger) -> None:
    for seal in ledger.audit.seal():
        # A log that is kept elsewhere is a witness: it still knows of a seal that somebody took away here.
        log.info("audit.sealed", seal=seal.position, events=seal.events, acts=seal.acts, digest=seal.chain)
