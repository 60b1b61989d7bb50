"""The tables. The narrow ``schedule`` holds everything that falls due; payloads lie apart from it."""

from typing import Final

import sqlalchemy as sa

from connector.domain.lifecycle import ENDS, Status
from connector.domain.message import MessageStatus
from connector.ledger.alert_tables import alert_channels, alerts_told
from connector.ledger.columns import LETTER_ID, Instant, metadata
from connector.ledger.incoming_tables import inboxes, incoming_messages, opt_outs, survey_marks
from connector.ledger.sending_tables import credits_left, spendings

__all__ = [
    "DONE",
    "IS_OPEN",
    "IS_OUTBOX_DUE",
    "IS_SILENT",
    "SCHEDULE_STATUSES",
    "Instant",
    "acts",
    "alert_channels",
    "alerts_told",
    "attachment_contents",
    "audit_seals",
    "call_rates",
    "credits_left",
    "events",
    "inboxes",
    "incoming_messages",
    "letter_attachments",
    "letters",
    "message_events",
    "messages",
    "metadata",
    "nodes",
    "opt_outs",
    "outside_writes",
    "pauses",
    "publications",
    "registrations",
    "routes",
    "runs",
    "schedule",
    "set_aside",
    "spendings",
    "steps",
    "survey_marks",
    "suspensions",
]

QUEUED_PUBLICATION: Final = "queued"
PUBLISHED: Final = "published"
DONE: Final = "done"
"""The end of a side step."""

SCHEDULE_STATUSES: Final = tuple(
    sorted({str(s) for s in Status} | {str(s) for s in MessageStatus} | {QUEUED_PUBLICATION, PUBLISHED, DONE})
)


schedule = sa.Table(
    "schedule",
    metadata,
    sa.Column("work_id", sa.String(48), primary_key=True),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("letter_id", LETTER_ID, nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False, default=0),
    sa.Column("stage", sa.String(16)),
    sa.Column("connection", sa.String(64)),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("due_at", Instant),
    sa.Column("version", sa.Integer, nullable=False, default=0),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("lease_holder", sa.String(80)),
    sa.Column("lease_expires_at", Instant),
    sa.Column("last_reason", sa.String(64)),
    sa.Column("status_since", Instant),
    sa.CheckConstraint(
        "status IN (" + ", ".join(f"'{status}'" for status in SCHEDULE_STATUSES) + ")", name="status"
    ),
    sa.CheckConstraint("kind IN ('letter', 'message', 'publication', 'side_step')", name="kind"),
)

_IS_DUE_SOMETIME = schedule.c.due_at.is_not(None)
sa.Index(
    "ix_schedule_due",
    schedule.c.stage,
    schedule.c.connection,
    schedule.c.due_at,
    sqlite_where=_IS_DUE_SOMETIME,
    postgresql_where=_IS_DUE_SOMETIME,
)
_IS_LEASED = schedule.c.lease_expires_at.is_not(None)
sa.Index(
    "ix_schedule_leased",
    schedule.c.stage,
    schedule.c.connection,
    schedule.c.lease_expires_at,
    sqlite_where=_IS_LEASED,
    postgresql_where=_IS_LEASED,
)
_IS_OUTBOX = schedule.c.kind != "letter"
sa.Index(
    "ix_schedule_outbox",
    schedule.c.letter_id,
    schedule.c.kind,
    schedule.c.sequence,
    sqlite_where=_IS_OUTBOX,
    postgresql_where=_IS_OUTBOX,
)
IS_OUTBOX_DUE = sa.text("kind <> 'letter' AND due_at IS NOT NULL")
"""Messages, publications and side steps, not at their end and behind no other; written out like IS_SILENT."""
sa.Index(
    "ix_schedule_outbox_due",
    schedule.c.stage,
    schedule.c.status_since,
    sqlite_where=IS_OUTBOX_DUE,
    postgresql_where=IS_OUTBOX_DUE,
)
_ENDS_IN_SQL: Final = ", ".join(sorted(f"'{status}'" for status in ENDS))
IS_OPEN = sa.text(f"kind = 'letter' AND status_since IS NOT NULL AND (status NOT IN ({_ENDS_IN_SQL}))")
"""Letters that are not at their end; written out for the same reason as IS_SILENT, and so that its index is not taken
for the answer to that question."""
sa.Index(
    "ix_schedule_open",
    schedule.c.status,
    schedule.c.status_since,
    sqlite_where=IS_OPEN,
    postgresql_where=IS_OPEN,
)
IS_SILENT = sa.text(
    f"kind = 'letter' AND (due_at IS NULL OR stage IS NULL) AND (status NOT IN ({_ENDS_IN_SQL}))"
)
"""Letters that nobody would ever look at again. The index on it is empty, always; asking it costs nothing. Written out,
because a database sees that the index answers the question only where the question has the same words in it."""
sa.Index("ix_schedule_silent", schedule.c.work_id, sqlite_where=IS_SILENT, postgresql_where=IS_SILENT)

