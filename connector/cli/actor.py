"""Who sits at the terminal: the name that stands beside everything that a person decides."""

import getpass
import os
from typing import Final

__all__ = ["acting_person"]

_LONGEST: Final = 80


def acting_person() -> str:
    """Return the login name of whoever gave the command; of a command under sudo, who called sudo."""
    name = os.environ.get("SUDO_USER", "")
    if not name:
        try:
            name = getpass.getuser()
        except (KeyError, OSError):  # a user that the system has no name for
            name = f"uid {os.getuid()}"
    return "".join(letter for letter in name if letter.isprintable())[:_LONGEST] or f"uid {os.getuid()}"
