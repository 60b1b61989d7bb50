"""Several nodes on one PostgreSQL: what only shows where two of them meet in the same instant."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from connector.domain.message import MessageEvent
from connector.ledger import Ledger
from connector.ledger.records import MessageHappening
from connector.testing.builders import HeldClock, a_route, a_submission
from tests.contract.ledger.walk import DELIVERY, HOLD, INTAKE, NOTIFICATION, only

_DELIVERED = MessageHappening(event=MessageEvent.DELIVERED)


@pytest.fixture
def ledger(postgresql_url: str, open_on: Any) -> Ledger:
    """An empty ledger on PostgreSQL."""
    opened: Ledger = open_on(postgresql_url)
    return opened


@pytest.fixture
def other_node(postgresql_url: str) -> Iterator[sa.Engine]:
    """The connections of another node."""
    engine = sa.create_engine(postgresql_url)
    yield engine
    engine.dispose()


@contextmanager
def _moving(other_node: sa.Engine, work_id: str, letter_id: str, change: str) -> Iterator[None]:
    """Have another node in the middle of moving a message; it commits once we wait for it."""
    with other_node.connect() as connection, connection.begin():
        connection.execute(
            sa.text("SELECT 1 FROM schedule WHERE work_id = :id FOR UPDATE"), {"id": letter_id}
        )
        connection.execute(
            sa.text(f"UPDATE schedule SET version = version + 1, {change} WHERE work_id = :id"),
            {"id": work_id},
        )
        yield
        waiting = sa.text(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        with other_node.connect().execution_options(isolation_level="AUTOCOMMIT") as watcher:
            for _ in range(2000):
                if watcher.execute(waiting).scalar():
                    break
                watcher.execute(sa.text("SELECT pg_sleep(0.005)"))


def _a_report_comes_while(
    ledger: Ledger, other_node: sa.Engine, work_id: str, letter_id: str, change: str
) -> bool:
    told: list[bool] = []
    report = threading.Thread(
        target=lambda: told.append(ledger.record_receipt("sms", int(work_id), _DELIVERED))
    )
    with _moving(other_node, work_id, letter_id, change):
        report.start()
    report.join(20)
    return told == [True]


def test_a_report_that_meets_the_gateways_answer_being_written_is_not_lost(
    ledger: Ledger, other_node: sa.Engine, clock: HeldClock
) -> None:
    ledger.admit(a_submission(), route=a_route())
    (claim,) = ledger.announce_messages([only(ledger, NOTIFICATION)])
    change = "status = 'accepted', stage = 'delivery', lease_holder = NULL, lease_expires_at = NULL"
    assert _a_report_comes_while(ledger, other_node, claim.work_id, claim.letter_id, change)
    assert ledger.claim(DELIVERY, **HOLD) == []


def test_a_report_that_meets_a_claim_on_its_message_is_not_lost(
    ledger: Ledger, other_node: sa.Engine, clock: HeldClock
) -> None:
    ledger.admit(a_submission(), route=a_route())
    (claim,) = ledger.announce_messages([only(ledger, NOTIFICATION)])
    accepted = MessageHappening(event=MessageEvent.ACCEPTED, due_at=clock.now(), gateway_reference="g")
    ledger.record_messages([(claim, accepted)])
    change = "lease_holder = 'other', lease_expires_at = 0"
    assert _a_report_comes_while(ledger, other_node, claim.work_id, claim.letter_id, change)


@pytest.mark.parametrize("plan", ["hashjoin, mergejoin, hashagg, sort, material, memoize", "nestloop"])
def test_no_claim_takes_more_than_it_asked_for_however_the_server_plans(
    postgresql_url: str, open_on: Any, other_node: sa.Engine, plan: str
) -> None:
    with other_node.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        name = sa.make_url(postgresql_url).database
        for way in plan.split(", "):
            connection.execute(sa.text(f'ALTER DATABASE "{name}" SET enable_{way} = off'))
    ledger: Ledger = open_on(postgresql_url)
    for _ in range(12):
        ledger.admit(a_submission(), route=a_route())
    asked = {"holder": "node", "lease_for": timedelta(seconds=60), "limit": 3}
    assert [len(ledger.claim(INTAKE, **asked)) for _ in range(5)] == [3, 3, 3, 3, 0]
