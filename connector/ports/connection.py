"""A connection: one adapter with everything around it that no adapter does itself.

The wait for its turn (rate, slots, breaker, suspension), the measuring, the log line of a failed call,
and the health that the operator sees. A call is made within a turn, so that whoever must announce an
intent can take the turn first and announce only what is really about to happen::

    with office.turn("register") as turn:      # refused here: certainly nothing was sent
        claim = ledger.announce(claim)
        outcome = turn.call(lambda adapter: adapter.register(request))

Errors: see Connection.turn and Turn.call.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any, Final, Generic, Protocol, TypeVar

from connector.clock import Now, monotonic, now
from connector.errors import (
    CallFailed,
    ChaparError,
    CredentialsRejected,
    NotPossible,
    RateLimited,
    Unavailable,
)
from connector.observability.logging import get_logger
from connector.observability.metrics import observe_call
from connector.ports.call_failures import DEEDS_NOT_SAFE, crash_of, word_of
from connector.ports.health import ConnectionHealth, Health
from connector.transport.breaker import Breaker, BreakerPolicy
from connector.transport.limits import CallBudget, CallRate, Pause
from connector.transport.pace import paced
from connector.transport.slots import Slots

__all__ = ["DEEDS_NOT_SAFE", "Connection", "ConnectionHealth", "ConnectionPolicy", "Turn"]

log = get_logger(__name__)

_CHANCE: Final = SystemRandom().random
_CODE_LIMIT: Final = 64
_LONGEST_BETWEEN_CALLS: Final = timedelta(minutes=1)
_PAUSED_TURN: Final = timedelta(seconds=5)
_PAUSED_LANE: Final = timedelta(minutes=1)
"""A lane of a paused connection is woken when the pause ends; a deed that was on its way comes back soon by itself."""


class Connectable(Protocol):
    """What every adapter has, whatever its port."""

    @property
    def capabilities(self) -> Any:
        """What it can do."""
        ...

    def check(self) -> str:
        """Ask for something harmless and say what was seen."""
        ...

    def close(self) -> None:
        """Let go of sessions and sockets."""
        ...


A = TypeVar("A", bound=Connectable)
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectionPolicy:
    """How patient a connection is."""

    patience: timedelta = timedelta(seconds=10)
    """The longest wait for a turn; after it the call counts as not made."""
    probe_after: timedelta = timedelta(minutes=5)
    """A suspended connection lets one call try again after this."""
    default_hold: timedelta = timedelta(seconds=5)
    """How long all calls wait after the other side asked us to slow down without saying for how long."""
    longest_hold: timedelta = timedelta(hours=1)
    """No more than this is believed of the other side's wish."""
    breaker: BreakerPolicy = field(default_factory=BreakerPolicy)


