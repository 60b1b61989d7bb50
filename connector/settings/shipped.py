"""Where the files that come with Chapar lie: beside the package when installed, at the root of a checkout."""

from pathlib import Path
from typing import Final

__all__ = ["mapping_folders", "shipped_folder"]

_PACKAGE: Final = Path(__file__).parent.parent


def shipped_folder(name: str) -> Path:
    """Return the folder of shipped data, such as ``mappings`` or ``config``."""
    installed = _PACKAGE / f"shipped_{name}"
    return installed if installed.is_dir() else _PACKAGE.parent / name


def mapping_folders(own: Path | None) -> tuple[Path, ...]:
    """Return the folders that hold mappings: the operator's own first, then the shipped ones."""
    shipped = shipped_folder("mappings")
    return (own, shipped) if own else (shipped,)
