"""Benches of the simulated office behind its own two doors, for each level."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from adapters.offices.rest import OFFICE as REST
from adapters.offices.soap import OFFICE as SOAP
from connector.ports.catalogue import AdapterSite
from connector.ports.office import OfficeAdapter
from connector.simulator.desk import MOST_MATCHES
from connector.simulator.fates import Fate
from connector.simulator.fault_kinds import Fault
from connector.simulator.levels import OfficeLevel, write_mappings
from connector.simulator.office_rest import RestDoor
from connector.simulator.office_soap import SoapDoor
from connector.testing.office_contract import Need, OpenBench, Place, ServedBench, served

MAPPINGS = Path(__file__).parents[3] / "mappings"
EXEMPT: dict[str, Mapping[Need | Fault, str]] = {"soap": {}, "rest": {}}


def simulated(transport: str, level: OfficeLevel, folder: Path) -> OpenBench:
    """Return what opens benches of this office; derived mappings and secrets are written into the folder."""
    mapping = write_mappings(level, shipped=MAPPINGS, folder=folder)[transport]
    for word in ("secret", "wrong"):
        (folder / word).write_text(word, encoding="ascii")

    def connects(place: Place) -> OfficeAdapter:
        kind = SOAP if transport == "soap" else REST
        secret = {"file": folder / ("wrong" if place.has_wrong_credentials else "secret")}
        credentials: dict[str, Any] = (
            {"username": "chapar", "password": secret} if transport == "soap" else {"token": secret}
        )
        http = {"url": place.url, "answer_within": place.answer_within}
        settings = kind.settings.model_validate({"mapping": mapping, "http": http, **credentials})
        return kind.build(settings, AdapterSite(name="main", mappings=(folder, MAPPINGS), pool_size=8))

    def bench(fate: Fate) -> ServedBench:
        return ServedBench(
            connects=connects,
            door=lambda counter: (
                SoapDoor(counter, "chapar", "secret") if transport == "soap" else RestDoor(counter, "secret")
            ),
            fate=fate,
            page=MOST_MATCHES,
        )

    return served(bench)
