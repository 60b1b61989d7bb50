"""The documents tell the truth: the chart, the floors, the dependencies, the links and the commands."""

import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from typer.main import get_command

from connector.cli.main import application
from connector.domain.lifecycle import TRANSITIONS, Event

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("systemd/*.md"),
        *ROOT.glob("mappings/**/*.md"),
    ]
)
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def test_the_drawn_lifecycle_is_the_one_in_the_code() -> None:
    drawn = set(re.findall(r"^    (\w+) --> (\w+): (\w+)$", ARCHITECTURE, flags=re.MULTILINE))
    assert drawn == {(str(status), str(after), str(event)) for (status, event), after in TRANSITIONS.items()}
    assert "[*] --> received" in ARCHITECTURE
    assert Event.RECEIVED not in {event for _, event in TRANSITIONS}


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    named = [
        *project["project"]["dependencies"],
        *chain(*project["project"]["optional-dependencies"].values()),
    ]
    for requirement in named:
        name = re.split(r"[\[<>=]", requirement)[0]
        assert re.search(rf"^\|[^|]*\b{re.escape(name)}\b", ARCHITECTURE, flags=re.MULTILINE), name


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_to_a_file_leads_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), f"{document.name} links to {target}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_that_a_document_shows_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    blocks = "\n".join(re.findall(r"^```\w*\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL))
    shown = set(re.findall(r"^(?:sudo )?chapar ([a-z]+)(?: ([a-z]+))?", blocks, flags=re.MULTILINE))
    shown |= set(re.findall(r"`chapar ([a-z]+)(?: ([a-z]+))?", text))
    commands = get_command(application).commands  # type: ignore[attr-defined]
    for first, second in shown:
        assert first in commands, f"{document.name} shows: chapar {first}"
        inner = getattr(commands[first], "commands", None)
        if inner is not None and second:
            assert second in inner, f"{document.name} shows: chapar {first} {second}"


def test_every_make_target_that_a_document_shows_exists() -> None:
    targets = set(
        re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    )
    for document in DOCUMENTS:
        for target in re.findall(
            r"(?:^|`)make ([a-z]+)", document.read_text(encoding="utf-8"), flags=re.MULTILINE
        ):
            assert target in targets, f"{document.name} shows: make {target}"


def test_both_readmes_open_with_the_two_commands() -> None:
    for name in ("README.md", "README.fa.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert text.index("make demo") < text.index("make test") < text.index("## ")


def test_the_install_lines_are_ten_and_the_same_everywhere() -> None:
    shown = {}
    for name in ("README.md", "README.fa.md", "systemd/README.md"):
        blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / name).read_text(encoding="utf-8"), re.M | re.S)
        lines = next(block for block in blocks if "venv" in block).splitlines()
        shown[name] = [re.sub(r"\s+# .*", "", line) for line in lines]
    assert len(shown["README.md"]) == 10
    assert shown["README.md"] == shown["README.fa.md"] == shown["systemd/README.md"]
