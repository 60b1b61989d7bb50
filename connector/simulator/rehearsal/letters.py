"""The letters of a drill: those of the demo, and now and then a file that is too large for the database."""

from dataclasses import replace
from random import Random
from typing import Final

from connector.simulator.documents import Document
from connector.simulator.letters import SyntheticLetter, letter

__all__ = ["drill_letter"]

_EVERY: Final = 6
_LARGE: Final = 200_000
"""Bytes: kept as a file of its own, while small ones lie in the database."""


def drill_letter(serial: int, *, seed: int) -> SyntheticLetter:
    """Return the letter of this serial number; the same seed and serial give the same letter and files."""
    written = letter(serial, seed=seed)
    if serial % _EVERY != 1:
        return written
    scan = b"%PDF-1.4\n% " + Random(f"{seed}/{serial}/scan").randbytes(_LARGE) + b"\n%%EOF\n"
    document = Document("پرونده.pdf", "application/pdf", scan)
    return replace(written, documents=(*written.documents[:2], document))
