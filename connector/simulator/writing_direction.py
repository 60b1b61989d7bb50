"""Persian in a terminal: where a line begins, how wide it is, and which marks tell a terminal its direction.

A terminal that knows the bidirectional algorithm (VTE since 0.58, Konsole, mlterm, Terminal.app) shows isolated
right-to-left lines in reading order. One that does not shows the letters from left to right; no text sent to it can
change that without spoiling the first kind. Right-aligned lines are right for both.
"""

import unicodedata
from collections.abc import Iterator
from typing import Final

__all__ = ["columns", "right_aligned", "right_to_left", "wrapped"]

_RLI: Final = "\u2067"
_PDI: Final = "\u2069"
_FORMAT: Final = frozenset({"Mn", "Me", "Cf"})


def right_to_left(text: str) -> str:
    """Return the text between right-to-left isolates: it keeps its own order and disturbs nothing beside it."""
    return f"{_RLI}{text}{_PDI}"


def columns(text: str) -> int:
    """Return how many columns of a terminal the text takes: marks take none, wide letters two."""
    return sum(
        0
        if unicodedata.category(letter) in _FORMAT
        else (2 if unicodedata.east_asian_width(letter) in "WF" else 1)
        for letter in text
    )


def right_aligned(text: str, width: int) -> str:
    """Return a right-to-left line that ends at the width, filled up on the left."""
    return " " * max(width - columns(text), 0) + right_to_left(text)


def wrapped(text: str, width: int) -> Iterator[str]:
    """Yield the text in lines of at most this width, broken between words; a longer word has its own line."""
    for paragraph in text.splitlines():
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if line and columns(longer) > width:
                yield line
                line = word
            else:
                line = longer
        yield line
