"""An office behind each of its doors."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.simulator.fates import Fate
from connector.simulator.levels import OfficeLevel
from tests.contract.offices.served_office import Open, ServedOffice


@pytest.fixture(params=["soap", "rest"])
def agency(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Open]:
    monkeypatch.setenv("OFFICE_SECRET", "secret")
    opened: list[ServedOffice] = []

    def open_with(*fates: Fate, level: OfficeLevel | None = None) -> ServedOffice:
        one = ServedOffice(
            request.param, fates or (Fate.CONFIDENTIAL_BRANCH,), level or OfficeLevel(), tmp_path
        )
        one.server.start()
        opened.append(one)
        return one

    yield open_with
    for one in opened:
        one.close()
