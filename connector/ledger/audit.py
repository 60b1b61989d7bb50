"""The audit of a ledger: what is new is sealed, acts are noted, and everything can be verified."""

import itertools
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, TypeVar

import sqlalchemy as sa

from connector.ledger import acts
from connector.ledger.audit_findings import Verification
from connector.ledger.letter_check import EVENTS_OF_LETTERS, LetterCheck
from connector.ledger.seal import KeyRing
from connector.ledger.seal_check import check_acts, check_remains, check_seals, streamed
from connector.ledger.sealing import AuditSeal, seal_beginning, seal_new_events, uncovered
from connector.ledger.tables import audit_seals, events
from connector.ledger.writer import Unit

__all__ = ["Audit", "Watch"]

T = TypeVar("T")
_GRACE: Final = timedelta(seconds=5)
_MOST: Final = 1_000
"""Events under one seal: marking them takes some hundredths of a second, in which nobody else writes on SQLite."""
_TOLD_EVERY: Final = 500

Watch = Callable[[Verification], None]
"""Called now and then while a verification goes on, with what was seen so far."""


class _Reading(Protocol):
    def __call__(self, look: Callable[[sa.Connection], T], /) -> T: ...


class _Writing(Protocol):
    def __call__(self, unit: Unit[T], /) -> T: ...


class Audit:
    """Seals, acts and verification of one ledger. Thread-safe."""

    def __init__(self, write: _Writing, read: _Reading, ring: KeyRing) -> None:
        """Take the ledger's ways to its database, and the keys."""
        self._write = write
        self._read = read
        self._ring = ring

    def note(self, actor: str, act: str, subject: str, reason: str | None = None) -> int:
        """Note what a person did that has no transaction of its own; return its position."""
        return self._write(lambda t: acts.note_act(t, self._ring, actor, act, subject, reason))

    def acts(self, limit: int) -> Sequence[acts.Act]:
        """Return what persons did last, to letters and else; newest first."""
        return self._read(lambda c: acts.read_acts(c, limit))

    def seal(self, *, grace: timedelta = _GRACE, most: int = _MOST) -> list[AuditSeal]:
        """Seal all events that are older than the grace time, in as many seals as it takes; return them.

        Several nodes may do this at once: each event comes under one seal, and each seal follows the one before it.
        """
        if self._read(lambda c: c.execute(sa.select(audit_seals.c.position).limit(1)).first()) is None:
            count, last = self._read(uncovered)
            self._write(lambda t: seal_beginning(t, self._ring, count, last))
        made: list[AuditSeal] = []
        while True:
            seal = self._write(lambda t: seal_new_events(t, self._ring, grace=grace, most=most))
            if seal is not None:
                made.append(seal)
            if seal is None or seal.events < most:
                return made

    def verify(
        self,
        letter_id: str | None = None,
        *,
        expected_seal: str | None = None,
        watch: Watch = lambda _: None,
    ) -> Verification:
        """Look at every event, seal and act, or at the events of one letter, in one state of the database.

        ``expected_seal`` is a ``last_seal`` that was noted elsewhere. Memory stays flat; daemons are not disturbed.
        The first broken place is in the result.
        """
        return self._read(lambda c: _verify(c, self._ring, letter_id, expected_seal, watch))


def _verify(
    connection: sa.Connection, ring: KeyRing, letter_id: str | None, expected_seal: str | None, watch: Watch
) -> Verification:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    result = Verification()
    check = LetterCheck(ring, result, _began_at(connection))
    query = EVENTS_OF_LETTERS
    if letter_id is not None:
        query = query.where(events.c.letter_id == letter_id)
    for _, rows in itertools.groupby(streamed(connection, query), key=_letter_id):
        check.look(list(rows))
        if result.letters % _TOLD_EVERY == 0:
            watch(result)
    check_remains(connection, result, letter_id)
    if letter_id is None:
        check_seals(connection, ring, result, expected_seal)
        check_acts(connection, ring, result)
    watch(result)
    return result


def _began_at(connection: sa.Connection) -> datetime | None:
    """Return when seal 0 was made."""
    began_at: datetime | None = connection.execute(
        sa.select(audit_seals.c.sealed_at).where(audit_seals.c.position == 0)
    ).scalar()
    return began_at


def _letter_id(row: Any) -> str:
    return str(row.letter_id)
