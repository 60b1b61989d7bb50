"""The audit chain, what a person said, several nodes, side steps, and since when a letter has its status."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_KINDS = "kind IN ('letter', 'message', 'publication', 'side_step')"
_STATUSES = "status IN ('accepted', 'answered', 'closed', 'delivered', 'done', 'failed', 'in_review', 'parked', 'published', 'queued', 'ready', 'received', 'referred', 'refused', 'registered', 'registering', 'returned', 'sending', 'submitted', 'uncertain', 'undelivered', 'unknown', 'withdrawn')"
_IS_OPEN = "kind = 'letter' AND status_since IS NOT NULL AND (status NOT IN ('closed', 'refused', 'returned', 'withdrawn'))"
_IS_UNSEALED = "audit_seal IS NULL AND chain IS NOT NULL"


def upgrade() -> None:
    """Bring the database one step forward."""
    _widen_schedule()
    for column in (
        sa.Column("personal_digest", sa.String(64)),
        sa.Column("chain", sa.String(64)),
        sa.Column("audit_seal", sa.Integer()),
    ):
        op.add_column("events", column)
    _partial_index("ix_events_unsealed", "events", ["happened_at"], _IS_UNSEALED)
    _partial_index("ix_events_sealed", "events", ["audit_seal"], "audit_seal IS NOT NULL")
    op.add_column("steps", sa.Column("sealed", sa.LargeBinary()))
    op.create_index("ix_registrations_office_reference", "registrations", ["office_reference"])
    _make_tables_of_audit()
    _make_tables_of_nodes()


def _widen_schedule() -> None:
    """Allow more kinds and statuses. SQLite cannot change a check: there the table is made anew."""
    since = sa.Column("status_since", sa.BigInteger())
    checks = {"ck_schedule_kind": _KINDS, "ck_schedule_status": _STATUSES}
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("schedule", recreate="always") as batch:
            batch.add_column(since)
            for name, condition in checks.items():
                # The old one by hand: it comes along as it was, and both would hold.
                batch.drop_constraint(op.f(name), type_="check")
                batch.create_check_constraint(op.f(name), sa.text(condition))
    else:
        op.add_column("schedule", since)
        for name, condition in checks.items():
            op.drop_constraint(op.f(name), "schedule", type_="check")
            op.create_check_constraint(op.f(name), "schedule", condition)
    op.execute(
        "UPDATE schedule SET status_since = (SELECT max(happened_at) FROM events"
        " WHERE events.letter_id = schedule.letter_id) WHERE kind = 'letter'"
    )
    _partial_index("ix_schedule_open", "schedule", ["status", "status_since"], _IS_OPEN)


def _make_tables_of_audit() -> None:
    op.create_table(
        "audit_seals",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed_at", sa.BigInteger(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("acts", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_seals")),
    )
    op.create_table(
        "acts",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("acted_at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("act", sa.String(length=24), nullable=False),
        sa.Column("subject", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_acts")),
    )


def _make_tables_of_nodes() -> None:
    op.create_table(
        "nodes",
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("stopped_at", sa.BigInteger(), nullable=True),
        sa.Column("in_hand", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("holder", name=op.f("pk_nodes")),
    )
    op.create_table(
        "pauses",
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("paused_at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("connection", name=op.f("pk_pauses")),
    )
    op.create_table(
        "runs",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_runs")),
    )
    op.create_table(
        "call_rates",
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("held_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("connection", name=op.f("pk_call_rates")),
    )
    op.create_table(
        "outside_writes",
        sa.Column("only_row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("only_row", name=op.f("pk_outside_writes")),
    )
    op.execute("INSERT INTO outside_writes (only_row, count) VALUES (1, 0)")


def _partial_index(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=False, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Older versions cannot read newer rows: restore the backup instead."""
