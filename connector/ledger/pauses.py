"""The operator's pauses: connections that are left alone until the operator says otherwise, through every restart.

A pause and its end are acts: they stand in the audit with who said it and why. The end of a pause also means "the
credentials are right again": a node that suspended the connection by itself takes it up at once.
"""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from connector.ledger.acts import note_act
from connector.ledger.narrow import narrow
from connector.ledger.outside import note_outside_write
from connector.ledger.seal import KeyRing
from connector.ledger.suspensions import ended_suspensions
from connector.ledger.tables import acts, pauses, schedule
from connector.ledger.writer import Transaction, Unit

__all__ = ["OperatorPause", "Pauses", "Words"]

_PAUSE: Final = "pause"
_RESUME: Final = "resume"
_PUT_OFF: Final = frozenset(
    {"suspended", "paused", "credentials_rejected", "http_401", "http_403", "gateway_away"}
)
"""The reasons under which work is put off until the operator's word, or for a quarter of an hour. A vendor's own word
for refused credentials is among them while it is the reason of a suspension."""
_LAST_RESUMES: Final = (
    sa.select(acts.c.subject, sa.func.max(acts.c.position))
    .where(acts.c.act == _RESUME)
    .group_by(acts.c.subject)
)


@dataclass(frozen=True, kw_only=True, slots=True)
class OperatorPause:
    """One connection that is paused."""

    connection: str
    paused_at: datetime
    actor: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """What the operator has said about connections, as it stands at one moment."""

    pauses: Mapping[str, OperatorPause]
    resumes: Mapping[str, int]
    """For each connection that was ever resumed a number that rises with each time."""


class Pauses:
    """Writes and reads what the operator says about connections. Raises LedgerUnavailable when the database is away."""

    def __init__(
        self,
        write: Callable[[Unit[Any]], Any],
        read: Callable[[Callable[[sa.Connection], Any]], Any],
        ring: KeyRing,
    ) -> None:
        """Take the ledger's ways to its database, and the keys of the audit."""
        self._write = write
        self._read = read
        self._ring = ring

    def pause(self, connection: str, *, actor: str, reason: str) -> OperatorPause | None:
        """Pause the connection, in every node within about a second; return the pause before, which this replaces."""

        def write(transaction: Transaction) -> OperatorPause | None:
            note_outside_write(transaction)
            before = _taken_out(transaction, connection)
            values = {
                "connection": connection,
                "paused_at": transaction.at if before is None else before.paused_at,
                "actor": narrow(actor, 80),
                "reason": narrow(reason, 500),
            }
            transaction.connection.execute(sa.insert(pauses).values(values))
            note_act(transaction, self._ring, actor, _PAUSE, connection, reason)
            return before

        ended: OperatorPause | None = self._write(write)
        return ended

    def resume(self, connection: str, *, actor: str, reason: str | None = None) -> OperatorPause | None:
        """End the pause, and every suspension after refused credentials; return the pause that this ended.

        What was put off because the connection was left alone is due at once.
        """

        def write(transaction: Transaction) -> OperatorPause | None:
            note_outside_write(transaction)  # first, like every word of a person: so none waits for the other
            before = _taken_out(transaction, connection)
            _bring_forward(transaction, connection, _PUT_OFF | ended_suspensions(transaction, connection))
            note_act(transaction, self._ring, actor, _RESUME, connection, reason)
            return before

        ended: OperatorPause | None = self._write(write)
        return ended

    def in_force(self) -> dict[str, OperatorPause]:
        """Return the pauses, by connection."""
        found: dict[str, OperatorPause] = self._read(_in_force)
        return found

    def words(self) -> Words:
        """Return everything that the operator has said, as it stands now."""

        def look(connection: sa.Connection) -> Words:
            resumes = {subject: int(position) for subject, position in connection.execute(_LAST_RESUMES)}
            return Words(pauses=_in_force(connection), resumes=resumes)

        said: Words = self._read(look)
        return said


def _bring_forward(transaction: Transaction, connection: str, reasons: Set[str]) -> None:
    """Make due what waits for the word that was just said. Whoever holds a lease goes on undisturbed."""
    transaction.connection.execute(
        sa.update(schedule)
        .where(
            schedule.c.connection == connection,
            schedule.c.last_reason.in_(reasons),
            schedule.c.due_at > transaction.at,
            schedule.c.lease_expires_at.is_(None),
        )
        .values(due_at=transaction.at)
    )


def _in_force(connection: sa.Connection) -> dict[str, OperatorPause]:
    rows = connection.execute(sa.select(pauses).order_by(pauses.c.connection))
    return {row.connection: _pause_of(row) for row in rows}


def _taken_out(transaction: Transaction, connection: str) -> OperatorPause | None:
    out = sa.delete(pauses).where(pauses.c.connection == connection).returning(pauses)
    row = transaction.connection.execute(out).first()
    return None if row is None else _pause_of(row)


def _pause_of(row: sa.Row[Any]) -> OperatorPause:
    return OperatorPause(
        connection=row.connection, paused_at=row.paused_at, actor=row.actor, reason=row.reason
    )
