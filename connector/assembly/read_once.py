"""What is read once, at the start, besides the settings themselves: the operator's own mapping files, and the secrets.

A reload does not take them in anew. It compares digests, so that the operator is told what waits for a restart.
"""

import hmac
import secrets
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from connector.errors import SecretMissing
from connector.settings.settings import Settings
from connector.transport.secret import SecretReference

__all__ = ["changed_since", "read_once"]

_SALT: Final = secrets.token_bytes(32)
"""Of this process alone: a digest of a short secret could be guessed from otherwise."""
_FOLDERS: Final = ("offices", "gateways")
"""Message texts are read again at each reload."""


def read_once(settings: Settings) -> dict[str, str]:
    """Return a digest of each own mapping file, under its path, and of each secret, under the option that refers to it.

    What cannot be read has none. The digests are of use in this process only.
    """
    digests = dict(_files(settings.daemon.mappings))
    for option, reference in _references(settings, ""):
        try:
            digests[option] = _digest(reference.reveal().encode())
        except SecretMissing:
            continue
    return digests


def changed_since(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return what differs, by name."""
    return sorted(name for name in {*before, *now} if before.get(name) != now.get(name))


def _files(folder: Path | None) -> Iterator[tuple[str, str]]:
    for place in (folder / name for name in _FOLDERS) if folder else ():
        for path in place.rglob("*"):
            if path.is_file():
                try:
                    yield str(path), _digest(path.read_bytes())
                except OSError:
                    continue


def _references(value: Any, path: str) -> Iterator[tuple[str, SecretReference]]:
    match value:
        case SecretReference():
            yield path, value
        case BaseModel():
            # The options of an adapter stand in the same table as the connection's own keys.
            for name in type(value).model_fields:
                yield from _references(
                    getattr(value, name), path if name == "options" else _joined(path, name)
                )
        case dict():
            for name, inner in value.items():
                yield from _references(inner, _joined(path, str(name)))
        case list() | tuple():
            for inner in value:
                yield from _references(inner, path)


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _digest(content: bytes) -> str:
    return hmac.new(_SALT, content, sha256).hexdigest()
