"""A connection: what it does around every adapter, whoever wrote it."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import structlog.testing

from connector.errors import (
    CallFailed,
    CredentialsRejected,
    LedgerUnavailable,
    Misbehaved,
    NotPossible,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from connector.ports.connection import Connection, ConnectionPolicy
from connector.testing.builders import HeldClock
from connector.transport.breaker import BreakerPolicy


class Adapter:
    """Does what it is told: raises or returns."""

    capabilities = None

    def __init__(self) -> None:
        self.calls = 0
        self.closed = 0

    def check(self) -> str:
        return "well"

    def close(self) -> None:
        self.closed += 1

    def do(self, result: Any) -> Any:
        self.calls += 1
        if isinstance(result, BaseException):
            raise result
        return result


class Site:
    """A connection with its clocks in the test's hand."""

    def __init__(self, **options: Any) -> None:
        self.clock = HeldClock()
        self.ticks = 100.0
        self.pauses: list[float] = []
        self.while_waiting: Callable[[], None] | None = None
        self.adapter = Adapter()
        policy = options.pop("policy", ConnectionPolicy(breaker=BreakerPolicy(failures=3)))
        self.connection = Connection(
            name="main",
            adapter=self.adapter,
            pool_size=options.pop("pool_size", 4),
            policy=policy,
            now=self.clock.now,
            monotonic=lambda: self.ticks,
            pause=self._pause,
            random=lambda: 1.0,
            **options,
        )

    def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        if self.while_waiting is not None:
            self.while_waiting()
        self.pass_time(timedelta(seconds=seconds))

    def pass_time(self, by: timedelta) -> None:
        self.clock.advance(by)
        self.ticks += by.total_seconds()

    def call(self, result: Any, deed: str = "progress") -> Any:
        return self.connection.call(deed, lambda adapter: adapter.do(result))

    def fails(self, result: Any, deed: str = "progress") -> CallFailed:
        with pytest.raises(CallFailed) as caught:
            self.call(result, deed)
        return caught.value


def test_a_call_returns_what_the_adapter_returns_and_is_remembered() -> None:
    site = Site()
    assert site.call("done") == "done"
    assert site.connection.health.last_success_at == site.clock.now()
    assert site.connection.health.is_well


def test_a_failed_call_passes_on_as_it_is_and_is_remembered() -> None:
    site = Site()
    error = OutcomeUnknown(reason="timeout")
    assert site.fails(error) is error
    assert site.connection.health.last_failure_at == site.clock.now()
    assert site.connection.health.last_failure_reason == "timeout"


def test_a_failed_call_is_one_fact_in_the_log_without_the_vendor_s_words() -> None:
    site = Site()
    with structlog.testing.capture_logs() as lines:
        site.fails(Unavailable(reason="http_503", code="E7", remark="آقای نمونه"), deed="register")
    assert [line["event"] for line in lines] == ["connection.call_failed"]
    assert {
        "reason": "http_503",
        "code": "E7",
        "deed": "register",
        "failure": "Unavailable",
    }.items() <= lines[0].items()
    assert "نمونه" not in repr(lines)


def test_refused_credentials_suspend_the_connection_at_once() -> None:
    site = Site()
    site.fails(CredentialsRejected(reason="login_refused"))
    refusal = site.fails("never asked", deed="register")
    assert isinstance(refusal, Unavailable)
    assert refusal.reason == "suspended"
    assert site.adapter.calls == 1
    assert site.connection.health.suspended_because == "login_refused"
    assert site.connection.closed_for("register") == timedelta(minutes=5)


def test_after_a_while_one_probe_tries_and_lifts_the_suspension() -> None:
    site = Site()
    site.fails(CredentialsRejected())
    site.pass_time(timedelta(minutes=5))
    with site.connection.turn("progress") as probe:
        assert site.fails("another").reason == "suspended"
        assert probe.call(lambda adapter: adapter.do("works")) == "works"
    assert site.connection.health.suspended_since is None
    assert site.call("again") == "again"


