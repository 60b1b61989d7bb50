"""The connections: portals, offices and gateways by name, each with the options of its adapter."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, ValidationError

from connector.errors import AdapterUnknown
from connector.ports.catalogue import GATEWAYS, OFFICES, PORTALS, AdapterKind, adapter_kind
from connector.settings.gateway import GatewayOptions
from connector.settings.problems import SettingProblem, Source, problems_of
from connector.settings.section import Section, option
from connector.settings.stranger import with_durations

__all__ = [
    "CORE_KEYS",
    "GROUPS",
    "ConnectionSection",
    "GatewaySection",
    "NoOptions",
    "OfficeSection",
    "PortalSection",
    "read_options",
    "split_options",
]


class NoOptions(Section):
    """Stands in until the adapter's own options are read."""


class ConnectionSection(BaseModel):
    """One connection. Besides these keys it takes the options of its adapter."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    group: ClassVar[str]

    adapter: str = option(says="Name of the adapter; the installed ones follow below.")
    pool_size: int | None = option(
        None,
        says="Calls at the same time; the connection pool has this size. Empty: what the adapter can stand.",
        ge=1,
        le=64,
    )
    calls_per_second: float | None = option(
        None,
        says="Calls in a second at most, over all work together. Empty: what the adapter says.",
        gt=0,
        le=1000,
    )
    options: SerializeAsAny[BaseModel] = Field(default_factory=NoOptions, exclude=False)
    """The adapter's own options, as its settings model; written in the same table as the keys above."""

    @property
    def kind(self) -> AdapterKind[Any]:
        """Return the adapter kind. Raise AdapterUnknown if it is not installed any more."""
        return adapter_kind(self.group, self.adapter)


class PortalSection(ConnectionSection):
    """One citizen portal."""

    group: ClassVar[str] = PORTALS


class OfficeSection(ConnectionSection):
    """One office-automation suite."""

    group: ClassVar[str] = OFFICES


class GatewaySection(ConnectionSection, GatewayOptions):
    """One SMS gateway."""

    group: ClassVar[str] = GATEWAYS


GROUPS: Final[dict[str, type[ConnectionSection]]] = {
    "portals": PortalSection,
    "offices": OfficeSection,
    "gateways": GatewaySection,
}
CORE_KEYS: Final[dict[str, tuple[str, ...]]] = {
    group: tuple(name for name in section.model_fields if name != "options")
    for group, section in GROUPS.items()
}
"""What is said of every connection of a group; all else in its table belongs to the adapter."""


def split_options(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[tuple[str, str], dict[str, Any]]]:
    """Return the values with only the core keys left in each connection, and apart the adapters' options."""
    core = dict(values)
    options: dict[tuple[str, str], dict[str, Any]] = {}
    for group in GROUPS:
        tables = values.get(group)
        if not isinstance(tables, Mapping):
            continue
        core[group] = dict(tables)
        for name, table in tables.items():
            if isinstance(table, Mapping):
                core[group][name] = {key: value for key, value in table.items() if key in CORE_KEYS[group]}
                options[group, name] = {
                    key: value for key, value in table.items() if key not in CORE_KEYS[group]
                }
    return core, options


def read_options(
    group: str, name: str, adapter: str, values: Mapping[str, Any], source: Source
) -> tuple[BaseModel | None, list[SettingProblem]]:
    """Return the adapter's options read by the adapter's own model, or what is wrong with them."""
    try:
        model = adapter_kind(GROUPS[group].group, adapter).settings
    except AdapterUnknown as error:
        what = f"{error.sentence} {error.next_step or ''}".strip()
        return None, [source.problem((group, name, "adapter"), what)]
    try:
        return model.model_validate(with_durations(model, values)), []
    except ValidationError as error:
        return None, problems_of(error, model, source, under=(group, name))
