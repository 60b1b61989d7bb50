"""What other processes than the daemon write into the ledger: counted, so that a daemon on SQLite notices.

On PostgreSQL a notification tells every node which lane has something due. SQLite has no such thing: there a command
that wrote something raises a number in its own transaction, and the daemon looks at that number.
"""

from typing import Final

import sqlalchemy as sa

from connector.ledger.prepared import Prepared
from connector.ledger.tables import outside_writes
from connector.ledger.writer import Transaction

__all__ = ["note_outside_write", "outside_write_count"]

_RAISE: Final = Prepared(
    sa.update(outside_writes)
    .where(outside_writes.c.only_row == sa.bindparam("the_row"))
    .values(count=outside_writes.c.count + 1)
)
_COUNT: Final = sa.select(outside_writes.c.count).where(outside_writes.c.only_row == 1)


def note_outside_write(transaction: Transaction) -> None:
    """Say, in the transaction of the write itself, that somebody beside the daemon changed what is due."""
    _RAISE.run(transaction.connection, {"the_row": 1})


def outside_write_count(connection: sa.Connection) -> int:
    """Return the number that every write from outside raises; a daemon that sees it changed looks at all lanes."""
    return int(connection.execute(_COUNT).scalar_one())
