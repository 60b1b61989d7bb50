"""A third party's gateway has the same right as ours: found by its entry points, examined by the same contract."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connector.cli.main import application
from connector.errors import AdapterUnknown

ENTRY_POINTS = """
[chapar.gateways]
stranger = stranger_gateway:GATEWAY
lonely = stranger_gateway:GATEWAY

[chapar.simulated_gateways]
stranger = stranger_gateway:StrangerVendor
"""


@pytest.fixture(autouse=True)
def _installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = tmp_path / "stranger_gateway-1.2.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger-gateway\nVersion: 1.2\n")
    (facts / "entry_points.txt").write_text(ENTRY_POINTS)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.syspath_prepend(str(Path(__file__).with_name("stranger")))


def test_the_gateway_of_a_stranger_is_proven_by_the_same_contract() -> None:
    done = CliRunner().invoke(application, ["gateways", "certify", "--adapter", "stranger", "--json"])
    plain = json.loads(done.stdout)
    failed = [check for check in plain["checks"] if check["verdict"] == "failed"]
    assert failed == []
    assert done.exit_code == 0
    assert plain["subject"]["package"] == "stranger-gateway 1.2"
    assert plain["level"] == {"declared": "C", "proven": "C"}
    reasons = {check["name"]: check["reason"] for check in plain["checks"] if check["verdict"] == "skipped"}
    assert reasons["outside_hours"] == "This vendor has no hours."
    assert reasons["inbox_empty"] == "The adapter does not declare has_inbox."


def test_a_package_without_a_vendor_is_told_what_it_lacks() -> None:
    done = CliRunner().invoke(application, ["gateways", "certify", "--adapter", "lonely"])
    assert isinstance(done.exception, AdapterUnknown)
    assert "chapar.simulated_gateways" in str(done.exception.next_step)
