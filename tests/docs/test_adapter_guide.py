"""The guide to an adapter tells the truth: its faults, fates, replies and entry points exist as it shows them."""

import re
import tomllib
from pathlib import Path

import yaml

from adapters.offices.rest import OFFICE
from connector.settings.sections import DaemonSection
from connector.simulator.fates import Fate
from connector.simulator.vendor.own_replies import OwnRepliesFile, told
from connector.simulator.vendor.sandbox import read_fault
from connector.testing.examining import BENCHES
from connector.testing.starting import start_mapping, start_package

GUIDE = (Path(__file__).parents[2] / "docs" / "an-adapter-in-an-afternoon.md").read_text(encoding="utf-8")


def block(language: str, word: str = "") -> str:
    found = re.findall(rf"^```{language}\n(.*?)^```", GUIDE, flags=re.M | re.S)
    return next(text for text in found if word in text)


def test_every_fault_and_fate_that_is_shown_exists() -> None:
    faults = set(re.findall(r"--fault ([a-z_@0-9]+)", GUIDE)) - {"list"}
    assert faults
    for fault in faults:
        read_fault(fault)
    assert set(re.findall(r"--fate ([a-z_]+)", GUIDE)) <= set(Fate)


def test_the_replies_that_are_shown_can_be_written_so() -> None:
    OwnRepliesFile.model_validate(yaml.safe_load(block("yaml")))
    names = re.search(r"The templates know (.*?)\.", GUIDE, flags=re.S)
    assert names
    assert set(re.findall(r"`(\w+)`", names[1])) == set(told({}))


def test_the_settings_that_are_shown_are_those_of_a_configuration() -> None:
    shown = tomllib.loads(block("toml", "[daemon]"))
    assert set(shown["daemon"]) <= set(DaemonSection.model_fields)
    office = shown["offices"]["municipality"]
    OFFICE.settings.model_validate({key: value for key, value in office.items() if key != "adapter"})


def test_the_entry_points_and_tests_that_are_shown_are_those_of_the_start(tmp_path: Path) -> None:
    made = {path.name: path.read_text(encoding="utf-8") for path in start_package("my-office", tmp_path)}
    shown = tomllib.loads(block("toml", "entry-points"))["project"]["entry-points"]
    assert shown == tomllib.loads(made["pyproject.toml"])["project"]["entry-points"]
    assert BENCHES in shown
    assert block("python") in made["test_contract.py"]


def test_the_start_has_every_part_that_the_guide_walks_through(tmp_path: Path) -> None:
    for is_soap in (False, True):
        text = start_mapping(f"a{int(is_soap)}", tmp_path, is_soap=is_soap)[0].read_text(encoding="utf-8")
        mapping = yaml.safe_load(text)
        assert {"authentication", "limits", "services", "operations"} <= set(mapping)
        assert {"register", "find"} <= set(mapping["operations"])
        assert "correlation_key" in text
