"""Imports point down, stages and adapters are strangers: the contracts in pyproject.toml, checked by import-linter."""

import subprocess
import sys
import tomllib
from typing import Any

from tests.law.tracked import ROOT

MAY_BE_SEEN = {"clock", "domain", "errors", "mapping", "observability", "ports", "transport"}


def contract(name: str) -> dict[str, Any]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    return next(each for each in contracts if each["id"] == name)


def test_every_import_keeps_to_the_floors() -> None:
    program = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False, timeout=100
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_no_package_is_forgotten_when_adapters_are_told_what_they_may_see() -> None:
    packages = {path.parent.name for path in (ROOT / "connector").glob("*/__init__.py")}
    forbidden = {
        name.removeprefix("connector.") for name in contract("adapters-see-ports")["forbidden_modules"]
    }
    assert packages - MAY_BE_SEEN == forbidden
