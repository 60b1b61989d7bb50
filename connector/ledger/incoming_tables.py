"""The tables about messages that citizens send to us: the messages themselves, and what citizens said with them."""

import sqlalchemy as sa

from connector.ledger.columns import LETTER_ID, Instant, metadata

__all__ = ["inboxes", "incoming_messages", "opt_outs", "survey_marks"]

incoming_messages = sa.Table(
    "incoming_messages",
    metadata,
    sa.Column("incoming_id", sa.String(26), primary_key=True),
    sa.Column("gateway", sa.String(64), nullable=False),
    sa.Column("gateway_key", sa.String(64), nullable=False),
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("sender_index", sa.String(64), nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("due_at", Instant),
    sa.Column("handled_at", Instant),
    sa.Column("command", sa.String(24)),
    sa.Column("outcome", sa.String(24)),
    sa.Column("reply", sa.String(16)),
    sa.Column("language", sa.String(2)),
    sa.Column("letter_id", LETTER_ID),
    sa.UniqueConstraint("gateway", "gateway_key"),
)
_IS_ANSWERED = incoming_messages.c.reply.is_not(None)
sa.Index(
    "ix_incoming_messages_answered",
    incoming_messages.c.sender_index,
    incoming_messages.c.handled_at,
    sqlite_where=_IS_ANSWERED,
    postgresql_where=_IS_ANSWERED,
)
_IS_UNHANDLED = incoming_messages.c.due_at.is_not(None)
sa.Index(
    "ix_incoming_messages_due",
    incoming_messages.c.due_at,
    sqlite_where=_IS_UNHANDLED,
    postgresql_where=_IS_UNHANDLED,
)

_IS_OF_LETTER = incoming_messages.c.letter_id.is_not(None)
sa.Index(
    "ix_incoming_messages_letter_id",
    incoming_messages.c.letter_id,
    sqlite_where=_IS_OF_LETTER,
    postgresql_where=_IS_OF_LETTER,
)

inboxes = sa.Table(
    "inboxes",
    metadata,
    sa.Column("gateway", sa.String(64), primary_key=True),
    sa.Column("cursor", sa.String(100)),
    sa.Column("brought_at", Instant),
    sa.Column("failing_since", Instant),
    sa.Column("reason", sa.String(64)),
)

opt_outs = sa.Table(
    "opt_outs",
    metadata,
    sa.Column("mobile_index", sa.String(64), primary_key=True),
    sa.Column("since", Instant, nullable=False),
    sa.Column("incoming_id", sa.String(26)),
)

survey_marks = sa.Table(
    "survey_marks",
    metadata,
    sa.Column("letter_id", LETTER_ID, primary_key=True),
    sa.Column("mark", sa.Integer, nullable=False),
    sa.Column("given_at", Instant, nullable=False),
    sa.Column("incoming_id", sa.String(26)),
)
