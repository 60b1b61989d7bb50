"""How many parts a text takes as an SMS, by the ordinary rule of GSM 03.38 and 03.40.

A text of GSM letters alone has 160 in one part and 153 in each of several. One letter outside makes the
whole text UCS-2: 70 in one part, 67 in each of several, counted in UTF-16 code units (an emoji is two).
No letter is cut in two: where an escaped letter or an emoji does not fit any more, it begins the next part.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from connector.domain.gsm_alphabet import ESCAPED, is_gsm

__all__ = ["Alphabet", "Segments", "is_gsm", "parts_of", "segments"]


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


def segments(text: str) -> Segments:
    """Return the alphabet that a text needs, its length in it, and the parts; an empty text is one part."""
    alphabet = _alphabet(text)
    length = sum(_places(letter, alphabet) for letter in text)
    parts = 1 if length <= _ALONE[alphabet] else len(parts_of(text, alphabet))
    return Segments(alphabet=alphabet, length=length, parts=parts)


def parts_of(text: str, alphabet: Alphabet | None = None) -> list[str]:
    """Return the texts of the parts, in order; joined they are the text. The alphabet is found where none is given."""
    alphabet = alphabet or _alphabet(text)
    if sum(_places(letter, alphabet) for letter in text) <= _ALONE[alphabet]:
        return [text]
    most, parts, begin, filled = _JOINED[alphabet], [], 0, 0
    for position, letter in enumerate(text):
        places = _places(letter, alphabet)
        if filled + places > most:
            parts.append(text[begin:position])
            begin, filled = position, 0
        filled += places
    return [*parts, text[begin:]]


def _alphabet(text: str) -> Alphabet:
    return Alphabet.GSM if is_gsm(text) else Alphabet.UCS2


def _places(letter: str, alphabet: Alphabet) -> int:
    is_double = letter in ESCAPED if alphabet is Alphabet.GSM else ord(letter) > 0xFFFF
    return 2 if is_double else 1
