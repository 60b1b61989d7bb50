"""Small attachments as rows."""

from datetime import datetime

import sqlalchemy as sa

from connector.ledger.tables import attachment_contents, letter_attachments
from connector.ledger.writer import Transaction

__all__ = ["get_content", "is_referenced", "put_content", "sweep_contents"]

_PUT = sa.text(
    "INSERT INTO attachment_contents (digest, content, stored_at) VALUES (:digest, :content, :stored_at)"
    " ON CONFLICT (digest) DO UPDATE SET stored_at = excluded.stored_at"
).bindparams(
    sa.bindparam("content", type_=sa.LargeBinary),
    sa.bindparam("stored_at", type_=attachment_contents.c.stored_at.type),
)


def put_content(transaction: Transaction, digest: str, content: bytes) -> None:
    """Keep the content under its digest; the same content is kept once, and is as young as its last coming."""
    transaction.connection.execute(_PUT, {"digest": digest, "content": content, "stored_at": transaction.at})


def get_content(connection: sa.Connection, digest: str) -> bytes | None:
    """Return the content, or None where no row has it."""
    found = sa.select(attachment_contents.c.content).where(attachment_contents.c.digest == digest)
    content = connection.execute(found).scalar()
    return None if content is None else bytes(content)


def is_referenced(connection: sa.Connection, digest: str) -> bool:
    """Return whether any letter names this content."""
    named = sa.select(letter_attachments.c.digest).where(letter_attachments.c.digest == digest).limit(1)
    return connection.execute(named).first() is not None


def sweep_contents(transaction: Transaction, *, older_than: datetime) -> int:
    """Remove contents that no letter names and that came before this instant; return how many."""
    named = sa.select(letter_attachments.c.digest).where(
        letter_attachments.c.digest == attachment_contents.c.digest
    )
    removed = transaction.connection.execute(
        sa.delete(attachment_contents).where(attachment_contents.c.stored_at < older_than, ~named.exists())
    )
    return removed.rowcount
