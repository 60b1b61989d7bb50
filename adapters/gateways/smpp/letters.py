"""Texts as SMPP carries them: alphabets, parts with a header, and what comes in read back."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from adapters.gateways.smpp.pdu import Delivered, Tag
from connector.domain.concatenation import Concatenation, read_header, written_header
from connector.domain.gsm_alphabet import from_gsm, is_gsm, to_gsm
from connector.domain.segments import Alphabet, parts_of

__all__ = [
    "HAS_HEADER",
    "IncomingPart",
    "OutgoingPart",
    "incoming_part",
    "outgoing_parts",
    "text_of",
    "whole",
]

HAS_HEADER: Final = 0x40
"""esm_class: the short message begins with a user data header (5.2.12)."""
_DEFAULT: Final = 0
_ASCII: Final = 1
_LATIN1: Final = 3
_UCS2: Final = 8
_ALPHABETS: Final = {0: _DEFAULT, 2: _UCS2}
"""Of the codings with a message class (GSM 03.38: 0x10 to 0x1F), by their alphabet's bits."""

DefaultAlphabet = Literal["gsm", "latin1"]


@dataclass(frozen=True, kw_only=True, slots=True)
class OutgoingPart:
    """One submit_sm of a text."""

    content: bytes = field(repr=False)
    data_coding: int
    has_header: bool = False


def outgoing_parts(text: str, reference: int, default: DefaultAlphabet) -> Iterator[OutgoingPart]:
    """Yield the parts of a text; the reference, of which eight bits count, is what a handset joins them by."""
    alphabet = Alphabet.GSM if _goes_plain(text, default) else Alphabet.UCS2
    texts = parts_of(text, alphabet)
    for number, part in enumerate(texts, start=1):
        content, coding = _encoded(part, alphabet, default)
        if len(texts) > 1:
            content = written_header(Concatenation(reference, len(texts), number)) + content
        yield OutgoingPart(content=content, data_coding=coding, has_header=len(texts) > 1)


def whole(text: str, default: DefaultAlphabet) -> OutgoingPart:
    """Return a text in one piece, for a message_payload."""
    alphabet = Alphabet.GSM if _goes_plain(text, default) else Alphabet.UCS2
    content, coding = _encoded(text, alphabet, default)
    return OutgoingPart(content=content, data_coding=coding)


def _goes_plain(text: str, default: DefaultAlphabet) -> bool:
    return is_gsm(text) and (default == "gsm" or all(ord(letter) < 0x100 for letter in text))


def _encoded(text: str, alphabet: Alphabet, default: DefaultAlphabet) -> tuple[bytes, int]:
    if alphabet is Alphabet.UCS2:
        return text.encode("utf-16-be", "replace"), _UCS2
    return (to_gsm(text) if default == "gsm" else text.encode("latin-1")), _DEFAULT


@dataclass(frozen=True, kw_only=True, slots=True)
class IncomingPart:
    """One deliver_sm of a citizen's text."""

    content: bytes = field(repr=False)
    data_coding: int
    place: Concatenation | None
    """Which part of which text, where there are several."""


def incoming_part(heard: Delivered) -> IncomingPart:
    """Return what a deliver_sm brings, without its header."""
    content, place = heard.content, None
    if heard.esm_class & HAS_HEADER:
        place, length = read_header(content)
        content = content[length:]
    return IncomingPart(content=content, data_coding=heard.data_coding, place=place or _sar(heard))


def _sar(heard: Delivered) -> Concatenation | None:
    """Return the place that the sar_ parameters tell (5.3.2.22 to .24)."""
    reference, total, number = (
        int.from_bytes(heard.extras.get(tag, b"")[:2], "big")
        for tag in (Tag.SAR_REFERENCE, Tag.SAR_TOTAL, Tag.SAR_NUMBER)
    )
    return Concatenation(reference, total, number) if 1 <= number <= total and total > 1 else None


def text_of(content: bytes, data_coding: int, default: DefaultAlphabet) -> str:
    """Return the text that these octets stand for; what cannot be read shows as replacement marks."""
    if 0x10 <= data_coding <= 0x1F:
        data_coding = _ALPHABETS.get((data_coding >> 2) & 3, _LATIN1)
    if data_coding == _UCS2:
        return content.decode("utf-16-be", "replace")
    if data_coding == _DEFAULT and default == "gsm":
        return from_gsm(content)
    return content.decode("ascii" if data_coding == _ASCII else "latin-1", "replace")
