"""What ``chapar new office`` writes passes from the first minute: cases, contract, and a package's own tests."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from adapters.offices.rest import OFFICE as REST
from adapters.offices.soap import OFFICE as SOAP
from connector.cli.main import application
from connector.testing.mapping_cases import run_cases

ROOT = Path(__file__).parents[3]


def chapar(*arguments: object) -> object:
    return CliRunner().invoke(application, [str(argument) for argument in arguments])


@pytest.mark.parametrize(("option", "kind"), [((), REST), (("--soap",), SOAP)], ids=["rest", "soap"])
def test_a_new_mapping_holds_its_cases_and_earns_its_certificate(
    option, kind, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setenv("CASE_SECRET", "secret")
    made = json.loads(chapar("new", "office", "blue-sky", *option, "--folder", tmp_path, "--json").stdout)[
        "made"
    ]
    secret = {"environment": "CASE_SECRET"}
    settings = {"username": "chapar", "password": secret, "token": secret}
    results = list(run_cases(Path(made[0]), kind, settings))
    assert len(results) >= 6
    assert [result for result in results if result.complaints] == []
    lint = json.loads(chapar("mappings", "lint", made[0], "--json").stdout)
    assert lint["wrong"] == []
    doubts = {each["path"].rpartition(".")[2] or each["sentence"] for each in lint["doubtful"]}
    assert doubts == {"operations", "limits", "body", "senderName"}, "what only the vendor can say"
    certified = chapar("offices", "certify", "--mapping", made[0], "--json")
    assert certified.exit_code == 0, certified.output
    assert json.loads(certified.stdout)["level"] == {"declared": "A", "proven": "A"}


def installed(package: Path, site: Path) -> dict[str, str]:
    """Make the package known as an installed one is, and return the environment in which it is."""
    project = tomllib.loads((package / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    info = site / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n", encoding="ascii"
    )
    groups = "\n".join(
        f"[{group}]\n" + "\n".join(f"{name} = {place}" for name, place in points.items())
        for group, points in project["entry-points"].items()
    )
    (info / "entry_points.txt").write_text(groups, encoding="ascii")
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (site, package, ROOT)))}


def test_a_new_package_passes_its_own_tests_and_earns_its_certificate(tmp_path: Path) -> None:
    made = json.loads(chapar("new", "office", "green-py", "--python", "--folder", tmp_path, "--json").stdout)[
        "made"
    ]
    package = Path(made[0]).parent
    assert package.name == "chapar-green-py"
    environment = installed(package, tmp_path / "site")

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *words]
        return subprocess.run(
            command, cwd=package, env=environment, capture_output=True, text=True, timeout=100, check=False
        )

    chosen = "declared or nasty or register_lose_answer or side_steps"
    tested = run("-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "-k", chosen)
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert "passed" in tested.stdout
    certified = run(
        "-c",
        "from connector.cli.main import main; main()",
        "offices",
        "certify",
        "--adapter",
        "green-py",
        "--json",
    )
    assert certified.returncode == 0, certified.stdout + certified.stderr
    certificate = json.loads(certified.stdout)
    assert certificate["subject"]["package"] == "chapar-green-py 0.1.0"
    assert certificate["level"] == {"declared": "A", "proven": "A"}
    assert certificate["counts"]["failed"] == 0


@pytest.mark.parametrize("option", [(), ("--python",)])
def test_nothing_is_overwritten_and_no_odd_name_is_taken(option, tmp_path: Path) -> None:
    assert chapar("new", "office", "one", *option, "--folder", tmp_path).exit_code == 0
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for name in ("one", "../two", "Two", "two_", ""):
        result = chapar("new", "office", name, *option, "--folder", tmp_path)
        assert result.exception is not None
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_no_command_needs_pytest() -> None:
    code = (
        "import connector.testing.examining, connector.testing.starting, sys; print('pytest' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
