"""A check: a sentence about how an adapter must behave, what it needs, and the deed that finds out. Knows no pytest.

The same for every contract; ``office_contract`` and ``gateway_contract`` say what a bench is and what a need means.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from connector.errors import CallFailed, ChaparError
from connector.simulator.fates import Fate

__all__ = [
    "Check",
    "CheckFailed",
    "CheckResult",
    "Skipped",
    "Verdict",
    "WhyNot",
    "demand",
    "look",
    "run_all",
    "run_one",
    "told",
    "wanted_of",
]

BenchT = TypeVar("BenchT")
WhyNot = Callable[[StrEnum, BenchT], str | None]
"""Says why a bench, or the adapter on it, does not meet a need; None where it does."""


class CheckFailed(AssertionError):
    """The adapter did not behave as the contract says."""

    def __init__(self, expected: str, came: str) -> None:
        """Keep what was expected and what came."""
        super().__init__(f"expected: {expected}\ncame: {came}")
        self.expected = expected
        self.came = came


class Skipped(Exception):
    """Raised by a check that finds out only on its way that it says nothing here; the argument is the reason."""


class Verdict(StrEnum):
    """How a check went."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True)  # without slots: a class of one kind of bench could not be called then
class Check(Generic[BenchT]):
    """One sentence of a contract."""

    name: str
    theme: str
    sentence: str
    sentence_fa: str
    look_at: str
    """Where whoever reads a failure looks first."""
    run: Callable[[BenchT], None]
    """Raises CheckFailed. Anything else that it raises is a failure too."""
    needs: tuple[StrEnum, ...] = ()
    fate: Fate = Fate.ANSWERED
    """What becomes of every letter on an office's bench."""
    proves: str | None = None
    """The recovery level (A or B) that is proven where this check and all others of the same way pass."""
    is_slow: bool = False
    is_harmless: bool = False
    """Whether it registers and sends nothing: it may be run against a live system."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckResult:
    """What a check found."""

    check: Check[Any]
    verdict: Verdict
    reason: str | None = None
    """Why it was left out."""
    expected: str | None = None
    came: str | None = None
    seconds: float = 0.0

    @property
    def text(self) -> str:
        """Return the failure or the reason for people."""
        if self.verdict is Verdict.FAILED:
            return f"expected: {self.expected}\ncame: {self.came}\nlook at: {self.check.look_at}"
        return self.reason or ""


def run_one(
    check: Check[BenchT], opened: Callable[[Fate], AbstractContextManager[BenchT]], why_not: WhyNot[BenchT]
) -> CheckResult:
    """Run one check on a fresh bench and return what it found. What the bench itself raises is raised."""
    began = time.monotonic()
    with opened(check.fate) as bench:
        reason = next((why for need in check.needs if (why := why_not(need, bench)) is not None), None)
        if reason is not None:
            return CheckResult(check=check, verdict=Verdict.SKIPPED, reason=reason)
        expected = came = None
        verdict = Verdict.PASSED
        try:
            check.run(bench)
        except Skipped as skipped:
            verdict, reason = Verdict.SKIPPED, str(skipped)
        except CheckFailed as failure:
            verdict, expected, came = Verdict.FAILED, failure.expected, failure.came
        except Exception as error:  # noqa: BLE001 - a stranger's adapter may break down in any way
            verdict, expected, came = Verdict.FAILED, check.sentence, look(error)
    return CheckResult(
        check=check,
        verdict=verdict,
        reason=reason,
        expected=expected,
        came=came,
        seconds=round(time.monotonic() - began, 3),
    )


def wanted_of(checks: Iterable[Check[BenchT]], *, with_slow: bool) -> list[Check[BenchT]]:
    """Return the checks that are to be run; slow ones only where they are wanted."""
    return [check for check in checks if with_slow or not check.is_slow]


def run_all(
    checks: Iterable[Check[BenchT]],
    run: Callable[[Check[BenchT]], CheckResult],
    *,
    at_once: int,
    saw: Callable[[CheckResult], None],
) -> list[CheckResult]:
    """Run the checks, several at once; return what they found, in their order.

    ``saw`` is told of each as soon as all before it are done.
    """
    results = []
    with ThreadPoolExecutor(at_once) as pool:
        found: Iterator[CheckResult] = pool.map(run, checks)
        for result in found:
            saw(result)
            results.append(result)
    return results


def told(deed: Callable[[], Any]) -> Any:
    """Return what a deed brought: its outcome, or the ChaparError by which it failed."""
    try:
        return deed()
    except ChaparError as failure:
        return failure


def demand(is_so: object, *, expected: str, came: object) -> None:
    """Raise CheckFailed unless it is so."""
    if not is_so:
        raise CheckFailed(expected, came if isinstance(came, str) else look(came))


def look(outcome: object) -> str:
    """Return an outcome or a failure in one line. Benches hold made-up letters only, so it may be shown."""
    if isinstance(outcome, CallFailed):
        facts = ", ".join(
            f"{name}={value}" for name in ("reason", "code") if (value := getattr(outcome, name))
        )
        return f"{type(outcome).__name__}({facts}): {outcome.sentence}"
    if isinstance(outcome, Exception):
        return f"{type(outcome).__name__}: {outcome}"
    return repr(outcome)