class Connection(Generic[A]):
    """One adapter under its name. Thread-safe; close() breaks off the waiting and closes the adapter."""

    def __init__(
        self,
        *,
        name: str,
        adapter: A,
        pool_size: int,
        calls_per_second: float | None = None,
        budget: CallBudget | None = None,
        policy: ConnectionPolicy | None = None,
        now: Now = now,
        monotonic: Callable[[], float] = monotonic,
        pause: Pause | None = None,
        random: Callable[[], float] = _CHANCE,
    ) -> None:
        """Wrap the adapter; clocks, the pause between reserving and going, and chance come from outside.

        Without a budget the rate is kept for this process alone; see share_budget().
        """
        self.name = name
        self.adapter = adapter
        self.pool_size = pool_size
        self._policy = policy or ConnectionPolicy()
        self._monotonic = monotonic
        self._random = random
        self._closing = threading.Event()
        self._pause: Pause = pause or self._closing.wait
        self.calls_per_second = calls_per_second
        self._rate: CallBudget = budget or CallRate(calls_per_second, monotonic=monotonic)
        self._slots = Slots(pool_size)
        self._breakers: dict[str, Breaker] = {}
        self._health = Health(now=now, probe_after=self._policy.probe_after)

    @property
    def capabilities(self) -> Any:
        """Return what the adapter can do, in its port's own record."""
        return self.adapter.capabilities

    @property
    def health(self) -> ConnectionHealth:
        """Return how the connection is now."""
        open_deeds = tuple(sorted(deed for deed, breaker in list(self._breakers.items()) if breaker.is_open))
        return self._health.snapshot(open_deeds=open_deeds, held_for=self._rate.held_for)

    def call(self, deed: str, fn: Callable[[A], T]) -> T:
        """Wait for a turn, make the call and return its result. Raises what turn() and Turn.call() raise."""
        with self.turn(deed) as turn:
            return turn.call(fn)

    @contextmanager
    def turn(self, deed: str) -> Iterator["Turn[A]"]:
        """Wait for the turn to do this deed: a slot, a token of the rate, and the breaker's leave.

        Raise Unavailable (reason ``paused``, ``suspended``, ``breaker_open``, ``no_free_slot``,
        ``rate_exhausted``, ``closing``) or RateLimited where there is none in time;
        ``facts["again_after"]`` says when to ask again, where known. Nothing was sent then.
        """
        breaker = self._breakers.setdefault(deed, self._new_breaker())
        self._refuse_early(breaker)
        if not self._slots.take(deed, within=self._policy.patience):
            raise Unavailable(reason="no_free_slot")
        try:
            self._wait_for_token()
            with self._admitted(breaker) as turn_is_probe:
                yield Turn(self, deed, breaker, is_probe=turn_is_probe)
        finally:
            self._slots.give_back()

    def closed_for(self, deed: str) -> timedelta | None:
        """Return how long no turn for this deed is to be had; None where asking for one makes sense now."""
        breaker = self._breakers.get(deed)
        waits = [
            _PAUSED_LANE if self._health.is_paused else None,
            self._health.suspended_for(),
            breaker.closed_for() if breaker is not None else None,
            self._rate.held_for or None,
        ]
        return max((wait for wait in waits if wait is not None), default=None)

    def share_budget(self, budget: CallBudget) -> None:
        """Take the calls from this budget from now on: before the first call, and not in the middle of work."""
        self._rate = budget

    def pause(self, reason: str | None, *, since: datetime | None) -> None:
        """Make no call from ``since`` on, because the operator said so; None ends that.

        What is under way comes to its end, and the connection goes on taking in whatever comes by itself.
        """
        if self._health.pause(reason, since):
            log.info("connection.paused" if since else "connection.unpaused", connection=self.name)

    @property
    def is_paused(self) -> bool:
        """Whether the operator has paused it."""
        return self._health.is_paused

    def resume(self) -> None:
        """Lift the suspension: the operator has set the credentials right."""
        self._health.resume()
        log.info("connection.resumed", connection=self.name)

    def close(self) -> None:
        """Break off all waiting and close the adapter. May be called twice."""
        if not self._closing.is_set():
            self._closing.set()
            self.adapter.close()

    def _new_breaker(self) -> Breaker:
        return Breaker(self._policy.breaker, monotonic=self._monotonic, random=self._random)

    def _refuse_early(self, breaker: Breaker) -> None:
        """Refuse before any waiting what would be refused after it."""
        if self._closing.is_set():
            raise Unavailable(reason="closing")
        self._refuse_paused()
        if (again := self._health.suspended_for()) is not None:
            raise Unavailable(reason="suspended", again_after=again)
        if (again := breaker.closed_for()) is not None:
            raise Unavailable(reason="breaker_open", again_after=again)

    def _refuse_paused(self) -> None:
        if self._health.is_paused:
            raise Unavailable(reason="paused", again_after=_PAUSED_TURN)

    def _wait_for_token(self) -> None:
        usable_at = self._reserved()
        self._wait_until(usable_at)
        if held_for := self._rate.held_for:  # somebody was asked to slow down while we waited
            raise RateLimited(reason="held", retry_after=held_for, again_after=held_for)

    def _reserved(self) -> float:
        """Return the instant from which a token may be used.

        Whoever is refused has waited for it: otherwise a lane with a long backlog would turn the ledger over in vain,
        letter after letter, as fast as it can.
        """
        patience = self._policy.patience
        for is_last_try in (False, True):
            usable_at = self._rate.reserve(within=patience)
            if usable_at is not None:
                return usable_at
            if held_for := self._rate.held_for:
                raise RateLimited(reason="held", retry_after=held_for, again_after=held_for)
            if not is_last_try:
                self._wait_until(self._monotonic() + patience.total_seconds())
        raise Unavailable(reason="rate_exhausted", again_after=patience)

    def _next_call(self) -> None:
        """Wait for the token of a further call within a deed. Raise RateLimited or Unavailable where there is none.

        It may take longer than a turn, so that a deed with several calls also comes to its end at less than one in
        the time of that patience; but never so long that a lease runs out meanwhile.
        """
        gap = timedelta(seconds=1 / (self.calls_per_second or 1))
        patience = min(max(self._policy.patience, (self.pool_size + 1) * gap), _LONGEST_BETWEEN_CALLS)
        usable_at = self._rate.reserve(within=patience)
        if usable_at is None:
            if held_for := self._rate.held_for:
                raise RateLimited(reason="held", retry_after=held_for, again_after=held_for)
            raise Unavailable(reason="rate_exhausted", again_after=patience)
        self._wait_until(usable_at)

    def _wait_until(self, instant: float) -> None:
        while (remaining := instant - self._monotonic()) > 0:
            self._pause(remaining)
            if self._closing.is_set():
                raise Unavailable(reason="closing")

    @contextmanager
    def _admitted(self, breaker: Breaker) -> Iterator[bool]:
        self._refuse_paused()  # the word may have come while we waited
        is_probe, again = self._health.enter()
        if again is not None:
            raise Unavailable(reason="suspended", again_after=again)
        again = breaker.enter()
        if again is not None:
            self._health.left(is_probe=is_probe)
            raise Unavailable(reason="breaker_open", again_after=again)
        try:
            yield is_probe
        finally:
            self._health.left(is_probe=is_probe)
            breaker.left()

    def _succeeded(self, deed: str, breaker: Breaker, began: float) -> None:
        breaker.succeeded()
        if self._health.succeeded():
            log.info("connection.resumed", connection=self.name)
        self._measure(deed, "done", began)

    def _not_possible(self, deed: str, began: float) -> None:
        self._measure(deed, "not_possible", began)

    def _failed(self, deed: str, breaker: Breaker, error: CallFailed, began: float) -> None:
        reason = error.reason or word_of(error)
        self._measure(deed, reason, began)
        self._health.failed(reason)
        log.warning(
            "connection.call_failed",
            connection=self.name,
            deed=deed,
            failure=type(error).__name__,
            reason=reason,
            code=error.code and error.code[:_CODE_LIMIT],
        )
        if isinstance(error, CredentialsRejected):
            self._health.suspend(reason)
            log.error("connection.suspended", connection=self.name, reason=reason)
        elif isinstance(error, RateLimited):
            wish = error.retry_after or self._policy.default_hold
            self._rate.hold(min(wish, self._policy.longest_hold))
        else:
            breaker.failed()

    def _measure(self, deed: str, outcome: str, began: float) -> None:
        observe_call(self.name, deed, outcome, timedelta(seconds=self._monotonic() - began))


