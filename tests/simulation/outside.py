"""Calls as they look from outside: they begin, take effect now, later or never, and are answered or not."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from connector.errors import (
    CredentialsRejected,
    Misbehaved,
    NotPossible,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from connector.testing.builders import HeldClock
from tests.simulation.baton import Baton

__all__ = ["EFFECT_FATES", "SAFE_FATES", "Line", "failure"]

T = TypeVar("T")

SAFE_FATES = ("", "unavailable", "rate_limited", "credentials", "lost", "garbage", "crash")
"""What may befall a call that changes nothing."""

EFFECT_FATES = (
    "",
    "done_unanswered",
    "lost",
    "late",
    "slow",
    "garbage_done",
    "garbage",
    "crash_done",
    "unavailable",
    "rate_limited",
    "credentials",
)
"""What may befall a call that changes something over there. Late: the answer is given up, and the effect comes later,
within what the other side declares. Slow: the call waits for it."""

_NEVER = frozenset({"lost", "garbage", "unavailable", "rate_limited", "credentials", "crash", "not_possible"})
_FAILURES: dict[str, Callable[[], Exception]] = {
    "done_unanswered": lambda: OutcomeUnknown(reason="timeout"),
    "late": lambda: OutcomeUnknown(reason="timeout"),
    "lost": lambda: OutcomeUnknown(reason="reset"),
    "garbage_done": lambda: Misbehaved(reason="no_result"),
    "garbage": lambda: Misbehaved(reason="no_result"),
    "crash_done": lambda: KeyError("crash"),
    "crash": lambda: KeyError("crash"),
    "unavailable": lambda: Unavailable(reason="refused"),
    "rate_limited": lambda: RateLimited(retry_after=timedelta(minutes=1)),
    "credentials": lambda: CredentialsRejected(reason="login_refused"),
    "not_possible": lambda: NotPossible("It does not fit the form."),
}


def failure(fate: str) -> Exception | None:
    """Return what the adapter raises for this fate; None where it answers."""
    make = _FAILURES.get(fate)
    return make() if make else None


@dataclass(eq=False)
class _Underway:
    due_at: datetime
    effect: Callable[[], None]
    key: object
    is_done: bool = False


@dataclass(eq=False)
class Line:
    """The way to one of the others. What was sent takes effect by the clock, whatever became of the sender."""

    baton: Baton
    clock: HeldClock
    longest: timedelta
    """The other side's own promise: nothing takes effect later than this after the call began."""
    underway: list[_Underway] = field(default_factory=list)

    def settle(self) -> None:
        """Let everything take effect whose time has come."""
        now = self.clock.now()
        for each in [each for each in self.underway if each.due_at <= now]:
            self._take_effect(each)

    def settle_all(self) -> None:
        """Let everything take effect that is still under way."""
        for each in list(self.underway):
            self._take_effect(each)

    def is_underway(self, key: object) -> bool:
        """Return whether something may still take effect for this key."""
        return any(each.key == key for each in self.underway)

    def ask(self, look: Callable[[], T]) -> T:
        """Make a call that changes nothing over there."""
        fate = self.fate()
        self.baton.point("call begins")
        error = failure(fate)
        if error is not None:
            raise error
        self.settle()
        answer = look()
        self.baton.point("call ends")
        return answer

    def tell(self, key: object, effect: Callable[[], None], answer: Callable[[str], T], fate: str) -> T:
        """Make a call that changes something: ``effect`` happens once or never, and ``answer`` tells of it."""
        sent: _Underway | None = None
        if fate not in _NEVER:
            wait = {"late": self.longest * 0.9, "slow": self.longest}.get(fate, timedelta())
            sent = _Underway(self.clock.now() + wait, effect, key)
            self.underway.append(sent)
        self.baton.point("call begins")
        self.settle()
        if sent is not None and fate == "slow":
            self._take_effect(sent)
        self.baton.point("call ends")
        error = failure(fate)
        if error is not None:
            raise error
        return answer(fate)

    def fate(self) -> str:
        """Return what becomes of the call that is made now."""
        return self.baton.deed.next_fate() if self.baton.deed else ""

    def _take_effect(self, each: _Underway) -> None:
        if not each.is_done:
            each.is_done = True
            self.underway.remove(each)
            each.effect()
