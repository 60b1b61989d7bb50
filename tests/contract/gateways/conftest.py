"""A fresh vendor for each test of a gateway's own: the module names its class, ``VENDOR``."""

from collections.abc import Iterator
from typing import Any

import pytest

from connector.testing.gateway_contract import VendorBench, vendor_bench


@pytest.fixture
def bench(request: pytest.FixtureRequest) -> Iterator[VendorBench]:
    with vendor_bench(request.module.VENDOR) as opened:
        yield opened


@pytest.fixture
def gateway(bench: VendorBench) -> Any:
    return bench.connect()


@pytest.fixture
def vendor(bench: VendorBench) -> Any:
    return bench.vendor
