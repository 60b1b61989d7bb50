"""Relative paths in a configuration are meant from the folder of its file, wherever the daemon is started."""

from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel

from connector.settings.sections import LedgerSection
from connector.transport.secret import SecretReference

__all__ = ["CREDENTIALS", "rooted"]

ModelT = TypeVar("ModelT", bound=BaseModel)
_SQLITE: Final = "sqlite:///"
CREDENTIALS: Final = "secrets"
"""The folder beside the configuration whose files are the credentials; systemd hands them to the service."""


def rooted(model: ModelT, folder: Path) -> ModelT:
    """Return the model with every relative path in it made absolute from this folder."""
    changed = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        absolute = _rooted_value(value, folder)
        if absolute is not value:
            changed[name] = absolute
    if isinstance(model, LedgerSection) and model.url.startswith(_SQLITE):
        changed["url"] = _SQLITE + str(folder / model.url.removeprefix(_SQLITE))
    return model.model_copy(update=changed) if changed else model


def _rooted_value(value: Any, folder: Path) -> Any:
    if isinstance(value, Path):
        return value if value.is_absolute() else folder / value.expanduser()
    if isinstance(value, SecretReference) and value.credential:
        return value.beside(folder / CREDENTIALS)
    if isinstance(value, BaseModel):
        return rooted(value, folder)
    if isinstance(value, dict):
        absolute = {key: _rooted_value(item, folder) for key, item in value.items()}
        return absolute if any(absolute[key] is not value[key] for key in value) else value
    if isinstance(value, tuple | list):
        items = [_rooted_value(item, folder) for item in value]
        return (
            type(value)(items)
            if any(new is not old for new, old in zip(items, value, strict=True))
            else value
        )
    return value
