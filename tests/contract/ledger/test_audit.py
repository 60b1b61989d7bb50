"""An honest ledger is whole, whatever happens to it honestly: restarts, new keys, many writers, an upgrade."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connector.domain.lifecycle import Event
from connector.ledger import KeyRing, Ledger, new_key, open_ledger
from connector.ledger.acts import Act
from connector.ledger.audit_findings import Break, Verification
from connector.ledger.records import Happening
from connector.testing.builders import HeldClock, a_route, a_submission
from tests.contract.ledger.test_tampering import a_long_way
from tests.contract.ledger.walk import REGISTRATION, a_ready_letter, only

OLD, NEW, BLIND = new_key(), new_key(), new_key()
BEFORE = KeyRing(current="old", keys={"old": OLD}, blind_key=BLIND)
ROTATED = KeyRing(current="new", keys={"old": OLD, "new": NEW}, blind_key=BLIND)
OLD_KEY_LOST = KeyRing(current="new", keys={"new": NEW}, blind_key=BLIND)
AT_ONCE = {"grace": timedelta()}


@pytest.fixture
def other(ledger_url: str, open_on: Any) -> Ledger:
    """The ledger as another process has it."""
    opened: Ledger = open_on(ledger_url)
    return opened


@pytest.fixture
def database(ledger_url: str) -> Iterator[sa.Connection]:
    """The database itself."""
    engine = sa.create_engine(ledger_url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection
    engine.dispose()


def test_two_hundred_letters_with_restarts_and_a_new_key_are_whole(
    ledger_url: str, tmp_path: Path, clock: HeldClock
) -> None:
    for number, ring in enumerate((BEFORE, BEFORE, ROTATED, ROTATED)):
        ledger = open_ledger(ledger_url, ring, attachments=tmp_path / "a", now=clock.now)
        for _ in range(50):
            a_long_way(ledger, clock)
        ledger.audit.note("operator", "pause", f"office {number}", "a drill")
        ledger.audit.seal(most=100)
        ledger.close()
    ledger = open_ledger(ledger_url, ROTATED, attachments=tmp_path / "a", now=clock.now)
    ledger.audit.seal(**AT_ONCE)
    seen: list[int] = []
    result = ledger.audit.verify(watch=lambda so_far: seen.append(so_far.events))
    assert (result.first, result.is_whole) == (None, True)
    assert (result.letters, result.events, result.acts) == (200, 1800, 4)
    assert (result.unsealed, result.uncovered, result.unreadable) == (0, 0, 0)
    assert seen[-1] == 1800
    ledger.close()


def test_a_missing_key_is_said_to_be_missing_and_not_taken_for_tampering(
    ledger_url: str, tmp_path: Path, clock: HeldClock
) -> None:
    for ring in (BEFORE, ROTATED):
        ledger = open_ledger(ledger_url, ring, attachments=tmp_path / "a", now=clock.now)
        a_long_way(ledger, clock)
        ledger.close()
    ledger = open_ledger(ledger_url, OLD_KEY_LOST, attachments=tmp_path / "a", now=clock.now)
    result = ledger.audit.verify()
    ledger.close()
    assert (result.found, result.unreadable, result.missing_keys) == (0, 2, ("old",))
    assert not result.is_whole


def test_a_seal_takes_what_is_older_than_the_grace_time_in_bounded_parts(
    ledger: Ledger, clock: HeldClock
) -> None:
    for _ in range(7):
        ledger.admit(a_submission(), route=a_route())
    assert ledger.audit.seal(grace=timedelta(seconds=5)) == []
    clock.advance(timedelta(seconds=5))
    ledger.admit(a_submission(), route=a_route())
    made = ledger.audit.seal(grace=timedelta(seconds=5), most=3)
    assert [(seal.position, seal.events) for seal in made] == [(1, 3), (2, 3), (3, 1)]
    assert ledger.audit.seal(grace=timedelta(seconds=5)) == []
    result = ledger.audit.verify()
    assert (result.is_whole, result.seals, result.unsealed) == (True, 4, 1)


def test_an_event_that_is_committed_late_comes_under_the_next_seal(ledger: Ledger, clock: HeldClock) -> None:
    ledger.admit(a_submission(), route=a_route())
    ledger.audit.seal(**AT_ONCE)
    clock.advance(timedelta(seconds=-30))
    ledger.admit(a_submission(), route=a_route())
    clock.advance(timedelta(seconds=60))
    assert [seal.events for seal in ledger.audit.seal()] == [1]
    assert ledger.audit.verify().is_whole


def test_an_act_alone_is_worth_a_seal(ledger: Ledger) -> None:
    ledger.audit.seal(**AT_ONCE)
    ledger.audit.note("operator", "pause", "main")
    assert [(seal.events, seal.acts) for seal in ledger.audit.seal()] == [(0, 1)]
    assert ledger.audit.seal() == []
    assert ledger.audit.verify().is_whole


def test_many_who_act_and_seal_at_once_do_not_get_into_each_others_way(
    ledger: Ledger, other: Ledger, clock: HeldClock
) -> None:
    for _ in range(40):
        ledger.admit(a_submission(), route=a_route())
    start = threading.Barrier(8)
    failed: list[BaseException] = []

    def turn(number: int) -> None:
        here = (ledger, other)[number % 2]
        start.wait()
        try:
            for _ in range(5):
                here.audit.note(f"operator {number}", "pause", "main")
                here.audit.seal(grace=timedelta(), most=5)
                here.admit(a_submission(), route=a_route())
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=turn, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    ledger.audit.seal(**AT_ONCE)
    result = ledger.audit.verify()
    assert (result.first, result.acts, result.events, result.unsealed) == (None, 40, 80, 0)


def test_letters_that_move_while_it_is_verified_are_no_finding(
    ledger: Ledger, other: Ledger, clock: HeldClock
) -> None:
    for _ in range(30):
        a_ready_letter(ledger, clock)
    stop, rounds = threading.Event(), threading.Semaphore(0)

    def go_on() -> None:
        while not stop.is_set():
            (claim,) = other.claim(REGISTRATION, holder="other", lease_for=timedelta(seconds=60), limit=1)
            postponed = Happening(event=Event.POSTPONED, due_at=clock.now(), reason="away")
            other.record(other.announce(claim), postponed)
            other.audit.seal(**AT_ONCE)
            rounds.release()

    moving = threading.Thread(target=go_on)
    moving.start()
    results: list[Verification] = []
    for _ in range(10):
        assert rounds.acquire(timeout=20)
        results.append(ledger.audit.verify())
    stop.set()
    moving.join(20)
    assert [result.first for result in results] == [None] * 10
    assert results[0].events < results[-1].events


def test_a_unit_that_is_run_twice_leaves_one_chain(sqlite_url: str, open_on: Any, clock: HeldClock) -> None:
    """The group writer runs a whole group once more where one of its units fails."""
    ledger: Ledger = open_on(sqlite_url)
    letter_id = a_ready_letter(ledger, clock)
    claim = only(ledger, REGISTRATION)
    start = threading.Barrier(9)
    errors: list[BaseException] = []

    def turn(number: int) -> None:
        start.wait()
        try:
            if number % 2:
                ledger.record(claim, Happening(event=Event.CLOSED))  # there is no such step
            else:
                ledger.admit(a_submission(), route=a_route())
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=turn, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    start.wait()
    for thread in threads:
        thread.join(20)
    assert len(errors) == 4
    ledger.announce(claim)
    assert ledger.audit.verify(letter_id).is_whole
    assert ledger.audit.verify().is_whole


def test_events_that_are_older_than_the_chain_are_counted_and_go_on_with_one(
    ledger: Ledger, database: sa.Connection, clock: HeldClock
) -> None:
    letter_id = a_ready_letter(ledger, clock)
    database.execute(sa.text("UPDATE events SET chain = NULL, personal_digest = NULL"))
    clock.advance(timedelta(seconds=1))
    ledger.audit.seal(**AT_ONCE)
    clock.advance(timedelta(seconds=1))
    ledger.announce(only(ledger, REGISTRATION))
    result = ledger.audit.verify()
    assert (result.is_whole, result.uncovered, result.events) == (True, 2, 3)
    assert ledger.audit.verify(letter_id).is_whole
    database.execute(sa.text("UPDATE events SET chain = NULL WHERE event = 'announced'"))
    result = ledger.audit.verify()
    assert result.first is not None
    assert (result.first.what, result.first.position, result.found) == (Break.CHANGED_ROW, 4, 2)


def test_an_old_event_that_is_gone_is_missed_by_the_first_seal(
    ledger: Ledger, database: sa.Connection, clock: HeldClock
) -> None:
    a_ready_letter(ledger, clock)
    database.execute(sa.text("UPDATE events SET chain = NULL"))
    ledger.audit.seal(**AT_ONCE)
    assert ledger.audit.verify().is_whole
    for table in ("events", "letters", "schedule", "messages", "publications"):
        database.execute(sa.text(f"DELETE FROM {table}"))
    found = ledger.audit.verify().first
    assert found is not None
    assert (found.seal, found.says) == (0, "Of 2 events that are older than the chain 0 are there.")


def test_acts_are_told_newest_first_with_what_persons_said_of_letters(
    ledger: Ledger, clock: HeldClock
) -> None:
    letter_id = a_ready_letter(ledger, clock)
    code = ledger.letter_row(letter_id).tracking_code
    ledger.audit.note("operator", "pause", "main", "it is ill")
    clock.advance(timedelta(seconds=1))
    withdrawn = Happening(event=Event.WITHDRAWN, reason="withdrawn_by_hand", by="reviewer")
    ledger.record(only(ledger, REGISTRATION), withdrawn)
    said, noted = ledger.audit.acts(10)
    assert (said.actor, said.act, said.subject, said.reason) == (
        "reviewer", "withdrawn", code, "withdrawn_by_hand",
    )  # fmt: skip
    at = clock.now() - timedelta(seconds=1)
    assert noted == Act(
        position=1, acted_at=at, actor="operator", act="pause", subject="main", reason="it is ill"
    )
    assert ledger.audit.acts(1) == [said]


def test_what_somebody_writes_at_length_is_noted_as_it_fits(ledger: Ledger) -> None:
    ledger.audit.note("x" * 300, "y" * 300, "z\x00" * 300, "w" * 3000)
    assert ledger.audit.verify().is_whole
    (act,) = ledger.audit.acts(10)
    assert (len(act.actor), len(act.act), len(act.subject), len(act.reason or "")) == (80, 24, 100, 500)
