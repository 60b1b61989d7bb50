"""The kind of adapter that the catalogue finds."""

from adapters.offices.ece.settings import EceOfficeSettings
from connector.ports.catalogue import AdapterKind, AdapterSite
from connector.ports.office import OfficeAdapter

__all__ = ["OFFICE"]


def _build(settings: EceOfficeSettings, site: AdapterSite) -> OfficeAdapter:
    # Only who calls the office needs all that the calls stand on; whoever reads settings does without.
    from adapters.offices.ece.office import EceOffice

    return EceOffice(settings, site.name)


OFFICE: AdapterKind[OfficeAdapter] = AdapterKind(
    summary="An office by e-mail: ECE letters out over SMTP, receipts and answers in over IMAP",
    settings=EceOfficeSettings,
    build=_build,
)
