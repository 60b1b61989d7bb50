"""Steps that bring an older database to this version (Alembic)."""

from typing import Final

__all__ = ["REVISIONS"]

REVISIONS: Final = ("0001", "0002", "0003", "0004", "0005", "0006", "0007")
"""Every revision in its order; the last one is this version's. A test compares it with the files."""
