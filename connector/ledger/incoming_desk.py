"""What may be asked about the number that wrote to us, in the transaction in which its message is handled."""

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from connector.domain.lifecycle import Status
from connector.domain.message import ReplyKind
from connector.ledger.incoming_records import ClosedLetter, OwnLetter, Question, SentReply
from connector.ledger.incoming_tables import incoming_messages, survey_marks
from connector.ledger.letter_columns import letter_of
from connector.ledger.seal import KeyRing
from connector.ledger.tables import letters, schedule
from connector.ledger.writer import Transaction

__all__ = ["Desk"]

_MOST_REPLIES: Final = 500
_OWN: Final = sa.select(letters).where(
    letters.c.tracking_code == sa.bindparam("of_code"), letters.c.mobile_index == sa.bindparam("of_number")
)
_CLOSED: Final = (
    sa.select(letters, survey_marks.c.mark, survey_marks.c.given_at)
    .join(schedule, schedule.c.work_id == letters.c.letter_id)
    .outerjoin(survey_marks, survey_marks.c.letter_id == letters.c.letter_id)
    .where(
        letters.c.mobile_index == sa.bindparam("of_number"),
        schedule.c.status == str(Status.CLOSED),
        schedule.c.status_since >= sa.bindparam("since", type_=schedule.c.status_since.type),
    )
    .order_by(schedule.c.status_since.desc())
    .limit(1)
)
_REPLIES: Final = (
    sa.select(incoming_messages.c.reply, incoming_messages.c.handled_at)
    .where(
        incoming_messages.c.reply.is_not(None),
        incoming_messages.c.sender_index == sa.bindparam("of_number"),
        incoming_messages.c.handled_at >= sa.bindparam("since", type_=incoming_messages.c.handled_at.type),
    )
    .order_by(incoming_messages.c.handled_at.desc())
    .limit(_MOST_REPLIES)
)


class Desk:
    """Answers for one number alone: of another number's letters it knows nothing, not even that there are any."""

    def __init__(self, transaction: Transaction, ring: KeyRing, question: Question, number: str) -> None:
        """Take the transaction, the message in hand, and the blind index of its sender's number."""
        self.at = transaction.at
        self.question = question
        self._connection = transaction.connection
        self._ring = ring
        self._number = number

    def own_letter(self, tracking_code: str) -> OwnLetter | None:
        """Return the letter with this code if it is this number's, None where it is not or where there is none."""
        row = self._connection.execute(_OWN, {"of_code": tracking_code, "of_number": self._number}).first()
        return OwnLetter(letter_id=row.letter_id, language=self._language(row)) if row is not None else None

    def closed_letter(self, since: datetime) -> ClosedLetter | None:
        """Return this number's letter that was closed last, not before this instant; None where there is none."""
        row = self._connection.execute(_CLOSED, {"of_number": self._number, "since": since}).first()
        if row is None:
            return None
        return ClosedLetter(
            letter_id=row.letter_id, language=self._language(row), mark=row.mark, marked_at=row.given_at
        )

    def replies(self, since: datetime) -> list[SentReply]:
        """Return the replies that this number got since then, the last one first."""
        rows = self._connection.execute(_REPLIES, {"of_number": self._number, "since": since})
        return [SentReply(kind=ReplyKind(row.reply), at=row.handled_at) for row in rows]

    def _language(self, row: Any) -> Any:
        return letter_of(row, self._ring).language
