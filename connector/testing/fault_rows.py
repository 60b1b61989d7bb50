"""One row of a table of faults: what goes wrong, and what an adapter may take it for. Each contract has its table."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from connector.simulator.fault_kinds import Fault
from connector.simulator.faults import FaultRule
from connector.testing.checks import BenchT, Check

__all__ = ["PATIENCE", "STALLS", "FaultRow"]

STALLS: Final = frozenset({Fault.STALL, Fault.STALL_BEFORE})
"""What only a caller that does not wait for ever gets over."""

PATIENCE: Final = timedelta(seconds=20)
"""How long a fault that is slow keeps an adapter waiting: longer than a hurried one waits."""


@dataclass(frozen=True)
class FaultRow:
    """One fault at the deed of a contract."""

    fault: Fault
    sentence: str
    sentence_fa: str
    kinds: tuple[type, ...]
    """What the adapter may take it for."""
    is_done: bool | None = None
    is_other: bool | None = None

    @property
    def expected(self) -> str:
        """Return what the adapter may take it for, in words."""
        return " or ".join(kind.__name__ for kind in self.kinds)

    def rule(self, deed: str) -> FaultRule:
        """Return the rule that has the other side play it at this deed."""
        return FaultRule(
            fault=self.fault, deed=deed, delay=PATIENCE, is_done=self.is_done, is_other=self.is_other
        )

    def check(self, deed: str, by: str, run: Callable[["FaultRow", BenchT], None]) -> Check[BenchT]:
        """Return the check that plays it at this deed; ``by`` says who plays it."""
        form = {True: "_after", False: "_before", None: ""}[self.is_done]
        return Check(
            name=f"{deed}_{self.fault}{form}{'_other' if self.is_other else ''}",
            theme="failures",
            sentence=self.sentence,
            sentence_fa=self.sentence_fa,
            look_at=f"{deed}: what becomes of it when the {by} plays the fault {self.fault}",
            run=partial(run, self),
            needs=(self.fault,),
        )
