"""The agency as a whole: what it writes for the daemon, and that its doors open and close."""

import stat
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
import requests

from connector.intake.routes import load_routes
from connector.mapping.load import load_office_mapping
from connector.settings.shipped import mapping_folders
from connector.simulator.agency import SimulatedAgency
from connector.simulator.book import Duplicates
from connector.simulator.letters import SERVICES


@pytest.fixture
def agency(tmp_path: Path) -> SimulatedAgency:
    return SimulatedAgency(tmp_path)


def written(agency: SimulatedAgency) -> dict[str, object]:
    return tomllib.loads(agency.files.configuration.read_text(encoding="utf-8"))


def test_no_secret_stands_in_the_configuration_and_files_are_for_the_owner_alone(
    agency: SimulatedAgency, tmp_path: Path
) -> None:
    with agency:
        text = agency.files.configuration.read_text(encoding="utf-8")
        secrets = list((tmp_path / "secrets").iterdir())
        assert len(secrets) == 7
        assert not any(secret.read_text().strip() in text for secret in secrets)
        for path in (agency.files.configuration, *secrets):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_routes_send_every_service_to_an_office_of_its_own(
    agency: SimulatedAgency, tmp_path: Path
) -> None:
    with agency:
        routes = load_routes(tmp_path / "routes.yaml")
        assert routes.lint({"main", "branch"}, {"sms"}) == []
        found = [routes.route_for(service, None) for service in SERVICES]
        assert {route.office for route in found if route} == {"main", "branch"}


def test_every_door_asks_for_its_secret_and_closes_at_the_end(agency: SimulatedAgency) -> None:
    with agency:
        configuration = written(agency)
        offices: dict[str, dict[str, dict[str, str]]] = configuration["offices"]  # type: ignore[assignment]
        urls = [office["http"]["url"] for office in offices.values()]
        assert [requests.post(url, timeout=10).status_code for url in urls] == [401, 401]
    for url in urls:
        with pytest.raises(requests.ConnectionError):
            requests.post(url, timeout=10)


def test_each_server_of_the_agency_can_be_down_for_a_while(agency: SimulatedAgency) -> None:
    with agency:
        for name in ("main", "branch", "gateway", "callback"):
            server = agency.server(name)
            server.shut()
            with pytest.raises(requests.ConnectionError):
                requests.post(server.url, timeout=10)
            server.open()
            assert requests.post(server.url, timeout=10).status_code >= 400


def test_several_daemons_share_all_but_name_and_port(tmp_path: Path) -> None:
    agency = SimulatedAgency(tmp_path, nodes=2, ledger_url="postgresql+psycopg://localhost/one")
    third = agency.add_node(ledger_url="postgresql+psycopg://localhost/through-a-proxy")
    with agency:
        read = [tomllib.loads(node.configuration.read_text(encoding="utf-8")) for node in agency.nodes]
    assert [node.node for node in agency.nodes] == ["node-1", "node-2", "node-3"]
    assert len({node.port for node in agency.nodes} | {node.log for node in agency.nodes}) == 6
    assert read[2]["ledger"].pop("url").endswith("through-a-proxy")
    assert read[0]["ledger"].pop("url") == read[1]["ledger"].pop("url")
    for configuration, node in zip(read, agency.nodes, strict=True):
        assert configuration["daemon"].pop("node") == node.node
        assert configuration["web"].pop("port") == node.port
    assert read[0] == read[1] == read[2]
    assert third is agency.nodes[2]


def test_the_portal_goes_round_over_the_daemons(tmp_path: Path) -> None:
    agency = SimulatedAgency(tmp_path, nodes=3)
    with agency:
        urls = [agency.portal.address() for _ in range(6)]
    assert set(urls[:3]) == {node.url for node in agency.nodes}
    assert urls[:3] == urls[3:]


@pytest.mark.parametrize("level", ["A", "B", "C"])
@pytest.mark.parametrize("duplicates", [None, *Duplicates])
def test_the_configuration_of_every_level_is_accepted(
    tmp_path: Path, level: str, duplicates: Duplicates | None
) -> None:
    with SimulatedAgency(tmp_path, level=level, duplicates=duplicates) as agency:
        read = tomllib.loads(agency.files.configuration.read_text(encoding="utf-8"))
        folders = mapping_folders(Path(read["daemon"]["mappings"]) if "mappings" in read["daemon"] else None)
        offices: tuple[tuple[str, Literal["soap", "rest"]], ...] = (("main", "soap"), ("branch", "rest"))
        for office, transport in offices:
            compiled = load_office_mapping(read["offices"][office]["mapping"], folders, transport=transport)
            assert (compiled.find is not None) == (level == "A")
            assert (compiled.search is not None) == (level in "AB")
            knows = agency.main.book.duplicates is Duplicates.ANSWERED_WITH_THE_NUMBER
            assert compiled.mapping.idempotent_create == knows
    usual = Duplicates.ANSWERED_WITH_THE_NUMBER if level == "A" else Duplicates.NAIVE
    assert agency.main.book.duplicates is (duplicates or usual)


def test_settings_of_the_agency_can_be_changed(tmp_path: Path) -> None:
    changes: dict[str, dict[str, Any]] = {"daemon": {"lease": "3s"}, "review": {"enabled": True}}
    with SimulatedAgency(tmp_path, changes=changes, answer_within=timedelta(seconds=1.5)) as agency:
        read = tomllib.loads(agency.files.configuration.read_text(encoding="utf-8"))
    assert (read["daemon"]["lease"], read["daemon"]["node"]) == ("3s", "node-1")
    assert read["review"] == {"enabled": True}
    assert read["offices"]["main"]["http"]["answer_within"] == "1500ms"
