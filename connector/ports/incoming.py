"""Messages that citizens send to us: how a gateway brings them."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from connector.ports.gateway import DeliveryReport

__all__ = ["HasInbox", "InboxPage", "IncomingMessage", "TakesIncoming", "digest_key"]


@dataclass(frozen=True, kw_only=True, slots=True)
class IncomingMessage:
    """One text from a handset."""

    gateway_key: str
    """What tells it from every other at this gateway, at most 64 letters: the vendor's id, or a digest of the whole
    where there is none. The same message brought twice has the same key."""
    sender: str = field(repr=False)
    """As the gateway wrote it; it may be no mobile number at all (a bank, a short code)."""
    line: str
    """Our line that it came to; empty where the gateway does not say."""
    text: str = field(repr=False)
    sent_at: datetime | None = None
    """By the gateway's clock, which may be wrong; nothing is decided by it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class InboxPage:
    """What one look into an inbox brought."""

    messages: tuple[IncomingMessage, ...]
    cursor: str | None = None
    """Where the next look begins, kept for the gateway together with the messages; None leaves it as it was."""
    has_more: bool = False
    reports: tuple[DeliveryReport, ...] = ()
    """Delivery reports that came the same way, over a living session; taken in as those that come to our address."""


@runtime_checkable
class HasInbox(Protocol):
    """A gateway whose inbox can be asked."""

    def inbox(self, cursor: str | None) -> InboxPage:
        """Return what came in since the cursor, or what is unread.

        A read-once inbox forgets what it has shown: the caller stores the whole page before it does anything else.
        """
        ...


@runtime_checkable
class TakesIncoming(Protocol):
    """A gateway that brings incoming messages to our web address."""

    def read_incoming(
        self, query: Mapping[str, str], body: bytes, headers: Mapping[str, str]
    ) -> Sequence[IncomingMessage]:
        """Return the messages in this call.

        Header names are in small letters. Bytes of the query that are no UTF-8 stand in ``query`` as lone surrogates:
        ``encode("utf-8", "surrogateescape")`` gives them back as they came.

        Raise CredentialsRejected when the call does not prove that it comes from the gateway, and Misbehaved when it
        cannot be read.
        """
        ...


def digest_key(*parts: str) -> str:
    """Return a key for a message that the vendor gives no id: a digest of everything that it tells, 64 letters.

    Two messages that are alike in everything, the time too, are one message then.
    """
    whole = hashlib.sha256()
    for part in parts:
        content = part.encode("utf-8", "surrogatepass")
        whole.update(len(content).to_bytes(8, "big") + content)
    return whole.hexdigest()
