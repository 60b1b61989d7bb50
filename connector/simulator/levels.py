"""What the simulated offices can do after a lost answer: their mappings, derived from the shipped ones.

Level A finds by key, level B can only be searched, level C can do neither. The derived mappings and their cases are
written into a folder of the daemon's own; what is shipped stays the only text that a person keeps.
"""

import shutil
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import yaml

from connector.mapping.plain_yaml import load_located
from connector.simulator.book import Duplicates

__all__ = ["Level", "OfficeLevel", "write_mappings"]

SHIPPED_NAMES: Final = {"soap": "simulated-soap", "rest": "simulated-rest"}
"""The shipped mapping of each transport."""


class Level(StrEnum):
    """How certainty is regained after a lost answer."""

    A = "A"
    """By our key."""
    B = "B"
    """By search."""
    C = "C"
    """By a person."""


_WITHOUT: Final = {Level.A: (), Level.B: ("find",), Level.C: ("find", "search")}
"""The operations that an office of this level does not have."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OfficeLevel:
    """What both offices of an agency can do."""

    level: Level = Level.A
    duplicates: Duplicates = Duplicates.ANSWERED_WITH_THE_NUMBER
    key_is_searchable: bool = True
    """Whether the office's search shows the key under which a letter was registered."""

    @property
    def is_shipped(self) -> bool:
        """Tell whether the shipped mappings describe exactly this."""
        return self == OfficeLevel()


def write_mappings(wanted: OfficeLevel, *, shipped: Path, folder: Path) -> dict[str, str]:
    """Return the mapping to configure for each transport; derived ones are written into the folder."""
    if wanted.is_shipped:
        return dict(SHIPPED_NAMES)
    offices = folder / "offices"
    offices.mkdir(parents=True, exist_ok=True)
    shutil.copytree(shipped / "offices" / "simulated", offices / "simulated", dirs_exist_ok=True)
    return {
        transport: _derive(shipped / "offices", name, offices, wanted)
        for transport, name in SHIPPED_NAMES.items()
    }


def _derive(shipped: Path, name: str, offices: Path, wanted: OfficeLevel) -> str:
    derived = f"{name}-{wanted.level.lower()}"
    mapping: Any = load_located(shipped / f"{name}.yaml").values
    cases: Any = load_located(shipped / f"{name}.cases.yaml").values
    mapping["idempotent_create"] = wanted.duplicates is Duplicates.ANSWERED_WITH_THE_NUMBER
    gone = set(_WITHOUT[wanted.level])
    for operation in gone:
        mapping["operations"].pop(operation, None)
    if not wanted.key_is_searchable and "search" in mapping["operations"]:
        mapping["operations"]["search"].pop("key", None)
        gone.add("search")  # its cases show the key
    kept = [case for case in cases["cases"] if case.get("operation", "register") not in gone]
    _dump(offices / f"{derived}.yaml", mapping)
    _dump(offices / f"{derived}.cases.yaml", {"cases": kept})
    return derived


def _dump(path: Path, values: Any) -> None:
    path.write_text(yaml.safe_dump(values, allow_unicode=True, sort_keys=False), encoding="utf-8")
