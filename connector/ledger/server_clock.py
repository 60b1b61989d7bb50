"""The database's own clock: where several nodes compare instants, one clock must have made them."""

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from connector.clock import Now
from connector.ledger.tables import Instant

__all__ = ["PRESENT_MICROSECONDS", "present"]

PRESENT_MICROSECONDS: Final = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
"""The present instant on PostgreSQL, as the tables keep instants."""
_PRESENT: Final = sa.select(sa.literal_column(PRESENT_MICROSECONDS, type_=Instant))


def present(connection: sa.Connection, now: Now) -> datetime:
    """Return the server's present instant; on SQLite, which one machine uses, this process's own."""
    if connection.dialect.name != "postgresql":
        return now()
    found: datetime = connection.execute(_PRESENT).scalar_one()
    return found
