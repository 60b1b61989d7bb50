"""The files of the project, as git knows them; in an unpacked archive without git, as they lie there."""

import subprocess
from functools import cache
from pathlib import Path
from typing import Final

__all__ = ["ROOT", "python_files", "text_of", "tracked_files"]

ROOT: Final = Path(__file__).parents[2]

_LEFT_OUT: Final = frozenset(
    {".git", ".venv", "__pycache__", "node_modules", "build", "dist", "var", ".mypy_cache", ".ruff_cache"}
    | {".pytest_cache", ".hypothesis", ".import_linter_cache"}
)


@cache
def tracked_files() -> tuple[str, ...]:
    """Return the paths of all files that belong to the project, with those that are new and not ignored."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0 and listed.stdout:
        paths = listed.stdout.decode().split("\0")
        return tuple(sorted(path for path in paths if path and (ROOT / path).is_file()))
    found = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
    return tuple(sorted(str(path) for path in found if not _LEFT_OUT & set(path.parts)))


def python_files(*folders: str) -> list[str]:
    """Return the Python files below these top-level folders."""
    return [path for path in tracked_files() if path.endswith(".py") and path.partition("/")[0] in folders]


def text_of(path: str) -> str | None:
    """Return the text of a file; None if it is not text."""
    content = (ROOT / path).read_bytes()
    if b"\x00" in content[:8192]:
        return None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None
