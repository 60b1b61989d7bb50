"""A talk on a SQLite ledger; that the ledger is the same on PostgreSQL is the ledger's own suite."""

from collections.abc import Callable

import pytest

from connector.citizen.policy import ReceivingPolicy
from connector.ledger import Ledger
from connector.testing.builders import HeldClock
from tests.unit.citizen.talk import Talk, TalkingGateway
from tests.unit.notification.house import House


@pytest.fixture
def talk(sqlite_url: str, open_on: Callable[[str], Ledger], clock: HeldClock) -> Talk:
    house = House(open_on(sqlite_url), clock, TalkingGateway())
    return Talk(house, ReceivingPolicy(survey=True))
