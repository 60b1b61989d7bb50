"""The runs that the house makes of its gateways: an inbox that is asked, a living session, and what was left over."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connector.assembly.citizen import incoming_runs, receiving_policy, takes_incoming, with_inbox
from connector.assembly.connections import Connections
from connector.citizen.handling import Handling
from connector.citizen.receiving import Receiving
from connector.ledger import Ledger
from connector.ports.connection import Connection
from connector.scheduling.runs import PeriodicRun
from connector.settings.load import load_settings
from connector.settings.settings import Settings
from connector.testing.builders import HeldClock
from tests.unit.citizen.talk import TalkingGateway
from tests.unit.notification.house import BookGateway

CONFIGURATION = """
[ledger.keys]
current = "key-1"
ring = {"key-1" = {environment = "KEY"}}
blind_index = {environment = "KEY"}
[notification]
survey = true
[receiving]
inbox_every = "20s"
replies_per_hour = 2
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "chapar.toml").write_text(CONFIGURATION)
    return load_settings(tmp_path / "chapar.toml")


def gateways(**adapters: BookGateway) -> Connections:
    connected = {
        name: Connection(name=name, adapter=adapter, pool_size=1) for name, adapter in adapters.items()
    }
    return Connections(portals={}, offices={}, gateways=connected)  # type: ignore[arg-type]


def test_each_inbox_has_its_run_and_brings_what_is_written_to_the_ledger(
    settings: Settings, sqlite_url: str, open_on: Callable[[str], Ledger], clock: HeldClock
) -> None:
    ledger, asked, session = open_on(sqlite_url), TalkingGateway(), TalkingGateway()
    session.capabilities = replace(session.capabilities, inbox_every=timedelta(seconds=5))
    connections = gateways(asked=asked, session=session, deaf=BookGateway())
    handling = Handling(ledger, receiving_policy(settings), now=clock.now)
    receiving = Receiving(ledger, handling)
    runs: dict[str, PeriodicRun] = {
        run.name: run for run in incoming_runs(settings, ledger, connections, receiving, now=clock.now)
    }
    assert {name: (run.every.total_seconds(), run.once_for_all) for name, run in runs.items()} == {
        "incoming-left-over": (60, True),
        "inbox-asked": (20, True),
        "inbox-session": (5, False),
    }
    assert list(with_inbox(connections)) == ["asked", "session"]
    assert takes_incoming(connections) == {}
    asked.write("help")
    session.write("۵")
    for run in runs.values():
        run.deed()
    rows = {row.gateway: (row.command, row.outcome) for row in ledger.incoming.rows()}
    assert rows == {"asked": ("help", "answered"), "session": ("mark", "answered")}


def test_how_much_is_answered_is_what_the_settings_say(settings: Settings) -> None:
    policy = receiving_policy(settings)
    assert (policy.survey, policy.replies_per_hour, policy.replies_per_day) == (True, 2, 12)
