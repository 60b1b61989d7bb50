"""What a drill found: the numbers of the demo's report, what was injected, and a verdict for each promise."""

from dataclasses import dataclass, field
from typing import Any

from connector.simulator.rehearsal.names import FaultName
from connector.simulator.rehearsal.options import RehearsalOptions
from connector.simulator.rehearsal.schedule import Schedule
from connector.simulator.verdict import Report

__all__ = ["PromiseVerdict", "RehearsalReport"]


@dataclass(frozen=True, kw_only=True)
class PromiseVerdict:
    """One promise of the product, and what speaks for or against it."""

    number: int
    name: str
    is_kept: bool
    evidence: dict[str, int | float | bool]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {"promise": self.number, "name": self.name, "kept": self.is_kept, "evidence": self.evidence}


@dataclass(frozen=True, kw_only=True)
class RehearsalReport:
    """The whole report."""

    books: Report
    """The comparison of the three books."""
    options: RehearsalOptions
    schedule: Schedule
    faults: dict[FaultName, int]
    """How often each fault that was asked for was played."""
    not_played: list[int]
    """Numbers of planned faults that never happened."""
    promises: list[PromiseVerdict]
    database: str
    waiting_for_a_person: int
    node_ends: list[str] = field(default_factory=list)
    """Lives of nodes that ended without our doing."""
    audit: Any = None
    """What the audit's own verification said; None where it was not asked."""

    @property
    def never_played(self) -> list[str]:
        """Return what was planned and never happened, in words: which fault, where, at which call."""
        missed = [each for each in self.schedule.planned if each.number in self.not_played]
        return [f"{each.fault} on {each.where}" + (f" ({each.deed})" if each.deed else "") for each in missed]

    @property
    def is_clean(self) -> bool:
        """Return True when every promise was kept."""
        return all(promise.is_kept for promise in self.promises)

    @property
    def is_complete(self) -> bool:
        """Return True when everything came to its end and every planned fault was played."""
        return self.books.is_complete and not self.not_played

    @property
    def exit_code(self) -> int:
        """Return what the command ends with: 0 only for a clean and complete drill."""
        return 0 if self.is_clean and self.is_complete else 1

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain values, the verdict first."""
        return {
            "clean": self.is_clean,
            "complete": self.is_complete,
            "promises": [promise.as_json() for promise in self.promises],
            **{
                name: value
                for name, value in self.books.as_json().items()
                if name not in {"clean", "complete"}
            },
            "faults": {str(name): count for name, count in self.faults.items()},
            "not_applicable": [str(name) for name in self.options.not_applicable],
            "not_played": self.not_played,
            "never_played": self.never_played,
            "waiting_for_a_person": self.waiting_for_a_person,
            "seed": self.options.seed,
            "nodes": self.options.nodes,
            "database": self.database,
            "level": str(self.options.level),
            "gateway": str(self.options.gateway),
            "node_ends": self.node_ends,
            "audit": self.audit,
            "schedule_digest": self.schedule.digest,
            "schedule": self.schedule.as_json(),
        }
