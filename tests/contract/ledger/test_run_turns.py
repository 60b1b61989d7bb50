"""A run that is once for all is done by one node in its interval, and by another where that one died over it."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from connector.ledger import Ledger
from connector.ledger.tables import runs

EVERY = timedelta(hours=1)


@pytest.fixture
def ledger(postgresql_url: str, open_on: Any) -> Ledger:
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


def is_turn_of(ledger: Ledger, holder: str, name: str = "sweep") -> bool:
    """Do the run, if it is this node's."""
    with ledger.run_turns.take(name, every=EVERY, holder=holder) as is_ours:
        return is_ours


def test_one_node_does_it_and_the_others_have_nothing_to_do_in_this_interval(ledger: Ledger) -> None:
    assert [is_turn_of(ledger, holder) for holder in ("one", "two", "one", "three")] == [
        True,
        False,
        False,
        False,
    ]
    assert is_turn_of(ledger, "two", "another run")


def test_while_one_does_it_nobody_else_begins(ledger: Ledger) -> None:
    with ledger.run_turns.take("sweep", every=EVERY, holder="one") as is_ours:
        assert is_ours
        assert not is_turn_of(ledger, "two")


def test_when_the_interval_is_nearly_over_whoever_rings_first_does_it(
    ledger: Ledger, server: sa.Connection
) -> None:
    assert is_turn_of(ledger, "one")
    server.execute(
        sa.update(runs).values(begun_at=runs.c.begun_at - sa.literal(timedelta(minutes=47), _MICROSECONDS))
    )
    assert not is_turn_of(ledger, "two")
    server.execute(
        sa.update(runs).values(begun_at=runs.c.begun_at - sa.literal(timedelta(minutes=2), _MICROSECONDS))
    )
    assert is_turn_of(ledger, "two")
    assert not is_turn_of(ledger, "one")


def test_a_node_that_died_in_the_middle_left_no_lock_and_nothing_done(
    ledger: Ledger, server: sa.Connection
) -> None:
    with ExitStack() as died:
        assert died.enter_context(ledger.run_turns.take("sweep", every=EVERY, holder="one"))
        server.execute(
            sa.text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")
        )
        assert is_turn_of(ledger, "two")
        with pytest.raises(Exception):
            died.close()


def test_a_run_that_failed_counts_as_not_done_and_the_next_that_rings_does_it(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="portal"), ledger.run_turns.take("sweep", every=EVERY, holder="one"):
        raise ValueError("the portal is away")
    assert is_turn_of(ledger, "two")


def test_a_begin_in_the_future_is_of_a_clock_that_was_set_and_holds_nobody_up(
    ledger: Ledger, server: sa.Connection
) -> None:
    assert is_turn_of(ledger, "one")
    server.execute(
        sa.update(runs).values(begun_at=runs.c.begun_at + sa.literal(timedelta(days=9), _MICROSECONDS))
    )
    assert is_turn_of(ledger, "two")


def test_on_sqlite_it_is_always_this_node(sqlite_url: str, open_on: Any) -> None:
    ledger: Ledger = open_on(sqlite_url)
    assert [is_turn_of(ledger, "one"), is_turn_of(ledger, "one")] == [True, True]


class _Microseconds(sa.types.TypeDecorator[timedelta]):
    """A length of time as the tables count it."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Any) -> int | None:
        return None if value is None else value // timedelta(microseconds=1)


_MICROSECONDS = _Microseconds()
