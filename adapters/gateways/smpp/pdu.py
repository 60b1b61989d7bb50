"""Protocol data units of SMPP 3.4: their octets, as far as this gateway speaks and hears them.

Numbers in brackets are sections of the specification (SMPP v3.4, issue 1.2). What comes in is read with suspicion: a
unit that is cut off or of a senseless length raises PduBroken, and nothing behind it can be read any more.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

__all__ = [
    "LONGEST",
    "OK",
    "TRY_AGAIN",
    "Command",
    "Delivered",
    "Pdu",
    "PduBroken",
    "Reader",
    "Tag",
    "c_string",
    "delivered",
    "taken_off",
    "written",
]

LONGEST: Final = 70_000
"""Octets of a unit that is read: a message_payload has at most 65 535."""
OK: Final = 0
TRY_AGAIN: Final = 0x64
"""ESME_RX_T_APPN: we cannot take it now; the centre brings it again."""
_HEAD: Final = struct.Struct(">IIII")
_RESPONSE: Final = 0x80000000


class Command(IntEnum):
    """Kinds of units (5.1.2.1); a response has the highest bit besides."""

    GENERIC_NACK = 0x80000000
    BIND_TRANSCEIVER = 0x00000009
    QUERY_SM = 0x00000003
    SUBMIT_SM = 0x00000004
    DELIVER_SM = 0x00000005
    UNBIND = 0x00000006
    ENQUIRE_LINK = 0x00000015


class Tag(IntEnum):
    """Optional parameters (5.3.2) that are read or written."""

    RECEIPTED_MESSAGE_ID = 0x001E
    SAR_REFERENCE = 0x020C
    SAR_TOTAL = 0x020E
    SAR_NUMBER = 0x020F
    MESSAGE_PAYLOAD = 0x0424
    MESSAGE_STATE = 0x0427


class PduBroken(Exception):
    """What came is no unit of SMPP."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pdu:
    """One unit."""

    command: int
    sequence: int
    status: int = OK
    body: bytes = field(default=b"", repr=False)

    @property
    def is_response(self) -> bool:
        """Whether it answers one of ours."""
        return bool(self.command & _RESPONSE)

    def response(self, status: int = OK, body: bytes = b"") -> "Pdu":
        """Return the unit that answers this one."""
        return Pdu(command=self.command | _RESPONSE, sequence=self.sequence, status=status, body=body)


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivered:
    """What a deliver_sm says (4.6.1)."""

    source: str = field(repr=False)
    destination: str
    esm_class: int
    data_coding: int
    content: bytes = field(repr=False)
    """The short message, or the payload in its place."""
    extras: Mapping[int, bytes] = field(repr=False)


def written(pdu: Pdu) -> bytes:
    """Return the octets of a unit."""
    return _HEAD.pack(_HEAD.size + len(pdu.body), pdu.command, pdu.status, pdu.sequence) + pdu.body


def taken_off(heard: bytearray) -> Pdu | None:
    """Take the first whole unit off what was heard; None while it is not whole. Raise PduBroken."""
    if len(heard) < _HEAD.size:
        return None
    length, command, status, sequence = _HEAD.unpack_from(heard)
    if not _HEAD.size <= length <= LONGEST:
        raise PduBroken
    if len(heard) < length:
        return None
    body = bytes(heard[_HEAD.size : length])
    del heard[:length]
    return Pdu(command=command, status=status, sequence=sequence, body=body)


def c_string(text: str) -> bytes:
    """Return a C-octet string: ASCII with a zero at its end."""
    return text.encode("ascii", "replace").replace(b"\0", b"?") + b"\0"


class Reader:
    """Reads the fields of a body one after the other. Raises PduBroken where it ends too early."""

    def __init__(self, body: bytes) -> None:
        """Begin at the first octet."""
        self._body = body
        self._at = 0

    def text(self) -> str:
        """Return a C-octet string."""
        end = self._body.find(b"\0", self._at)
        if end < 0:
            raise PduBroken
        found = self._body[self._at : end].decode("ascii", "replace")
        self._at = end + 1
        return found

    def number(self) -> int:
        """Return an octet."""
        return self.octets(1)[0]

    def octets(self, count: int) -> bytes:
        """Return so many octets."""
        found = self._body[self._at : self._at + count]
        if len(found) < count:
            raise PduBroken
        self._at += count
        return found

    def extras(self) -> dict[int, bytes]:
        """Return the optional parameters, up to the end or to the first that is cut off."""
        found = {}
        while len(self._body) - self._at >= 4:
            tag, size = struct.unpack_from(">HH", self._body, self._at)
            self._at += 4
            found[tag] = self._body[self._at : self._at + size]
            self._at += size
        return found


def delivered(body: bytes) -> Delivered:
    """Return what the body of a deliver_sm says. Raise PduBroken."""
    reader = Reader(body)
    reader.text()  # service_type
    reader.octets(2)
    source = reader.text()
    reader.octets(2)
    destination = reader.text()
    esm_class = reader.number()
    reader.octets(2)  # protocol_id, priority_flag
    reader.text()  # schedule_delivery_time
    reader.text()  # validity_period
    reader.octets(2)  # registered_delivery, replace_if_present_flag
    data_coding = reader.number()
    reader.octets(1)  # sm_default_msg_id
    content = reader.octets(reader.number())
    extras = reader.extras()
    return Delivered(
        source=source,
        destination=destination,
        esm_class=esm_class,
        data_coding=data_coding,
        content=content or extras.get(Tag.MESSAGE_PAYLOAD, b""),
        extras=extras,
    )
