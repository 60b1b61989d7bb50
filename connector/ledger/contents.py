"""Small attachments as rows, sealed like every personal column."""

from datetime import datetime

import sqlalchemy as sa

from connector.ledger.seal import KeyRing
from connector.ledger.tables import attachment_contents, letter_attachments
from connector.ledger.writer import Transaction

__all__ = ["get_content", "is_referenced", "put_content", "sweep_contents"]

_PUT = sa.text(
    "INSERT INTO attachment_contents (digest, content, stored_at) VALUES (:digest, :content, :stored_at)"
    " ON CONFLICT (digest) DO UPDATE SET stored_at = excluded.stored_at, content = excluded.content"
).bindparams(
    sa.bindparam("content", type_=sa.LargeBinary),
    sa.bindparam("stored_at", type_=attachment_contents.c.stored_at.type),
)


def put_content(transaction: Transaction, ring: KeyRing, digest: str, content: bytes) -> None:
    """Keep the content under its digest; the same content is kept once, as young and sealed as at its last coming."""
    sealed = ring.seal_bytes(content, _context(digest))
    transaction.connection.execute(_PUT, {"digest": digest, "content": sealed, "stored_at": transaction.at})


def get_content(connection: sa.Connection, ring: KeyRing, digest: str) -> bytes | None:
    """Return the content, or None where no row has it. Raise SealBroken if it does not open."""
    found = sa.select(attachment_contents.c.content).where(attachment_contents.c.digest == digest)
    sealed = connection.execute(found).scalar()
    return None if sealed is None else ring.open_bytes(bytes(sealed), _context(digest))


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


def _context(digest: str) -> str:
    return f"attachment_contents:{digest}"
