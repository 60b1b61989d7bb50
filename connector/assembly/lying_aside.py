"""What adapters have set aside for a person, told to whoever looks from outside, as `chapar attention` does."""

from datetime import timedelta
from typing import Final

from connector.assembly.connections import Connections
from connector.ledger.set_aside import LiesAside, SetAside
from connector.ports.set_aside import SetsAside
from connector.scheduling.runs import PeriodicRun

__all__ = ["TellingOfSetAside", "run_of_set_aside"]

_EVERY: Final = timedelta(seconds=2)
"""A look at memory; something is written only where it has changed."""


class TellingOfSetAside:
    """Looks what lies aside at each connection, and writes it where that is not what was written last."""

    def __init__(self, set_aside: SetAside, connections: Connections, *, node: str) -> None:
        """Take the ledger's place for it, and whose word it is."""
        self._set_aside = set_aside
        self._connections = connections
        self._node = node
        self._told: dict[str, LiesAside] = {}

    def run(self) -> None:
        """Tell what has changed. Raise LedgerUnavailable if the ledger is away: then the next run tells it."""
        lying = {}
        for connection in self._connections.each():
            adapter = connection.adapter
            aside = adapter.set_aside if isinstance(adapter, SetsAside) else None
            if aside is not None:
                lying[connection.name] = LiesAside(since=aside.since, count=aside.count, reason=aside.reason)
        if lying != self._told:
            self._set_aside.tell(self._node, lying)
            self._told = lying


def run_of_set_aside(set_aside: SetAside, connections: Connections, *, node: str) -> PeriodicRun:
    """Return the periodic run. Each node tells of its own."""
    telling = TellingOfSetAside(set_aside, connections, node=node)
    return PeriodicRun(name="set-aside", every=_EVERY, deed=telling.run)
