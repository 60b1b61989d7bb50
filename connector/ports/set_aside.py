"""What an adapter of any kind has set aside: it came from the other side, and no machine may act on it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

__all__ = ["Aside", "SetsAside"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Aside:
    """How much lies there until a person has looked at it."""

    since: datetime
    """Since when something lies there, as far as this process has seen."""
    count: int
    reason: str
    """Why the last one; a closed word."""


@runtime_checkable
class SetsAside(Protocol):
    """An adapter that sets aside what it may not act on, where a person finds it."""

    @property
    def set_aside(self) -> Aside | None:
        """What lies aside, from memory: asks nobody. None where there is nothing."""
        ...
