"""Each gateway that comes with Chapar is whole: a page, a row in the overview, a code table, a vendor, its tests."""

from pathlib import Path

import pytest

from connector.ports.catalogue import GATEWAYS, adapter_names
from connector.testing.gateway_contract import bench_of

ROOT = Path(__file__).parents[2]
WITHOUT_CODES = {"console"}
"""Nobody answers there."""


@pytest.mark.parametrize("name", adapter_names(GATEWAYS))
def test_a_gateway_has_everything_that_belongs_to_it(name: str) -> None:
    page = ROOT / "docs" / "gateways" / f"{name}.md"
    assert page.is_file()
    assert f"(gateways/{name}.md)" in (ROOT / "docs" / "gateways.md").read_text(encoding="utf-8")
    assert f'adapter = "{name}"' in page.read_text(encoding="utf-8"), "the page shows its settings"
    assert (ROOT / "tests" / "contract" / "gateways" / f"test_{name}.py").is_file()
    assert (ROOT / "mappings" / "gateways" / f"{name}.yaml").is_file() or name in WITHOUT_CODES
    assert bench_of(name)


@pytest.mark.parametrize("name", sorted(set(adapter_names(GATEWAYS)) - WITHOUT_CODES))
def test_the_page_says_what_it_was_built_from_and_what_is_not_certain(name: str) -> None:
    page = (ROOT / "docs" / "gateways" / f"{name}.md").read_text(encoding="utf-8")
    for word in ("*Built from*", "Certain", "Not certain"):
        assert word in page
