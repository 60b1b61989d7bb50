"""What a mail from the office says of a letter of ours, as values."""

from dataclasses import dataclass
from datetime import date

from connector.domain.referral import Answer

__all__ = ["Answered", "Bounced", "Noted", "NumberGiven", "RefusedThere", "Said", "Unmapped"]


@dataclass(frozen=True, slots=True)
class NumberGiven:
    """The secretariat registered it."""

    number: str
    registered_on: date | None


@dataclass(frozen=True, slots=True)
class RefusedThere:
    """The secretariat will not take it."""

    reason: str
    code: str | None


@dataclass(frozen=True, slots=True)
class Answered:
    """A letter back."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A receipt with a status that the settings do not name."""

    code: str


@dataclass(frozen=True, slots=True)
class Bounced:
    """A mail server could not deliver it."""

    code: str


@dataclass(frozen=True, slots=True)
class Noted:
    """It arrived; no more than that."""


Said = NumberGiven | RefusedThere | Answered | Unmapped | Bounced | Noted
