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


WHY = ("--reason", "در دفتر دبیرخانه دیده شد", "--yes")


@pytest.mark.parametrize(
    ("word", "says"),
    [
        (("settle", "--status", "parked", "--registered", "1", "--on", "1405/08/30", *WHY), "one letter"),
        (("release", "--status", "ready", *WHY), "parked"),
        (("release", *WHY), "Name one letter, or choose many"),
        (("release", "X", "--status", "parked", *WHY), "Name one letter, or choose many"),
        (("release", "--older-than", "5", *WHY), "with its unit"),
        (("settle", "X", "--registered", "1", "--on", "1405/13/01", *WHY), "no such day"),
        (("settle", "X", "--registered", "1", "--on", "1499/01/01", *WHY), "still to come"),
        (("settle", "X", "--registered", "1", *WHY), "when it was registered"),
        (("settle", "X", "--not-there", "--registered", "1", *WHY), "Say one of"),
        (("settle", "X", "--not-there", "--on", "1405/08/30", *WHY), "belong to --registered"),
        (("settle", "X", "--step", "attach", *WHY), "--done and --again"),
        (("settle", "X", "--not-there", "--done", *WHY), "--done and --again"),
        (("release", "X", "--reason", " ", "--yes"), "Say why"),
        (("release", "X", "--yes"), "Say why"),
        (("release", "X", "--reason", "دیدم"), "add --yes"),
        (("release", "X", "--reason", "x" * 600, "--yes"), "at most"),
    ],
)
def test_what_a_person_cannot_say_is_wrong_usage_with_a_sentence(run, word, says):
    done = run("letters", *word)
    assert done.exit_code == 2
    assert says in " ".join(done.stderr.replace("│", " ").split())


def test_every_command_explains_itself(run):
    for command in (
        ["init"],
        ["check"],
        ["run"],
        ["demo"],
        ["letters", "list"],
        ["letters", "show"],
        ["letters", "settle"],
        ["letters", "release"],
        ["letters", "withdraw"],
        ["attention"],
        ["db", "upgrade"],
    ):
        assert run(*command, "--help").exit_code == 0


def test_the_command_line_starts_without_the_heavy_libraries():
    heavy = ("sqlalchemy", "zeep", "fastapi", "uvicorn", "alembic", "requests", "lxml", "rich.table")
    code = f"import connector.cli.main, sys; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
