"""The tables about what sending costs: what each gateway was given on a day, and what is left on its account."""

import sqlalchemy as sa

from connector.ledger.columns import Instant, metadata

__all__ = ["credits_left", "spendings"]

spendings = sa.Table(
    "spendings",
    metadata,
    sa.Column("gateway", sa.String(64), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("parts", sa.Integer, nullable=False),
    sa.Column("cost", sa.BigInteger, nullable=False),
)

credits_left = sa.Table(
    "credits",
    metadata,
    sa.Column("gateway", sa.String(64), primary_key=True),
    sa.Column("amount", sa.String(40), nullable=False),
    sa.Column("unit", sa.String(20), nullable=False),
    sa.Column("runs_until", sa.Date),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("low_since", Instant),
)
