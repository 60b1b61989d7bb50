"""What is left on a gateway's account."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol, runtime_checkable

__all__ = ["Credit", "TellsCredit"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Credit:
    """The account's balance, in the vendor's own unit."""

    amount: Decimal
    unit: str
    """``rial``, ``message`` (parts), or another word of the vendor's, for people."""
    runs_until: date | None = None
    """The account's own end, where the vendor tells it."""


@runtime_checkable
class TellsCredit(Protocol):
    """A gateway whose account can be asked."""

    def credit(self) -> Credit:
        """Return what is left. Raise CallFailed where nobody answers or the answer cannot be read."""
        ...
