"""The checks of this contract: those of every contract, on the bench of an office."""

from enum import StrEnum
from typing import TypeAlias

from connector.simulator.fault_kinds import Fault
from connector.testing import checks
from connector.testing.checks import CheckFailed, CheckResult, Skipped, Verdict, demand, look, told
from connector.testing.office_contract.bench import OfficeBench, OpenBench
from connector.testing.office_contract.needs import Need, undeclared

__all__ = ["Check", "CheckFailed", "CheckResult", "Skipped", "Verdict", "demand", "look", "run_check", "told"]

Check: TypeAlias = checks.Check[OfficeBench]
"""One sentence about an office."""


def run_check(check: Check, opened: OpenBench) -> CheckResult:
    """Run one check on a fresh bench and return what it found. What the bench itself raises is raised."""
    return checks.run_one(check, opened, _why_not)


def _why_not(need: StrEnum, bench: OfficeBench) -> str | None:
    if not isinstance(need, Need | Fault):
        return "This contract does not know the need."
    return undeclared(need, bench.connect().capabilities) or bench.lacks(need)
