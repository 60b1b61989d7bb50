"""Every shipped mapping proves itself by the cases beside it, through the real adapter."""

from pathlib import Path
from typing import Any

import pytest

from adapters.offices.rest import OFFICE as REST
from adapters.offices.soap import OFFICE as SOAP
from connector.mapping.plain_yaml import load_located
from connector.simulator.book import Duplicates
from connector.simulator.levels import Level, OfficeLevel, write_mappings
from connector.testing.mapping_cases import CaseResult, run_cases

MAPPINGS = Path(__file__).parents[3] / "mappings" / "offices"


def results(mapping: Path) -> list[CaseResult]:
    kind = SOAP if load_located(mapping).values["transport"] == "soap" else REST
    secret = {"environment": "CASE_SECRET"}
    settings: dict[str, Any] = {"username": "chapar", "password": secret, "token": secret}
    return list(run_cases(mapping, kind, settings))


def refuse_wrong(found: list[CaseResult]) -> None:
    wrong = [f"{result.name}: {complaint}" for result in found for complaint in result.complaints]
    assert found
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "mapping", [path for path in MAPPINGS.glob("*.yaml") if "." not in path.stem], ids=lambda path: path.stem
)
def test_every_case_of_every_shipped_mapping_holds(mapping: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASE_SECRET", "secret")
    refuse_wrong(results(mapping))


@pytest.mark.parametrize("key_is_searchable", [True, False])
@pytest.mark.parametrize("level", list(Level))
def test_the_mappings_of_each_level_prove_themselves_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, level: Level, key_is_searchable: bool
) -> None:
    monkeypatch.setenv("CASE_SECRET", "secret")
    wanted = OfficeLevel(level=level, duplicates=Duplicates.NAIVE, key_is_searchable=key_is_searchable)
    names = write_mappings(wanted, shipped=MAPPINGS.parent, folder=tmp_path)
    assert len(set(names.values())) == 2
    for name in names.values():
        refuse_wrong(results(tmp_path / "offices" / f"{name}.yaml"))
