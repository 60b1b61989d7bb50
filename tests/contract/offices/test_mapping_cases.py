"""Every shipped mapping proves itself by the cases beside it, through the real adapter."""

from pathlib import Path
from typing import Any

import pytest

from adapters.offices.rest import OFFICE as REST
from adapters.offices.soap import OFFICE as SOAP
from connector.mapping.plain_yaml import load_located
from connector.testing.mapping_cases import CaseResult, run_cases

MAPPINGS = Path(__file__).parents[3] / "mappings" / "offices"


def results(mapping: Path) -> list[CaseResult]:
    kind = SOAP if load_located(mapping).values["transport"] == "soap" else REST
    secret = {"environment": "CASE_SECRET"}
    settings: dict[str, Any] = {"username": "chapar", "password": secret, "token": secret}
    return list(run_cases(mapping, kind, settings))


@pytest.mark.parametrize(
    "mapping", [path for path in MAPPINGS.glob("*.yaml") if "." not in path.stem], ids=lambda path: path.stem
)
def test_every_case_of_every_shipped_mapping_holds(mapping: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASE_SECRET", "secret")
    wrong = [f"{result.name}: {complaint}" for result in results(mapping) for complaint in result.complaints]
    assert not wrong, "\n".join(wrong)
