"""What makes this daemon one of several: its presence, the turns of its periodic runs, the budgets that all share."""

from contextlib import AbstractContextManager

from connector import __version__
from connector.assembly.connections import Connections
from connector.assembly.stages import calls_begin_within
from connector.ledger.ledger import Ledger
from connector.scheduling.dispatcher import Dispatcher
from connector.scheduling.presence import Presence
from connector.scheduling.runs import PeriodicRun, TakeTurn
from connector.settings.connections import GROUPS
from connector.settings.settings import Settings

__all__ = ["node_of", "presence", "share_budgets", "turns"]

_LONGEST_NODE = 50
"""Characters of the node's name on a lease; a host's name may be longer, and the ULID tells nodes apart anyway."""


def node_of(settings: Settings) -> str:
    """Return the node's name as it stands on leases."""
    return settings.daemon.node_name[:_LONGEST_NODE]


def presence(settings: Settings, ledger: Ledger, dispatcher: Dispatcher, holder: str) -> Presence:
    """Return what makes this daemon known among the nodes."""
    return Presence(
        ledger,
        holder=holder,
        node=node_of(settings),
        version=__version__,
        in_hand=lambda: dispatcher.in_hand,
        calls_begin_within=calls_begin_within(settings),
    )


def turns(ledger: Ledger, holder: str) -> TakeTurn:
    """Return who says whether a run that is once for all is this node's turn."""

    def take(run: PeriodicRun) -> AbstractContextManager[bool]:
        return ledger.run_turns.take(run.name, every=run.every, holder=holder)

    return take


def share_budgets(ledger: Ledger, connections: Connections) -> None:
    """Have the nodes share each connection's rate and its silence, where their database can keep that."""
    for group in GROUPS:
        for connection in getattr(connections, group).values():
            budget = ledger.call_rates.budget(f"{group}.{connection.name}", connection.calls_per_second)
            if budget is not None:
                connection.share_budget(budget)
