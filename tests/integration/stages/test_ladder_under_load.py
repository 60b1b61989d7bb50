"""The whole ladder with real threads and leases: steps before the number and after it, answers lost at every point."""

import random
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from connector.clock import now
from connector.completion.completing import Completing
from connector.completion.endings import CompletionPolicy
from connector.domain.lifecycle import Stage, Status
from connector.errors import OutcomeUnknown, RateLimited, Unavailable
from connector.ledger import Ledger
from connector.ledger.records import Lane, OutboxPolicy
from connector.ports.connection import Connection, ConnectionPolicy
from connector.ports.office import Completion, OfficeAdapter
from connector.registration.reconciliation import Reconciliation
from connector.registration.registration import Registration
from connector.scheduling.dispatcher import Dispatcher
from connector.scheduling.lanes import LaneRun
from tests.integration.stages.ladder_office import LadderOffice, able
from tests.integration.stages.office_double import Fate
from tests.integration.stages.test_nothing_twice_nothing_lost import (
    BREAKER,
    LEASE,
    POLICY,
    running,
    take_in,
)

_MS = timedelta(milliseconds=1)
LETTERS = 24
STEPS = (Completion(name="attach"), Completion(name="start", is_repeatable=False))
LOOKUPS = [{"reserves": True}, {"idempotent_create": True}, {"search": True, "search_sees_key": True}]


def an_ill_office(**abilities: Any) -> LadderOffice:
    """Return an office that treats about every third call badly, the same way in each run."""
    capabilities = able(prepares=True, completes=True, longest_processing=150 * _MS, **abilities)
    office = LadderOffice(capabilities=capabilities, preparing=("first", "second"), completing=STEPS)
    chance = random.Random(1405)

    def fates(*kinds: Any) -> list[Any]:
        return [chance.choice(kinds) if chance.random() < 0.3 else None for _ in range(LETTERS)]

    soon = RateLimited(reason="http_429", retry_after=5 * _MS)
    office.fates.extend(fates(Fate.SWALLOW, Fate.LOSE, Unavailable(reason="refused"), soon))
    for name in ("first", "second", "reserve", "verify", "search", "attach", "start"):
        office.step_fates[name].extend(
            fates(Fate.SWALLOW, OutcomeUnknown(reason="reset"), Unavailable(), soon)
        )
    return office


class Node:
    """One daemon's worth of stages on a ledger."""

    def __init__(self, ledger: Ledger, office: LadderOffice, holder: str) -> None:
        policy = ConnectionPolicy(patience=timedelta(seconds=1), breaker=BREAKER)
        connection = Connection[OfficeAdapter](name="main", adapter=office, pool_size=4, policy=policy)
        completion = CompletionPolicy(
            retry_first_after=10 * _MS, retry_at_most_every=50 * _MS, remind_after=timedelta(hours=1)
        )
        deeds = {
            Stage.REGISTRATION: Registration(ledger, connection, ledger.attachments, policy=POLICY).run,
            Stage.RECONCILIATION: Reconciliation(ledger, connection, policy=POLICY).run,
            Stage.COMPLETION: Completing(ledger, connection, policy=completion).run,
        }
        runs = [LaneRun(lane=Lane(stage, "main"), deed=deed, pool_size=3) for stage, deed in deeds.items()]
        self.dispatcher = Dispatcher(ledger, runs, holder=holder, lease_for=LEASE)


def settle(ledger: Ledger, letters: list[str]) -> None:
    """Wait until every letter has its number and every side step is done or with a person."""
    pause = threading.Event()
    for _ in range(2000):
        are_registered = all(state.status is Status.REGISTERED for state in ledger.states(letters))
        if are_registered and "completion" not in {stage for stage, _ in ledger.oldest_due()}:
            return
        pause.wait(0.02)
    raise AssertionError(f"letters are still on their way: {ledger.counts()}, {ledger.oldest_due()}")


@pytest.mark.parametrize("abilities", LOOKUPS, ids=lambda abilities: next(iter(abilities)))
def test_nothing_is_registered_twice_and_no_step_is_forgotten(
    ledger_url: str, open_on: Callable[..., Ledger], abilities: dict[str, bool]
) -> None:
    policy = OutboxPolicy(completing_offices=frozenset({"main"}))
    office = an_ill_office(**abilities)
    first = open_on(ledger_url, now=now, policy=policy)
    ledgers = (
        [first] if ledger_url.startswith("sqlite") else [first, open_on(ledger_url, now=now, policy=policy)]
    )
    with running(*(Node(ledger, office, f"node-{n}") for n, ledger in enumerate(ledgers))):
        letters = take_in(first, LETTERS)
        settle(first, letters)
    with_a_person = {each.letter_id: each.name for each in first.journal.side_steps_waiting()}
    assert office.registered_twice == []
    for state in first.states(letters):
        key = state.letter.letter_id
        assert office.numbers[key] == [state.registration]
        assert office.done[key, "attach"] >= 1
        assert office.done[key, "start"] <= 1, "what must not be repeated never was"
        assert office.done[key, "start"] == 1 or with_a_person.get(key) == "start"
        assert len([step for step in first.journal.steps(key) if step.outcome is None]) == 0
    assert first.silent() == 0
