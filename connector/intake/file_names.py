"""File names of attachments: what the citizen called the file, made safe for every system that it passes."""

import re
from typing import Final

from connector.domain.text import INVISIBLE, forbidden_in_xml

__all__ = ["extension_of", "safe_file_name"]

_LONGEST: Final = 120
"""Characters; twice that in UTF-8 bytes for Persian, under the 255 that file systems take."""
_ZWNJ: Final = "\u200c"
_FORBIDDEN_ON_WINDOWS: Final = re.compile(r'[<>:"|?*]')
_RESERVED_ON_WINDOWS: Final = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")
_EXTENSION: Final = re.compile(r"\.(?=[A-Za-z0-9]*[A-Za-z])([A-Za-z0-9]{1,5})")


def safe_file_name(name: str) -> str:
    """Return the last part of the name, without paths, control and direction marks, and of bounded length.

    Offices run on Windows, so what is forbidden or reserved there is replaced. A name of which nothing is
    left becomes ``attachment``. Persian letters and the zero-width non-joiner stay.
    """
    last = re.split(r"[/\\]", name)[-1]
    dropped = (INVISIBLE - {_ZWNJ}) | set(forbidden_in_xml(last))
    plain = "".join(letter for letter in last if letter not in dropped)
    plain = _FORBIDDEN_ON_WINDOWS.sub("_", re.sub(r"\s+", " ", plain)).strip(f". {_ZWNJ}\x7f")
    if _RESERVED_ON_WINDOWS.fullmatch(plain):
        plain = f"_{plain}"
    return _shortened(plain) or "attachment"


def extension_of(name: str) -> str | None:
    """Return the extension in small letters without its dot; None if the name has none.

    Only Latin letters and digits with at least one letter make an extension: «گزارش ۱.۲» has none.
    """
    dot = name.rfind(".")
    match = _EXTENSION.fullmatch(name[dot:]) if dot > 0 else None
    return match[1].lower() if match else None


def _shortened(name: str) -> str:
    if len(name) <= _LONGEST:
        return name
    extension = extension_of(name)
    ending = f".{extension}" if extension else ""
    return name[: _LONGEST - len(ending)].rstrip(f". {_ZWNJ}") + ending
