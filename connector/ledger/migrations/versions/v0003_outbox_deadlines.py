"""Since when messages and publications wait, and connections that a node has suspended."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_IS_OUTBOX_DUE = "kind <> 'letter' AND due_at IS NOT NULL"


def upgrade() -> None:
    """Bring the database one step forward."""
    op.create_table(
        "suspensions",
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("suspended_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("connection", "node", name=op.f("pk_suspensions")),
    )
    # When they were made stands elsewhere, table by table; nothing that waits becomes older than it is by this.
    op.execute(
        "UPDATE schedule SET status_since = due_at"
        " WHERE kind <> 'letter' AND due_at IS NOT NULL AND status_since IS NULL"
    )
    where = sa.text(_IS_OUTBOX_DUE)
    op.create_index(
        "ix_schedule_outbox_due",
        "schedule",
        ["stage", "status_since"],
        unique=False,
        sqlite_where=where,
        postgresql_where=where,
    )


def downgrade() -> None:
    """Older versions cannot read newer rows: restore the backup instead."""
