"""All checks of the contract, and how they are run at once."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Final

from connector.testing.checks import Check, CheckResult, run_all, run_one, wanted_of
from connector.testing.gateway_contract.account import ACCOUNT
from connector.testing.gateway_contract.batches import BATCHES
from connector.testing.gateway_contract.bench import GatewayBench, OpenBench
from connector.testing.gateway_contract.delivery import DELIVERY, RECEIPTS
from connector.testing.gateway_contract.failures import FAILURES
from connector.testing.gateway_contract.inbox import INBOX
from connector.testing.gateway_contract.incoming import INCOMING
from connector.testing.gateway_contract.lost import LOST
from connector.testing.gateway_contract.manners import MANNERS
from connector.testing.gateway_contract.needs import Need, undeclared
from connector.testing.gateway_contract.shapes import SHAPES
from connector.testing.gateway_contract.texts import PATTERNS, TEXTS

__all__ = ["CHECKS", "run_check", "run_checks", "why_not"]

CHECKS: Final[tuple[Check[GatewayBench], ...]] = (
    *MANNERS,
    *TEXTS,
    *PATTERNS,
    *BATCHES,
    *FAILURES,
    *SHAPES,
    *LOST,
    *DELIVERY,
    *RECEIPTS,
    *INBOX,
    *INCOMING,
    *ACCOUNT,
)
"""The whole contract."""


def run_check(check: Check[GatewayBench], opened: OpenBench) -> CheckResult:
    """Run one check on a fresh bench and return what it found. What the bench itself raises is raised."""
    return run_one(check, opened, why_not)


def why_not(need: StrEnum, bench: GatewayBench) -> str | None:
    """Return why a check with this need says nothing of this gateway; None where it does."""
    if isinstance(need, Need):
        return undeclared(need, bench.connect().capabilities)
    return bench.lacks(need)


def run_checks(
    opened: OpenBench,
    *,
    checks: Iterable[Check[GatewayBench]] = CHECKS,
    at_once: int = 6,
    saw: Callable[[CheckResult], None] = lambda _result: None,
) -> list[CheckResult]:
    """Run the checks, each on a bench of its own and several at once; return what they found, in their order.

    ``saw`` is told of each as soon as all before it are done.
    """
    wanted = wanted_of(checks, with_slow=True)
    return run_all(wanted, lambda check: run_check(check, opened), at_once=at_once, saw=saw)
