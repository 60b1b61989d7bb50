"""``chapar wsdl``: what is printed for people and for machines, and how it leaves."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connector.cli.main import application
from connector.errors import MappingInvalid

SIMULATED = Path(__file__).parents[3] / "mappings" / "offices" / "simulated"


@pytest.fixture
def run():
    runner = CliRunner()
    return lambda *arguments: runner.invoke(application, ["wsdl", *(str(argument) for argument in arguments)])


def test_a_bundle_is_made_looked_through_and_compared(run, tmp_path):
    made = json.loads(run("bundle", SIMULATED, "--into", tmp_path / "b", "--json").stdout)
    assert (made["wsdls"], made["documents"]) == (["office.wsdl"], 1)
    assert "pinned in bundle.json" in run("bundle", SIMULATED, "--into", tmp_path / "b").stdout
    checked = run("check", tmp_path / "b", SIMULATED, "--operations")
    assert checked.exit_code == 0
    assert "office.wsdl: wsdl, 5 operations" in checked.stdout
    assert "RegisterLetter" in checked.stdout
    (told, _) = json.loads(run("check", tmp_path / "b", SIMULATED, "--json").stdout)
    assert told["usable"] is True
    assert {each["usable"] for each in told["wsdls"][0]["operations"]} == {"wsdl"}
    same = run("drift", tmp_path / "b", SIMULATED)
    assert (same.exit_code, same.stdout.strip()) == (0, "Nothing has moved.")


def test_what_moved_is_told_and_leaves_with_one(run, tmp_path):
    moved = tmp_path / "moved.wsdl"
    text = (SIMULATED / "office.wsdl").read_text(encoding="utf-8")
    moved.write_text(text.replace('name="Ping"', 'name="Pong"'), encoding="utf-8")
    told = run("drift", SIMULATED, moved)
    assert told.exit_code == 1
    assert "operation SimulatedOffice/OfficeSoap/Ping was removed" in told.stdout
    assert {each["change"] for each in json.loads(run("drift", SIMULATED, moved, "--json").stdout)} == {
        "added",
        "removed",
    }


def test_what_cannot_be_used_leaves_with_one_and_what_is_not_there_is_an_error(run, tmp_path):
    bad = tmp_path / "bad.wsdl"
    bad.write_text("<html>")
    told = run("check", SIMULATED, bad)
    assert told.exit_code == 1
    assert "NOT usable" in told.stdout
    assert "it is not XML" in told.stdout
    assert run("check", tmp_path / "empty").exit_code == 1
    with pytest.raises(MappingInvalid, match="There is no WSDL"):
        raise run("bundle", tmp_path / "none", "--into", tmp_path / "b").exception
