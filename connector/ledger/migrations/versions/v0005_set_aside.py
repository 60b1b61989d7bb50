"""What came from an office and no machine may act on, so that a person is shown it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database one step forward."""
    op.create_table(
        "set_aside",
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("connection", "node", name=op.f("pk_set_aside")),
    )


def downgrade() -> None:
    """Older versions cannot read newer rows: restore the backup instead."""
