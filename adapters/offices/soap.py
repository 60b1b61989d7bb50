"""An office over SOAP, configured by a mapping and the vendor's WSDL on disk."""

from pathlib import Path

from pydantic import Field

from adapters.offices.mapped_settings import MappedOfficeSettings
from connector.ports.catalogue import AdapterKind, AdapterSite
from connector.ports.office import OfficeAdapter

__all__ = ["OFFICE", "SoapOfficeSettings"]


class SoapOfficeSettings(MappedOfficeSettings):
    """An office that speaks SOAP, described by a mapping."""

    office_certificate: Path | None = Field(
        default=None,
        description="PEM file with the certificate by which the office signs its answers; "
        "with it an answer that is not signed is not believed",
    )


def _build(settings: SoapOfficeSettings, site: AdapterSite) -> OfficeAdapter:
    # Only who calls the office needs all that the calls stand on; whoever reads settings does without.
    from adapters.offices.soap_calls import soap_office

    return soap_office(settings, site, office_certificate=settings.office_certificate)


OFFICE: AdapterKind[OfficeAdapter] = AdapterKind(
    summary="An office over SOAP, described by a mapping", settings=SoapOfficeSettings, build=_build
)
