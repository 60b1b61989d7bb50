"""The rules of sending: what a message cost, how it went, which other tells its fact; budgets and credit of gateways."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_STATUSES = "status IN ('accepted', 'answered', 'closed', 'delivered', 'done', 'failed', 'in_review', 'joined', 'parked', 'published', 'queued', 'ready', 'received', 'referred', 'refused', 'registered', 'registering', 'returned', 'sending', 'submitted', 'superseded', 'uncertain', 'undelivered', 'unknown', 'withdrawn', 'withheld')"


def upgrade() -> None:
    """Bring the database one step forward."""
    _widen_statuses()
    for column in (
        sa.Column("parts", sa.Integer()),
        sa.Column("cost", sa.BigInteger()),
        sa.Column("spent_on", sa.Date()),
        sa.Column("pattern", sa.String(length=64)),
        sa.Column("blacklisted_at", sa.BigInteger()),
        sa.Column("told_by", sa.BigInteger()),
        sa.Column("possible_doubles", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("moves", sa.Integer(), nullable=False, server_default="0"),
    ):
        op.add_column("messages", column)
    op.add_column("message_events", sa.Column("gateway", sa.String(length=64)))
    op.create_table(
        "spendings",
        sa.Column("gateway", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("gateway", "day", name=op.f("pk_spendings")),
    )
    op.create_table(
        "credits",
        sa.Column("gateway", sa.String(length=64), nullable=False),
        sa.Column("amount", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("runs_until", sa.Date(), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("low_since", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("gateway", name=op.f("pk_credits")),
    )


def _widen_statuses() -> None:
    """Allow more statuses. SQLite cannot change a check: there the table is made anew."""
    name = op.f("ck_schedule_status")
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("schedule", recreate="always") as batch:
            # The old one by hand: it comes along as it was, and both would hold.
            batch.drop_constraint(name, type_="check")
            batch.create_check_constraint(name, sa.text(_STATUSES))
    else:
        op.drop_constraint(name, "schedule", type_="check")
        op.create_check_constraint(name, "schedule", _STATUSES)


def downgrade() -> None:
    """Older versions cannot read newer rows: restore the backup instead."""
