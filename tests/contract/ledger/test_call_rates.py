"""One budget of calls for all nodes: never beyond the rate together, silent together, alone while it is away."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa

from connector.ledger import Ledger
from connector.ledger.call_rates import SharedCallRate
from connector.simulator.postgresql_server import PostgresqlServer

LONG = timedelta(minutes=1)
SLACK = 0.02
"""Seconds that the way to the server and back may seem to add or take."""

MakeBudget = Callable[..., SharedCallRate]


@pytest.fixture
def node(postgresql_url: str) -> Iterator[MakeBudget]:
    """Budgets of one connection in different nodes."""
    engines = []

    def node(rate: float | None, **options: Any) -> SharedCallRate:
        engine = sa.create_engine(postgresql_url, isolation_level="AUTOCOMMIT")
        engines.append(engine)
        return SharedCallRate(engine, "offices.main", rate, **options)

    yield node
    for engine in engines:
        engine.dispose()


@pytest.fixture
def opened(postgresql_url: str, open_on: Any) -> Callable[[], Ledger]:
    """Ledgers of daemons on the same server."""
    return lambda: open_on(postgresql_url, alone=True)


def tokens_of(budgets: list[SharedCallRate], each: int) -> list[float]:
    """Have every node reserve so many at the same time; return all instants in order."""
    taken: list[float] = []

    def take(budget: SharedCallRate) -> None:
        for _ in range(each):
            usable_at = budget.reserve(within=LONG)
            assert usable_at is not None
            taken.append(usable_at)

    threads = [threading.Thread(target=take, args=(budget,)) for budget in budgets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(taken) == each * len(budgets)
    return sorted(taken)


def most_within_a_second(instants: list[float]) -> int:
    return max(sum(1 for other in instants if 0 <= other - first < 1 - SLACK) for first in instants)


def test_three_nodes_together_keep_to_the_rate_of_one(node: MakeBudget) -> None:
    taken = tokens_of([node(4), node(4), node(4)], 6)
    assert most_within_a_second(taken) <= 4
    assert taken[-1] - taken[0] == pytest.approx(17 / 4, abs=0.3), "and none of the rate is wasted"


def test_at_a_high_rate_tokens_come_in_blocks_and_one_block_a_node_is_the_most_beyond(
    node: MakeBudget,
) -> None:
    taken = tokens_of([node(50), node(50)], 60)
    assert most_within_a_second(taken) <= 50 + 2 * 10
    assert taken[-1] - taken[0] == pytest.approx(119 / 50, abs=0.5)


def test_a_block_costs_one_statement(node: MakeBudget, postgresql_url: str) -> None:
    budget = node(50)
    statements = []
    sa.event.listen(budget._engine, "before_cursor_execute", lambda *given: statements.append(given))
    for _ in range(30):
        budget.reserve(within=LONG)
    assert len(statements) == 3


def test_a_node_alone_makes_its_calls_at_the_rate_and_no_faster_after_a_rest(node: MakeBudget) -> None:
    at = [1000.0]
    budget = node(50, monotonic=lambda: at[0])
    first = budget.reserve(within=LONG)
    at[0] += 60
    after = [budget.reserve(within=LONG) or 0.0 for _ in range(9)]
    assert first == 1000.0
    gaps = [later - earlier for earlier, later in pairwise(after)]
    assert gaps == [pytest.approx(0.02)] * 8, "what was left of the old block is not spent in a burst"


def test_who_would_wait_longer_than_their_patience_takes_no_token(node: MakeBudget) -> None:
    budget, other = node(0.5), node(0.5)
    assert budget.reserve(within=timedelta(seconds=1)) is not None
    assert other.reserve(within=timedelta(seconds=1)) is None
    second = budget.reserve(within=timedelta(seconds=10))
    third = other.reserve(within=timedelta(seconds=10))
    assert second is not None
    assert third is not None
    assert third - second == pytest.approx(2, abs=0.2), "the one in vain must not have pushed anybody back"


def test_silence_that_one_node_was_asked_for_is_kept_by_all(opened: Callable[[], Ledger]) -> None:
    one, other = (ledger.call_rates.budget("offices.main", 5) for ledger in (opened(), opened()))
    assert one is not None
    assert other is not None
    one.hold(timedelta(seconds=40))
    _until(lambda: other.held_for > timedelta(seconds=30))
    assert other.reserve(within=timedelta(seconds=10)) is None


def test_a_node_that_starts_in_the_middle_of_the_silence_keeps_it(
    opened: Callable[[], Ledger], node: MakeBudget
) -> None:
    node(5).hold(timedelta(seconds=40))
    late = opened().call_rates.budget("offices.main", 5)
    assert late is not None
    late.reserve(within=LONG)
    assert late.held_for > timedelta(seconds=30)


def test_without_a_rate_calls_go_at_once_and_silence_is_still_shared(opened: Callable[[], Ledger]) -> None:
    one, other = (ledger.call_rates.budget("offices.main", None) for ledger in (opened(), opened()))
    assert one is not None
    assert other is not None
    assert [other.reserve(within=timedelta()) is not None for _ in range(3)] == [True] * 3
    one.hold(timedelta(seconds=40))
    _until(lambda: bool(other.held_for))
    assert other.reserve(within=timedelta(seconds=10)) is None


def test_while_the_server_is_away_a_node_keeps_to_its_share(
    node: MakeBudget, postgresql_server: PostgresqlServer
) -> None:
    at = [1000.0]
    budget = node(10, monotonic=lambda: at[0])
    budget.know_nodes(2)
    postgresql_server.stop()
    try:
        taken = [budget.reserve(within=LONG) or 0.0 for _ in range(4)]
    finally:
        postgresql_server.start()
    gaps = [later - earlier for earlier, later in pairwise(taken)]
    assert gaps[1:] == [pytest.approx(0.2)] * 2
    at[0] += 6
    assert budget.reserve(within=LONG) == at[0], "and asks the server again after a while"


def test_on_sqlite_there_is_no_shared_budget(sqlite_url: str, open_on: Any) -> None:
    ledger: Ledger = open_on(sqlite_url)
    assert ledger.call_rates.budget("offices.main", 5) is None


def _until(condition: Callable[[], bool]) -> None:
    waker = threading.Event()
    for _ in range(2000):
        if condition():
            return
        waker.wait(0.01)
    raise AssertionError("it did not come about")
