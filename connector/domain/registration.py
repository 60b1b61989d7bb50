"""What the secretariat gives a letter: its number, and the office's own handle to it."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from connector.domain.text import is_showable

__all__ = ["LONGEST_NUMBER", "LetterReference", "Registration"]

LONGEST_NUMBER: Final = 100
"""Characters. Real ones have some twenty; the rest is an error page that was read as a number."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Registration:
    """The secretariat's official act. Numbers restart per secretariat and year, so the three together are the key."""

    number: str
    """As the office wrote it, leading zeros and separators kept."""
    secretariat: str
    year: int | None = None
    """Jalali year of the secretariat's book, where the office tells it."""
    registered_on: date | None = None
    """Gregorian date of the registration; shown to people in the Jalali calendar."""
    office_reference: str | None = None
    """The office's internal handle, where it differs from the number (an entity code, a document id)."""

    @property
    def has_number(self) -> bool:
        """Return whether what the office wrote can be a number at all: letters or digits in one line, and few.

        It stands in messages, lists and on terminals: what turns those round, or controls them, is no number.
        """
        has_letters = any(letter.isalnum() for letter in self.number)
        return has_letters and len(self.number) <= LONGEST_NUMBER and is_showable(self.number)


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterReference:
    """Everything by which an office may know a letter; an adapter uses the part that its office understands."""

    correlation_key: str
    secretariat: str
    """The one that registered the letter, or that it was sent to."""
    registration: Registration | None = None
    office_reference: str | None = None
