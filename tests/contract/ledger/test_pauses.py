"""What the operator says about connections is kept, stands in the audit, and is noticed by whoever watches."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from connector.domain.lifecycle import Status
from connector.ledger import Ledger
from connector.ledger.acts import read_acts
from connector.testing.builders import HeldClock
from tests.contract.ledger.walk import HOLD, REGISTRATION, a_ready_letter, only


def test_a_pause_stands_until_it_is_ended(ledger: Ledger, clock: HeldClock) -> None:
    assert ledger.pauses.pause("main", actor="operator", reason="maintenance at the office") is None
    (pause,) = ledger.pauses.in_force().values()
    assert (pause.connection, pause.actor, pause.reason) == ("main", "operator", "maintenance at the office")
    assert pause.paused_at == clock.now()
    assert ledger.pauses.resume("main", actor="operator") == pause
    assert ledger.pauses.in_force() == {}


def test_who_pauses_again_gives_a_new_reason_and_the_time_stays(ledger: Ledger, clock: HeldClock) -> None:
    ledger.pauses.pause("main", actor="one", reason="first")
    since = clock.now()
    clock.advance(timedelta(minutes=5))
    before = ledger.pauses.pause("main", actor="two", reason="second")
    assert before is not None
    assert before.reason == "first"
    assert [(p.actor, p.reason, p.paused_at) for p in ledger.pauses.in_force().values()] == [
        ("two", "second", since)
    ]


def test_each_word_is_an_act_in_the_audit(ledger: Ledger) -> None:
    ledger.pauses.pause("main", actor="one", reason="why")
    ledger.pauses.resume("main", actor="two", reason="because")
    acts = ledger._read(lambda connection: read_acts(connection, 10))
    assert [(act.actor, act.act, act.subject, act.reason) for act in acts] == [
        ("two", "resume", "main", "because"),
        ("one", "pause", "main", "why"),
    ]


def test_a_resume_is_a_word_also_where_nothing_was_paused(ledger: Ledger) -> None:
    assert ledger.pauses.words().resumes == {}
    assert ledger.pauses.resume("main", actor="one") is None
    first = ledger.pauses.words().resumes["main"]
    ledger.pauses.resume("main", actor="one")
    assert ledger.pauses.words().resumes["main"] > first


def test_what_was_put_off_because_of_the_pause_is_due_with_the_word_that_ends_it(
    ledger: Ledger, clock: HeldClock
) -> None:
    for reason in ("suspended", "http_503"):
        a_ready_letter(ledger, clock)
        claim = only(ledger, REGISTRATION)
        ledger.postpone(claim, due_at=clock.now() + timedelta(minutes=5), reason=reason)
    ledger.pauses.resume("another", actor="one")
    assert ledger.claim(REGISTRATION, **HOLD) == []
    ledger.pauses.resume("main", actor="one")
    assert len(ledger.claim(REGISTRATION, **HOLD)) == 1


def test_what_somebody_holds_is_left_alone_by_the_word(ledger: Ledger, clock: HeldClock) -> None:
    a_ready_letter(ledger, clock)
    ledger.postpone(only(ledger, REGISTRATION), due_at=clock.now(), reason="suspended")
    held = only(ledger, REGISTRATION)
    ledger.pauses.resume("main", actor="one")
    assert ledger.announce(held).status == Status.REGISTERING


def test_every_word_raises_the_number_of_writes_from_outside(ledger: Ledger) -> None:
    before = ledger.outside.count()
    ledger.pauses.pause("main", actor="one", reason="why")
    ledger.pauses.resume("main", actor="one")
    assert ledger.outside.count() == before + 2


def test_what_one_process_says_another_on_the_same_file_reads(sqlite_url: str, open_on: Any) -> None:
    command, daemon = open_on(sqlite_url), open_on(sqlite_url, alone=True)
    before = daemon.outside.count()
    command.pauses.pause("main", actor="one", reason="why")
    assert daemon.outside.count() == before + 1
    assert set(daemon.pauses.words().pauses) == {"main"}


def test_on_postgresql_every_node_is_told_at_once(postgresql_url: str, open_on: Any) -> None:
    daemon = open_on(postgresql_url, alone=True)
    told = threading.Semaphore(0)
    daemon.outside.on_told(told.release)
    command = open_on(postgresql_url)
    command.pauses.pause("main", actor="one", reason="why")
    assert told.acquire(timeout=20)


@pytest.mark.parametrize("reason", ["x" * 900, "با\x00صفر"])
def test_a_reason_of_any_form_finds_its_place(ledger: Ledger, reason: str) -> None:
    ledger.pauses.pause("main", actor="one", reason=reason)
    assert ledger.pauses.in_force()["main"].reason == reason.replace("\x00", "")[:500]
