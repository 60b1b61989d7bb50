"""How a message from a citizen is kept: what it is found by in plain columns, number and words sealed in one.

What a gateway hands over is bounded here: a text far beyond the longest SMS, or half a character, must keep no page of
an inbox from being stored.
"""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from connector.domain.mobile import normalise_mobile
from connector.ledger.seal import KeyRing
from connector.ports.incoming import IncomingMessage

__all__ = ["Opened", "incoming_columns", "mobile_of", "opened"]

_LONGEST_TEXT: Final = 4000
"""Beyond 25 parts of an SMS: what is cut off was no message that a person wrote."""
_LONGEST_SENDER: Final = 64
_LONGEST_KEY: Final = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """What is personal of an incoming message."""

    sender: str = field(repr=False)
    """As the gateway wrote it."""
    mobile: str | None = field(repr=False)
    """The number in its national form; None where the sender is no mobile: a bank, a short code."""
    text: str = field(repr=False)
    line: str


def incoming_columns(
    message: IncomingMessage, ring: KeyRing, *, incoming_id: str, gateway: str, received_at: datetime
) -> dict[str, Any]:
    """Return the column values of a new message. Its own time is kept sealed and decides nothing."""
    sender = _clean(message.sender, _LONGEST_SENDER)
    mobile = mobile_of(sender)
    kept = {
        "sender": sender,
        "mobile": mobile,
        "text": _clean(message.text, _LONGEST_TEXT),
        "line": _clean(message.line, _LONGEST_SENDER),
        "sent_at": message.sent_at.isoformat() if message.sent_at else None,
    }
    return {
        "incoming_id": incoming_id,
        "gateway": gateway,
        "gateway_key": _key(message.gateway_key),
        "received_at": received_at,
        "sender_index": ring.blind(mobile, "mobile") if mobile else ring.blind(sender, "stranger"),
        "sealed": ring.seal(kept, f"incoming_messages:{incoming_id}"),
        "due_at": received_at,
    }


def opened(row: Any, ring: KeyRing) -> Opened:
    """Return what is personal in a row. Raise SealBroken if it does not open."""
    kept = ring.open(row.sealed, f"incoming_messages:{row.incoming_id}")
    return Opened(sender=kept["sender"], mobile=kept["mobile"], text=kept["text"], line=kept["line"])


def mobile_of(sender: str) -> str | None:
    """Return the national form of a sender's number, None where it is no mobile."""
    try:
        return normalise_mobile(sender)
    except ValueError:
        return None


def _clean(text: str, longest: int) -> str:
    return text[:longest].encode("utf-8", "replace").decode()


def _key(gateway_key: str) -> str:
    """Return the vendor's key; a digest of one that is longer than any should be."""
    key = _clean(gateway_key, 10_000)
    return key if len(key) <= _LONGEST_KEY and "\0" not in key else sha256(key.encode()).hexdigest()
