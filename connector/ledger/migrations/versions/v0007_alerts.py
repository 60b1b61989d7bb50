"""What operators were told through their channels, and which of these channels fail."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database one step forward."""
    op.create_table(
        "alerts_told",
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("trouble", sa.String(length=160), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.Column("over_since", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("channel", "trouble", name=op.f("pk_alerts_told")),
    )
    op.create_table(
        "alert_channels",
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("try_after", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_alert_channels")),
    )


def downgrade() -> None:
    """Older versions cannot read newer rows: restore the backup instead."""
