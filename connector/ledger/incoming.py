"""Messages that citizens send: stored first, then handled, once each, with all that follows in one transaction.

An inbox may forget what it has shown, so its page and the place where the next look begins are one transaction, before
anything is done about any of it. A message that was brought twice has the same key and is stored once.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from ulid import ULID

from connector.errors import SealBroken
from connector.ledger.incoming_columns import incoming_columns, opened
from connector.ledger.incoming_desk import Desk
from connector.ledger.incoming_records import InboxState, IncomingOutcome, IncomingRow, Question, Verdict
from connector.ledger.incoming_tables import inboxes, incoming_messages, opt_outs, survey_marks
from connector.ledger.incoming_views import incoming_rows, marks
from connector.ledger.narrow import narrow
from connector.ledger.outbox import answer
from connector.ledger.run_turns import advisory_key
from connector.ledger.seal import KeyRing
from connector.ledger.writer import Transaction, Unit
from connector.ports.incoming import IncomingMessage

__all__ = ["Incoming"]

_UNREADABLE: Final = Verdict(command="none", outcome=IncomingOutcome.UNREADABLE)
_IGNORED: Final = Verdict(command="none", outcome=IncomingOutcome.IGNORED)
_ROW: Final = sa.select(incoming_messages).where(
    incoming_messages.c.incoming_id == sa.bindparam("of_incoming"), incoming_messages.c.handled_at.is_(None)
)
_DUE: Final = (
    sa.select(incoming_messages.c.incoming_id)
    .where(
        incoming_messages.c.due_at.is_not(None),
        incoming_messages.c.due_at <= sa.bindparam("at", type_=incoming_messages.c.due_at.type),
    )
    .order_by(incoming_messages.c.due_at)
    .limit(sa.bindparam("most", type_=sa.Integer))
)


class Incoming:
    """Stores what came in, and writes what was done about it. Raises LedgerUnavailable when the database is away."""

    def __init__(
        self,
        write: Callable[[Unit[Any]], Any],
        read: Callable[[Callable[[sa.Connection], Any]], Any],
        ring: KeyRing,
    ) -> None:
        """Take the ledger's ways to its database, and its keys."""
        self._write = write
        self._read = read
        self._ring = ring

    def store(self, gateway: str, messages: Sequence[IncomingMessage]) -> list[str]:
        """Store what a gateway brought to our address; return the ids of those that are new, in their order."""
        stored: list[str] = self._write(lambda t: self._stored(t, gateway, messages))
        return stored

    def store_page(
        self, gateway: str, messages: Sequence[IncomingMessage], *, cursor: str | None
    ) -> list[str]:
        """Store a page of an inbox together with the place where the next look begins; return the new ids.

        Without a cursor the place stays as it was. An inbox that could not be read can be read again.
        """

        def write(transaction: Transaction) -> list[str]:
            new = self._stored(transaction, gateway, messages)
            values: dict[str, Any] = {"failing_since": None, "reason": None}
            if messages:
                values["brought_at"] = transaction.at
            if cursor is not None:
                values["cursor"] = cursor
            _keep_inbox(transaction, gateway, values)
            return new

        stored: list[str] = self._write(write)
        return stored

    def inbox(self, gateway: str) -> InboxState:
        """Return where an inbox was left; of one that was never read nothing is known."""
        row = self._read(
            lambda c: c.execute(sa.select(inboxes).where(inboxes.c.gateway == gateway)).one_or_none()
        )
        if row is None:
            return InboxState()
        return InboxState(
            cursor=row.cursor, brought_at=row.brought_at, failing_since=row.failing_since, reason=row.reason
        )

    def inbox_failed(self, gateway: str, reason: str) -> None:
        """Note that an inbox cannot be read, for the operator; since when is kept from the first time."""

        def write(transaction: Transaction) -> None:
            since = transaction.connection.execute(
                sa.select(inboxes.c.failing_since).where(inboxes.c.gateway == gateway)
            ).scalar()
            values = {"failing_since": since or transaction.at, "reason": narrow(reason)}
            _keep_inbox(transaction, gateway, values)

        self._write(write)

    def due(self, at: datetime, limit: int) -> list[str]:
        """Return messages that were stored and not handled, the oldest first."""
        found: list[str] = self._read(lambda c: list(c.execute(_DUE, {"at": at, "most": limit}).scalars()))
        return found

    def conclude(self, incoming_id: str, decide: Callable[[Desk], Verdict]) -> Verdict | None:
        """Handle a message: ask what is to be done, and write all of it; None where it was handled before.

        Messages of one number are handled one after the other, on all nodes. Nothing is asked about a sender that is
        no mobile, and about a message that cannot be opened.
        """

        def write(transaction: Transaction) -> Verdict | None:
            row = self._held(transaction, incoming_id)
            if row is None:
                return None
            verdict = self._verdict(transaction, row, decide)
            _apply(transaction, row, verdict)
            return verdict

        done: Verdict | None = self._write(write)
        return done

    def put_off(self, incoming_id: str, due_at: datetime) -> None:
        """Have a message come again at this time: handling it broke down."""
        later = (
            sa.update(incoming_messages)
            .where(incoming_messages.c.incoming_id == incoming_id, incoming_messages.c.handled_at.is_(None))
            .values(due_at=due_at)
        )
        self._write(lambda t: t.connection.execute(later))

    def rows(
        self, *, gateway: str | None = None, limit: int = 50, personal: bool = False
    ) -> list[IncomingRow]:
        """Return the messages that came last, newest first; number and text only where they are asked for."""
        found: list[IncomingRow] = self._read(
            lambda c: incoming_rows(c, self._ring, gateway=gateway, limit=limit, personal=personal)
        )
        return found

    def marks(self, *, since: datetime | None = None) -> dict[str, dict[int, int]]:
        """Return how often each mark was given, by the service of the letters."""
        found: dict[str, dict[int, int]] = self._read(lambda c: marks(c, since))
        return found

    def _stored(
        self, transaction: Transaction, gateway: str, messages: Sequence[IncomingMessage]
    ) -> list[str]:
        make = postgresql.insert if transaction.connection.dialect.name == "postgresql" else sqlite.insert
        key = ["gateway", "gateway_key"]
        insert = make(incoming_messages).on_conflict_do_nothing(index_elements=key)
        told = insert.returning(incoming_messages.c.incoming_id)
        new = []
        for place, message in enumerate(messages):
            incoming_id = str(ULID())
            # A microsecond apart: so their order is kept where they are handled later.
            received_at = transaction.at + timedelta(microseconds=place)
            columns = incoming_columns(
                message, self._ring, incoming_id=incoming_id, gateway=gateway, received_at=received_at
            )
            if transaction.connection.execute(told, columns).first() is not None:
                new.append(incoming_id)
        return new

    def _held(self, transaction: Transaction, incoming_id: str) -> Any:
        """Return the row, held until the end of the transaction together with its number; None where it is done."""
        connection, asked = transaction.connection, {"of_incoming": incoming_id}
        row = connection.execute(_ROW, asked).first()
        if row is None or connection.dialect.name != "postgresql":
            return row
        number = {"key": advisory_key(f"number:{row.sender_index}")}
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), number)
        return connection.execute(_ROW.with_for_update(), asked).first()

    def _verdict(self, transaction: Transaction, row: Any, decide: Callable[[Desk], Verdict]) -> Verdict:
        try:
            what = opened(row, self._ring)
        except SealBroken:
            return _UNREADABLE
        if what.mobile is None:
            return _IGNORED
        question = Question(
            incoming_id=row.incoming_id,
            gateway=row.gateway,
            received_at=row.received_at,
            mobile=what.mobile,
            text=what.text,
        )
        return decide(Desk(transaction, self._ring, question, row.sender_index))


