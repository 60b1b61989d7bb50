"""Profiles built from the bundles of REGWEB3, Folium, SID Umbria, GeoIntegrasjon, Sicraweb and J-Iride."""

import pytest

from tests.integration.profiles.original import differences, original

BUNDLES = [
    ("regweb3", "sir-regweb3-spain"),
    ("folium", "folium-dedagroup/ProtocolloFoliumService"),
    ("sid-umbria", "sid-umbria"),
    ("jiride", "jiride-maggioli/ProtocollazioneJIrideService"),
]


@pytest.mark.parametrize(("profile", "bundle"), BUNDLES)
def test_the_reduced_contract_says_nothing_that_the_vendors_does_not(profile: str, bundle: str) -> None:
    assert differences(profile, original(bundle)) == []
