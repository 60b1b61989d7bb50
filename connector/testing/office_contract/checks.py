"""A check: a sentence about how an adapter must behave, what it needs, and the deed that finds out. Knows no pytest."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from connector.errors import CallFailed, ChaparError
from connector.simulator.fates import Fate
from connector.simulator.fault_kinds import Fault
from connector.testing.office_contract.bench import OfficeBench, OpenBench
from connector.testing.office_contract.needs import Need, undeclared

__all__ = ["Check", "CheckFailed", "CheckResult", "Skipped", "Verdict", "demand", "look", "run_check", "told"]


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One sentence of the contract."""

    name: str
    theme: str
    sentence: str
    sentence_fa: str
    look_at: str
    """Where whoever reads a failure looks first."""
    run: Callable[[OfficeBench], None]
    """Raises CheckFailed. Anything else that it raises is a failure too."""
    needs: tuple[Need | Fault, ...] = ()
    fate: Fate = Fate.ANSWERED
    """What becomes of every letter on the bench."""
    proves: str | None = None
    """The recovery level (A or B) that is proven where this check and all others of the same way pass."""
    is_slow: bool = False
    is_harmless: bool = False
    """Whether it registers nothing: it may be run against a live office."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckResult:
    """What a check found."""

    check: Check
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


def run_check(check: Check, opened: OpenBench) -> CheckResult:
    """Run one check on a fresh bench and return what it found. What the bench itself raises is raised."""
    began = time.monotonic()
    with opened(check.fate) as bench:
        reason = _lacking(check, bench)
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


def _lacking(check: Check, bench: OfficeBench) -> str | None:
    capabilities = bench.connect().capabilities
    for need in check.needs:
        reason = undeclared(need, capabilities) or bench.lacks(need)
        if reason is not None:
            return reason
    return None


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
