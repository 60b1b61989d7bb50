"""A file that goes with a letter: what it is, and how its bytes are opened."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

__all__ = ["Attachment", "AttachmentContent"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """One stored file of a letter."""

    name: str
    """File name as the citizen gave it, without a path."""
    media_type: str
    """MIME type by content, not by name."""
    size: int
    """Bytes."""
    digest: str
    """SHA-256 of the content, 64 hexadecimal digits; the address of the bytes in the attachment store."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AttachmentContent:
    """An attachment with a way to its bytes. ``open`` may be called several times; the caller closes the stream."""

    attachment: Attachment
    open: Callable[[], BinaryIO]
