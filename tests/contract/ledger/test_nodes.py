"""Nodes enter, are seen and stop; whoever has a node's name frees what earlier daemons of that name left."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from connector.domain.lifecycle import Event
from connector.errors import LedgerUnavailable, LostRace
from connector.ledger import Ledger
from connector.ledger.node_lock import NodeLock
from connector.ledger.nodes import NodeState
from connector.ledger.records import Happening
from connector.ledger.tables import nodes
from connector.testing.builders import HeldClock, a_route, a_submission
from tests.contract.ledger.walk import INTAKE, REGISTRATION, a_ready_letter, only

LEASE = timedelta(minutes=2)
HOLDS = timedelta(seconds=20)


@pytest.fixture
def on_postgresql(postgresql_url: str, open_on: Any) -> Ledger:
    """A ledger on PostgreSQL."""
    opened: Ledger = open_on(postgresql_url)
    return opened


@pytest.fixture
def server(postgresql_url: str) -> Iterator[sa.Connection]:
    """A connection of nobody's."""
    engine = sa.create_engine(postgresql_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_a_node_that_enters_is_running_and_one_that_stops_has_stopped(ledger: Ledger) -> None:
    ledger.nodes.enter("one/A", node="one", version="1")
    ledger.nodes.seen("one/A", node="one", version="1", in_hand=3)
    (row,) = ledger.nodes.all()
    assert (row.node, row.holder, row.version, row.in_hand, row.state) == ("one", "one/A", "1", 3, "running")
    ledger.nodes.seen("one/A", node="one", version="1", in_hand=0, is_stopped=True)
    (row,) = ledger.nodes.all()
    assert (row.state, row.stopped_at) == (NodeState.STOPPED, row.seen_at)


def test_a_node_that_is_not_heard_of_is_silent_and_comes_back(
    sqlite_url: str, open_on: Any, clock: HeldClock
) -> None:
    ledger: Ledger = open_on(sqlite_url)
    ledger.nodes.enter("one/A", node="one", version="1")
    clock.advance(timedelta(seconds=36))
    assert [row.state for row in ledger.nodes.all()] == [NodeState.SILENT]
    ledger.nodes.seen("one/A", node="one", version="1", in_hand=0)
    assert [row.state for row in ledger.nodes.all()] == [NodeState.RUNNING]


def test_silence_is_measured_by_the_servers_clock_and_not_by_the_nodes(
    on_postgresql: Ledger, clock: HeldClock
) -> None:
    on_postgresql.nodes.enter("one/A", node="one", version="1")
    clock.advance(timedelta(hours=5))
    assert [row.state for row in on_postgresql.nodes.all()] == [NodeState.RUNNING]


def test_nodes_that_have_been_away_for_a_week_are_swept_when_one_enters(
    on_postgresql: Ledger, server: sa.Connection
) -> None:
    on_postgresql.nodes.enter("old/A", node="old", version="1")
    on_postgresql.nodes.enter("new/A", node="new", version="1")
    earlier = sa.text(f"seen_at - {8 * 86_400_000_000}")
    server.execute(sa.update(nodes).where(nodes.c.node == "old").values(seen_at=earlier))
    on_postgresql.nodes.enter("third/A", node="third", version="1")
    assert [row.node for row in on_postgresql.nodes.all()] == ["new", "third"]


def test_on_sqlite_there_is_one_node(sqlite_url: str, open_on: Any) -> None:
    ledger: Ledger = open_on(sqlite_url)
    ledger.nodes.enter("one/A", node="one", version="1")
    ledger.nodes.enter("one/B", node="one", version="1")
    assert [row.holder for row in ledger.nodes.all()] == ["one/B"]
    assert ledger.nodes.lock("one") is None


def test_a_node_that_was_swept_meanwhile_is_written_anew(ledger: Ledger) -> None:
    ledger.nodes.seen("one/A", node="one", version="1", in_hand=1)
    assert [(row.holder, row.in_hand) for row in ledger.nodes.all()] == [("one/A", 1)]


@pytest.fixture
def lock_on(on_postgresql: Ledger) -> Iterator[Callable[[str], NodeLock]]:
    """Locks on names, let go at the end."""
    made: list[NodeLock] = []

    def lock_on(node: str) -> NodeLock:
        lock = on_postgresql.nodes.lock(node)
        assert lock is not None
        made.append(lock)
        return lock

    yield lock_on
    for lock in made:
        lock.let_go()


def test_a_name_is_held_by_one_and_free_when_its_connection_ends(lock_on: Callable[[str], NodeLock]) -> None:
    first, second, other = lock_on("one"), lock_on("one"), lock_on("other")
    assert first.hold()
    assert first.hold()
    assert not second.hold()
    assert other.hold()
    first.let_go()
    assert second.hold()


def test_a_lock_whose_connection_was_ended_by_the_server_is_taken_anew(
    lock_on: Callable[[str], NodeLock], server: sa.Connection
) -> None:
    lock = lock_on("one")
    assert lock.hold()
    server.execute(
        sa.text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")
    )
    with pytest.raises(LedgerUnavailable):
        lock.hold()
    assert lock.hold()


def test_whoever_has_the_name_frees_leases_of_earlier_daemons_of_it_and_nobody_elses(
    on_postgresql: Ledger,
) -> None:
    ledger = on_postgresql
    for _ in range(4):
        ledger.admit(a_submission(), route=a_route())
    for holder in ("one/A", "one/C", "o_e/A", "two/A"):
        ledger.claim(INTAKE, holder=holder, lease_for=LEASE, limit=1)
    assert ledger.nodes.take_over("one/B", node="one", calls_begin_within=HOLDS) == 1
    assert len(ledger.claim(INTAKE, holder="one/B", lease_for=LEASE, limit=9)) == 1
    assert ledger.nodes.take_over("o_e/B", node="o_e", calls_begin_within=HOLDS) == 1


def test_a_late_write_of_the_daemon_before_loses_and_its_call_has_time_to_begin_before_it_counts_as_lost(
    on_postgresql: Ledger, clock: HeldClock
) -> None:
    ledger = on_postgresql
    a_ready_letter(ledger, clock)
    (claim,) = ledger.claim(REGISTRATION, holder="one/A", lease_for=LEASE, limit=1)
    announced = ledger.announce(claim)
    assert ledger.nodes.take_over("one/B", node="one", calls_begin_within=HOLDS) == 1
    with pytest.raises(LostRace):
        ledger.record(announced, Happening(event=Event.OUTCOME_LOST, due_at=clock.now(), reason="late"))
    assert ledger.claim(REGISTRATION, holder="one/B", lease_for=LEASE, limit=1) == []
    clock.advance(HOLDS)
    orphan = only(ledger, REGISTRATION)
    assert orphan.status == "registering"


def test_a_lease_that_ends_sooner_anyway_ends_then(on_postgresql: Ledger, clock: HeldClock) -> None:
    a_ready_letter(on_postgresql, clock)
    (claim,) = on_postgresql.claim(REGISTRATION, holder="one/A", lease_for=timedelta(seconds=5), limit=1)
    on_postgresql.announce(claim)
    on_postgresql.nodes.take_over("one/B", node="one", calls_begin_within=HOLDS)
    clock.advance(timedelta(seconds=5))
    assert only(on_postgresql, REGISTRATION).status == "registering"
