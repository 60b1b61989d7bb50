"""An office over REST with JSON, configured by a mapping."""

from adapters.offices.mapped_settings import MappedOfficeSettings
from connector.ports.catalogue import AdapterKind, AdapterSite
from connector.ports.office import OfficeAdapter

__all__ = ["OFFICE", "RestOfficeSettings"]


class RestOfficeSettings(MappedOfficeSettings):
    """An office that speaks REST, described by a mapping."""


def _build(settings: RestOfficeSettings, site: AdapterSite) -> OfficeAdapter:
    # Only who calls the office needs all that the calls stand on; whoever reads settings does without.
    from adapters.offices.rest_calls import rest_office

    return rest_office(settings, site)


OFFICE: AdapterKind[OfficeAdapter] = AdapterKind(
    summary="An office over REST with JSON, described by a mapping", settings=RestOfficeSettings, build=_build
)
