"""The bodies of submit_sm (4.4.1) by which a text goes out."""

from typing import Final

from adapters.gateways.smpp.letters import HAS_HEADER, OutgoingPart, outgoing_parts, whole
from adapters.gateways.smpp.pdu import Tag, c_string
from adapters.gateways.smpp.settings import SmppSettings
from connector.ports.gateway import OutgoingMessage

__all__ = ["bodies_of", "source_of"]

_SHORT: Final = 160
"""Octets of a short message that every centre takes; longer ones go as message_payload."""
_INTERNATIONAL: Final = 1
_NATIONAL: Final = 2
_TELEPHONE: Final = 1


def bodies_of(message: OutgoingMessage, settings: SmppSettings, reference: int) -> list[bytes]:
    """Return the bodies in the order in which they go; a receipt is wished for the last one."""
    default = settings.default_alphabet
    if settings.long_texts == "payload":
        parts = [whole(message.text, default)]
    else:
        parts = list(outgoing_parts(message.text, reference, default))
    wishes = [False] * (len(parts) - 1) + [True]
    return [
        _body(settings, message.mobile, part, wants_receipt=wish)
        for part, wish in zip(parts, wishes, strict=True)
    ]


def source_of(settings: SmppSettings) -> bytes:
    """Return our line with its type and plan, as submit_sm and query_sm have it."""
    return bytes((settings.sender_ton, settings.sender_npi)) + c_string(settings.sender)


def _body(settings: SmppSettings, mobile: str, part: OutgoingPart, *, wants_receipt: bool) -> bytes:
    is_international = settings.numbers == "international"
    length = len(part.content)
    payload = Tag.MESSAGE_PAYLOAD.to_bytes(2, "big") + length.to_bytes(2, "big") + part.content
    return (
        c_string("")
        + source_of(settings)
        + bytes((_INTERNATIONAL if is_international else _NATIONAL, _TELEPHONE))
        + c_string(f"98{mobile[1:]}" if is_international else mobile)
        + bytes((HAS_HEADER if part.has_header else 0, 0, 0))
        + b"\0\0"  # sent now, valid for as long as the centre likes
        + bytes((int(wants_receipt), 0, part.data_coding, 0))
        + (bytes((length,)) + part.content if length <= _SHORT else b"\0" + payload)
    )
