"""Profiles built from the bundles of DHX, Halley, Prisma and Kibernetes."""

from pathlib import Path

import pytest
from lxml import etree

from tests.integration.profiles.original import differences, original

BUNDLES = [
    ("halley", "halley/HalleyProtoService"),
    ("kibernetes", "kibernetes"),
    ("prisma-docarea", "prisma-docarea-finmatica"),
]
WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
X_ROAD = "http://x-road.eu/xsd/"


@pytest.mark.parametrize(("profile", "bundle"), BUNDLES)
def test_the_reduced_contract_says_nothing_that_the_vendors_does_not(profile: str, bundle: str) -> None:
    assert differences(profile, original(bundle)) == []


def test_of_dhx_all_but_the_headers_of_x_road_says_the_same(tmp_path: Path) -> None:
    """The schemas of X-Road's headers are not in the bundle, and the profile writes those headers out."""
    tree = etree.parse(original("dhx-estonia/dhx.wsdl"))
    for strange in [
        *tree.iter(f"{WSDL}message"), *tree.iter("{http://www.w3.org/2001/XMLSchema}import"),
        *tree.iter("{http://schemas.xmlsoap.org/wsdl/soap/}header"), *tree.iter(f"{{{X_ROAD}xroad.xsd}}version"),
    ]:  # fmt: skip
        is_header = strange.get("name") == "requestHeader" or (strange.get("namespace") or X_ROAD).startswith(
            X_ROAD
        )
        if is_header and (strange.tag != f"{WSDL}message" or strange.get("name") == "requestHeader"):
            strange.getparent().remove(strange)
    text = etree.tostring(tree).replace(b"http://office.invalid/profiles", b"http://ws-i.org/profiles")
    (tmp_path / "dhx.wsdl").write_bytes(text)
    assert differences("dhx", tmp_path) == []
