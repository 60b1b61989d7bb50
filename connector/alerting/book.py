"""Where it is kept what was told: in the ledger, and in memory for the one trouble that the ledger cannot keep."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from connector.clock import Now
from connector.ledger.alerts_told import Told

__all__ = ["Book", "MemoryBook"]


class Book(Protocol):
    """What was told through each channel; see connector.ledger.alerts_told, which is the usual one."""

    def told(self, channel: str) -> dict[str, Told]:
        """Return what the channel was told and nobody called well."""
        ...

    def claim(self, channel: str, keys: Mapping[str, datetime | None]) -> datetime | None:
        """Note all as told now; None where another node told one of them meanwhile."""
        ...

    def take_back(self, channel: str, keys: Mapping[str, datetime | None], noted: datetime) -> None:
        """Note all as they were before."""
        ...

    def close(self, channel: str, keys: Mapping[str, datetime | None]) -> bool:
        """Forget what is called well now; False where somebody was told of it meanwhile."""
        ...

    def reopen(self, channel: str, told: Mapping[str, Told]) -> None:
        """Keep again what was closed."""
        ...

    def note_over(self, channel: str, over: Mapping[str, datetime | None]) -> None:
        """Note since when each is over, None for what stands again."""
        ...


class MemoryBook:
    """The same for one process: it is used while the ledger is away, and by one thread."""

    def __init__(self, now: Now) -> None:
        """Begin with nothing told."""
        self._now = now
        self._told: dict[str, dict[str, Told]] = {}

    def told(self, channel: str) -> dict[str, Told]:
        """Return what the channel was told."""
        return dict(self._told.get(channel, {}))

    def claim(self, channel: str, keys: Mapping[str, datetime | None]) -> datetime:
        """Note all as told now."""
        at = self._now()
        self._told.setdefault(channel, {}).update({key: Told(told_at=at) for key in keys})
        return at

    def take_back(self, channel: str, keys: Mapping[str, datetime | None], noted: datetime) -> None:
        """Note all as they were before."""
        told = self._told.get(channel, {})
        for key, before in keys.items():
            told.pop(key, None)
            if before is not None:
                told[key] = Told(told_at=before)

    def close(self, channel: str, keys: Mapping[str, datetime | None]) -> bool:
        """Forget what is called well now."""
        for key in keys:
            self._told.get(channel, {}).pop(key, None)
        return True

    def reopen(self, channel: str, told: Mapping[str, Told]) -> None:
        """Keep again what was closed."""
        self._told.setdefault(channel, {}).update(told)

    def note_over(self, channel: str, over: Mapping[str, datetime | None]) -> None:
        """Note since when each is over."""
        told = self._told.get(channel, {})
        for key, since in over.items():
            told[key] = Told(told_at=told[key].told_at, over_since=since)
