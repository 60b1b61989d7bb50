"""The catalogue of adapters, found through entry points; ours and a third party's have the same right.

An entry point in one of the groups names an AdapterKind. Adapters are built once, when the house is assembled.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from pydantic import BaseModel

from connector.errors import AdapterUnknown

__all__ = ["GATEWAYS", "OFFICES", "PORTALS", "AdapterKind", "AdapterSite", "adapter_kind", "adapter_names"]

OFFICES: Final = "chapar.offices"
PORTALS: Final = "chapar.portals"
GATEWAYS: Final = "chapar.gateways"

AdapterT_co = TypeVar("AdapterT_co", covariant=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class AdapterSite:
    """What an adapter is told about the place it works at."""

    name: str
    """Name of the connection in the configuration."""
    mappings: tuple[Path, ...]
    """Folders that hold mappings, the operator's own before the shipped ones."""
    pool_size: int
    """How many calls will be made at the same time; the connection pool has this size."""
    receipt_url: str | None = None
    """Our own web address for callbacks of this connection, where one is configured."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AdapterKind(Generic[AdapterT_co]):
    """One kind of adapter: its settings model and how it is built from them.

    The settings model forbids unknown keys and describes every option: the example configuration is made from it.
    ``build`` may read files and secrets, and calls nobody; it raises OperatorError with the next step.
    """

    summary: str
    settings: type[BaseModel]
    build: Callable[[Any, AdapterSite], AdapterT_co]


def adapter_names(group: str) -> list[str]:
    """Return the names of all installed adapters of a group, sorted."""
    return sorted({point.name for point in entry_points(group=group)})


def adapter_kind(group: str, name: str) -> AdapterKind[Any]:
    """Return the adapter kind of this name. Raise AdapterUnknown if none or two are installed, or if it is broken."""
    points = [point for point in entry_points(group=group) if point.name == name]
    if not points:
        raise AdapterUnknown(
            f"No adapter named {name!r} is installed in {group}.",
            next_step=f"Choose one of: {', '.join(adapter_names(group)) or 'none is installed'}.",
        )
    if len({point.value for point in points}) > 1:
        raise AdapterUnknown(
            f"Two packages bring an adapter named {name!r} in {group}.",
            next_step="Remove one of the packages.",
        )
    return _load(points[0])


def _load(point: EntryPoint) -> AdapterKind[Any]:
    try:
        kind = point.load()
    except Exception as error:  # a stranger's package may fail in any way
        raise AdapterUnknown(
            f"The adapter {point.name!r} cannot be loaded: {type(error).__name__}: {error}",
            next_step=f"Repair or remove the package that brings {point.value}.",
        ) from error
    if not isinstance(kind, AdapterKind):
        raise AdapterUnknown(
            f"The entry point {point.value} is not an AdapterKind.", next_step="Repair the package."
        )
    return kind
