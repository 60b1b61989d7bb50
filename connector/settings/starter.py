"""Writes what a first start needs: the configuration, the routes, the keys, folders for the state."""

import os
from pathlib import Path
from typing import Final

from connector.errors import SettingsInvalid
from connector.ledger.seal import new_key
from connector.settings.example import example_text
from connector.settings.load import SYSTEM_FILE
from connector.settings.located import CREDENTIALS
from connector.settings.shipped import shipped_folder

__all__ = ["write_starter"]

_STATE: Final = "state"
_FILL: Final = {
    "ledger.url": f"sqlite:///{_STATE}/chapar.db",
    "ledger.attachments": f"{_STATE}/attachments",
}
"""Away from the system's own folder the state lies beside the configuration."""


def write_starter(folder: Path, *, system: Path = SYSTEM_FILE.parent) -> tuple[list[Path], list[Path]]:
    """Write the starter files into the folder; return those made and those that were there and stay as they are.

    In the ``system`` folder it is for the service: the state goes to /var/lib/chapar. The configuration belongs to
    the folder's group, which may read it; keys are readable for the owner alone. Raise SettingsInvalid when the
    folder cannot be written.
    """
    is_system = folder.absolute() == system
    secrets = folder / CREDENTIALS
    wanted = {
        folder / "chapar.toml": (example_text({} if is_system else _FILL), 0o640),
        folder / "routes.yaml": (_routes(), 0o640),
        secrets / "key-1": (new_key() + "\n", 0o600),
        secrets / "blind-index": (new_key() + "\n", 0o600),
    }
    made: list[Path] = []
    kept: list[Path] = []
    try:
        for place in (folder, secrets) if is_system else (folder, secrets, folder / _STATE):
            place.mkdir(mode=0o750 if place == folder else 0o700, parents=True, exist_ok=True)
        for path, (text, mode) in wanted.items():
            (made if _write_new(path, text, mode) else kept).append(path)
    except OSError as error:
        raise SettingsInvalid(
            f"{error.filename} cannot be written: {error.strerror}.",
            next_step="Choose a folder that you may write to: chapar init FOLDER",
        ) from None
    return made, kept


def _write_new(path: Path, text: str, mode: int) -> bool:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
        group = path.parent.stat().st_gid
        if group != os.fstat(out.fileno()).st_gid:
            os.fchown(out.fileno(), -1, group)
    return True


def _routes() -> str:
    return (shipped_folder("config") / "routes.example.yaml").read_text(encoding="utf-8")
