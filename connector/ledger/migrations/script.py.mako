"""${message}."""

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database one step forward."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Older versions cannot read newer rows: restore the backup instead."""
    raise NotImplementedError("restore the backup that was taken before the upgrade")
