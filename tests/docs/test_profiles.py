"""The list of profiles tells the truth: all of them stand in it, with their level and what their page is."""

import re
from pathlib import Path

import pytest
import yaml

from connector.mapping.load import load_office_mapping

ROOT = Path(__file__).parents[2]
OFFICES = ROOT / "mappings" / "offices"
ROW = re.compile(
    r"^\| \[([a-z0-9-]+)\]\(([^)]+)\) \| (.+?) \| (SOAP|REST): .+ \| ([ABC]) \| (yes|no) \|$", re.M
)
LISTED = {row[0]: row[1:] for row in ROW.findall((OFFICES / "README.md").read_text(encoding="utf-8"))}
SHIPPED = sorted(path.stem for path in OFFICES.glob("*.yaml") if "." not in path.stem)


def level_of(mapping: object) -> str:
    operations = mapping.operations  # type: ignore[attr-defined]
    is_exact = operations.find is not None and mapping.absence_is_proof  # type: ignore[attr-defined]
    if is_exact or operations.verify or mapping.idempotent_create:  # type: ignore[attr-defined]
        return "A"
    return "B" if operations.search else "C"


def test_every_profile_that_comes_along_is_listed_and_no_other() -> None:
    assert sorted(LISTED) == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_a_profile_is_listed_as_its_mapping_says(name: str) -> None:
    values = yaml.safe_load((OFFICES / f"{name}.yaml").read_text(encoding="utf-8"))
    mapping = load_office_mapping(name, [OFFICES.parent], transport=values["transport"]).mapping
    page, title, transport, level, progress = LISTED[name]
    assert (title, transport.lower()) == (mapping.title, mapping.transport)
    assert (level, progress) == (level_of(mapping), "yes" if mapping.operations.progress else "no")
    assert page == (f"{name}/README.md" if (OFFICES / name).is_dir() else f"{name}.yaml")
