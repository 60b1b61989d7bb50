"""What other processes than the daemon write into the ledger: counted, so that a daemon on SQLite notices.

A command that wrote something raises a number in its own transaction, and the daemon looks at that number
(connector.ledger.outside_watch). PostgreSQL also tells every node at once; SQLite has no such thing.
"""

from typing import Final

import sqlalchemy as sa

from connector.ledger.prepared import Prepared
from connector.ledger.tables import outside_writes
from connector.ledger.writer import Transaction

__all__ = ["CHANNEL", "note_outside_write", "outside_write_count"]

CHANNEL: Final = "chapar_outside"
"""Where PostgreSQL tells every node of it at once."""

_RAISE: Final = Prepared(
    sa.update(outside_writes)
    .where(outside_writes.c.only_row == sa.bindparam("the_row"))
    .values(count=outside_writes.c.count + 1)
)
_TELL: Final = sa.text(f"NOTIFY {CHANNEL}")
_COUNT: Final = sa.select(outside_writes.c.count).where(outside_writes.c.only_row == 1)


def note_outside_write(transaction: Transaction) -> None:
    """Say, in the transaction of the write itself, that somebody beside the daemon changed what is due."""
    _RAISE.run(transaction.connection, {"the_row": 1})
    if transaction.connection.dialect.name == "postgresql":
        transaction.connection.execute(_TELL)


def outside_write_count(connection: sa.Connection) -> int:
    """Return the number that every write from outside raises; a daemon that sees it changed looks at all lanes."""
    return int(connection.execute(_COUNT).scalar_one())