letters = sa.Table(
    "letters",
    metadata,
    sa.Column("letter_id", LETTER_ID, primary_key=True),
    sa.Column("tracking_code", sa.String(32), nullable=False, unique=True),
    sa.Column("portal", sa.String(64), nullable=False),
    sa.Column("submission_id", sa.String(200), nullable=False),
    sa.Column("submission_digest", sa.String(64), nullable=False),
    sa.Column("service", sa.String(200), nullable=False),
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("sender_index", sa.String(64), nullable=False),
    sa.Column("mobile_index", sa.String(64), nullable=False),
    sa.Column("content_index", sa.String(64), nullable=False),
    sa.UniqueConstraint("portal", "submission_id"),
)
sa.Index("ix_letters_received_at", letters.c.received_at)
sa.Index("ix_letters_content_index", letters.c.content_index, letters.c.received_at)
sa.Index("ix_letters_sender_index", letters.c.sender_index)
sa.Index("ix_letters_mobile_index", letters.c.mobile_index)

letter_attachments = sa.Table(
    "letter_attachments",
    metadata,
    sa.Column("letter_id", LETTER_ID, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False, index=True),
    sa.Column("size", sa.BigInteger, nullable=False),
)

attachment_contents = sa.Table(
    "attachment_contents",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("stored_at", Instant, nullable=False),
)

routes = sa.Table(
    "routes",
    metadata,
    sa.Column("letter_id", LETTER_ID, primary_key=True),
    sa.Column("office", sa.String(64), nullable=False),
    sa.Column("secretariat", sa.String(100), nullable=False),
    sa.Column("gateway", sa.String(64), nullable=False),
    sa.Column("unit", sa.String(200)),
    sa.Column("needs_review", sa.Boolean(name="needs_review"), nullable=False),
)

