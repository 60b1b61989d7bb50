"""The agency as a whole: what it writes for the daemon, and that its doors open and close."""

import stat
import tomllib
from pathlib import Path

import pytest
import requests

from connector.intake.routes import load_routes
from connector.simulator.agency import SimulatedAgency
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
