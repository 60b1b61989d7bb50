"""Habits of the house that no linter knows: short functions, no waiting by the clock, no doubles of ourselves."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.law.code_names import public_definitions, tree_of
from tests.law.tracked import python_files, text_of, tracked_files

LONGEST_FUNCTION = 40
OWN = ("connector", "adapters")

# Written so that these lines do not hold what they forbid.
MACHINE_PATHS = re.compile(r"(?<![\w.$}~-])/(root|home|tmp/lab|work)(?=/)/\w")
REGISTRY_HOSTS = re.compile(r"pypi[.]org|pythonhosted[.]org|registry[.]npmjs[.]org|extra-index[-]url")


def calls(path: str) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call))


def test_no_function_is_too_long() -> None:
    found = [
        f"{path}:{node.lineno} {node.name}"
        for path in python_files(*OWN)
        if "/migrations/" not in path
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno >= LONGEST_FUNCTION
    ]
    assert found == []


def test_everything_public_says_what_it_is_for() -> None:
    assert [found.place for found in public_definitions(*OWN) if not ast.get_docstring(found.node)] == []
    modules = [path for path in python_files(*OWN) if "/migrations/" not in path]
    assert [path for path in modules if not ast.get_docstring(tree_of(path))] == []


def test_every_module_says_what_is_public() -> None:
    modules = [
        path for path in python_files(*OWN) if "/migrations/" not in path and not path.endswith("__init__.py")
    ]
    assert [path for path in modules if not re.search(r"^__all__\b", text_of(path) or "", re.MULTILINE)] == []


@pytest.mark.parametrize(
    "stage", ["intake", "registration", "completion", "tracking", "notification", "publication", "citizen"]
)
def test_every_stage_says_what_it_takes_leaves_and_never_does(stage: str) -> None:
    docstring = ast.get_docstring(tree_of(f"connector/{stage}/__init__.py")) or ""
    assert [word for word in ("Takes:", "Leaves:", "Never:") if word not in docstring] == []


def test_no_test_waits_by_the_clock() -> None:
    found = [
        f"{path}:{call.lineno}"
        for path in python_files("tests")
        for call in calls(path)
        if ast.unparse(call.func).rpartition(".")[2] == "sleep"
    ]
    assert found == [], "Wait for a signal, an event or a socket, with a bound."


def test_no_test_replaces_the_behaviour_of_our_own_modules() -> None:
    found = [place for path in python_files("tests") for place in _doubles_of_ourselves(path)]
    assert found == [], (
        "Give the thing a fake by its argument; a constant may be shortened, behaviour may not."
    )


def _doubles_of_ourselves(path: str) -> Iterator[str]:
    tree, ours = tree_of(path), set()
    for node in ast.walk(tree):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if any(
            name.partition(".")[0] in {"mock", "pytest_mock"} or name == "unittest.mock" for name in names
        ):
            yield f"{path}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.ImportFrom | ast.Import) and any(
            name.partition(".")[0] in OWN for name in names
        ):
            ours |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    for call in calls(path):
        if ast.unparse(call.func) == "monkeypatch.setattr" and call.args and _is_ours(call, ours):
            yield f"{path}:{call.lineno}"


def _is_ours(call: ast.Call, ours: set[str]) -> bool:
    target = call.args[0]
    if isinstance(target, ast.Constant):
        name = str(target.value)
        return name.partition(".")[0] in OWN and not name.rpartition(".")[2].isupper()
    attribute = call.args[1] if len(call.args) > 1 else None
    is_constant = isinstance(attribute, ast.Constant) and str(attribute.value).isupper()
    return ast.unparse(target).partition(".")[0] in ours and not is_constant


def test_nothing_is_printed_and_nothing_logs_past_the_house() -> None:
    printed = [
        f"{path}:{call.lineno}" for path in python_files(*OWN) for call in calls(path) if _is_print(call)
    ]
    assert printed == []
    logging = [
        path
        for path in python_files(*OWN)
        if re.search(r"^\s*(import|from) logging\b", text_of(path) or "", re.MULTILINE)
    ]
    assert logging == ["connector/observability/logging.py"]


def _is_print(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "print"


@pytest.mark.parametrize(
    "pattern", [MACHINE_PATHS, REGISTRY_HOSTS], ids=["paths of one machine", "registry hosts"]
)
def test_no_file_knows_the_machine_that_it_was_written_on(pattern: re.Pattern[str]) -> None:
    found = [
        f"{path}:{number}: {line.strip()[:100]}"
        for path in tracked_files()
        for number, line in enumerate((text_of(path) or "").splitlines(), start=1)
        if pattern.search(line)
    ]
    assert found == []
