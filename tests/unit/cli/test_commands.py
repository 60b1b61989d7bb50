"""The commands that need no daemon, run in this process."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from connector.cli.language import chosen_language
from connector.cli.main import application
from connector.domain.letter import Language


@pytest.fixture
def run():
    runner = CliRunner()
    yield lambda *arguments: runner.invoke(application, [str(argument) for argument in arguments])
    chosen_language(Language.EN)


def test_version_speaks_json(run):
    assert set(json.loads(run("version", "--json").stdout)) == {"chapar", "python"}


def test_init_says_what_it_made_and_what_comes_next(run, tmp_path):
    said = run("init", tmp_path / "house").stdout
    assert f"made   {tmp_path}/house/chapar.toml" in said
    assert "Next step: replace each CHANGE-ME" in said
    again = json.loads(run("init", tmp_path / "house", "--json").stdout)
    assert again["made"] == []
    assert len(again["kept"]) == 4


def test_schema_and_example_are_printed(run):
    assert json.loads(run("config", "schema").stdout)["title"] == "Settings"
    assert "[ledger.keys]" in run("config", "example").stdout
    assert "| `url` |" in run("config", "reference").stdout


def test_wrong_usage_ends_with_two(run):
    assert run("letters", "list", "--older-than", "5").exit_code == 2
    assert run("letters", "list", "--status", "nonsense").exit_code == 2
    assert run("nonsense").exit_code == 2


def test_every_command_explains_itself(run):
    for command in (
        ["init"],
        ["check"],
        ["run"],
        ["demo"],
        ["letters", "list"],
        ["letters", "show"],
        ["db", "upgrade"],
    ):
        assert run(*command, "--help").exit_code == 0


def test_the_command_line_starts_without_the_heavy_libraries():
    heavy = ("sqlalchemy", "zeep", "fastapi", "uvicorn", "alembic", "requests", "lxml", "rich.table")
    code = f"import connector.cli.main, sys; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
