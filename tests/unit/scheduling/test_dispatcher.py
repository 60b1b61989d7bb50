"""The dispatcher: starts what is due at once, never more than fits, and stops without losing anything."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from statistics import median
from typing import Any, cast

import pytest

from connector.clock import now
from connector.domain.lifecycle import Stage
from connector.errors import LedgerUnavailable
from connector.ledger import Ledger
from connector.ledger.records import Claim, Lane
from connector.scheduling.dispatcher import Dispatcher
from connector.scheduling.lanes import LaneRun, LaneSignal
from tests.unit.scheduling.schedule_double import LANE, ScheduleDouble, Signals

SOON = timedelta(seconds=10)
Start = Callable[..., Dispatcher]


@pytest.fixture
def schedule() -> ScheduleDouble:
    return ScheduleDouble()


@pytest.fixture
def signals() -> Signals:
    return Signals()


@pytest.fixture
def start(schedule: ScheduleDouble, signals: Signals) -> Iterator[Start]:
    """Start a dispatcher on the schedule; it is stopped at the end."""
    started: list[Dispatcher] = []

    def starter(*runs: LaneRun, lease_for: timedelta = timedelta(seconds=60)) -> Dispatcher:
        dispatcher = Dispatcher(cast(Ledger, schedule), runs, holder="us", lease_for=lease_for, watch=signals)
        started.append(dispatcher)
        dispatcher.start()
        return dispatcher

    yield starter
    for dispatcher in started:
        dispatcher.stop(SOON)


class Deed:
    """Waits inside until the test lets it end, and notes what it was given."""

    def __init__(self, schedule: ScheduleDouble, *, is_open: bool = False) -> None:
        self.schedule = schedule
        self.given: list[list[str]] = []
        self.begun = threading.Semaphore(0)
        self.gate = threading.Event()
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()
        if is_open:
            self.gate.set()

    def __call__(self, claims: Sequence[Claim]) -> None:
        with self.lock:
            self.given.append([claim.work_id for claim in claims])
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        self.begun.release()
        assert self.gate.wait(10)
        with self.lock:
            self.at_once -= 1
        self.schedule.done(claims)

    def wait_begun(self, times: int = 1) -> None:
        for _ in range(times):
            assert self.begun.acquire(timeout=10), "the deed was not begun"


def test_what_falls_due_is_begun_at_once(schedule: ScheduleDouble, signals: Signals, start: Start) -> None:
    begun_at: list[float] = []
    begun = threading.Semaphore(0)

    def deed(claims: Sequence[Claim]) -> None:
        begun_at.append(time.perf_counter())
        schedule.done(claims)
        begun.release()

    start(LaneRun(lane=LANE, deed=deed))
    signals.wait_for(LaneSignal.IDLE)
    waits = []
    for _ in range(50):
        due_at = time.perf_counter()
        schedule.add()
        assert begun.acquire(timeout=10)
        waits.append(begun_at[-1] - due_at)
    assert median(waits) < 0.01, "an in-process wake-up and no polling delay"


def test_work_is_begun_when_its_time_comes(schedule: ScheduleDouble, start: Start) -> None:
    deed = Deed(schedule, is_open=True)
    schedule.add(due_at=now() + timedelta(milliseconds=80))
    start(LaneRun(lane=LANE, deed=deed))
    deed.wait_begun()


def test_no_more_is_claimed_than_can_be_begun_now(
    schedule: ScheduleDouble, signals: Signals, start: Start
) -> None:
    deed = Deed(schedule)
    for _ in range(10):
        schedule.add()
    start(LaneRun(lane=LANE, deed=deed, pool_size=2, batch=3))
    deed.wait_begun(2)
    assert len(schedule.leases) == 6
    assert sorted(len(part) for part in deed.given) == [3, 3]
    deed.gate.set()
    deed.wait_begun(2)
    assert deed.most_at_once == 2


def test_a_lane_that_is_full_does_not_hold_up_another(schedule: ScheduleDouble, start: Start) -> None:
    other = Lane(Stage.REGISTRATION, "other")
    stuck, quick = Deed(schedule), Deed(schedule, is_open=True)
    schedule.add()
    start(LaneRun(lane=LANE, deed=stuck), LaneRun(lane=other, deed=quick))
    stuck.wait_begun()
    schedule.add(lane=other)
    quick.wait_begun()
    stuck.gate.set()


def test_an_idle_lane_asks_nothing(schedule: ScheduleDouble, signals: Signals, start: Start) -> None:
    schedule.add(due_at=now() + timedelta(hours=1))
    start(LaneRun(lane=LANE, deed=Deed(schedule)))
    signals.wait_for(LaneSignal.IDLE)
    before = dict(schedule.asked)
    threading.Event().wait(0.3)
    assert dict(schedule.asked) == before


def test_work_that_is_due_and_not_to_be_had_is_not_asked_for_in_a_circle(
    schedule: ScheduleDouble, signals: Signals, start: Start
) -> None:
    work = schedule.add()
    schedule.claim(LANE, holder="another node", lease_for=timedelta(hours=1), limit=1)
    schedule.leases[work] = now() + timedelta(hours=1)
    schedule.next_due_at = lambda lane: now() - timedelta(seconds=1)  # type: ignore[method-assign, assignment]
    start(LaneRun(lane=LANE, deed=Deed(schedule)))
    signals.wait_for(LaneSignal.IDLE)
    threading.Event().wait(0.5)
    assert schedule.asked["claim"] < 12


def test_leases_are_renewed_as_long_as_the_deed_goes_on(schedule: ScheduleDouble, start: Start) -> None:
    deed = Deed(schedule)
    work = schedule.add()
    start(LaneRun(lane=LANE, deed=deed), lease_for=timedelta(milliseconds=150))
    deed.wait_begun()
    assert [schedule.renewed.get(timeout=10) for _ in range(4)] == [[work]] * 4
    assert deed.given == [[work]], "nobody else took it meanwhile"
    deed.gate.set()


def test_a_deed_that_breaks_down_sets_its_claims_back_for_later(
    schedule: ScheduleDouble, signals: Signals, start: Start
) -> None:
    def broken(claims: Sequence[Claim]) -> None:
        raise ZeroDivisionError

    start(LaneRun(lane=LANE, deed=broken, pool_size=1))
    work = schedule.add()
    signals.wait_for(LaneSignal.FINISHED)
    assert schedule.postponed == [(work, "deed_failed")]
    assert schedule.rows[work].due_at > now() + timedelta(seconds=20)


@pytest.mark.parametrize("error", [ZeroDivisionError(), SystemExit(1)])
def test_a_claim_whose_call_may_be_under_way_is_left_to_expire(
    schedule: ScheduleDouble, signals: Signals, start: Start, error: BaseException
) -> None:
    def broken(claims: Sequence[Claim]) -> None:
        schedule.announce(claims[0])
        raise error

    start(LaneRun(lane=LANE, deed=broken))
    work = schedule.add()
    signals.wait_for(LaneSignal.FINISHED)
    assert work in schedule.leases
    assert schedule.rows[work].status == "registering"
    assert schedule.postponed == []


def test_an_orphan_is_never_given_back(schedule: ScheduleDouble, signals: Signals, start: Start) -> None:
    def broken(claims: Sequence[Claim]) -> None:
        raise ZeroDivisionError

    start(LaneRun(lane=LANE, deed=broken))
    work = schedule.add(status="registering")
    signals.wait_for(LaneSignal.FINISHED)
    assert work in schedule.leases
    assert schedule.postponed == []


def test_a_lane_goes_on_after_its_threads_saw_the_worst(
    schedule: ScheduleDouble, signals: Signals, start: Start
) -> None:
    given = []

    def shaky(claims: Sequence[Claim]) -> None:
        given.append(claims[0].work_id)
        if len(given) < 4:
            raise SystemExit(1)
        schedule.done(claims)

    start(LaneRun(lane=LANE, deed=shaky, pool_size=2))
    for _ in range(4):
        schedule.add()
        signals.wait_for(LaneSignal.FINISHED)
    assert len(given) == 4


def test_a_ledger_that_is_away_is_asked_again_after_a_while(
    schedule: ScheduleDouble, signals: Signals, start: Start
) -> None:
    deed = Deed(schedule, is_open=True)
    schedule.failures = [LedgerUnavailable(), LedgerUnavailable(), RuntimeError("surprise")]
    schedule.add()
    start(LaneRun(lane=LANE, deed=deed))
    for _ in range(3):
        signals.wait_for(LaneSignal.BACKED_OFF)
    deed.wait_begun()


def test_a_closed_lane_claims_nothing_until_it_opens(
    schedule: ScheduleDouble, signals: Signals, start: Start
) -> None:
    closed: list[timedelta | None] = [timedelta(minutes=5)]
    deed = Deed(schedule, is_open=True)
    dispatcher = start(LaneRun(lane=LANE, deed=deed, closed_for=lambda: closed[0]))
    schedule.add()
    signals.wait_for(LaneSignal.CLOSED)
    assert schedule.asked["claim"] == 0
    closed[0] = None
    dispatcher.wake(LANE)
    deed.wait_begun()


def test_stopping_lets_the_deed_in_hand_end_and_claims_nothing_more(
    schedule: ScheduleDouble, start: Start
) -> None:
    deed = Deed(schedule)
    first, second = schedule.add(), schedule.add()
    dispatcher = start(LaneRun(lane=LANE, deed=deed))
    deed.wait_begun()
    ended: list[bool] = []
    stopping = threading.Thread(target=lambda: ended.append(dispatcher.stop(SOON)))
    stopping.start()
    deed.gate.set()
    stopping.join(10)
    assert ended == [True]
    assert first not in schedule.rows
    assert schedule.rows[second].status == "ready"
    assert second not in schedule.leases


def test_stopping_is_bounded_and_leaves_a_deed_that_does_not_end(
    schedule: ScheduleDouble, start: Start
) -> None:
    deed = Deed(schedule)
    work = schedule.add()
    dispatcher = start(LaneRun(lane=LANE, deed=deed))
    deed.wait_begun()
    assert dispatcher.stop(timedelta(milliseconds=50)) is False
    assert work in schedule.leases, "its lease runs out; it is not given back"
    deed.gate.set()


def test_starting_and_stopping_twice_is_harmless(schedule: ScheduleDouble) -> None:
    def make(**options: Any) -> Dispatcher:
        run = LaneRun(lane=LANE, deed=Deed(schedule, is_open=True))
        return Dispatcher(cast(Ledger, schedule), [run], holder="us", **options)

    never = make()
    assert never.stop(SOON)
    assert never.stop(SOON)
    never.start()
    assert schedule.callbacks == [], "what was stopped stays so"
    twice = make()
    twice.start()
    twice.start()
    assert len(schedule.callbacks) == 1
    assert twice.stop(SOON)
    assert twice.stop(SOON)
