"""Units of SMPP 3.4 as a centre reads and writes them; written from the specification, apart from the adapter's."""

import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

__all__ = ["Submitted", "Unit", "c_octets", "deliver_body", "heard_unit", "submitted", "unit_octets"]


class Unit(NamedTuple):
    """One unit."""

    command: int
    status: int
    sequence: int
    body: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Submitted:
    """What a submit_sm asks for."""

    source: str
    destination: str
    wants_receipt: bool
    data_coding: int
    content: bytes
    """Without its header."""
    place: tuple[int, int, int] = (0, 1, 1)
    """Reference, total and number of the part."""
    header_bits: int = 0
    is_payload: bool = False


def heard_unit(line: socket.socket) -> Unit | None:
    """Read one unit; None where the line ends."""
    head = _exactly(line, 16)
    if len(head) < 16:
        return None
    length, command, status, sequence = struct.unpack(">IIII", head)
    return Unit(command, status, sequence, _exactly(line, min(length, 100_000) - 16))


def _exactly(line: socket.socket, count: int) -> bytes:
    heard = b""
    while len(heard) < count and (chunk := line.recv(count - len(heard))):
        heard += chunk
    return heard


def unit_octets(command: int, status: int, sequence: int, body: bytes = b"") -> bytes:
    """Return the octets of a unit."""
    return struct.pack(">IIII", 16 + len(body), command, status, sequence) + body


def c_octets(text: str) -> bytes:
    """Return a text with the zero that ends it."""
    return text.encode() + b"\0"


def submitted(body: bytes) -> Submitted:
    """Return what the body of a submit_sm says."""
    _, rest = body.split(b"\0", 1)
    source, rest = rest[2:].split(b"\0", 1)
    destination, rest = rest[2:].split(b"\0", 1)
    esm_class, rest = rest[0], rest[3:]
    _, _, rest = rest.split(b"\0", 2)
    registered, _, data_coding, _, length = rest[:5]
    content, extras = rest[5 : 5 + length], rest[5 + length :]
    if extras:
        tag, size = struct.unpack(">HH", extras[:4])
        content = extras[4 : 4 + size] if tag == 0x0424 else content
    asked: dict[str, Any] = {
        "is_payload": bool(extras),
        "source": source.decode(),
        "destination": destination.decode(),
        "wants_receipt": registered == 1,
        "data_coding": data_coding,
    }
    if not esm_class & 0x40:
        return Submitted(**asked, content=content)
    size = content[0] + 1
    # Septets begin at the next whole one after the header.
    bits = -(-size * 8 // 7) * 7 if data_coding == 0 else size * 8
    reference, total, number = content[3:6]
    return Submitted(**asked, content=content[size:], place=(reference, total, number), header_bits=bits)


def deliver_body(
    source: str,
    destination: str,
    content: bytes,
    *,
    esm_class: int,
    data_coding: int = 0,
    extras: Mapping[int, bytes] | None = None,
) -> bytes:
    """Return the body of a deliver_sm."""
    ton = 1 if source.strip("+").isdecimal() else 5
    tail = b"".join(struct.pack(">HH", tag, len(value)) + value for tag, value in (extras or {}).items())
    return (
        b"\0" + bytes((ton, 1)) + c_octets(source) + b"\1\1" + c_octets(destination)
        + bytes((esm_class, 0, 0)) + b"\0\0" + bytes((0, 0, data_coding, 0, len(content))) + content + tail
    )  # fmt: skip
