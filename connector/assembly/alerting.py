"""Builds the alerts: the channels, what a person is needed for, and what this node sees of its machine."""

import shutil
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from connector.alerting.alerting import Alerting
from connector.assembly.among_nodes import node_of
from connector.assembly.configured import is_configured
from connector.clock import Now, SteadyClock
from connector.domain.alert import Trouble, Unwell
from connector.ledger.connection_needs import NeedsPerson
from connector.ledger.ledger import Ledger
from connector.settings.settings import Settings
from connector.transport.alert_channel import AppriseChannel

__all__ = ["Machine", "alert_channels", "build_alerting"]

_ROOM: Final = 1_000_000_000
_CLOCK_OFF: Final = timedelta(minutes=1)
_MOST: Final = 1000
"""Of each kind; an alert counts them, and nobody is helped by a larger number."""


class Machine:
    """What this node sees of the machine that it stands on, and since when."""

    def __init__(self, attachments: Path, off_by: Callable[[], timedelta], *, node: str, now: Now) -> None:
        """Take the folder that needs room, how far the clock is off, and whose word it is."""
        self._attachments = attachments
        self._off_by = off_by
        self._node = node
        self._now = now
        self._since: dict[Unwell, datetime] = {}

    def troubles(self) -> list[Trouble]:
        """Return what is wrong at this moment."""
        wrong = {
            Unwell.LITTLE_ROOM: _free(self._attachments) < _ROOM,
            Unwell.CLOCK_SET: abs(self._off_by()) > _CLOCK_OFF,
        }
        self._since = {each: self._since.get(each, self._now()) for each, is_so in wrong.items() if is_so}
        return [
            Trouble(because=each, where=f"@{self._node}", since=since) for each, since in self._since.items()
        ]


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return _ROOM  # it is not there yet; that is for `chapar check` to say


def alert_channels(settings: Settings) -> list[AppriseChannel]:
    """Return the configured channels, none of them opened."""
    return [AppriseChannel(name, url) for name, url in settings.alerts.channels.items()]


def build_alerting(settings: Settings, ledger: Ledger, clock: SteadyClock) -> Alerting:
    """Return the service that tells the operators."""
    node = node_of(settings)
    deadlines, is_served = settings.deadlines.as_deadlines(), is_configured(settings)

    def needs() -> Sequence[NeedsPerson]:
        return ledger.attention.needs(deadlines, is_served, limit=_MOST)

    machine = Machine(settings.ledger.attachments, lambda: clock.off_by, node=node, now=clock.now)
    return Alerting(
        ledger.alerts_told,
        alert_channels(settings),
        settings.alerts.as_policy(),
        node=node,
        needs=needs,
        machine=machine.troubles,
        now=clock.now,
    )
