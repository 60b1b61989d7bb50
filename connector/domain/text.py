"""Persian text: two words are compared by their folded form, and kept as they came.

Office suites of different ages store the Arabic or the Persian ye and kaf, and one word may mix both. So
equality asks ``fold``; what goes to an office is written with the letters that its mapping asks for;
nothing is changed for keeping.
"""

import re
import unicodedata
from typing import Final

__all__ = [
    "BIDI_OVERRIDES",
    "INVISIBLE",
    "code_point",
    "fold",
    "forbidden_in_xml",
    "is_showable",
    "isolate",
    "one_line",
    "to_arabic_letters",
    "to_ascii_digits",
    "to_persian_digits",
    "to_persian_letters",
]

_PERSIAN_DIGITS: Final = "۰۱۲۳۴۵۶۷۸۹"
_ARABIC_DIGITS: Final = "٠١٢٣٤٥٦٧٨٩"
_ASCII_DIGITS: Final = "0123456789"

_TO_ASCII_DIGITS: Final = str.maketrans(_PERSIAN_DIGITS + _ARABIC_DIGITS, _ASCII_DIGITS * 2)
_TO_PERSIAN_DIGITS: Final = str.maketrans(_ASCII_DIGITS + _ARABIC_DIGITS, _PERSIAN_DIGITS * 2)

_TO_PERSIAN_LETTERS: Final = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک"})
_TO_ARABIC_LETTERS: Final = str.maketrans({"ی": "ي", "ک": "ك"})

_ZWNJ: Final = "\u200c"
_FORBIDDEN_IN_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

INVISIBLE: Final = frozenset(
    "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
"""Marks that show nothing: joiners, direction marks, soft hyphen. Text of these alone is empty."""

BIDI_OVERRIDES: Final = frozenset("\u202d\u202e")
"""Marks that turn the letters after them round, so that a reader sees another text than is there."""

_NOT_SHOWN: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode's categories of control characters, lone surrogates, and line and paragraph ends."""

_FOLDED_LETTERS: Final[dict[str, str]] = (
    dict.fromkeys("يىېۍێئ", "ی")
    | dict.fromkeys("كڪ", "ک")
    | dict.fromkeys("ةۀەہھۂ", "ه")
    | dict.fromkeys("أإٱ", "ا")
    | {"ؤ": "و", "ء": "", "ـ": ""}
)
_DROPPED_MARKS: Final = [
    *range(0x0610, 0x061B),
    *range(0x064B, 0x0653),  # tanvin, short vowels, tashdid, sokun
    *range(0x0654, 0x0660),  # combining hamza and its kin; the madda of آ stays, it tells words apart
    0x0670,
    *range(0x06D6, 0x06DD),
    *range(0x06DF, 0x06E5),
    *range(0x06E7, 0x06E9),
    *range(0x06EA, 0x06EE),
]
_FOLD: Final[dict[int, str | int]] = (
    {ord(letter): folded for letter, folded in _FOLDED_LETTERS.items()}
    | dict.fromkeys(_DROPPED_MARKS, "")
    | {ord(mark): "" for mark in INVISIBLE - {_ZWNJ}}
    | _TO_ASCII_DIGITS
)


def fold(text: str) -> str:
    """Return the form by which two texts are compared; never to be kept or shown.

    Folds presentation forms, Arabic and Persian letters, hamza, diacritics, kashida, digits of all three
    kinds, letter case, direction marks, white space, and repeated or edge zero-width non-joiners.
    """
    folded = text
    while (
        True
    ):  # composing may uncover a letter that folds again; two turns are the rule, it always shrinks or stays
        before = folded
        folded = unicodedata.normalize("NFKC", folded).translate(_FOLD)
        folded = unicodedata.normalize("NFKC", folded.casefold())
        folded = " ".join(filter(None, (_fold_joiners(word) for word in folded.split())))
        if folded == before:
            return folded


def to_ascii_digits(text: str) -> str:
    """Return the text with Persian and Arabic digits as ASCII ones."""
    return text.translate(_TO_ASCII_DIGITS)


def to_persian_digits(text: str) -> str:
    """Return the text with ASCII and Arabic digits as Persian ones."""
    return text.translate(_TO_PERSIAN_DIGITS)


def to_persian_letters(text: str) -> str:
    """Return the text with Persian ye and kaf, for an office that stores those."""
    return text.translate(_TO_PERSIAN_LETTERS)


def to_arabic_letters(text: str) -> str:
    """Return the text with Arabic ye and kaf, for an office that stores those."""
    return text.translate(_TO_ARABIC_LETTERS)


def forbidden_in_xml(text: str) -> tuple[str, ...]:
    """Return the characters that no XML 1.0 document may hold, each once, in the order of appearance.

    These are the control characters but tab and the two line ends, lone surrogates, and U+FFFE and U+FFFF
    (XML 1.0, production 2 ``Char``).
    """
    return tuple(dict.fromkeys(_FORBIDDEN_IN_XML.findall(text)))


def is_showable(text: str) -> bool:
    """Return whether the text stands in one line as it is: no control characters, line ends or overrides."""
    return all(_is_shown(letter) for letter in text)


def one_line(text: str, *, longest: int) -> str:
    """Return the text in one line of at most so many letters, for names that others write: a space takes the
    place of what cannot be shown.
    """
    shown = " ".join("".join(letter if _is_shown(letter) else " " for letter in text[: 4 * longest]).split())
    return shown if len(shown) <= longest else shown[: longest - 1].rstrip() + "…"


def code_point(letter: str) -> str:
    """Return the name by which people look a character up: ``U+0007``."""
    return f"U+{ord(letter):04X}"


def isolate(text: str) -> str:
    """Return the text between left-to-right isolates: a number keeps its order inside Persian text."""
    return f"\u2066{text}\u2069"


def _is_shown(letter: str) -> bool:
    return unicodedata.category(letter) not in _NOT_SHOWN and letter not in BIDI_OVERRIDES


def _fold_joiners(word: str) -> str:
    return _ZWNJ.join(filter(None, word.split(_ZWNJ)))