def test_a_probe_in_vain_waits_for_its_next_time() -> None:
    site = Site()
    site.fails(CredentialsRejected())
    site.pass_time(timedelta(minutes=5))
    site.fails(Unavailable(reason="refused"))
    assert site.fails("not yet").reason == "suspended"
    assert site.connection.closed_for("progress") == timedelta(minutes=5)


def test_a_person_may_lift_the_suspension() -> None:
    site = Site()
    site.fails(CredentialsRejected())
    site.connection.resume()
    assert site.call("works") == "works"


def test_asking_to_slow_down_holds_everybody_on_the_connection() -> None:
    site = Site()
    site.fails(RateLimited(reason="http_429", retry_after=timedelta(seconds=40)))
    refusal = site.fails("too soon", deed="register")
    assert isinstance(refusal, RateLimited)
    assert refusal.retry_after == timedelta(seconds=40)
    assert site.adapter.calls == 1
    site.pass_time(timedelta(seconds=35))
    assert site.call("waits the rest") == "waits the rest"
    assert site.pauses == [pytest.approx(5)]


def test_the_rate_is_kept_by_waiting_and_impatience_is_a_refusal() -> None:
    site = Site(calls_per_second=0.25)
    site.call(1)
    site.call(2)
    assert site.pauses == [pytest.approx(4)]
    slow = Site(calls_per_second=0.03)
    slow.call(1)
    assert slow.fails(2).reason == "rate_exhausted"


def test_failures_in_a_row_open_the_breaker_of_that_deed_alone() -> None:
    site = Site()
    for _ in range(3):
        site.fails(OutcomeUnknown(reason="timeout"), deed="register")
    assert site.fails("not asked", deed="register").reason == "breaker_open"
    assert site.connection.health.open_deeds == ("register",)
    assert site.call("asked", deed="progress") == "asked"
    assert site.connection.closed_for("register") is not None
    assert site.connection.closed_for("progress") is None


def test_letters_that_cannot_be_put_into_form_say_nothing_about_the_office() -> None:
    site = Site()
    for _ in range(5):
        with pytest.raises(NotPossible):
            site.call(NotPossible("too long"), deed="register")
    assert site.call("works", deed="register") == "works"


@pytest.mark.parametrize(
    ("deed", "kind"), [("register", Misbehaved), ("send", Misbehaved), ("progress", Unavailable)]
)
def test_a_crash_of_the_adapter_becomes_a_failure_that_says_what_is_known(
    deed: str, kind: type[CallFailed]
) -> None:
    site = Site()
    error = site.fails(KeyError("surprise"), deed=deed)
    assert type(error) is kind
    assert error.reason == "adapter_crashed"


def test_our_own_errors_within_a_safe_deed_pass_and_within_an_unsafe_one_count_as_a_crash() -> None:
    site = Site()
    with pytest.raises(LedgerUnavailable):
        site.call(LedgerUnavailable(), deed="collect")
    assert isinstance(site.fails(LedgerUnavailable(), deed="register"), Misbehaved)


def test_an_interrupted_call_leaves_the_connection_usable() -> None:
    site = Site(pool_size=1)
    with pytest.raises(KeyboardInterrupt):
        site.call(KeyboardInterrupt())
    assert site.call("works") == "works"


def test_no_more_calls_go_on_at_the_same_time_than_the_pool_is_large() -> None:
    site = Site(pool_size=1, policy=ConnectionPolicy(patience=timedelta(milliseconds=5)))
    with site.connection.turn("progress"):
        assert site.fails("no room").reason == "no_free_slot"
    assert site.call("room") == "room"


def test_closing_breaks_off_the_waiting_and_closes_the_adapter_once() -> None:
    adapter = Adapter()
    connection = Connection(name="main", adapter=adapter, pool_size=1, calls_per_second=0.2)
    connection.call("progress", lambda a: a.do(1))
    errors: list[CallFailed] = []
    waiting = threading.Thread(target=_collect_failure, args=(connection, errors))
    waiting.start()
    connection.close()
    connection.close()
    waiting.join(5)
    assert not waiting.is_alive()
    assert [error.reason for error in errors] == ["closing"]
    assert adapter.closed == 1


