"""What happens to a letter inside the office: hand-overs to units, and the answer."""

from dataclasses import dataclass
from datetime import date, datetime

__all__ = ["Answer", "Referral"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Referral:
    """One hand-over of a letter to a unit."""

    reference: str
    """The office's id of this hand-over, or its position in the chain; makes the fact unique for the letter."""
    unit: str
    """Name of the unit as people know it."""
    referred_at: datetime | None = None
    is_public: bool = True
    """False for confidential branches: they are kept, and neither told to the citizen nor published."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """The office's final word. The text is personal: it is sealed, published to the portal, and never put in an SMS."""

    text: str
    number: str | None = None
    answered_on: date | None = None
