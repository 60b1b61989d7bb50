"""Faults on demand: which call goes wrong, how, how often; and a count of what was played."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from random import Random

from connector.simulator.fault_kinds import IS_DONE, Fault
from connector.simulator.serving import Reply
from connector.simulator.spoiling import spoiled

__all__ = ["Fault", "FaultPlan", "FaultRule", "Injection", "Played"]


@dataclass(frozen=True, kw_only=True, slots=True)
class FaultRule:
    """When a fault is played. All the conditions that are given must hold."""

    fault: Fault
    deed: str
    """Which call: ``register``, ``find``, ``search``, ``progress``, ``send``, ..."""
    key: str | None = None
    """Only for this key; None for any."""
    skip: int = 0
    """Fitting calls that pass unharmed before the first one."""
    times: int | None = 1
    """How often it is played in all; None without end."""
    probability: float = 1.0
    delay: timedelta = timedelta(seconds=5)
    """For the stalls: how long."""
    is_done: bool | None = None
    """For the faults that may come before or after the deed: which; None lets the seed draw it each time."""
    is_other: bool | None = None
    """For the faults that have two forms: which; None lets the seed draw it each time."""
    name: str = ""
    """Whatever its owner calls it; every play carries it, and lift() takes it back."""


@dataclass(slots=True)
class _RuleState:
    rule: FaultRule
    skipped: int = 0
    played: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Played:
    """One fault that was played."""

    fault: Fault
    deed: str
    key: str
    is_done: bool
    """Whether the deed was done all the same."""
    is_other: bool
    """Whether it was played in its other form, where it has two."""
    name: str = ""
    """That of the rule."""


@dataclass(frozen=True, slots=True)
class Injection:
    """What is to go wrong in one call."""

    play: Played
    stall: Callable[[], None] = lambda: None
    """Waits the rule's delay out, or until the plan is disarmed."""

    @property
    def fault(self) -> Fault:
        """What goes wrong."""
        return self.play.fault

    def around(self, deed: Callable[[], Reply]) -> Reply:
        """Do the deed (or not) and spoil its answer. Raise HangUp where the socket is to be closed."""
        if self.fault is Fault.STALL_BEFORE:
            self.stall()
        reply = deed() if self.play.is_done else None
        if self.fault is Fault.STALL:
            self.stall()
        return spoiled(self.fault, reply, is_other=self.play.is_other)


@dataclass
class FaultPlan:
    """The faults of one server. The same seed and order of calls give the same faults. Thread-safe."""

    seed: int = 0
    rules: Iterable[FaultRule] = ()
    played: Counter[Fault] = field(default_factory=Counter, init=False)
    """How often each fault was played."""
    plays: list[Played] = field(default_factory=list, init=False)
    """Every play, in order."""

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
            self._woken.clear()
            self._states.append(_RuleState(rule))

    def lift(self, name: str) -> None:
        """Take back the rules of this name; the others stay in force."""
        with self._changed:
            self._states = [state for state in self._states if state.rule.name != name]

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
                    play = self._play(state.rule, deed, key)
                    self.plays.append(play)
                    self._changed.notify_all()
                    return Injection(play, partial(self._stall, state.rule.delay))
        return None

    def wait_played(self, fault: Fault, *, count: int = 1, within: timedelta) -> bool:
        """Wait until the fault was played so often; False when the time is over first."""
        with self._changed:
            return self._changed.wait_for(lambda: self.played[fault] >= count, within.total_seconds())

    def wait_stalling(self, *, within: timedelta) -> bool:
        """Wait until some call is being stalled, its answer held back. False when the time is over first."""
        with self._changed:
            return self._changed.wait_for(lambda: self._stalling > 0, within.total_seconds())

    def lost_keys(self, deed: str) -> frozenset[str]:
        """Return the keys for which this deed was done while the caller got no answer that tells it."""
        with self._changed:
            return frozenset(play.key for play in self.plays if play.deed == deed and _is_lost(play))

    def hit_keys(self, deed: str) -> frozenset[str]:
        """Return the keys for which some call of this deed met a fault."""
        with self._changed:
            return frozenset(play.key for play in self.plays if play.deed == deed)

    def _play(self, rule: FaultRule, deed: str, key: str) -> Played:
        self.played[rule.fault] += 1
        # A draw of its own for each play: what other calls drew before it changes nothing.
        coin = Random(f"{self.seed}/{rule.fault}/{self.played[rule.fault]}")
        is_drawn_done, is_other = coin.random() < 0.5, coin.random() < 0.5
        is_done = IS_DONE[rule.fault]
        if is_done is None:
            is_done = is_drawn_done if rule.is_done is None else rule.is_done
        if rule.is_other is not None:
            is_other = rule.is_other
        return Played(
            fault=rule.fault, deed=deed, key=key, is_done=is_done, is_other=is_other, name=rule.name
        )

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


def _is_lost(play: Played) -> bool:
    if play.fault is Fault.WRONG_CONTENT_TYPE:
        return play.is_other
    return play.is_done and play.fault not in {Fault.REFUSE, Fault.DUPLICATE_ANSWER}
