"""The choices that a mapping has for its SOAP messages. No library is needed to read them."""

from enum import StrEnum

__all__ = ["AttachmentWay", "PasswordKind"]


class AttachmentWay(StrEnum):
    """How attachments travel in a SOAP message."""

    INLINE = "inline"
    """As base64 in their element."""
    MTOM = "mtom"
    """As binary parts; their element holds xop:Include."""
    SWA = "swa"
    """As binary parts; their element holds the address of the part (SOAP with Attachments)."""


class PasswordKind(StrEnum):
    """How the password goes with a UsernameToken."""

    TEXT = "text"
    """As it is; only over TLS."""
    DIGEST = "digest"
    """As a digest over nonce, time and password (UsernameToken Profile 1.1, section 3.1)."""
