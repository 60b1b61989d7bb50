"""One Request Tracker for as long as these tests run."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from adapters.offices.rest import OFFICE
from connector.ports.catalogue import AdapterSite
from tests.contract.offices.benches import MAPPINGS
from tests.integration.rt.request_tracker import MISSING, PASSWORD, USER, RequestTracker, is_installed

_running: list[RequestTracker] = []

Connect = Callable[..., Any]


@pytest.fixture
def tracker() -> RequestTracker:
    if not is_installed():
        pytest.skip(MISSING)
    if not _running:
        _running.append(RequestTracker())
    return _running[0]


@pytest.fixture(scope="package", autouse=True)
def _no_tracker_left() -> Iterator[None]:
    yield
    while _running:
        _running.pop().stop()


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    """Connect the shipped mapping to a Request Tracker at this address."""
    monkeypatch.setenv("RT_PASSWORD", PASSWORD)
    offices: list[Any] = []

    def office_at(url: str, username: str = USER) -> Any:
        settings = OFFICE.settings.model_validate(
            {
                "mapping": "request-tracker",
                "http": {"url": url, "answer_within": 60},
                "username": username,
                "password": {"environment": "RT_PASSWORD"},
            }
        )
        offices.append(OFFICE.build(settings, AdapterSite(name="rt", mappings=(MAPPINGS,), pool_size=2)))
        return offices[-1]

    yield office_at
    for office in offices:
        office.close()