class Turn(Generic[A]):
    """The leave to make one call now."""

    def __init__(self, connection: Connection[A], deed: str, breaker: Breaker, *, is_probe: bool) -> None:
        """Keep what the call is reported to."""
        self.is_probe = is_probe
        self._connection = connection
        self._deed = deed
        self._breaker = breaker

    def call(self, fn: Callable[[A], T]) -> T:
        """Make the call and return what it returns.

        Raise the CallFailed or NotPossible that the adapter raises. Anything else is a crash of the
        adapter: for a deed that must not be done twice it becomes Misbehaved, because nothing is known of
        it; for a safe one Unavailable, except for our own errors (a submission that is not valid, a
        ledger that is away): they pass.
        """
        connection, deed = self._connection, self._deed
        began = connection._monotonic()
        try:
            with paced(connection._next_call if connection.calls_per_second else None):
                result = fn(connection.adapter)
        except CallFailed as error:
            connection._failed(deed, self._breaker, error, began)
            raise
        except NotPossible:
            connection._not_possible(deed, began)
            raise
        except Exception as error:
            if isinstance(error, ChaparError) and deed not in DEEDS_NOT_SAFE:
                connection._not_possible(deed, began)
                raise
            log.exception("connection.adapter_crashed", connection=connection.name, deed=deed)
            crash = crash_of(deed)
            connection._failed(deed, self._breaker, crash, began)
            raise crash from error
        connection._succeeded(deed, self._breaker, began)
        return result
