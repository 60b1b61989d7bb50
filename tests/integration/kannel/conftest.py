"""One Kannel for as long as it lives, and one address for reports for each test."""

from collections.abc import Iterator

import pytest

from tests.integration.kannel.kannel_lab import KannelLab
from tests.integration.kannel.receipt_reader import ReceiptReader

_running: list[KannelLab] = []


@pytest.fixture
def kannel(tmp_path_factory: pytest.TempPathFactory) -> KannelLab:
    """The Kannel of the tests before, or a new one where that one has broken down."""
    if _running and not _running[0].is_running:
        _running.pop().stop()
    if not _running:
        _running.append(KannelLab(tmp_path_factory.mktemp("kannel")))
    return _running[0]


@pytest.fixture(scope="package", autouse=True)
def _no_kannel_left() -> Iterator[None]:
    yield
    while _running:
        _running.pop().stop()


@pytest.fixture
def receipts() -> Iterator[ReceiptReader]:
    reader = ReceiptReader()
    with reader.server:
        yield reader
