"""How many parts a text takes as an SMS, by the ordinary rule of GSM 03.38 and 03.40.

A text of GSM letters alone has 160 in one part and 153 in each of several. One letter outside makes the
whole text UCS-2: 70 in one part, 67 in each of several, counted in UTF-16 code units (an emoji is two).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["Alphabet", "Segments", "is_gsm", "segments"]

_GSM: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_ESCAPED: Final = frozenset("^{}\\[~]|€\f")
"""Letters that take two places, because an escape goes before them."""


class Alphabet(StrEnum):
    """How the letters of a text travel."""

    GSM = "gsm"
    UCS2 = "ucs2"


_ALONE: Final = {Alphabet.GSM: 160, Alphabet.UCS2: 70}
_JOINED: Final = {Alphabet.GSM: 153, Alphabet.UCS2: 67}


@dataclass(frozen=True, kw_only=True, slots=True)
class Segments:
    """What a text costs."""

    alphabet: Alphabet
    length: int
    """Places that the text takes: septets, or UTF-16 code units."""
    parts: int


def is_gsm(text: str) -> bool:
    """Return whether every letter of the text is in the GSM alphabet or its extension."""
    return all(letter in _GSM or letter in _GSM_ESCAPED for letter in text)


def segments(text: str) -> Segments:
    """Return the alphabet that a text needs, its length in it, and the parts; an empty text is one part."""
    if is_gsm(text):
        alphabet = Alphabet.GSM
        length = sum(2 if letter in _GSM_ESCAPED else 1 for letter in text)
    else:
        alphabet = Alphabet.UCS2
        length = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if length <= _ALONE[alphabet]:
        return Segments(alphabet=alphabet, length=length, parts=1)
    return Segments(alphabet=alphabet, length=length, parts=-(-length // _JOINED[alphabet]))
