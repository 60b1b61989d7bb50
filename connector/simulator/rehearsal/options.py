"""What the operator asks of a drill, and what follows from it alone."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from connector.simulator.levels import Level
from connector.simulator.rehearsal.names import OFFICE_CALLS, FaultName

__all__ = ["GatewayKind", "RehearsalOptions"]

_SHORT_OF: Final = 300
"""With fewer letters than this everything that lasts is shorter in proportion."""
_SHORTEST: Final = 0.1
_LETTERS_PER_FAULT: Final = 3
"""Between two spoiled calls to an office a good one goes through, and a fault may only come when its letter has."""
_LETTERS_BEFORE_AND_AFTER: Final = 8
"""For the calls that are no registrations, and so that each office has letters behind its last fault."""
_BEYOND_CALLS: Final = tuple(FaultName)[tuple(FaultName).index(FaultName.OFFICE_DOWN) :]
"""A call may come to no good end although nothing was done to it."""


_NOT_BY_UNASKED: Final = frozenset({FaultName.RECEIPTS_SPOILED, FaultName.CREDIT_GONE})
"""A gateway that cannot be asked reports nothing here, and has no account."""


class GatewayKind(StrEnum):
    """What the gateway offers after a lost answer."""

    ASKED = "asked"
    """It is asked by our own id."""
    UNASKED = "unasked"
    """Nobody can be asked: every fact is worth a doubled text, and each such text is counted."""


@dataclass(frozen=True, kw_only=True)
class RehearsalOptions:
    """How a drill goes."""

    letters: int
    nodes: int = 1
    is_postgresql: bool = False
    faults: tuple[FaultName, ...] = tuple(FaultName)
    kills: int = 0
    seed: int = 1
    level: Level = Level.A
    gateway: GatewayKind = GatewayKind.ASKED
    within: timedelta | None = None
    """The bound on the whole drill; None for one that fits the letters."""

    @property
    def node_names(self) -> tuple[str, ...]:
        """Return the nodes' names."""
        return tuple(f"node-{number}" for number in range(1, self.nodes + 1))

    @property
    def not_applicable(self) -> tuple[FaultName, ...]:
        """Return the faults that were asked for and cannot happen here."""
        return tuple(
            name
            for name in self.faults
            if (name is FaultName.DATABASE_CUT and not self.is_postgresql)
            or (name in _NOT_BY_UNASKED and self.gateway is GatewayKind.UNASKED)
        )

    @property
    def planned_faults(self) -> tuple[FaultName, ...]:
        """Return the faults that are to happen."""
        return tuple(name for name in self.faults if name not in self.not_applicable)

    @property
    def enough_letters(self) -> int:
        """Return with how many letters each chosen fault of a call surely finds its call."""
        faults = len([name for name in self.planned_faults if name in OFFICE_CALLS])
        return _LETTERS_PER_FAULT * faults + _LETTERS_BEFORE_AND_AFTER if faults else 1

    @property
    def handing_in(self) -> timedelta:
        """Return how long it takes the citizens to hand everything in."""
        return timedelta(seconds=2 + 0.3 * min(self.letters, 60) + 0.22 * max(self.letters - 60, 0))

    @property
    def spoils_only_calls(self) -> bool:
        """Return whether nothing goes wrong but calls that the office or the gateway knows of: all nodes live."""
        return not self.kills and not any(name in _BEYOND_CALLS for name in self.planned_faults)

    @property
    def scale(self) -> float:
        """Return how long what lasts goes on, as a share of its full length."""
        share = self.letters / _SHORT_OF
        if self.within is not None:
            share = min(share, self.within / timedelta(seconds=180))
        return min(max(share, _SHORTEST), 1.0)

    @property
    def bound(self) -> timedelta:
        """Return the bound on the whole drill."""
        return self.within or 3 * self.handing_in + timedelta(minutes=4) * max(self.scale, 0.5)
