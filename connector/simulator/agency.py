"""The whole agency: portal, two offices and a gateway with its handsets, each on a loopback address of its own."""

import socket
from datetime import timedelta
from pathlib import Path

from connector.simulator.book import Duplicates, OfficeBook
from connector.simulator.configuration import (
    OFFICE_USER,
    PORTAL,
    SECRETARIATS,
    SENDER,
    Addresses,
    DaemonFiles,
    Secrets,
    write_configuration,
)
from connector.simulator.counter import Counter
from connector.simulator.fates import FateDeck, Pace
from connector.simulator.faults import Fault, FaultPlan
from connector.simulator.handset import HandsetGateway
from connector.simulator.inbox import Inbox
from connector.simulator.office_rest import RestDoor
from connector.simulator.office_soap import SoapDoor
from connector.simulator.portal import CitizenPortal, WriteBackDoor
from connector.simulator.records import OfficeEntry
from connector.simulator.serving import LoopbackServer

__all__ = ["SimulatedAgency"]

LOSING = (Fault.LOSE_ANSWER, Fault.STALL, Fault.ERROR_AFTER, Fault.GARBAGE, Fault.TRUNCATED)
"""Faults after which the office has the letter and the daemon has no answer."""


class SimulatedAgency:
    """Everything around the daemon. Lives in one process and survives the daemon's death; a context manager."""

    def __init__(
        self,
        folder: Path,
        *,
        seed: int = 1,
        pace: Pace | None = None,
        duplicates: Duplicates = Duplicates.ANSWERED_WITH_THE_NUMBER,
        deliver_after: timedelta = timedelta(milliseconds=300),
        ledger_url: str | None = None,
    ) -> None:
        """Bind every server and write the daemon's configuration into the folder.

        Its ledger lies in the folder too, unless the url of another, empty database is given.
        """
        agreed = Secrets()
        self.main = _counter("main", seed, pace or Pace(), duplicates)
        self.branch = _counter("branch", seed + 1, pace or Pace(), duplicates)
        self.handset = HandsetGateway(Inbox(deliver_after), agreed.gateway_key, SENDER, FaultPlan(seed + 2))
        self.daemon_port = _free_port()
        self.daemon_url = f"http://127.0.0.1:{self.daemon_port}"
        self.portal = CitizenPortal(lambda: self.daemon_url, PORTAL, agreed.portal_token)
        soap = LoopbackServer(SoapDoor(self.main, OFFICE_USER, agreed.office_password))
        rest = LoopbackServer(RestDoor(self.branch, agreed.office_token))
        gateway = LoopbackServer(self.handset)
        callback = LoopbackServer(WriteBackDoor(self.portal.book, agreed.callback_secret))
        self._servers = (soap, rest, gateway, callback)
        addresses = Addresses(
            soap_office=f"{soap.url}/soap",
            rest_office=rest.url,
            gateway=gateway.url,
            callback=f"{callback.url}/progress",
            daemon_port=self.daemon_port,
        )
        self.files: DaemonFiles = write_configuration(folder, addresses, agreed, ledger_url=ledger_url)

    @property
    def offices(self) -> tuple[Counter, Counter]:
        """Return both offices."""
        return self.main, self.branch

    def entries(self) -> list[OfficeEntry]:
        """Return the entries of both offices' books."""
        return [entry for office in self.offices for entry in office.book.entries()]

    def lost_answers(self) -> frozenset[str]:
        """Return the keys of registrations that an office did and whose answer went astray on purpose."""
        return frozenset().union(*(office.faults.hit_keys(*LOSING) for office in self.offices))

    def faults_played(self) -> dict[str, int]:
        """Return how often each fault was played, by place and fault."""
        plans = {"main": self.main.faults, "branch": self.branch.faults, "gateway": self.handset.faults}
        return {
            f"{place}.{fault}": count for place, plan in plans.items() for fault, count in plan.played.items()
        }

    def __enter__(self) -> "SimulatedAgency":
        """Open every door."""
        for server in self._servers:
            server.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close every door; calls that are being stalled are let go first."""
        self.portal.stop()
        for plan in (self.main.faults, self.branch.faults, self.handset.faults):
            plan.disarm()
        for server in self._servers:
            server.stop()


def _counter(office: str, seed: int, pace: Pace, duplicates: Duplicates) -> Counter:
    book = OfficeBook(
        frozenset({SECRETARIATS[office]}),
        deck=FateDeck(seed),
        pace=pace,
        duplicates=duplicates,
        first_number=1201,
    )
    return Counter(book, FaultPlan(seed))


def _free_port() -> int:
    """Return a port that is free now; the daemon keeps it over its restarts, as the portal expects."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
