"""All checks of the contract, and how they are run at once."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Final

from connector.simulator.fault_kinds import Fault
from connector.testing.checks import Check, CheckResult, run_all, run_one, wanted_of
from connector.testing.office_contract.bench import OfficeBench, OpenBench
from connector.testing.office_contract.failures import FAILURES
from connector.testing.office_contract.files import FILES
from connector.testing.office_contract.lost import LOST
from connector.testing.office_contract.manners import MANNERS
from connector.testing.office_contract.needs import Need, undeclared
from connector.testing.office_contract.numbers import NUMBERS
from connector.testing.office_contract.progress import PROGRESS
from connector.testing.office_contract.questions import QUESTIONS
from connector.testing.office_contract.steps import STEPS
from connector.testing.office_contract.texts import TEXTS

__all__ = ["CHECKS", "run_check", "run_checks"]

CHECKS: Final[tuple[Check[OfficeBench], ...]] = (
    *MANNERS,
    *TEXTS,
    *FILES,
    *NUMBERS,
    *FAILURES,
    *LOST,
    *QUESTIONS,
    *PROGRESS,
    *STEPS,
)
"""The whole contract."""


def run_check(check: Check[OfficeBench], opened: OpenBench) -> CheckResult:
    """Run one check on a fresh bench and return what it found. What the bench itself raises is raised."""
    return run_one(check, opened, _why_not)


def _why_not(need: StrEnum, bench: OfficeBench) -> str | None:
    if not isinstance(need, Need | Fault):
        return "This contract does not know the need."
    return undeclared(need, bench.connect().capabilities) or bench.lacks(need)


def run_checks(
    opened: OpenBench,
    *,
    checks: Iterable[Check[OfficeBench]] = CHECKS,
    with_slow: bool = False,
    at_once: int = 6,
    saw: Callable[[CheckResult], None] = lambda _result: None,
) -> list[CheckResult]:
    """Run the checks, each on a bench of its own and several at once; return what they found, in their order.

    ``saw`` is told of each as soon as all before it are done. Slow ones are left out unless they are wanted.
    """
    wanted = wanted_of(checks, with_slow=with_slow)
    return run_all(wanted, lambda check: run_check(check, opened), at_once=at_once, saw=saw)
