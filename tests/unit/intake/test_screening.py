"""Screening on a real ledger: every received letter goes on, and one letter's trouble is not another's."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.domain.lifecycle import Event, Stage, Status
from connector.errors import LedgerUnavailable, SealBroken
from connector.intake.deciding import ScreeningPolicy, TwinRule, decide
from connector.intake.routes import Routes, load_routes
from connector.intake.screening import Screening, when_to_screen_again
from connector.ledger import Ledger
from connector.ledger.records import Claim, Happening, Lane, LetterState
from connector.testing.builders import HeldClock, a_route, a_submission

INTAKE = Lane(Stage.INTAKE, "web")
ROUTES = """\
routes:
  - when: {service: general}
    to: {office: main, secretariat: central, gateway: sms}
  - when: {service: sensitive}
    to: {office: main, secretariat: central, gateway: sms}
    needs_review: true
"""

OpenLedger = Callable[..., Ledger]


@pytest.fixture
def routes(tmp_path: Path) -> Routes:
    path = tmp_path / "routes.yaml"
    path.write_text(ROUTES)
    return load_routes(path)


@pytest.fixture
def sqlite_ledger(sqlite_url: str, open_on: OpenLedger) -> Ledger:
    return open_on(sqlite_url)


def claims_of(ledger: Ledger) -> list[Claim]:
    return ledger.claim(INTAKE, holder="test", lease_for=timedelta(minutes=1), limit=10)


def screen(ledger: Ledger, routes: Routes, clock: HeldClock, policy: ScreeningPolicy | None = None) -> None:
    Screening(ledger, lambda: routes, policy, now=clock.now).run(claims_of(ledger))


def admit(ledger: Ledger, **changes: Any) -> str:
    return ledger.admit(a_submission(**changes), route=None).letter_id


def test_a_letter_with_a_route_is_ready_at_once(
    sqlite_ledger: Ledger, routes: Routes, clock: HeldClock
) -> None:
    letter_id = admit(sqlite_ledger)
    screen(sqlite_ledger, routes, clock)
    state = sqlite_ledger.state(letter_id)
    assert state.status is Status.READY
    assert state.route == a_route()
    assert sqlite_ledger.claim(Lane(Stage.REGISTRATION, "main"), holder="t", lease_for=timedelta(1), limit=1)


def test_a_letter_that_needs_review_waits_for_a_reviewer(
    sqlite_ledger: Ledger, routes: Routes, clock: HeldClock
) -> None:
    letter_id = admit(sqlite_ledger, service="sensitive")
    screen(sqlite_ledger, routes, clock)
    assert sqlite_ledger.state(letter_id).status is Status.IN_REVIEW


def test_a_letter_without_a_route_is_parked_and_not_lost(
    sqlite_ledger: Ledger, routes: Routes, clock: HeldClock
) -> None:
    letter_id = admit(sqlite_ledger, service="unheard-of")
    screen(sqlite_ledger, routes, clock)
    assert sqlite_ledger.state(letter_id).status is Status.PARKED
    assert sqlite_ledger.silent() == 0


def test_the_same_content_again_within_minutes_is_refused_with_the_earlier_code(
    sqlite_ledger: Ledger, routes: Routes, clock: HeldClock
) -> None:
    earlier = sqlite_ledger.admit(a_submission(subject="تکراری", submission_id="first"), route=None)
    clock.advance(timedelta(minutes=5))
    later = admit(sqlite_ledger, subject="تکراری")
    screen(sqlite_ledger, routes, clock)
    assert sqlite_ledger.state(earlier.letter_id).status is Status.READY
    assert sqlite_ledger.state(later).status is Status.REFUSED
    (refused,) = [entry for entry in sqlite_ledger.timeline(later) if entry.name == "refused"]
    assert refused.reason == "duplicate"


def test_the_same_content_long_after_is_a_new_letter(
    sqlite_ledger: Ledger, routes: Routes, clock: HeldClock
) -> None:
    admit(sqlite_ledger, subject="دوباره")
    clock.advance(timedelta(minutes=16))
    later = admit(sqlite_ledger, subject="دوباره")
    screen(sqlite_ledger, routes, clock)
    assert sqlite_ledger.state(later).status is Status.READY


def test_a_parked_twin_that_a_person_released_is_not_parked_again(
    sqlite_ledger: Ledger, routes: Routes, clock: HeldClock
) -> None:
    policy = ScreeningPolicy(twins=TwinRule.PARK)
    admit(sqlite_ledger, subject="دوباره")
    later = admit(sqlite_ledger, subject="دوباره")
    screen(sqlite_ledger, routes, clock, policy)
    assert sqlite_ledger.state(later).status is Status.PARKED
    clock.advance(timedelta(days=2))
    (parked,) = sqlite_ledger.claim(Lane(Stage.OPERATOR, ""), holder="t", lease_for=timedelta(1), limit=1)
    sqlite_ledger.record(parked, Happening(event=Event.RELEASED, due_at=clock.now()))
    screen(sqlite_ledger, routes, clock, policy)
    assert sqlite_ledger.state(later).status is Status.READY


def a_state(ledger: Ledger, **changes: Any) -> LetterState:
    return ledger.state(admit(ledger, **changes))


@pytest.mark.parametrize(
    ("rule", "event"),
    [
        (TwinRule.ACCEPT, Event.SCREENED),
        (TwinRule.REVIEW, Event.SENT_TO_REVIEW),
        (TwinRule.PARK, Event.GAVE_UP),
        (TwinRule.REFUSE, Event.REFUSED),
    ],
)
def test_the_operator_chooses_what_becomes_of_twins(
    sqlite_ledger: Ledger, clock: HeldClock, rule: TwinRule, event: Event
) -> None:
    policy = ScreeningPolicy(twins=rule)
    state = a_state(sqlite_ledger)
    happening = decide(state, a_route(), ["482915037264118"], policy, clock.now())
    assert happening.event is event
    if rule is not TwinRule.ACCEPT:
        assert happening.reason == "duplicate"
        assert happening.remark is not None
        assert "۴۸۲\u00a0۹۱۵\u00a0۰۳۷\u00a0۲۶۴\u00a0۱۱۸" in happening.remark


@pytest.mark.parametrize("twins", [[], ["482915037264118"]])
@pytest.mark.parametrize("rule", list(TwinRule))
@pytest.mark.parametrize("route", [None, a_route(), a_route(needs_review=True)])
def test_every_decision_leaves_a_next_action_or_an_end(
    sqlite_ledger: Ledger, clock: HeldClock, twins: list[str], rule: TwinRule, route: Any
) -> None:
    state = a_state(sqlite_ledger)
    happening = decide(state, route, twins, ScreeningPolicy(twins=rule), clock.now())
    assert (happening.due_at is None) == (happening.event is Event.REFUSED)
    if happening.event in {Event.SCREENED, Event.SENT_TO_REVIEW}:
        assert happening.route == route


class TroubledLedger:
    """Passes everything on to a real ledger, but for one letter whose row does not open."""

    def __init__(self, ledger: Ledger, letter_id: str, error: Exception) -> None:
        self._ledger = ledger
        self._letter_id = letter_id
        self._error = error

    def state(self, letter_id: str) -> LetterState:
        if letter_id == self._letter_id:
            raise self._error
        return self._ledger.state(letter_id)

    def twins(self, state: LetterState, *, since: datetime) -> list[str]:
        return self._ledger.twins(state, since=since)

    def record(self, claim: Claim, *happenings: Happening) -> None:
        self._ledger.record(claim, *happenings)

    def postpone(self, claim: Claim, *, due_at: datetime, reason: str) -> None:
        self._ledger.postpone(claim, due_at=due_at, reason=reason)


@pytest.mark.parametrize("error", [SealBroken(), RuntimeError("boom")])
def test_one_letters_trouble_is_not_anothers(
    sqlite_ledger: Ledger, routes: Routes, clock: HeldClock, error: Exception
) -> None:
    bad, good = admit(sqlite_ledger), admit(sqlite_ledger)
    troubled = TroubledLedger(sqlite_ledger, bad, error)
    Screening(troubled, lambda: routes, now=clock.now).run(claims_of(sqlite_ledger))
    assert sqlite_ledger.state(good).status is Status.READY
    assert sqlite_ledger.state(bad).status is Status.RECEIVED
    assert sqlite_ledger.next_due_at(INTAKE) == clock.now() + timedelta(seconds=30)
    assert claims_of(sqlite_ledger) == []
    clock.advance(timedelta(seconds=30))
    (again,) = claims_of(sqlite_ledger)
    assert again.attempts == 1


def test_a_ledger_that_is_away_ends_the_run(sqlite_ledger: Ledger, routes: Routes, clock: HeldClock) -> None:
    letter_id = admit(sqlite_ledger)
    troubled = TroubledLedger(sqlite_ledger, letter_id, LedgerUnavailable())
    with pytest.raises(LedgerUnavailable):
        Screening(troubled, lambda: routes, now=clock.now).run(claims_of(sqlite_ledger))
    assert sqlite_ledger.state(letter_id).status is Status.RECEIVED


def test_a_claim_that_was_lost_hurts_nobody(sqlite_ledger: Ledger, routes: Routes, clock: HeldClock) -> None:
    first, second = admit(sqlite_ledger), admit(sqlite_ledger)
    claims = claims_of(sqlite_ledger)
    sqlite_ledger.record(
        next(claim for claim in claims if claim.letter_id == first), Happening(event=Event.WITHDRAWN)
    )
    Screening(sqlite_ledger, lambda: routes, now=clock.now).run(claims)
    assert sqlite_ledger.state(first).status is Status.WITHDRAWN
    assert sqlite_ledger.state(second).status is Status.READY


def test_the_gaps_between_tries_grow_to_an_hour(clock: HeldClock) -> None:
    gaps = [when_to_screen_again(earlier, clock.now()) - clock.now() for earlier in (0, 1, 2, 7, 1000)]
    assert gaps == [timedelta(seconds=seconds) for seconds in (30, 60, 120, 3600, 3600)]