def _apply(transaction: Transaction, row: Any, verdict: Verdict) -> None:
    connection = transaction.connection
    if verdict.wants_messages is not None:
        connection.execute(sa.delete(opt_outs).where(opt_outs.c.mobile_index == row.sender_index))
        if not verdict.wants_messages:
            values = {
                "mobile_index": row.sender_index,
                "since": transaction.at,
                "incoming_id": row.incoming_id,
            }
            connection.execute(sa.insert(opt_outs).values(values))
    if verdict.mark is not None and verdict.letter_id is not None:
        _keep_mark(transaction, verdict.letter_id, verdict.mark, row.incoming_id)
    if verdict.reply is not None:
        answer(transaction, row.incoming_id, verdict.reply, row.gateway)
    connection.execute(
        sa.update(incoming_messages)
        .where(incoming_messages.c.incoming_id == row.incoming_id)
        .values(
            due_at=None,
            handled_at=transaction.at,
            command=narrow(verdict.command, 24),
            outcome=str(verdict.outcome),
            reply=None if verdict.reply is None else str(verdict.reply),
            language=str(verdict.language),
            letter_id=verdict.letter_id,
        )
    )


def _keep_mark(transaction: Transaction, letter_id: str, mark: int, incoming_id: str) -> None:
    """Write the letter's mark; one that is changed keeps the time at which the first was given."""
    connection = transaction.connection
    of_letter = survey_marks.c.letter_id == letter_id
    values = {"mark": mark, "incoming_id": incoming_id}
    if not connection.execute(sa.update(survey_marks).where(of_letter).values(values)).rowcount:
        given = {"letter_id": letter_id, "given_at": transaction.at, **values}
        connection.execute(sa.insert(survey_marks).values(given))


def _keep_inbox(transaction: Transaction, gateway: str, values: dict[str, Any]) -> None:
    make = postgresql.insert if transaction.connection.dialect.name == "postgresql" else sqlite.insert
    statement = make(inboxes).values(gateway=gateway, **values)
    transaction.connection.execute(statement.on_conflict_do_update(index_elements=["gateway"], set_=values))
