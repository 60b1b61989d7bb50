"""The mapping that a command is about: its file, and the adapter that runs it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connector.errors import MappingInvalid

__all__ = ["MappingFile", "find_mapping_file"]


@dataclass(frozen=True, kw_only=True, slots=True)
class MappingFile:
    """A mapping of an office."""

    path: Path
    transport: str

    @property
    def kind(self) -> Any:
        """Return the adapter kind that runs it. Raise AdapterUnknown where it is not installed."""
        from connector.ports.catalogue import OFFICES, adapter_kind

        return adapter_kind(OFFICES, self.transport)


def find_mapping_file(name: str, config: Path | None) -> MappingFile:
    """Return the mapping of this name or path.

    A name is looked for as the daemon would: in the operator's own folder, where there is a configuration that names
    one (without a configuration in ``mappings`` here), then among the shipped ones. Raise MappingInvalid where there
    is none, or where it does not say its transport.
    """
    from connector.mapping.load import find_mapping
    from connector.mapping.plain_yaml import load_located

    path = Path(name) if name.endswith(".yaml") or "/" in name else find_mapping(name, _folders(config))
    if not path.is_file():
        raise MappingInvalid(
            f"There is no file {path}.", next_step="Name a mapping, or give the path of its file."
        )
    located = load_located(path)
    values = located.values if isinstance(located.values, dict) else {}
    transport = values.get("transport")
    if transport not in {"soap", "rest"}:
        raise MappingInvalid(
            f"{located.where(('transport',))}: a mapping says its transport: soap or rest.",
            next_step=f"Add it to {path}.",
        )
    return MappingFile(path=path, transport=str(transport))


def _folders(config: Path | None) -> tuple[Path, ...]:
    from connector.errors import SettingsInvalid
    from connector.settings.load import find_file, load_settings
    from connector.settings.shipped import mapping_folders

    try:
        file = find_file(config)
    except SettingsInvalid:
        if config is not None:
            raise
        own = Path("mappings")
        return mapping_folders(own if own.is_dir() else None)
    return mapping_folders(load_settings(file).daemon.mappings)
