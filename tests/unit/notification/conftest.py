"""The stage on a SQLite ledger; that the ledger is the same on PostgreSQL is the ledger's own suite."""

from collections.abc import Callable

import pytest

from connector.ledger import Ledger
from connector.testing.builders import HeldClock
from tests.unit.notification.house import BookGateway, House


@pytest.fixture
def gateway() -> BookGateway:
    return BookGateway()


@pytest.fixture
def house(sqlite_url: str, open_on: Callable[[str], Ledger], clock: HeldClock, gateway: BookGateway) -> House:
    return House(open_on(sqlite_url), clock, gateway)
