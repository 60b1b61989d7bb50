"""The trouble of a run: what goes wrong on purpose, and when."""

from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum

from connector.simulator.agency import SimulatedAgency
from connector.simulator.faults import Fault, FaultPlan, FaultRule

__all__ = ["Notice", "Trouble"]

_FEW = 4


class Notice(StrEnum):
    """Something that happened on purpose, for whoever looks on."""

    PREPARING = "preparing"
    STARTED = "started"
    ANSWER_LOST = "answer_lost"
    REFUSED = "refused"
    MESSAGE_ANSWER_LOST = "message_answer_lost"
    CALL_HELD = "call_held"
    KILLED = "killed"
    STARTED_AGAIN = "started_again"
    STOPPED = "stopped"


class Trouble:
    """The faults of one run over its agency."""

    def __init__(self, agency: SimulatedAgency, letters: int) -> None:
        """Keep what is needed; nothing goes wrong before ``arm``."""
        self._agency = agency
        self._letters = letters
        self._told: set[Notice] = set()

    @property
    def has_few_letters(self) -> bool:
        """Tell whether there are too few letters for more trouble than the kill."""
        return self._letters < _FEW

    def arm(self) -> None:
        """Lose one answer of an office after it registered; let one letter be refused; lose one SMS answer."""
        main, branch, gateway = self._plans()
        if self.has_few_letters:
            return
        main.arm(FaultRule(fault=Fault.LOSE_ANSWER, deed="register", skip=1))
        branch.arm(FaultRule(fault=Fault.REFUSE, deed="register", skip=1))
        gateway.arm(FaultRule(fault=Fault.LOSE_ANSWER, deed="send", skip=2))

    def hold_a_call(self, *, within: timedelta) -> bool:
        """Let an office enter the next letter and hold its answer back; return once it does, or False in time."""
        rule = FaultRule(fault=Fault.STALL, deed="register", delay=timedelta(seconds=5))
        plan = self._agency.branch.faults if self.has_few_letters else self._agency.main.faults
        plan.arm(rule)
        return plan.wait_stalling(within=within)

    def news(self) -> Iterator[Notice]:
        """Yield what has been played since the last call."""
        main, branch, gateway = self._plans()
        seen = {
            Notice.ANSWER_LOST: main.played[Fault.LOSE_ANSWER] + branch.played[Fault.LOSE_ANSWER],
            Notice.REFUSED: branch.played[Fault.REFUSE],
            Notice.MESSAGE_ANSWER_LOST: gateway.played[Fault.LOSE_ANSWER],
            Notice.CALL_HELD: main.played[Fault.STALL] + branch.played[Fault.STALL],
        }
        for notice, count in seen.items():
            if count and notice not in self._told:
                self._told.add(notice)
                yield notice

    def _plans(self) -> tuple[FaultPlan, FaultPlan, FaultPlan]:
        return self._agency.main.faults, self._agency.branch.faults, self._agency.handset.faults
