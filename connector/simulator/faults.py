"""Faults on demand: which call goes wrong, how, how often; and a count of what was played."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from functools import partial
from random import Random
from typing import Final

from connector.simulator.serving import HangUp, Reply

__all__ = ["Fault", "FaultPlan", "FaultRule", "Injection"]


class Fault(StrEnum):
    """One way in which the outside world goes wrong."""

    LOSE_ANSWER = "lose_answer"
    """The deed is done and booked; the socket is closed without a byte."""
    LOSE_REQUEST = "lose_request"
    """The socket is closed without a byte and nothing was done: from outside it looks like LOSE_ANSWER."""
    STALL = "stall"
    """The deed is done and booked; the answer comes only after the rule's delay."""
    STALL_BEFORE = "stall_before"
    """The deed is done only after the rule's delay: it takes effect when the caller may long have gone."""
    SERVER_ERROR = "server_error"
    """HTTP 500 and nothing was done."""
    ERROR_AFTER = "error_after"
    """The deed is done and booked, and the answer is HTTP 500."""
    GARBAGE = "garbage"
    """The deed is done and booked; the answer is HTTP 200 with bytes that mean nothing."""
    TRUNCATED = "truncated"
    """The deed is done and booked; the answer breaks off in its middle."""
    BUSY = "busy"
    """The other side says in its own words: busy, come later. Nothing was done."""
    REFUSE = "refuse"
    """The other side understands and says no, now and for ever."""


_NOTHING_DONE: Final = frozenset({Fault.LOSE_REQUEST, Fault.SERVER_ERROR})


@dataclass(frozen=True, kw_only=True, slots=True)
class FaultRule:
    """When a fault is played. All the conditions that are given must hold."""

    fault: Fault
    deed: str
    """Which call: ``register``, ``find``, ``progress``, ``send``, ..."""
    key: str | None = None
    """Only for this key; None for any."""
    skip: int = 0
    """Fitting calls that pass unharmed before the first one."""
    times: int | None = 1
    """How often it is played in all; None without end."""
    probability: float = 1.0
    delay: timedelta = timedelta(seconds=5)
    """For the stalls: how long."""


@dataclass(slots=True)
class _RuleState:
    rule: FaultRule
    skipped: int = 0
    played: int = 0


@dataclass(frozen=True, slots=True)
class Injection:
    """What is to go wrong in one call."""

    fault: Fault
    stall: Callable[[], None] = lambda: None
    """Waits the rule's delay out, or until the plan is disarmed."""

    def around(self, deed: Callable[[], Reply]) -> Reply:
        """Do the deed (or not) and spoil its answer. Raise HangUp where the socket is to be closed."""
        if self.fault in _NOTHING_DONE:
            return self._without_deed()
        if self.fault is Fault.STALL_BEFORE:
            self.stall()
        reply = deed()
        match self.fault:
            case Fault.LOSE_ANSWER:
                raise HangUp
            case Fault.STALL:
                self.stall()
            case Fault.ERROR_AFTER:
                return Reply(500, b"internal error", "text/plain")
            case Fault.GARBAGE:
                return Reply(200, b"\x00\xff<<not an answer>>{", reply.media_type)
            case Fault.TRUNCATED:
                return Reply(reply.status, reply.body[: len(reply.body) // 2], reply.media_type)
        return reply

    def _without_deed(self) -> Reply:
        if self.fault is Fault.LOSE_REQUEST:
            raise HangUp
        return Reply(500, b"internal error", "text/plain")


@dataclass
class FaultPlan:
    """The faults of one server. The same seed and order of calls give the same faults. Thread-safe."""

    seed: int = 0
    rules: Iterable[FaultRule] = ()
    played: Counter[Fault] = field(default_factory=Counter, init=False)
    """How often each fault was played."""
    keys_played: list[tuple[Fault, str]] = field(default_factory=list, init=False)
    """Every play with the key that it hit, in order."""

    def __post_init__(self) -> None:
        """Arm the rules that were given at once."""
        self._states = [_RuleState(rule) for rule in self.rules]
        self._random = Random(self.seed)
        self._changed = threading.Condition()
        self._woken = threading.Event()
        self._stalling = 0

    def arm(self, rule: FaultRule) -> None:
        """Add a rule while the server runs."""
        with self._changed:
            self._states.append(_RuleState(rule))

    def disarm(self) -> None:
        """Play no more faults; calls that are being stalled go on at once."""
        with self._changed:
            self._states.clear()
        self._woken.set()

    def draw(self, deed: str, key: str = "") -> Injection | None:
        """Return what is to go wrong in this call, and count it; None where all goes well."""
        with self._changed:
            for state in self._states:
                if self._fits(state, deed, key):
                    state.played += 1
                    self.played[state.rule.fault] += 1
                    self.keys_played.append((state.rule.fault, key))
                    self._changed.notify_all()
                    return Injection(state.rule.fault, partial(self._stall, state.rule.delay))
        return None

    def wait_played(self, fault: Fault, *, count: int = 1, within: timedelta) -> bool:
        """Wait until the fault was played so often; False when the time is over first."""
        with self._changed:
            return self._changed.wait_for(lambda: self.played[fault] >= count, within.total_seconds())

    def wait_stalling(self, *, within: timedelta) -> bool:
        """Wait until some call is being stalled, its answer held back. False when the time is over first."""
        with self._changed:
            return self._changed.wait_for(lambda: self._stalling > 0, within.total_seconds())

    def hit_keys(self, *faults: Fault) -> frozenset[str]:
        """Return the keys whose calls met one of these faults."""
        with self._changed:
            return frozenset(key for fault, key in self.keys_played if fault in faults)

    def _stall(self, delay: timedelta) -> None:
        with self._changed:
            self._stalling += 1
            self._changed.notify_all()
        self._woken.wait(delay.total_seconds())
        with self._changed:
            self._stalling -= 1

    def _fits(self, state: _RuleState, deed: str, key: str) -> bool:
        rule = state.rule
        if rule.deed != deed or (rule.key is not None and rule.key != key):
            return False
        if rule.times is not None and state.played >= rule.times:
            return False
        if rule.probability < 1.0 and self._random.random() >= rule.probability:
            return False
        if state.skipped < rule.skip:
            state.skipped += 1
            return False
        return True
