"""The citizen who sends a letter: a natural or a legal person."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Person", "PersonKind"]


class PersonKind(StrEnum):
    """Whether the sender is a human being or an organisation with its own legal id."""

    NATURAL = "natural"
    LEGAL = "legal"


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """One correspondent. Every field is personal: it is sealed in the ledger and never logged."""

    kind: PersonKind
    identity_number: str
    """National id (10 digits) of a natural person, legal id (11 digits) of a legal one; ASCII digits."""
    name: str
    """Full name, or the registered name of the organisation, as it came."""
    mobile: str
    """National form ``09xxxxxxxxx``; the facts of the letter are told to this number."""
    representative: str | None = None
    """Who signs for a legal person."""
    email: str | None = None
    postcode: str | None = None
    address: str | None = None
