"""The web as it runs, for each test a fresh one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.web.house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.close()


@pytest.fixture
def web(house: House) -> House:
    return house.serve()
