"""Spanish, Italian and Norwegian profiles, each against its vendor's bundle."""

import pytest

from connector.transport.wsdl_check import wsdls_in
from connector.transport.wsdl_closure import Closure
from connector.transport.wsdl_outline import read_ports
from tests.integration.profiles.original import (
    PROFILES,
    differences,
    original,
    strange_elements,
    written_messages,
)

BUNDLES = [
    ("regweb3", "sir-regweb3-spain"),
    ("folium", "folium-dedagroup/ProtocolloFoliumService"),
    ("sid-umbria", "sid-umbria"),
    ("jiride", "jiride-maggioli/ProtocollazioneJIrideService"),
    ("docspa", "docspa-pitre"),
    ("insiel3", "insiel-3"),
    ("sicraweb", "sicraweb-maggioli/wsdl/ProWSApi.wsdl"),
]


@pytest.mark.parametrize(("profile", "bundle"), BUNDLES)
def test_the_reduced_contract_says_nothing_that_the_vendors_does_not(profile: str, bundle: str) -> None:
    assert differences(profile, original(bundle)) == []


def test_what_the_norwegian_profile_writes_out_is_called_as_the_vendors_wsdls_call_it() -> None:
    """The vendor's schemas are not in its bundle: only what the WSDLs themselves declare can be compared."""
    place = original("geointegrasjon-norway")
    own = "http://rep.geointegrasjon.no/Arkiv/"
    strange = {
        name
        for message in written_messages("geointegrasjon")
        for name in strange_elements(message, place)
        if "xml.wsdl" in name
    }
    assert strange == set()
    ports = [port for wsdl in wsdls_in(place) for port in read_ports(Closure(wsdl))]
    actions = {each.action: each.element for port in ports for each in port.operations.values()}
    for call, service in (("NyJournalpost", "Oppdatering"), ("NyDokument", "Oppdatering"),
                          ("FinnJournalposterGittNoekkel", "Innsyn")):  # fmt: skip
        namespace = f"{own}{service}/xml.wsdl/2012.01.31"
        assert actions[f"{namespace}/#{call}"] == f"{{{namespace}}}{call}"
        assert f"action: {namespace}/#{call}" in (PROFILES / "geointegrasjon.yaml").read_text(
            encoding="utf-8"
        )
