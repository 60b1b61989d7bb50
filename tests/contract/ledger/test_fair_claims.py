"""Many letters and several nodes: each node takes what it can begin, and no more."""

import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from connector.clock import now
from connector.domain.lifecycle import Event
from connector.ledger import Ledger
from connector.ledger.records import Claim, Happening
from connector.scheduling.dispatcher import Dispatcher
from connector.scheduling.lanes import LaneRun
from connector.testing.builders import a_route, a_submission
from tests.contract.ledger.walk import INTAKE

AT_ONCE = 2
LETTERS = 40
PATIENCE = 30.0


class Node:
    """One daemon's lane: its deeds wait until they may end."""

    def __init__(self, ledger: Ledger, name: str) -> None:
        self.begun = threading.Semaphore(0)
        self.gate = threading.Event()
        self.done: list[str] = []
        self.ledger = ledger
        self.dispatcher = Dispatcher(
            ledger, [LaneRun(lane=INTAKE, deed=self._deed, pool_size=AT_ONCE)], holder=f"{name}/1", now=now
        )

    def _deed(self, claims: Sequence[Claim]) -> None:
        self.begun.release()
        assert self.gate.wait(PATIENCE)
        for claim in claims:
            self.ledger.record(claim, Happening(event=Event.SCREENED, due_at=now()))
            self.done.append(claim.work_id)


def test_each_node_takes_as_much_as_it_can_begin_and_all_of_them_have_a_share(
    postgresql_url: str, open_on: Any
) -> None:
    ledger: Ledger = open_on(postgresql_url, now=now)
    for _ in range(LETTERS):
        ledger.admit(a_submission(), route=a_route())
    nodes = [Node(open_on(postgresql_url, alone=True, now=now), name) for name in ("one", "two", "three")]
    for node in nodes:
        node.dispatcher.start()
    for node in nodes:
        assert all(node.begun.acquire(timeout=PATIENCE) for _ in range(AT_ONCE))
        assert node.dispatcher.in_hand == AT_ONCE, "what cannot be begun is left to the others"
    for node in nodes:
        node.gate.set()
    _until_nothing_is_left(ledger)
    for node in nodes:
        assert node.dispatcher.stop(timedelta(seconds=PATIENCE))
    done = [work_id for node in nodes for work_id in node.done]
    assert len(done) == len(set(done)) == LETTERS
    assert all(len(node.done) >= AT_ONCE for node in nodes)


@pytest.mark.parametrize("others", [1, 3])
def test_a_node_that_stops_in_order_leaves_its_letters_to_the_others_at_once(
    postgresql_url: str, open_on: Any, others: int
) -> None:
    ledger: Ledger = open_on(postgresql_url, now=now)
    for _ in range(LETTERS):
        ledger.admit(a_submission(), route=a_route())
    leaving = Node(open_on(postgresql_url, alone=True, now=now), "leaving")
    leaving.dispatcher.start()
    assert all(leaving.begun.acquire(timeout=PATIENCE) for _ in range(AT_ONCE))
    staying = [Node(open_on(postgresql_url, alone=True, now=now), f"n{number}") for number in range(others)]
    for node in staying:
        node.gate.set()
        node.dispatcher.start()
    leaving.dispatcher.stop_claiming()
    leaving.gate.set()
    assert leaving.dispatcher.stop(timedelta(seconds=PATIENCE))
    _until_nothing_is_left(ledger)
    for node in staying:
        assert node.dispatcher.stop(timedelta(seconds=PATIENCE))
    assert len(leaving.done) == AT_ONCE


def _until_nothing_is_left(ledger: Ledger) -> None:
    waiting = threading.Event()
    for _ in range(600):
        if not any(number for status, number in ledger.counts().items() if status == "received"):
            return
        waiting.wait(0.05)
    raise AssertionError("letters were left")
