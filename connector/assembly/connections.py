"""Builds the connections: each adapter with everything around it that no adapter does itself."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from connector.clock import Now, now
from connector.errors import ChaparError, OperatorError
from connector.ports.catalogue import AdapterSite
from connector.ports.connection import Connection
from connector.ports.gateway import GatewayAdapter
from connector.ports.office import OfficeAdapter
from connector.ports.portal import PortalAdapter
from connector.settings.connections import GROUPS, ConnectionSection
from connector.settings.settings import Settings
from connector.settings.shipped import mapping_folders

__all__ = ["Connections", "build_connection", "build_connections", "receipt_path"]

_CALLS_AT_ONCE: Final = 8
"""What an adapter is offered where the operator says nothing; it takes no more than its office can stand."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Connections:
    """Every connection of the house, by name."""

    portals: Mapping[str, Connection[PortalAdapter]]
    offices: Mapping[str, Connection[OfficeAdapter]]
    gateways: Mapping[str, Connection[GatewayAdapter]]

    def each(self) -> Iterator[Connection[Any]]:
        """Yield all of them."""
        yield from self.portals.values()
        yield from self.offices.values()
        yield from self.gateways.values()

    def close(self) -> None:
        """Close all of them; one that cannot be closed does not keep the others."""
        for connection in self.each():
            with suppress(ChaparError, OSError):
                connection.close()


def build_connections(settings: Settings, *, now: Now = now) -> Connections:
    """Build every connection, with this clock. Raise OperatorError, naming it, when one cannot be built."""
    built: dict[str, dict[str, Connection[Any]]] = {group: {} for group in GROUPS}
    try:
        for group in GROUPS:
            for name, section in getattr(settings, group).items():
                built[group][name] = build_connection(settings, group, name, section, now=now)
    except BaseException:
        Connections(**built).close()
        raise
    return Connections(**built)


def build_connection(
    settings: Settings, group: str, name: str, section: ConnectionSection, *, now: Now = now
) -> Connection[Any]:
    """Build one connection. Raise OperatorError, naming the connection, when it cannot be built."""
    public_url = settings.web.public_url
    site = AdapterSite(
        name=name,
        mappings=mapping_folders(settings.daemon.mappings),
        pool_size=section.pool_size or _CALLS_AT_ONCE,
        receipt_url=public_url.rstrip("/") + receipt_path(name)
        if public_url and group == "gateways"
        else None,
    )
    try:
        adapter = section.kind.build(section.options, site)
    except OperatorError as error:
        error.facts.setdefault("connection", f"{group}.{name}")
        raise
    capabilities = adapter.capabilities
    stands = getattr(capabilities, "concurrency", None) or _CALLS_AT_ONCE
    return Connection(
        name=name,
        adapter=adapter,
        pool_size=section.pool_size or min(site.pool_size, stands),
        calls_per_second=section.calls_per_second or getattr(capabilities, "calls_per_second", None),
        now=now,
    )


def receipt_path(gateway: str) -> str:
    """Return the path of our web address at which this gateway's delivery reports arrive."""
    return f"/gateways/{gateway}/receipts"
