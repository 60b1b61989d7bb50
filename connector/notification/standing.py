"""How a gateway stands among those that may take over from it: pure answers from what is seen of it.

One that is away for a minute loses its messages to the next; one that comes back gets them slowly, ten in a hundred
more every five minutes (the steps of GOV.UK Notify), so that an account that goes on and off does not throw everything
to and fro.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

__all__ = ["AWAY_AFTER", "RAMP_STEP", "Standing", "has_left", "looked_at", "share"]

AWAY_AFTER: Final = timedelta(minutes=1)
"""A shorter trouble moves nothing: the gateway's own patience is enough for it."""
RAMP_STEP: Final = timedelta(minutes=5)
_STEP_POINTS: Final = 10
_ALL: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What is known of one gateway."""

    away_since: datetime | None = None
    back_at: datetime | None = None
    """Since when it is back after it had been left; None where it never was, or is trusted again."""


def looked_at(standing: Standing, *, is_away: bool, at: datetime) -> Standing:
    """Return how it stands after a look at its health."""
    if is_away:
        return Standing(away_since=standing.away_since or at)
    if standing.away_since is not None:
        was_left = has_left(standing, at) or standing.back_at is not None
        return Standing(back_at=at) if was_left else Standing()
    if standing.back_at is not None and at - standing.back_at >= RAMP_STEP * (_ALL // _STEP_POINTS):
        return Standing()
    return standing


def has_left(standing: Standing, at: datetime) -> bool:
    """Return whether it has been away so long that its messages go elsewhere."""
    return standing.away_since is not None and at - standing.away_since >= AWAY_AFTER


def share(standing: Standing, *, resting: int, at: datetime) -> int:
    """Return how many in a hundred of its own messages it sends now.

    While it is away, what still comes to its turn is the one try that may bring it back.
    """
    if standing.back_at is None or standing.away_since is not None:
        return resting if standing.away_since is None else _ALL
    steps = 1 + int((at - standing.back_at) / RAMP_STEP)
    return min(resting, _STEP_POINTS * steps)
