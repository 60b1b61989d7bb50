"""What others write on its way into narrow columns: no vendor can make a row that a database will not take.

SQLite keeps any text; PostgreSQL refuses one that is longer than its column, or that holds a NUL. Then neither the
word nor the fact that came with it would be kept.
"""

from hashlib import sha256

__all__ = ["distinct", "narrow"]


def narrow(text: str | None, limit: int = 64) -> str | None:
    """Return the text as it fits; for words that people read and nothing is asked by."""
    return None if text is None else text.replace("\x00", "")[:limit]


def distinct(text: str, limit: int = 100) -> str:
    """Return the text, or where it does not fit its digest: two that differ stay different."""
    return text if len(text) <= limit and "\x00" not in text else sha256(text.encode()).hexdigest()
