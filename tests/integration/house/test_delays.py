"""The periodic run that tells citizens of delays: each once, whatever breaks off in between."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from connector.assembly.deadlines import TellingOfDelays
from connector.domain.lifecycle import Event
from connector.domain.message import FactKind
from connector.errors import LedgerUnavailable
from connector.ledger import Ledger
from connector.ledger.records import Happening, OutboxPolicy
from connector.testing.builders import HeldClock, a_route, a_submission
from tests.contract.ledger.walk import INTAKE, only

AFTER = timedelta(hours=4)


@pytest.fixture
def ledger(sqlite_url: str, open_on: Callable[..., Ledger]) -> Ledger:
    return open_on(sqlite_url, policy=OutboxPolicy())


@pytest.fixture
def telling(ledger: Ledger, clock: HeldClock) -> TellingOfDelays:
    return TellingOfDelays(ledger, delayed_after=AFTER, now=clock.now)


def admit(ledger: Ledger) -> str:
    return ledger.admit(a_submission(), route=a_route()).letter_id


def told(ledger: Ledger, letter_id: str) -> int:
    return sum(entry.what == "event" and entry.name == "delayed" for entry in ledger.timeline(letter_id))


def test_each_letter_is_told_of_when_its_time_has_come_and_once(
    ledger: Ledger, clock: HeldClock, telling: TellingOfDelays
) -> None:
    early = admit(ledger)
    clock.advance(timedelta(hours=3))
    late = admit(ledger)
    seen = []
    for _ in range(5):
        telling.run()
        seen.append((told(ledger, early), told(ledger, late)))
        clock.advance(timedelta(hours=1))
    assert seen == [(0, 0), (1, 0), (1, 0), (1, 0), (1, 1)]


def test_a_letter_that_was_in_hand_is_told_of_at_a_later_look(
    ledger: Ledger, clock: HeldClock, telling: TellingOfDelays
) -> None:
    letter_id = admit(ledger)
    claim = only(ledger, INTAKE)
    clock.advance(AFTER)
    ledger.renew([claim], lease_for=AFTER)  # its holder lives: a dead one's lease keeps no citizen waiting
    telling.run()
    assert told(ledger, letter_id) == 0
    ledger.record(claim, Happening(event=Event.GAVE_UP, due_at=clock.now() + AFTER, reason="no_route"))
    clock.advance(timedelta(minutes=1))
    telling.run()
    assert told(ledger, letter_id) == 1


def test_a_run_that_breaks_off_is_made_up_for_by_the_next_one(
    ledger: Ledger, clock: HeldClock, telling: TellingOfDelays, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = [admit(ledger) for _ in range(30)]
    clock.advance(AFTER)
    tell, calls = ledger.decisions.tell_all_delayed, []

    def away_in_the_middle(some: list[str]) -> int:
        calls.append(len(some))
        if len(calls) == 2:
            raise LedgerUnavailable
        return tell(some)

    monkeypatch.setattr(ledger.decisions, "tell_all_delayed", away_in_the_middle)
    with pytest.raises(LedgerUnavailable):
        telling.run()
    assert sum(told(ledger, one) for one in letters) == 20
    telling.run()
    assert [told(ledger, one) for one in letters] == [1] * 30


@pytest.mark.parametrize(
    ("after", "facts"),
    [(timedelta(), frozenset(FactKind)), (AFTER, frozenset(FactKind) - {FactKind.DELAYED})],
)
def test_nobody_is_told_where_the_operator_does_not_want_it(
    ledger: Ledger, clock: HeldClock, after: timedelta, facts: frozenset[FactKind]
) -> None:
    letter_id = admit(ledger)
    clock.advance(AFTER)
    ledger.policy = OutboxPolicy(told_facts=facts)
    TellingOfDelays(ledger, delayed_after=after, now=clock.now).run()
    assert told(ledger, letter_id) == 0
