"""One post office for as long as these tests run, emptied before each."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from adapters.offices.ece import OFFICE
from connector.ports.catalogue import AdapterSite
from tests.integration.ece.post_office import MISSING, PASSWORD, PostOffice, is_installed
from tests.integration.ece.receiving_suite import ReceivingSuite

_running: list[PostOffice] = []

OpenOffice = Callable[..., Any]


@pytest.fixture
def post() -> PostOffice:
    if not is_installed():
        pytest.skip(MISSING)
    if not _running:
        _running.append(PostOffice())
    _running[0].empty()
    return _running[0]


@pytest.fixture(scope="package", autouse=True)
def _no_post_office_left() -> Iterator[None]:
    yield
    while _running:
        _running.pop().stop()


@pytest.fixture
def suite(post: PostOffice) -> ReceivingSuite:
    return ReceivingSuite(post)


@pytest.fixture
def office(post: PostOffice, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenOffice]:
    """Open an office with the secretariats 10 and central; keyword arguments change its settings."""
    monkeypatch.setenv("ECE_PASSWORD", PASSWORD)
    opened: list[Any] = []

    def open_with(smtp_port: int | None = None, imap_port: int | None = None, **changes: Any) -> Any:
        patience = {"ca_file": post.ca_file, "answer_within": timedelta(seconds=15)}
        password = {"environment": "ECE_PASSWORD"}
        boxes = {
            name: {
                "our_mailbox": f"{box}@agency.example",
                "office_mailbox": f"{box}@office.example",
                "password": password,
            }
            for name, box in (("10", "a"), ("central", "a"), ("30", "b"))
        }
        only = changes.pop("only", ("10", "30"))
        imap_patience = changes.pop("imap_patience", {})
        settings = {
            "secretariats": {name: boxes[name] for name in only},
            "smtp": {"host": "127.0.0.1", "port": smtp_port or post.smtp_port, **patience},
            "imap": {"host": "127.0.0.1", "port": imap_port or post.imap_port, **patience, **imap_patience},
            **changes,
        }
        site = AdapterSite(name="main", mappings=(), pool_size=4)
        opened.append(OFFICE.build(OFFICE.settings.model_validate(settings), site))
        return opened[-1]

    yield open_with
    for each in opened:
        each.close()
        each.close()
