"""The whole agency: portal, two offices and a gateway with its handsets, each on a loopback address of its own."""

import socket
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from connector.simulator.book import Duplicates, OfficeBook
from connector.simulator.configuration import (
    OFFICE_USER,
    PORTAL,
    SECRETARIATS,
    SENDER,
    Addresses,
    DaemonConfiguration,
    DaemonFiles,
    Secrets,
    Wishes,
)
from connector.simulator.counter import Counter
from connector.simulator.fates import FateDeck, Pace
from connector.simulator.faults import FaultPlan
from connector.simulator.handset import HandsetGateway
from connector.simulator.handset_unasked import UnaskedGateway
from connector.simulator.inbox import Inbox
from connector.simulator.levels import Level, OfficeLevel
from connector.simulator.office_rest import RestDoor
from connector.simulator.office_soap import SoapDoor
from connector.simulator.portal import CitizenPortal, WriteBackDoor
from connector.simulator.records import OfficeEntry
from connector.simulator.serving import LoopbackServer

__all__ = ["SimulatedAgency"]


class SimulatedAgency:
    """Everything around the daemons. Lives in one process and survives their death; a context manager."""

    def __init__(
        self,
        folder: Path,
        *,
        seed: int = 1,
        pace: Pace | None = None,
        level: Level | str = Level.A,
        duplicates: Duplicates | None = None,
        key_is_searchable: bool = True,
        deliver_after: timedelta = timedelta(milliseconds=300),
        ledger_url: str | None = None,
        nodes: int = 1,
        answer_within: timedelta | None = None,
        is_gateway_asked: bool = True,
        changes: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        """Bind every server and write the configuration of so many daemons into the folder.

        Their ledger lies in the folder too, unless the url of another, empty database is given. Offices below
        level A make a second entry of a second create, unless ``duplicates`` says otherwise. ``answer_within``
        and ``changes`` (settings by table) are for the daemons.
        """
        agreed = Secrets()
        offices = _office_level(Level(level), duplicates, key_is_searchable)
        self._ledger_url = ledger_url
        self.main = _counter("main", seed, pace or Pace(), offices)
        self.branch = _counter("branch", seed + 1, pace or Pace(), offices)
        self.handset = _gateway(Inbox(deliver_after), agreed.gateway_key, seed + 2, is_asked=is_gateway_asked)
        self._turns = _Turns()
        self.portal = CitizenPortal(self._turns.next_url, PORTAL, agreed.portal_token)
        self._servers = self._serve(agreed)
        wishes = Wishes(level=offices, answer_within=answer_within, changes=changes or {})
        wishes = replace(wishes, is_gateway_asked=is_gateway_asked)
        self._configuration = DaemonConfiguration(folder, self._addresses(), agreed, wishes)
        self.nodes: list[DaemonFiles] = []
        """What was written for each daemon."""
        for _ in range(nodes):
            self.add_node()

    def _serve(self, agreed: Secrets) -> dict[str, LoopbackServer]:
        return {
            "main": LoopbackServer(SoapDoor(self.main, OFFICE_USER, agreed.office_password)),
            "branch": LoopbackServer(RestDoor(self.branch, agreed.office_token)),
            "gateway": LoopbackServer(self.handset),
            "callback": LoopbackServer(WriteBackDoor(self.portal.book, agreed.callback_secret)),
        }

    def _addresses(self) -> Addresses:
        urls = {name: server.url for name, server in self._servers.items()}
        return Addresses(
            soap_office=f"{urls['main']}/soap",
            rest_office=urls["branch"],
            gateway=urls["gateway"],
            callback=f"{urls['callback']}/progress",
        )

    def add_node(self, *, ledger_url: str | None = None) -> DaemonFiles:
        """Write the configuration of one more daemon, and let the portal hand letters in there as well.

        It differs from the others in name and port, and in the way to the ledger where another url is given.
        """
        node = self._configuration.write_node(
            len(self.nodes) + 1, _free_port(), ledger_url=ledger_url or self._ledger_url
        )
        self.nodes.append(node)
        self._turns.add(node.url)
        return node

    @property
    def files(self) -> DaemonFiles:
        """Return what was written for the first daemon."""
        return self.nodes[0]

    @property
    def daemon_url(self) -> str:
        """Return where the first daemon shall listen."""
        return self.files.url

    @property
    def daemon_port(self) -> int:
        """Return the port of the first daemon."""
        return self.files.port

    def server(self, name: Literal["main", "branch", "gateway", "callback"]) -> LoopbackServer:
        """Return the server of an office, of the gateway, or of the portal's address for news."""
        return self._servers[name]

    @property
    def offices(self) -> tuple[Counter, Counter]:
        """Return both offices."""
        return self.main, self.branch

    @property
    def plans(self) -> dict[str, FaultPlan]:
        """Return the faults of each place."""
        return {"main": self.main.faults, "branch": self.branch.faults, "gateway": self.handset.faults}

    def entries(self) -> list[OfficeEntry]:
        """Return the entries of both offices' books."""
        return [entry for office in self.offices for entry in office.book.entries()]

    def lost_answers(self) -> frozenset[str]:
        """Return the keys of registrations that an office did and whose answer went astray on purpose."""
        return frozenset().union(*(office.faults.lost_keys("register") for office in self.offices))

    def spoiled_registrations(self) -> frozenset[str]:
        """Return the keys of registrations that anything was done to on purpose."""
        return frozenset().union(*(office.faults.hit_keys("register") for office in self.offices))

    def faults_played(self) -> dict[str, int]:
        """Return how often each fault was played, by place and fault."""
        return {
            f"{place}.{fault}": count
            for place, plan in self.plans.items()
            for fault, count in plan.played.items()
        }

    def __enter__(self) -> "SimulatedAgency":
        """Open every door."""
        for server in self._servers.values():
            server.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close every door; calls that are being stalled are let go first."""
        self.portal.stop()
        for plan in self.plans.values():
            plan.disarm()
        for server in self._servers.values():
            server.stop()


def _gateway(inbox: Inbox, key: str, seed: int, *, is_asked: bool) -> HandsetGateway | UnaskedGateway:
    if is_asked:
        return HandsetGateway(inbox, key, SENDER, FaultPlan(seed))
    return UnaskedGateway(inbox, key, FaultPlan(seed))


class _Turns:
    """The addresses of the daemons, one after the other: whoever is refused by one goes to the next."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._urls: list[str] = []
        self._given = 0

    def add(self, url: str) -> None:
        with self._lock:
            self._urls.append(url)

    def next_url(self) -> str:
        with self._lock:
            self._given += 1
            return self._urls[self._given % len(self._urls)]


def _office_level(level: Level, duplicates: Duplicates | None, key_is_searchable: bool) -> OfficeLevel:
    usual = Duplicates.ANSWERED_WITH_THE_NUMBER if level is Level.A else Duplicates.NAIVE
    return OfficeLevel(level=level, duplicates=duplicates or usual, key_is_searchable=key_is_searchable)


def _counter(office: str, seed: int, pace: Pace, level: OfficeLevel) -> Counter:
    book = OfficeBook(
        frozenset({SECRETARIATS[office]}),
        deck=FateDeck(seed),
        pace=pace,
        duplicates=level.duplicates,
        key_is_searchable=level.key_is_searchable,
        first_number=1201,
    )
    return Counter(book, FaultPlan(seed))


def _free_port() -> int:
    """Return a port that is free now; the daemon keeps it over its restarts, as the portal expects."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
