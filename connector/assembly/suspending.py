"""What this node stopped by itself, told to whoever looks from outside: `chapar attention` is another process."""

from datetime import timedelta
from typing import Final

from connector.assembly.connections import Connections
from connector.ledger.suspensions import Suspension, Suspensions
from connector.observability.metrics import set_suspended
from connector.scheduling.runs import PeriodicRun

__all__ = ["TellingOfSuspensions", "run_of_suspensions"]

_EVERY: Final = timedelta(seconds=2)
"""A look at memory; something is written only where a suspension has begun or ended."""


class TellingOfSuspensions:
    """Looks which connections are suspended, and writes it where that is not what was written last."""

    def __init__(self, suspensions: Suspensions, connections: Connections, *, node: str) -> None:
        """Take the ledger's place for it, and whose word it is."""
        self._suspensions = suspensions
        self._connections = connections
        self._node = node
        self._told: dict[str, Suspension] = {}

    def run(self) -> None:
        """Tell what has changed. Raise LedgerUnavailable if the ledger is away: then the next run tells it."""
        suspended = {}
        for connection in self._connections.each():
            health = connection.health
            set_suspended(connection.name, health.suspended_since is not None)
            if health.suspended_since is not None:
                reason = health.suspended_because or "credentials_rejected"
                suspended[connection.name] = Suspension(since=health.suspended_since, reason=reason)
        if suspended != self._told:
            self._suspensions.tell(self._node, suspended)
            self._told = suspended


def run_of_suspensions(suspensions: Suspensions, connections: Connections, *, node: str) -> PeriodicRun:
    """Return the periodic run. Each node tells of its own."""
    telling = TellingOfSuspensions(suspensions, connections, node=node)
    return PeriodicRun(name="suspensions", every=_EVERY, deed=telling.run)
