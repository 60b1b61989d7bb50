"""The configuration in force, for people and machines. Secrets are references in it and so cannot be shown."""

from typing import Any

from connector.settings.connections import GROUPS
from connector.settings.settings import Settings
from connector.settings.written import plain_values, toml_value

__all__ = ["as_plain", "as_text"]


def as_plain(settings: Settings) -> dict[str, Any]:
    """Return everything that is in force as plain values, the adapters' options beside the connection's own."""
    plain = _without_nothing(plain_values(settings))
    for group in GROUPS:
        for table in plain[group].values():
            table.update(table.pop("options", {}))
    return plain


def _without_nothing(values: dict[str, Any]) -> dict[str, Any]:
    return {
        key: _without_nothing(value) if isinstance(value, dict) else value
        for key, value in values.items()
        if value is not None
    }


def as_text(settings: Settings) -> str:
    """Return it as TOML that may be used as a configuration file."""
    return "\n".join(_table("", as_plain(settings))).strip()


def _table(path: str, values: dict[str, Any]) -> list[str]:
    lines = [f"{key} = {toml_value(value)}" for key, value in values.items() if not isinstance(value, dict)]
    if path and lines:
        lines = ["", f"[{path}]", *lines]
    for key, value in values.items():
        if isinstance(value, dict):
            lines += _table(f"{path}.{key}" if path else key, value)
    return lines
