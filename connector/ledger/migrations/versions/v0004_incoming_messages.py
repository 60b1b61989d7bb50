"""Messages from citizens, where each inbox was left, who wants no messages, and what citizens think of the service."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database one step forward."""
    op.create_table(
        "incoming_messages",
        sa.Column("incoming_id", sa.String(length=26), nullable=False),
        sa.Column("gateway", sa.String(length=64), nullable=False),
        sa.Column("gateway_key", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("sender_index", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("handled_at", sa.BigInteger(), nullable=True),
        sa.Column("command", sa.String(length=24), nullable=True),
        sa.Column("outcome", sa.String(length=24), nullable=True),
        sa.Column("reply", sa.String(length=16), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=True),
        sa.Column("letter_id", sa.String(length=26), nullable=True),
        sa.PrimaryKeyConstraint("incoming_id", name=op.f("pk_incoming_messages")),
        sa.UniqueConstraint("gateway", "gateway_key", name=op.f("uq_incoming_messages_gateway_gateway_key")),
    )
    for name, columns, column in (
        ("answered", ["sender_index", "handled_at"], "reply"),
        ("due", ["due_at"], "due_at"),
        ("letter_id", ["letter_id"], "letter_id"),
    ):
        where = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_incoming_messages_{name}",
            "incoming_messages",
            columns,
            unique=False,
            sqlite_where=where,
            postgresql_where=where,
        )
    op.create_table(
        "inboxes",
        sa.Column("gateway", sa.String(length=64), nullable=False),
        sa.Column("cursor", sa.String(length=100), nullable=True),
        sa.Column("brought_at", sa.BigInteger(), nullable=True),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("gateway", name=op.f("pk_inboxes")),
    )
    op.create_table(
        "opt_outs",
        sa.Column("mobile_index", sa.String(length=64), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("incoming_id", sa.String(length=26), nullable=True),
        sa.PrimaryKeyConstraint("mobile_index", name=op.f("pk_opt_outs")),
    )
    op.create_table(
        "survey_marks",
        sa.Column("letter_id", sa.String(length=26), nullable=False),
        sa.Column("mark", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
        sa.Column("incoming_id", sa.String(length=26), nullable=True),
        sa.PrimaryKeyConstraint("letter_id", name=op.f("pk_survey_marks")),
    )


def downgrade() -> None:
    """Older versions cannot read newer rows: restore the backup instead."""
