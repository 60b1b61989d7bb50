"""Streams one file of a submission into the attachment store, or refuses it and leaves nothing behind."""

from collections.abc import Iterable
from typing import Protocol

from connector.domain.attachment import Attachment
from connector.intake.attachment_rules import AttachmentRules
from connector.intake.file_names import safe_file_name
from connector.ledger.attachments import IncomingFile

__all__ = ["KeepsFiles", "store_attachment"]


class KeepsFiles(Protocol):
    """The part of the attachment store that intake needs."""

    def begin(self) -> IncomingFile:
        """Return a place to write one file to."""
        ...


def store_attachment(
    store: KeepsFiles,
    rules: AttachmentRules,
    *,
    index: int,
    name: str,
    declared: str | None,
    chunks: Iterable[bytes],
) -> Attachment:
    """Store the file that comes in these chunks, synced, and return it.

    Raise SubmissionInvalid on ``attachments[index]`` if the file is empty, too large, of a type that is not
    allowed, or lying about its type, and LedgerUnavailable if the disk does not take it; nothing is kept
    then. Reading stops at the first byte too many.
    """
    incoming = store.begin()
    try:
        for chunk in chunks:
            rules.check_size(index, incoming.size + len(chunk))
            incoming.write(chunk)
        media_type = rules.check_file(index, name, declared, head=incoming.head, size=incoming.size)
        stored = incoming.finish()
    finally:
        incoming.abandon()
    return Attachment(
        name=safe_file_name(name), media_type=media_type, size=stored.size, digest=stored.digest
    )