registrations = sa.Table(
    "registrations",
    metadata,
    sa.Column("letter_id", LETTER_ID, primary_key=True),
    sa.Column("office_reference", sa.String(200), index=True),
    sa.Column("number", sa.String(100), index=True),
    sa.Column("secretariat", sa.String(100)),
    sa.Column("year", sa.Integer),
    sa.Column("registered_on", sa.Date),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("letter_id", LETTER_ID, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("happened_at", Instant, nullable=False),
    sa.Column("event", sa.String(24), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("reason", sa.String(64)),
    sa.Column("code", sa.String(64)),
    sa.Column("detail", sa.Text),
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("personal_digest", sa.String(64)),
    sa.Column("chain", sa.String(64)),
    sa.Column("audit_seal", sa.Integer),
)
_IS_UNSEALED = sa.and_(events.c.audit_seal.is_(None), events.c.chain.is_not(None))
sa.Index(
    "ix_events_unsealed",
    events.c.happened_at,
    sqlite_where=_IS_UNSEALED,
    postgresql_where=_IS_UNSEALED,
)
_IS_SEALED = events.c.audit_seal.is_not(None)
sa.Index("ix_events_sealed", events.c.audit_seal, sqlite_where=_IS_SEALED, postgresql_where=_IS_SEALED)

audit_seals = sa.Table(
    "audit_seals",
    metadata,
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("sealed_at", Instant, nullable=False),
    sa.Column("events", sa.Integer, nullable=False),
    sa.Column("acts", sa.Integer, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("chain", sa.String(64), nullable=False),
)

acts = sa.Table(
    "acts",
    metadata,
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("acted_at", Instant, nullable=False),
    sa.Column("actor", sa.String(80), nullable=False),
    sa.Column("act", sa.String(24), nullable=False),
    sa.Column("subject", sa.String(100), nullable=False),
    sa.Column("reason", sa.String(500)),
    sa.Column("chain", sa.String(64), nullable=False),
)

steps = sa.Table(
    "steps",
    metadata,
    sa.Column("letter_id", LETTER_ID, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(40), nullable=False),
    sa.Column("holder", sa.String(80), nullable=False),
    sa.Column("announced_at", Instant, nullable=False),
    sa.Column("concluded_at", Instant),
    sa.Column("outcome", sa.String(24)),
    sa.Column("reason", sa.String(64)),
    sa.Column("sealed", sa.LargeBinary),
)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("own_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("letter_id", LETTER_ID, nullable=False),
    sa.Column("fact", sa.String(16), nullable=False),
    sa.Column("occurrence", sa.String(100), nullable=False),
    sa.Column("event_position", sa.Integer, nullable=False),
    sa.Column("gateway", sa.String(64), nullable=False),
    sa.Column("gateway_reference", sa.String(100)),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("announced_at", Instant),
    sa.Column("accepted_at", Instant),
    sa.Column("lookups", sa.Integer, nullable=False, default=0),
    sa.Column("parts", sa.Integer),
    sa.Column("cost", sa.BigInteger),
    sa.Column("spent_on", sa.Date),
    sa.Column("pattern", sa.String(64)),
    sa.Column("blacklisted_at", Instant),
    sa.Column("told_by", sa.BigInteger),
    sa.Column("possible_doubles", sa.Integer, nullable=False, server_default="0"),
    sa.Column("moves", sa.Integer, nullable=False, server_default="0"),
    sa.UniqueConstraint("letter_id", "fact", "occurrence"),
)

message_events = sa.Table(
    "message_events",
    metadata,
    sa.Column("own_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("happened_at", Instant, nullable=False),
    sa.Column("event", sa.String(24), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("reason", sa.String(64)),
    sa.Column("code", sa.String(64)),
    sa.Column("gateway", sa.String(64)),
)

publications = sa.Table(
    "publications",
    metadata,
    sa.Column("letter_id", LETTER_ID, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("portal", sa.String(64), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("published_at", Instant),
)

nodes = sa.Table(
    "nodes",
    metadata,
    sa.Column("holder", sa.String(80), primary_key=True),
    sa.Column("node", sa.String(64), nullable=False),
    sa.Column("version", sa.String(32), nullable=False),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("seen_at", Instant, nullable=False),
    sa.Column("stopped_at", Instant),
    sa.Column("in_hand", sa.Integer, nullable=False, default=0),
)

pauses = sa.Table(
    "pauses",
    metadata,
    sa.Column("connection", sa.String(64), primary_key=True),
    sa.Column("paused_at", Instant, nullable=False),
    sa.Column("actor", sa.String(80), nullable=False),
    sa.Column("reason", sa.String(500), nullable=False),
)

suspensions = sa.Table(
    "suspensions",
    metadata,
    sa.Column("connection", sa.String(64), primary_key=True),
    sa.Column("node", sa.String(64), primary_key=True),
    sa.Column("suspended_at", Instant, nullable=False),
    sa.Column("reason", sa.String(64), nullable=False),
)

set_aside = sa.Table(
    "set_aside",
    metadata,
    sa.Column("connection", sa.String(64), primary_key=True),
    sa.Column("node", sa.String(64), primary_key=True),
    sa.Column("since", Instant, nullable=False),
    sa.Column("waiting", sa.Integer, nullable=False),
    sa.Column("reason", sa.String(64), nullable=False),
)

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("begun_at", Instant, nullable=False),
    sa.Column("holder", sa.String(80), nullable=False),
)

call_rates = sa.Table(
    "call_rates",
    metadata,
    sa.Column("connection", sa.String(64), primary_key=True),
    sa.Column("next_at", Instant, nullable=False),
    sa.Column("held_until", Instant),
)

outside_writes = sa.Table(
    "outside_writes",
    metadata,
    sa.Column("only_row", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("count", sa.Integer, nullable=False),
)
