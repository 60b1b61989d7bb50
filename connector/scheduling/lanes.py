"""A lane's run: what is done with the claims of one lane, and how many deeds at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from connector.ledger.records import Claim, Lane

__all__ = ["LaneRun", "LaneSignal", "Watch", "unwatched"]

Deed = Callable[[Sequence[Claim]], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class LaneRun:
    """What is done with the claims of one lane."""

    lane: Lane
    deed: Deed
    """Ends every claim that it is given: with an event, a new due time, or by leaving it to expire."""
    pool_size: int = 1
    """Deeds at the same time."""
    batch: int = 1
    """Claims that one deed is given at most."""
    gives_way: timedelta = timedelta()
    """How long a lane that is woken lets others go first: news of a letter waits for the letter itself."""
    closed_for: Callable[[], timedelta | None] = lambda: None
    """How long nothing of this lane can be done (its connection is suspended, say); None where it can.
    Nothing is claimed meanwhile, so that a closed door costs no writes."""


class LaneSignal(StrEnum):
    """What a lane's thread tells whoever watches it; for tests and drills."""

    CLAIMED = "claimed"
    IDLE = "idle"
    """Nothing is due; it sleeps until it is woken or something falls due."""
    CLOSED = "closed"
    FINISHED = "finished"
    BACKED_OFF = "backed_off"


Watch = Callable[[Lane, LaneSignal], None]


def unwatched(_lane: Lane, _signal: LaneSignal) -> None:
    """Nobody watches."""
