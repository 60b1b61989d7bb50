"""The default alphabet of GSM 03.38 with its extension: which letters it has, and what octets stand for them."""

from typing import Final

__all__ = ["ESCAPED", "from_gsm", "is_gsm", "to_gsm"]

_ESCAPE: Final = 0x1B
_TABLE: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION: Final = {
    0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|", 0x65: "€",
}  # fmt: skip

_OCTETS: Final = {letter: bytes((code,)) for code, letter in enumerate(_TABLE) if code != _ESCAPE} | {
    letter: bytes((_ESCAPE, code)) for code, letter in _EXTENSION.items()
}

ESCAPED: Final = frozenset(_EXTENSION.values())
"""Letters that take two places, because an escape goes before them."""


def is_gsm(text: str) -> bool:
    """Return whether every letter of the text is in the GSM alphabet or its extension."""
    return all(letter in _OCTETS for letter in text)


def to_gsm(text: str) -> bytes:
    """Return the text as octets, a septet in each; a letter outside the alphabet becomes a question mark."""
    return b"".join(_OCTETS.get(letter, b"?") for letter in text)


def from_gsm(octets: bytes) -> str:
    """Return the text that these septets, one in each octet, stand for.

    An extension that nobody has defined shows the plain letter, as the standard wants it; an octet above 127 is no
    septet and shows as a replacement mark.
    """
    letters, is_escaped = [], False
    for octet in octets:
        if octet == _ESCAPE and not is_escaped:
            is_escaped = True
            continue
        plain = _TABLE[octet] if octet < len(_TABLE) and octet != _ESCAPE else "\ufffd"
        letters.append(_EXTENSION.get(octet, plain) if is_escaped else plain)
        is_escaped = False
    return "".join(letters)