def _collect_failure(connection: Connection[Adapter], errors: list[CallFailed]) -> None:
    call: Callable[[Adapter], Any] = lambda adapter: adapter.do(2)  # noqa: E731
    try:
        connection.call("progress", call)
    except CallFailed as error:
        errors.append(error)


def test_a_paused_connection_makes_no_call_says_why_and_goes_on_when_resumed() -> None:
    site = Site()
    since = site.clock.now()
    site.connection.pause("maintenance", since=since)
    refusal = site.fails("not asked", deed="register")
    assert refusal.reason == "paused"
    assert site.adapter.calls == 0
    assert site.connection.closed_for("register") == timedelta(minutes=1)
    health = site.connection.health
    assert (health.paused_since, health.paused_because, health.is_well) == (since, "maintenance", True)
    site.connection.pause(None, since=None)
    assert site.connection.closed_for("register") is None
    assert site.call("asked", deed="register") == "asked"
    assert site.connection.health.paused_because is None


def test_a_pause_that_comes_while_somebody_waits_for_the_turn_is_obeyed_by_them_too() -> None:
    site = Site(calls_per_second=0.5)
    site.call(1)
    site.while_waiting = lambda: site.connection.pause("maintenance", since=site.clock.now())
    assert site.fails(2).reason == "paused"
    assert site.adapter.calls == 1


def test_a_call_that_is_under_way_when_the_pause_comes_ends_as_it_would() -> None:
    site = Site()
    with site.connection.turn("register") as turn:
        site.connection.pause("maintenance", since=site.clock.now())
        assert turn.call(lambda adapter: adapter.do("registered")) == "registered"


def test_a_pause_is_one_fact_in_the_log_and_without_the_operators_words() -> None:
    site = Site()
    with structlog.testing.capture_logs() as lines:
        site.connection.pause("personal words", since=site.clock.now())
        site.connection.pause("personal words", since=site.clock.now())
        site.connection.pause(None, since=None)
    assert [line["event"] for line in lines] == ["connection.paused", "connection.unpaused"]
    assert "personal" not in str(lines)


def test_resuming_by_a_pause_that_ends_leaves_a_suspension_alone() -> None:
    site = Site()
    site.fails(CredentialsRejected(reason="http_401"))
    site.connection.pause("maintenance", since=site.clock.now())
    site.connection.pause(None, since=None)
    assert site.fails("not asked").reason == "suspended"


def test_whoever_is_refused_for_the_rate_has_waited_first_and_turns_nothing_over_in_vain() -> None:
    site = Site(calls_per_second=0.01)
    site.call(1)
    assert site.fails(2).reason == "rate_exhausted"
    assert sum(site.pauses) == pytest.approx(10)


class Budget:
    """A budget that is shared with others: it says when, and is told of holds."""

    def __init__(self, *instants: float | None) -> None:
        self.instants = list(instants)
        self.held_for = timedelta()
        self.holds: list[timedelta] = []

    def reserve(self, *, within: timedelta) -> float | None:
        return self.instants.pop(0)

    def hold(self, pause: timedelta) -> None:
        self.holds.append(pause)
        self.held_for = pause


def test_a_shared_budget_says_when_calls_go_and_is_told_when_the_other_side_wants_silence() -> None:
    site = Site()
    budget = Budget(107.0, 107.5, None)
    site.connection.share_budget(budget)
    site.call(1)
    site.fails(RateLimited(reason="http_429", retry_after=timedelta(seconds=40)))
    assert site.pauses == [pytest.approx(7), pytest.approx(0.5)]
    assert budget.holds == [timedelta(seconds=40)]
    assert site.fails("held").reason == "held"
