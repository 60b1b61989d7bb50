"""All checks of the contract, and how they are run at once."""

from collections.abc import Callable, Iterable
from typing import Final

from connector.testing.checks import run_all, wanted_of
from connector.testing.office_contract.bench import OpenBench
from connector.testing.office_contract.checks import Check, CheckResult, run_check
from connector.testing.office_contract.failures import FAILURES
from connector.testing.office_contract.files import FILES
from connector.testing.office_contract.lost import LOST
from connector.testing.office_contract.manners import MANNERS
from connector.testing.office_contract.numbers import NUMBERS
from connector.testing.office_contract.progress import PROGRESS
from connector.testing.office_contract.questions import QUESTIONS
from connector.testing.office_contract.steps import STEPS
from connector.testing.office_contract.texts import TEXTS

__all__ = ["CHECKS", "run_checks"]

CHECKS: Final[tuple[Check, ...]] = (
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


def run_checks(
    opened: OpenBench,
    *,
    checks: Iterable[Check] = CHECKS,
    with_slow: bool = False,
    at_once: int = 6,
    saw: Callable[[CheckResult], None] = lambda _result: None,
) -> list[CheckResult]:
    """Run the checks, each on a bench of its own and several at once; return what they found, in their order.

    ``saw`` is told of each as soon as all before it are done. Slow ones are left out unless they are wanted.
    """
    wanted = wanted_of(checks, with_slow=with_slow)
    return run_all(wanted, lambda check: run_check(check, opened), at_once=at_once, saw=saw)
