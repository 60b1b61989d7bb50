"""Starts for integrators: files that pass from the first minute, under a name of their own; nothing is overwritten."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from connector.errors import SettingsInvalid

__all__ = ["start_mapping", "start_package"]

_STARTERS: Final = Path(__file__).with_name("starters")
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_PLACEHOLDER: Final = "my-office"


def start_mapping(name: str, folder: Path, *, is_soap: bool) -> list[Path]:
    """Write a mapping with its cases, and a small WSDL where it speaks SOAP, below ``folder``/offices.

    Return what was written. Raise SettingsInvalid where the name cannot be one or something of it is there already.
    """
    starter, offices = _STARTERS / ("soap" if is_soap else "rest"), folder / "offices"
    files = {
        offices / f"{name}.yaml": starter / "mapping.yaml",
        offices / f"{name}.cases.yaml": starter / "cases.yaml",
    }
    if is_soap:
        files[offices / name / "office.wsdl"] = starter / "office.wsdl"
    return _write(name, files)


def start_package(name: str, folder: Path) -> list[Path]:
    """Write a package with an adapter, its bench and its tests into ``folder``/chapar-NAME.

    Return what was written. Raise SettingsInvalid where the name cannot be one or something of it is there already.
    """
    starter, root = _STARTERS / "python", folder / f"chapar-{name}"
    module = root / f"chapar_{name.replace('-', '_')}"
    files = {
        root / "pyproject.toml": "pyproject.toml.txt",
        root / "README.md": "README.md.txt",
        module / "__init__.py": "init.py.txt",
        module / "adapter.py": "adapter.py.txt",
        module / "bench.py": "bench.py.txt",
        root / "tests" / "test_contract.py": "test_contract.py.txt",
    }
    return _write(name, {path: starter / source for path, source in files.items()})


def _write(name: str, files: Mapping[Path, Path]) -> list[Path]:
    if not _NAME.fullmatch(name):
        raise SettingsInvalid(
            f"{name!r} cannot be the name of an office.",
            next_step="Use small Latin letters, digits and single hyphens, such as: my-office.",
        )
    there = [path for path in files if path.exists()]
    if there:
        raise SettingsInvalid(
            f"{there[0]} is there already; nothing was written.", next_step="Choose another name or folder."
        )
    words = {
        _PLACEHOLDER: name,
        "my_office": name.replace("-", "_"),
        "MyOffice": "".join(part.capitalize() for part in name.split("-")),
    }
    for path, source in files.items():
        text = source.read_text(encoding="utf-8")
        for placeholder, word in words.items():
            text = text.replace(placeholder, word)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(files)
