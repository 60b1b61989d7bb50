"""The tables about alerts: what was told through which channel, and which channels fail."""

import sqlalchemy as sa

from connector.ledger.columns import Instant, metadata

__all__ = ["alert_channels", "alerts_told"]

alerts_told = sa.Table(
    "alerts_told",
    metadata,
    sa.Column("channel", sa.String(40), primary_key=True),
    sa.Column("trouble", sa.String(160), primary_key=True),
    sa.Column("told_at", Instant, nullable=False),
    sa.Column("over_since", Instant),
)

alert_channels = sa.Table(
    "alert_channels",
    metadata,
    sa.Column("channel", sa.String(40), primary_key=True),
    sa.Column("failing_since", Instant),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("reason", sa.String(64)),
    sa.Column("try_after", Instant),
)
