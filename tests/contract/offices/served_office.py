"""The simulated office behind one of its doors, on a real socket, and the adapter that stands before it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from adapters.offices.rest import OFFICE as REST
from adapters.offices.soap import OFFICE as SOAP
from connector.ports.catalogue import AdapterSite
from connector.simulator.book import OfficeBook
from connector.simulator.counter import Counter
from connector.simulator.fates import Fate, FateDeck, Pace
from connector.simulator.faults import FaultPlan
from connector.simulator.levels import OfficeLevel, write_mappings
from connector.simulator.office_rest import RestDoor
from connector.simulator.office_soap import SoapDoor
from connector.simulator.serving import LoopbackServer
from connector.testing.builders import HeldClock

MAPPINGS = Path(__file__).parents[3] / "mappings"


class ServedOffice:
    """One office with one door; ``level`` says what it can do after a lost answer."""

    def __init__(self, transport: str, fates: tuple[Fate, ...], level: OfficeLevel, folder: Path) -> None:
        self.clock = HeldClock()
        book = OfficeBook(
            frozenset({"10"}),
            deck=FateDeck(1, fates),
            pace=Pace(),
            now=self.clock.now,
            duplicates=level.duplicates,
            key_is_searchable=level.key_is_searchable,
        )
        self.counter = Counter(book, FaultPlan())
        self.transport = transport
        is_soap = transport == "soap"
        door = SoapDoor(self.counter, "chapar", "secret") if is_soap else RestDoor(self.counter, "secret")
        self.server = LoopbackServer(door)
        self.offices: list[Any] = []
        self._folder = folder
        self._mapping = write_mappings(level, shipped=MAPPINGS, folder=folder)[transport]

    def office(self, **changes: Any) -> Any:
        kind = SOAP if self.transport == "soap" else REST
        secret = {"environment": "OFFICE_SECRET"}
        credentials = (
            {"username": "chapar", "password": secret} if self.transport == "soap" else {"token": secret}
        )
        http = {"url": self.server.url, "answer_within": timedelta(seconds=2)}
        settings = {"mapping": self._mapping, "http": http, **credentials, **changes}
        site = AdapterSite(name="main", mappings=(self._folder, MAPPINGS), pool_size=2)
        office = kind.build(kind.settings.model_validate(settings), site)
        self.offices.append(office)
        return office

    def close(self) -> None:
        self.counter.faults.disarm()
        self.server.stop()
        for office in self.offices:
            office.close()
            office.close()


Open = Callable[..., ServedOffice]
