"""The header that joins the parts of a long SMS (3GPP TS 23.040, 9.2.3.24.1 and .8), and the parts put together."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["Concatenation", "joined", "read_header", "written_header"]

_SHORT: Final = 0x00
"""The element with a reference of 8 bits."""
_LONG: Final = 0x08
"""The element with a reference of 16 bits."""
_GAP: Final = "…"


@dataclass(frozen=True, slots=True)
class Concatenation:
    """Which part of which long text this is."""

    reference: int
    """The same in all parts; it comes round again after 256 or 65536 texts."""
    total: int
    number: int
    """From 1."""


def written_header(part: Concatenation) -> bytes:
    """Return the user data header of this part, with its length before it; six octets."""
    return bytes((5, _SHORT, 3, part.reference & 0xFF, part.total, part.number))


def read_header(octets: bytes) -> tuple[Concatenation | None, int]:
    """Return what a user data header says about parts, and how many octets it takes, its length's octet too.

    A header that cannot be read, or tells a part that there cannot be, says nothing.
    """
    end = min(1 + octets[0], len(octets)) if octets else 0
    at, found = 1, None
    while at + 2 <= end:
        element, size = octets[at], octets[at + 1]
        content = octets[at + 2 : min(at + 2 + size, end)]
        if element == _SHORT and len(content) == 3:
            found = Concatenation(*content)
        elif element == _LONG and len(content) == 4:
            found = Concatenation(int.from_bytes(content[:2], "big"), content[2], content[3])
        at += 2 + size
    if found is None or not 1 <= found.number <= found.total:
        return None, end
    return found, end


def joined(parts: Mapping[int, str], total: int) -> str:
    """Return the text of these parts by their numbers; where some are missing, a mark stands for each gap."""
    return "".join(_with_gaps(parts, range(1, total + 1)))


def _with_gaps(parts: Mapping[int, str], numbers: Iterable[int]) -> Iterator[str]:
    is_gap = False
    for number in numbers:
        if number in parts:
            yield parts[number]
        elif not is_gap:
            yield _GAP
        is_gap = number not in parts
