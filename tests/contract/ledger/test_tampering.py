"""Whoever changes the ledger by other means than Chapar's is found, and the place is named."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connector.domain.lifecycle import Event
from connector.domain.referral import Answer, Referral
from connector.ledger import Ledger, open_ledger
from connector.ledger.audit_findings import Break
from connector.ledger.records import Happening
from connector.testing.builders import HeldClock, a_key_ring
from tests.contract.ledger.walk import NUMBER, RECONCILIATION, TRACKING, an_announced_letter, only

NAME = "شهروند نمونه"


def a_long_way(ledger: Ledger, clock: HeldClock) -> str:
    """A letter with many events, two of them with a sealed part, each a second after the one before it."""
    letter_id, claim = an_announced_letter(ledger, clock)
    clock.advance(timedelta(seconds=1))
    ledger.record(
        claim,
        Happening(event=Event.OUTCOME_LOST, due_at=clock.now(), reason="timeout", code="E1", remark=NAME),
    )
    for _ in range(2):
        clock.advance(timedelta(seconds=1))
        ledger.record(only(ledger, RECONCILIATION), Happening(event=Event.LOOKED_UP, due_at=clock.now()))
    clock.advance(timedelta(seconds=1))
    ledger.record(
        only(ledger, RECONCILIATION), Happening(event=Event.FOUND, due_at=clock.now(), registration=NUMBER)
    )
    clock.advance(timedelta(seconds=1))
    referred = Happening(
        event=Event.REFERRED, due_at=clock.now(), referral=Referral(reference="r1", unit="عمران")
    )
    ledger.record(only(ledger, TRACKING), referred)
    clock.advance(timedelta(seconds=1))
    next_year = clock.now() + timedelta(days=365)
    answered = Happening(event=Event.ANSWERED, due_at=next_year, answer=Answer(text=NAME))
    ledger.record(only(ledger, TRACKING), answered)
    return letter_id


@dataclass
class Scene:
    """A ledger of three letters that went a long way and are under seals; somebody gets at the second one."""

    ledger: Ledger
    connection: sa.Connection
    letter_id: str
    other_id: str
    positions: list[int] = field(default_factory=list)

    def run(self, statement: str, **values: Any) -> None:
        values = {"letter": self.letter_id, "other": self.other_id, **values}
        named = {name: value for name, value in values.items() if f":{name}" in statement}
        self.connection.execute(sa.text(statement), named)

    def change(self, number: int, column: str, value: Any) -> None:
        statement = f"UPDATE events SET {column} = :value WHERE letter_id = :letter AND position = :at"
        self.run(statement, value=value, at=self.positions[number])

    def forget(self, number: int) -> None:
        self.run("DELETE FROM events WHERE letter_id = :letter AND position = :at", at=self.positions[number])

    def forget_what_tells_of_it(self) -> None:
        for table in ("messages", "publications"):
            self.run(f"DELETE FROM {table} WHERE letter_id = :letter")

    def move(self, before: int, after: int) -> None:
        statement = "UPDATE events SET position = :after WHERE letter_id = :letter AND position = :before"
        self.run(statement, before=before, after=after)

    def swap(self, one: int, two: int) -> None:
        one, two = self.positions[one], self.positions[two]
        for before, after in ((one, 9_999), (two, one), (9_999, two)):
            self.move(before, after)

    def add(self, number: int) -> None:
        """Add a copy of a row, a position further on, with everything that a copy can have."""
        columns = (
            "happened_at, event, status, reason, code, detail, sealed, personal_digest, chain, audit_seal"
        )
        self.run(
            f"INSERT INTO events (letter_id, position, {columns}) SELECT letter_id, :free, {columns}"
            " FROM events WHERE letter_id = :letter AND position = :at",
            at=self.positions[number],
            free=self.positions[number] + 1,
        )

    def copy_sealed_part(self, number: int) -> None:
        self.run(
            "UPDATE events SET sealed = (SELECT sealed FROM events WHERE letter_id = :other AND position = :at)"
            " WHERE letter_id = :letter AND position = :at",
            at=self.positions[number],
        )

    def forget_letter(self) -> None:
        for table in ("events", "letters", "routes", "registrations", "steps", "messages", "publications"):
            self.run(f"DELETE FROM {table} WHERE letter_id = :letter")
        self.run("DELETE FROM schedule WHERE letter_id = :letter")


@pytest.fixture
def scene(ledger: Ledger, ledger_url: str, clock: HeldClock) -> Any:
    """Three letters, sealed."""
    letters = [a_long_way(ledger, clock) for _ in range(3)]
    ledger.audit.note("operator", "pause", "main", "a drill")
    ledger.audit.note("operator", "resume", "main")
    ledger.audit.seal(grace=timedelta(), most=10)
    engine = sa.create_engine(ledger_url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        tried = Scene(ledger, connection, letters[1], letters[0])
        found = connection.execute(
            sa.text("SELECT position FROM events WHERE letter_id = :letter ORDER BY position"),
            {"letter": letters[1]},
        )
        tried.positions = list(found.scalars())
        assert len(tried.positions) == 9
        yield tried
    engine.dispose()


RECEIVED, SCREENED, ANNOUNCED, LOST, LOOKED, LOOKED_AGAIN, FOUND, REFERRED, ANSWERED = range(9)
"""The events of the letter, by their number."""
OTHER_DIGEST = "0" * 64

TAMPERING: dict[str, tuple[Callable[[Scene], None], Break, int]] = {
    "an instant": (lambda s: s.change(LOST, "happened_at", 5), Break.CHANGED_ROW, LOST),
    "an event": (lambda s: s.change(LOOKED, "event", "found"), Break.CHANGED_ROW, LOOKED),
    "a status": (lambda s: s.change(FOUND, "status", "submitted"), Break.CHANGED_ROW, FOUND),
    "a reason": (lambda s: s.change(LOST, "reason", "reset"), Break.CHANGED_ROW, LOST),
    "a reason taken away": (lambda s: s.change(LOST, "reason", None), Break.CHANGED_ROW, LOST),
    "a code": (lambda s: s.change(LOST, "code", "E2"), Break.CHANGED_ROW, LOST),
    "a detail": (lambda s: s.change(FOUND, "detail", '{"number": "7"}'), Break.CHANGED_ROW, FOUND),
    "a digest": (lambda s: s.change(LOST, "personal_digest", OTHER_DIGEST), Break.CHANGED_ROW, LOST),
    "a sealed part": (lambda s: s.change(LOST, "sealed", b"\x01\x05first" + bytes(40)), Break.PERSONAL_CHANGED, LOST),
    "rubbish for a sealed part": (lambda s: s.change(LOST, "sealed", b"rubbish"), Break.PERSONAL_CHANGED, LOST),
    "a sealed part taken away": (lambda s: s.change(ANSWERED, "sealed", None), Break.PERSONAL_CHANGED, ANSWERED),
    "a sealed part of another row": (lambda s: s.copy_sealed_part(LOST), Break.PERSONAL_CHANGED, LOST),
    "a chain": (lambda s: s.change(FOUND, "chain", OTHER_DIGEST), Break.CHANGED_ROW, FOUND),
    "the last chain": (lambda s: s.change(ANSWERED, "chain", OTHER_DIGEST), Break.CHANGED_ROW, ANSWERED),
    "a chain taken away": (lambda s: s.change(FOUND, "chain", None), Break.CHANGED_ROW, FOUND),
    "the first chain taken away": (lambda s: s.change(RECEIVED, "chain", None), Break.CHANGED_ROW, RECEIVED),
    "the first event gone": (lambda s: s.forget(RECEIVED), Break.MISSING_ROW, SCREENED),
    "an event in the middle gone": (lambda s: s.forget(LOOKED), Break.MISSING_ROW, LOOKED_AGAIN),
    "two events swapped": (lambda s: s.swap(LOOKED, LOOKED_AGAIN), Break.CHANGED_ROW, LOOKED),
    "the last event gone": (lambda s: s.forget(ANSWERED), Break.CUT_TAIL, REFERRED),
    "another status in the schedule": (
        lambda s: s.run("UPDATE schedule SET status = 'closed' WHERE work_id = :letter"),
        Break.STATUS_DIFFERS, ANSWERED,
    ),
    "another number": (
        lambda s: s.run("UPDATE registrations SET number = '1' WHERE letter_id = :letter"),
        Break.NUMBER_DIFFERS, ANSWERED,
    ),
    "the letter's own row gone": (
        lambda s: s.run("DELETE FROM letters WHERE letter_id = :letter"), Break.LETTER_GONE, ANSWERED,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERING)
def test_what_is_done_to_a_letters_rows_is_named_with_letter_and_row(scene: Scene, name: str) -> None:
    deed, what, number = TAMPERING[name]
    code = None if what is Break.LETTER_GONE else scene.ledger.letter_row(scene.letter_id).tracking_code
    deed(scene)
    result = scene.ledger.audit.verify()
    assert not result.is_whole
    assert result.first is not None
    assert (result.first.what, result.first.letter_id) == (what, scene.letter_id)
    assert result.first.position == scene.positions[number]
    assert (result.first.letter, NAME in result.first.says) == (code, False)
    alone = scene.ledger.audit.verify(scene.letter_id)
    assert (alone.first, alone.letters) == (result.first, 1)
    assert scene.ledger.audit.verify(scene.other_id).is_whole


def test_a_row_that_was_moved_to_another_position_is_found_where_it_is_now(scene: Scene) -> None:
    scene.move(scene.positions[LOOKED], scene.positions[LOOKED] + 1)
    found = scene.ledger.audit.verify().first
    assert found is not None
    assert (found.what, found.position) == (Break.CHANGED_ROW, scene.positions[LOOKED] + 1)


def test_a_row_that_was_added_is_told_from_one_that_was_changed(scene: Scene) -> None:
    scene.add(LOOKED)
    found = scene.ledger.audit.verify().first
    assert found is not None
    assert (found.what, found.position) == (Break.ADDED_ROW, scene.positions[LOOKED] + 1)


def test_last_events_that_left_no_mark_on_the_schedule_are_missed_by_what_tells_of_them(scene: Scene) -> None:
    scene.forget(ANSWERED)
    scene.run(
        "UPDATE schedule SET status = 'referred', status_since = 0 WHERE work_id = :letter",
    )
    found = scene.ledger.audit.verify().first
    assert found is not None
    assert (found.what, found.letter_id) == (Break.CUT_TAIL, scene.letter_id)
    assert found.position == scene.positions[ANSWERED]


def test_last_events_that_nothing_else_tells_of_are_missed_by_their_seal(scene: Scene) -> None:
    scene.forget(ANSWERED)
    scene.forget_what_tells_of_it()
    scene.run("UPDATE schedule SET status = 'referred', status_since = 0 WHERE work_id = :letter")
    found = scene.ledger.audit.verify().first
    assert found is not None
    assert (found.what, found.letter_id, found.seal) == (Break.SEALED_EVENTS_DIFFER, None, 2)


def test_a_letter_that_is_gone_with_everything_is_missed_by_its_seals(scene: Scene) -> None:
    scene.forget_letter()
    result = scene.ledger.audit.verify()
    assert result.first is not None
    assert (result.first.what, result.first.seal, result.found) == (Break.SEALED_EVENTS_DIFFER, 1, 2)
    assert "a whole letter is gone" in result.first.says
    assert (result.first.sealed_after, result.first.sealed_at) != (None, None)


def test_all_events_of_a_letter_gone_names_the_letter(scene: Scene) -> None:
    code = scene.ledger.letter_row(scene.letter_id).tracking_code
    scene.run("DELETE FROM events WHERE letter_id = :letter")
    found = scene.ledger.audit.verify().first
    assert found is not None
    assert (found.what, found.letter) == (Break.LETTER_GONE, code)


OF_SEALS: dict[str, tuple[str, Break, int]] = {
    "a count": ("UPDATE audit_seals SET events = events + 1 WHERE position = 1", Break.SEAL_CHANGED, 1),
    "an instant": ("UPDATE audit_seals SET sealed_at = sealed_at + 1 WHERE position = 2", Break.SEAL_CHANGED, 2),
    "a digest": ("UPDATE audit_seals SET digest = chain WHERE position = 3", Break.SEAL_CHANGED, 3),
    "a chain": ("UPDATE audit_seals SET chain = digest WHERE position = 0", Break.SEAL_CHANGED, 0),
    "acts": ("UPDATE audit_seals SET acts = 0 WHERE position = 3", Break.SEAL_CHANGED, 3),
    "a seal gone": ("DELETE FROM audit_seals WHERE position = 1", Break.SEAL_MISSING, 1),
    "the last seal gone": ("DELETE FROM audit_seals WHERE position = 3", Break.SEAL_MISSING, 3),
    "all seals gone": ("DELETE FROM audit_seals", Break.SEAL_MISSING, 1),
    "an event under another seal": (
        "UPDATE events SET audit_seal = 2 WHERE audit_seal = 1 AND position = 0",
        Break.SEALED_EVENTS_DIFFER, 1,
    ),
    "an event under no seal": (
        "UPDATE events SET audit_seal = NULL WHERE audit_seal = 3", Break.SEALED_EVENTS_DIFFER, 3,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OF_SEALS)
def test_what_is_done_to_seals_is_named(scene: Scene, name: str) -> None:
    statement, what, seal = OF_SEALS[name]
    assert scene.ledger.audit.verify().seals == 4
    scene.run(statement)
    found = scene.ledger.audit.verify().first
    assert found is not None
    assert (found.what, found.seal) == (what, seal)


def test_seals_that_were_taken_away_and_made_anew_are_missed_by_who_noted_them(scene: Scene) -> None:
    """Whoever has the database can undo the last minutes as a whole; a note kept elsewhere shows it."""
    noted = scene.ledger.audit.verify().last_seal
    assert scene.ledger.audit.verify(expected_seal=noted).is_whole
    scene.forget_letter()
    scene.run("DELETE FROM audit_seals")
    scene.run("UPDATE events SET audit_seal = NULL")
    scene.ledger.audit.seal(grace=timedelta())
    assert scene.ledger.audit.verify().is_whole
    found = scene.ledger.audit.verify(expected_seal=noted).first
    assert found is not None
    assert (found.what, found.seal) == (Break.SEAL_MISSING, 3)


OF_ACTS: dict[str, tuple[str, Break, int]] = {
    "an actor": ("UPDATE acts SET actor = 'somebody' WHERE position = 1", Break.ACT_CHANGED, 1),
    "a reason": ("UPDATE acts SET reason = 'none' WHERE position = 2", Break.ACT_CHANGED, 2),
    "an act gone": ("DELETE FROM acts WHERE position = 1", Break.ACT_MISSING, 1),
    "the last act gone": ("DELETE FROM acts WHERE position = 2", Break.ACT_MISSING, 2),
    "all acts gone": ("DELETE FROM acts", Break.ACT_MISSING, 1),
    "an act added": (
        "INSERT INTO acts SELECT 3, acted_at, actor, act, subject, reason, chain FROM acts WHERE position = 2",
        Break.ACT_CHANGED, 3,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OF_ACTS)
def test_what_is_done_to_acts_is_named(scene: Scene, name: str) -> None:
    statement, what, act = OF_ACTS[name]
    assert scene.ledger.audit.verify().acts == 2
    scene.run(statement)
    found = scene.ledger.audit.verify().first
    assert found is not None
    assert (found.what, found.act) == (what, act)


def test_who_writes_events_without_the_key_is_found(
    scene: Scene, ledger_url: str, tmp_path: Path, clock: HeldClock
) -> None:
    """Not even Chapar's own code helps without the right key."""
    stranger = open_ledger(ledger_url, a_key_ring(), attachments=tmp_path / "a", now=clock.now)
    written = a_long_way(stranger, clock)
    stranger.close()
    found = scene.ledger.audit.verify().first
    assert found is not None
    assert (found.what, found.letter_id, found.position) == (Break.CHANGED_ROW, written, 0)
