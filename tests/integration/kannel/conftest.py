"""One Kannel for each module of tests, and one address for reports for each test."""

from collections.abc import Iterator

import pytest

from tests.integration.kannel.kannel_lab import KannelLab
from tests.integration.kannel.receipt_reader import ReceiptReader


@pytest.fixture(scope="module")
def kannel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KannelLab]:
    lab = KannelLab(tmp_path_factory.mktemp("kannel"))
    yield lab
    lab.stop()


@pytest.fixture
def receipts() -> Iterator[ReceiptReader]:
    reader = ReceiptReader()
    with reader.server:
        yield reader
