"""The stages together, driven by the dispatcher, with an office that loses answers, refuses, stalls and comes late.

Time runs fast: minutes of the policies are milliseconds here. The proof is the office's own book.
"""

import itertools
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import pytest

from connector.clock import now
from connector.domain.lifecycle import ENDS, Event, Stage, Status
from connector.errors import Misbehaved, RateLimited, Unavailable
from connector.ledger import Ledger
from connector.ledger.records import Happening, Lane
from connector.ports.connection import Connection, ConnectionPolicy
from connector.ports.office import OfficeAdapter, OfficeCapabilities
from connector.registration.patience import RegistrationPolicy
from connector.registration.reconciliation import Reconciliation
from connector.registration.registration import Registration
from connector.scheduling.dispatcher import Dispatcher
from connector.scheduling.lanes import LaneRun
from connector.testing.builders import a_route, a_submission
from connector.transport.breaker import BreakerPolicy
from tests.integration.stages.office_double import Fate, OfficeDouble

_MS = timedelta(milliseconds=1)
LEASE = 300 * _MS
POLICY = RegistrationPolicy(
    retry_first_after=10 * _MS,
    retry_at_most_every=50 * _MS,
    retry_without_credentials=20 * _MS,
    look_up_first_after=10 * _MS,
    look_up_at_most_every=60 * _MS,
    track_first_after=timedelta(hours=1),
    remind_after=timedelta(hours=1),
)
CAPABILITIES = OfficeCapabilities(find_by_key=True, longest_processing=150 * _MS)
BREAKER = BreakerPolicy(failures=4, first_pause=10 * _MS, longest_pause=40 * _MS)
SETTLED = {Status.REGISTERED, Status.SUBMITTED, Status.PARKED, *ENDS}


def an_ill_office(letters: int) -> OfficeDouble:
    """Return an office that treats about every second call badly, the same way in each run."""
    chance = random.Random(1405)
    fates = [
        Fate.SWALLOW, Fate.LOSE, Fate.LATE, Fate.REFUSE, Fate.NO_NUMBER, Unavailable(reason="refused"),
        RateLimited(reason="http_429", retry_after=5 * _MS), Misbehaved(reason="no_result"), KeyError("crash"),
    ]  # fmt: skip
    office = OfficeDouble(capabilities=CAPABILITIES, late_after=100 * _MS)
    drawn = [chance.choice(fates) if chance.random() < 0.5 else None for _ in range(letters)]
    office.fates.extend(drawn)  # type: ignore[arg-type]
    return office


class Node:
    """One daemon's worth of stages on a ledger."""

    def __init__(self, ledger: Ledger, office: OfficeDouble, holder: str) -> None:
        connection = Connection[OfficeAdapter](
            name="main",
            adapter=office,
            pool_size=4,
            policy=ConnectionPolicy(patience=timedelta(seconds=1), breaker=BREAKER),
        )
        registration = Registration(ledger, connection, ledger.attachments, policy=POLICY)
        reconciliation = Reconciliation(ledger, connection, policy=POLICY)
        runs = [
            LaneRun(
                lane=Lane(Stage.REGISTRATION, "main"),
                deed=registration.run,
                pool_size=4,
                closed_for=lambda: connection.closed_for("register"),
            ),
            LaneRun(lane=Lane(Stage.RECONCILIATION, "main"), deed=reconciliation.run, pool_size=2),
        ]
        self.dispatcher = Dispatcher(ledger, runs, holder=holder, lease_for=LEASE)


@contextmanager
def running(*nodes: Node) -> Iterator[None]:
    with ExitStack() as stack:
        for node in nodes:
            stack.callback(node.dispatcher.stop, timedelta(seconds=20))
            node.dispatcher.start()
        yield


def take_in(ledger: Ledger, count: int) -> list[str]:
    letters = []
    for _ in range(count):
        letters.append(ledger.admit(a_submission(), route=a_route()).letter_id)
        for claim in ledger.claim(Lane(Stage.INTAKE, "web"), holder="intake", lease_for=LEASE, limit=10):
            ledger.record(claim, Happening(event=Event.SCREENED, due_at=now(), route=a_route()))
    return letters


def settle(ledger: Ledger, letters: list[str]) -> None:
    """Wait until no letter is on its way any more."""
    pause = threading.Event()
    for _ in range(1500):
        if all(state.status in SETTLED for state in ledger.states(letters)):
            return
        pause.wait(0.02)
    raise AssertionError(f"letters are still on their way: {ledger.counts()}")


def compare_the_books(ledger: Ledger, office: OfficeDouble, letters: list[str]) -> None:
    states = ledger.states(letters)
    office.take_effect()
    assert office.registered_twice == []
    assert ledger.silent() == 0
    for state in states:
        given = office.numbers.get(state.letter.letter_id, [])
        if state.status is Status.REGISTERED:
            assert [state.registration] == given
        else:
            assert state.status is Status.REFUSED
            assert given == []


def test_nothing_is_registered_twice_and_nothing_is_lost(
    sqlite_url: str, open_on: Callable[..., Ledger]
) -> None:
    ledger = open_on(sqlite_url, now=now)
    office = an_ill_office(60)
    with running(Node(ledger, office, "us")):
        letters = take_in(ledger, 60)
        settle(ledger, letters)
    compare_the_books(ledger, office, letters)


def test_two_nodes_on_one_database_register_nothing_twice(
    postgresql_url: str, open_on: Callable[..., Ledger]
) -> None:
    first, second = open_on(postgresql_url, now=now), open_on(postgresql_url, now=now)
    office = an_ill_office(60)
    with running(Node(first, office, "first"), Node(second, office, "second")):
        letters = take_in(first, 60)
        settle(first, letters)
    compare_the_books(first, office, letters)


@pytest.mark.parametrize("moment", ["claimed", "announced", "called", "answer lost"])
def test_a_node_that_is_killed_at_any_moment_leaves_nothing_twice_and_nothing_lost(
    sqlite_url: str, open_on: Callable[..., Ledger], moment: str
) -> None:
    ledger = open_on(sqlite_url, now=now)
    office = OfficeDouble(capabilities=CAPABILITIES)
    letters = take_in(ledger, 8)
    dead = ledger.claim(Lane(Stage.REGISTRATION, "main"), holder="killed", lease_for=LEASE, limit=4)
    if moment != "claimed":
        dead = [ledger.announce(claim) for claim in dead]
    for claim, took_effect in zip(dead, itertools.cycle([True, False]), strict=False):
        if moment == "answer lost" or (moment == "called" and took_effect):
            office.number(claim.letter_id, "central")
    with running(Node(ledger, office, "us")):
        settle(ledger, letters)
    compare_the_books(ledger, office, letters)
    assert all(state.status is Status.REGISTERED for state in ledger.states(letters))
