"""What is known beside a running daemon: how an office treats duplicates, and who is told of facts."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from connector.assembly.connections import Connections, build_connection
from connector.assembly.outbox import outbox_policy
from connector.errors import ChaparError
from connector.ledger.records import OutboxPolicy
from connector.ports.connection import Connection
from connector.ports.office import Duplicates, OfficeCapabilities, recovery_level
from connector.settings.connections import GROUPS
from connector.settings.settings import Settings

__all__ = ["OfficeStanding", "Standing", "standing"]

_ASSUMED: Final = OfficeCapabilities().longest_processing


@dataclass(frozen=True, kw_only=True, slots=True)
class OfficeStanding:
    """How an office stands to a letter that it may have already."""

    name: str
    is_known: bool = False
    """False where the office cannot be built from the configuration; the rest is then what is assumed."""
    level: str | None = None
    """A, B or C; see RecoveryLevel."""
    duplicates: Duplicates = Duplicates.ANOTHER_ENTRY
    longest_processing: timedelta = _ASSUMED
    finds_by_key: bool = False
    """Whether our key can be looked for there, by whoever sits at the office too."""
    completes: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """The configuration as a person's word needs it."""

    policy: OutboxPolicy
    offices: dict[str, OfficeStanding]
    not_built: tuple[str, ...]
    """Connections that the configuration names and that cannot be built."""

    def office(self, name: str | None) -> OfficeStanding:
        """Return how an office stands; one that is not configured is unknown."""
        return self.offices.get(name or "", OfficeStanding(name=name or ""))


def standing(settings: Settings) -> Standing:
    """Return what the configuration says. Nothing is called; what cannot be built is left out and named."""
    built: dict[str, dict[str, Connection[Any]]] = {group: {} for group in GROUPS}
    missing = []
    for group in GROUPS:
        for name, section in getattr(settings, group).items():
            try:
                built[group][name] = build_connection(settings, group, name, section)
            except (ChaparError, OSError):
                missing.append(f"{group}.{name}")
    connections = Connections(**built)
    try:
        return Standing(
            policy=outbox_policy(settings, connections),
            offices={
                name: _office(name, office.adapter.capabilities)
                for name, office in connections.offices.items()
            },
            not_built=tuple(missing),
        )
    finally:
        connections.close()


def _office(name: str, capabilities: OfficeCapabilities) -> OfficeStanding:
    is_same = capabilities.idempotent_create
    return OfficeStanding(
        name=name,
        is_known=True,
        level=recovery_level(capabilities),
        duplicates=Duplicates.THE_NUMBER if is_same else capabilities.duplicates,
        longest_processing=capabilities.longest_processing,
        finds_by_key=capabilities.find_by_key or capabilities.search,
        completes=capabilities.completes,
    )
