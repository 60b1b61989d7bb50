"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database one step forward."""
    op.create_table(
        "attachment_contents",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_attachment_contents")),
    )
    op.create_table(
        "events",
        sa.Column("letter_id", sa.String(length=26), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("happened_at", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.String(length=24), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("letter_id", "position", name=op.f("pk_events")),
    )
    op.create_table(
        "letter_attachments",
        sa.Column("letter_id", sa.String(length=26), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("letter_id", "position", name=op.f("pk_letter_attachments")),
    )
    with op.batch_alter_table("letter_attachments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_attachments_digest"), ["digest"], unique=False)

    op.create_table(
        "letters",
        sa.Column("letter_id", sa.String(length=26), nullable=False),
        sa.Column("tracking_code", sa.String(length=32), nullable=False),
        sa.Column("portal", sa.String(length=64), nullable=False),
        sa.Column("submission_id", sa.String(length=200), nullable=False),
        sa.Column("submission_digest", sa.String(length=64), nullable=False),
        sa.Column("service", sa.String(length=200), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sender_index", sa.String(length=64), nullable=False),
        sa.Column("mobile_index", sa.String(length=64), nullable=False),
        sa.Column("content_index", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("letter_id", name=op.f("pk_letters")),
        sa.UniqueConstraint("portal", "submission_id", name=op.f("uq_letters_portal_submission_id")),
        sa.UniqueConstraint("tracking_code", name=op.f("uq_letters_tracking_code")),
    )
    with op.batch_alter_table("letters", schema=None) as batch_op:
        batch_op.create_index("ix_letters_content_index", ["content_index", "received_at"], unique=False)
        batch_op.create_index("ix_letters_mobile_index", ["mobile_index"], unique=False)
        batch_op.create_index("ix_letters_received_at", ["received_at"], unique=False)
        batch_op.create_index("ix_letters_sender_index", ["sender_index"], unique=False)

    op.create_table(
        "message_events",
        sa.Column("own_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("happened_at", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.String(length=24), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("own_id", "position", name=op.f("pk_message_events")),
    )
    op.create_table(
        "messages",
        sa.Column("own_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("letter_id", sa.String(length=26), nullable=False),
        sa.Column("fact", sa.String(length=16), nullable=False),
        sa.Column("occurrence", sa.String(length=100), nullable=False),
        sa.Column("event_position", sa.Integer(), nullable=False),
        sa.Column("gateway", sa.String(length=64), nullable=False),
        sa.Column("gateway_reference", sa.String(length=100), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("announced_at", sa.BigInteger(), nullable=True),
        sa.Column("accepted_at", sa.BigInteger(), nullable=True),
        sa.Column("lookups", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("own_id", name=op.f("pk_messages")),
        sa.UniqueConstraint(
            "letter_id", "fact", "occurrence", name=op.f("uq_messages_letter_id_fact_occurrence")
        ),
    )
    op.create_table(
        "publications",
        sa.Column("letter_id", sa.String(length=26), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("portal", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("letter_id", "position", name=op.f("pk_publications")),
    )
    op.create_table(
        "registrations",
        sa.Column("letter_id", sa.String(length=26), nullable=False),
        sa.Column("office_reference", sa.String(length=200), nullable=True),
        sa.Column("number", sa.String(length=100), nullable=True),
        sa.Column("secretariat", sa.String(length=100), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("registered_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("letter_id", name=op.f("pk_registrations")),
    )
    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_registrations_number"), ["number"], unique=False)

    op.create_table(
        "routes",
        sa.Column("letter_id", sa.String(length=26), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("secretariat", sa.String(length=100), nullable=False),
        sa.Column("gateway", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.String(length=200), nullable=True),
        sa.Column("needs_review", sa.Boolean(name="needs_review"), nullable=False),
        sa.PrimaryKeyConstraint("letter_id", name=op.f("pk_routes")),
    )
    op.create_table(
        "schedule",
        sa.Column("work_id", sa.String(length=48), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("letter_id", sa.String(length=26), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=True),
        sa.Column("connection", sa.String(length=64), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_holder", sa.String(length=80), nullable=True),
        sa.Column("lease_expires_at", sa.BigInteger(), nullable=True),
        sa.Column("last_reason", sa.String(length=64), nullable=True),
        sa.CheckConstraint("kind IN ('letter', 'message', 'publication')", name=op.f("ck_schedule_kind")),
        sa.CheckConstraint(
            "status IN ('accepted', 'answered', 'closed', 'delivered', 'failed', 'in_review', 'parked', 'published', 'queued', 'ready', 'received', 'referred', 'refused', 'registered', 'registering', 'returned', 'sending', 'submitted', 'uncertain', 'undelivered', 'unknown', 'withdrawn')",
            name=op.f("ck_schedule_status"),
        ),
        sa.PrimaryKeyConstraint("work_id", name=op.f("pk_schedule")),
    )
    with op.batch_alter_table("schedule", schema=None) as batch_op:
        batch_op.create_index(
            "ix_schedule_due",
            ["stage", "connection", "due_at"],
            unique=False,
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_schedule_leased",
            ["stage", "connection", "lease_expires_at"],
            unique=False,
            sqlite_where=sa.text("lease_expires_at IS NOT NULL"),
            postgresql_where=sa.text("lease_expires_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_schedule_outbox",
            ["letter_id", "kind", "sequence"],
            unique=False,
            sqlite_where=sa.text("kind != 'letter'"),
            postgresql_where=sa.text("kind != 'letter'"),
        )
        batch_op.create_index(
            "ix_schedule_silent",
            ["work_id"],
            unique=False,
            sqlite_where=sa.text(
                "kind = 'letter' AND (due_at IS NULL OR stage IS NULL) AND (status NOT IN ('closed', 'refused', 'returned', 'withdrawn'))"
            ),
            postgresql_where=sa.text(
                "kind = 'letter' AND (due_at IS NULL OR stage IS NULL) AND (status NOT IN ('closed', 'refused', 'returned', 'withdrawn'))"
            ),
        )

    op.create_table(
        "steps",
        sa.Column("letter_id", sa.String(length=26), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("announced_at", sa.BigInteger(), nullable=False),
        sa.Column("concluded_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(length=24), nullable=True),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("letter_id", "position", name=op.f("pk_steps")),
    )


def downgrade() -> None:
    """Older versions cannot read newer rows: restore the backup instead."""
    raise NotImplementedError("restore the backup that was taken before the upgrade")
