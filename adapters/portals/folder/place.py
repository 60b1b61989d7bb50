"""Tells one spool directory from another: nodes that share it read the same word in it, wherever it is mounted."""

import os
import re
import secrets
from pathlib import Path
from typing import Final

__all__ = ["word_of_place"]

_FILE: Final = ".chapar-place"
_WORD: Final = re.compile(r"[0-9a-f]{16}")


def word_of_place(folder: Path) -> str | None:
    """Return the folder's word, made by whoever asks first; None where there is none and none can be written."""
    path = folder / _FILE
    beside = folder / f"{_FILE}.{secrets.token_hex(8)}.part"
    try:
        if not path.exists():
            beside.write_text(secrets.token_hex(8), encoding="ascii")
            try:
                os.link(beside, path)  # whole or not at all, and never in the place of another's
            except FileExistsError:
                pass
            finally:
                beside.unlink()
        word = path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None
    return word if _WORD.fullmatch(word) else None
