"""Leases: who may act on what, until when, and how the dead are noticed."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from connector.domain.lifecycle import Event, Stage, Status
from connector.errors import LostRace
from connector.ledger import Ledger
from connector.ledger.records import Claim, Happening, Lane
from connector.testing.builders import HeldClock, a_route, a_submission
from tests.contract.ledger.walk import HOLD, INTAKE, REGISTRATION, a_ready_letter, an_announced_letter, only


def test_a_claimed_letter_is_not_claimed_again_while_its_lease_holds(
    ledger: Ledger, clock: HeldClock
) -> None:
    a_ready_letter(ledger, clock)
    only(ledger, REGISTRATION)
    clock.advance(timedelta(seconds=59))
    assert ledger.claim(REGISTRATION, **HOLD) == []


def test_an_expired_lease_is_claimed_by_another_and_the_late_holder_loses_the_race(
    ledger: Ledger, clock: HeldClock
) -> None:
    a_ready_letter(ledger, clock)
    late = only(ledger, REGISTRATION)
    clock.advance(timedelta(seconds=61))
    (taken,) = ledger.claim(REGISTRATION, **(HOLD | {"holder": "other"}))
    with pytest.raises(LostRace):
        ledger.announce(late)
    assert ledger.announce(taken).status == Status.REGISTERING


def test_a_letter_whose_holder_died_after_the_intent_comes_back_as_registering_and_never_as_ready(
    ledger: Ledger, clock: HeldClock
) -> None:
    an_announced_letter(ledger, clock)
    assert ledger.claim(REGISTRATION, **HOLD) == []
    clock.advance(timedelta(seconds=61))
    assert only(ledger, REGISTRATION).status == Status.REGISTERING


def test_a_renewed_lease_holds_longer_also_after_the_announcement(ledger: Ledger, clock: HeldClock) -> None:
    a_ready_letter(ledger, clock)
    before = only(ledger, REGISTRATION)
    ledger.announce(before)
    clock.advance(timedelta(seconds=50))
    assert ledger.renew([before], lease_for=timedelta(seconds=60)) == []
    clock.advance(timedelta(seconds=50))
    assert ledger.claim(REGISTRATION, **HOLD) == []


def test_renewing_tells_which_claims_are_lost(ledger: Ledger, clock: HeldClock) -> None:
    a_ready_letter(ledger, clock)
    late = only(ledger, REGISTRATION)
    clock.advance(timedelta(seconds=61))
    ledger.claim(REGISTRATION, **(HOLD | {"holder": "other"}))
    assert ledger.renew([late], lease_for=timedelta(seconds=60)) == [late]


def test_a_claim_given_back_is_due_at_once_for_everybody(ledger: Ledger, clock: HeldClock) -> None:
    letter_id = a_ready_letter(ledger, clock)
    fallen_due: list[Lane] = []
    ledger.on_due(fallen_due.append)
    ledger.give_back([only(ledger, REGISTRATION)])
    assert fallen_due == [REGISTRATION]
    assert only(ledger, REGISTRATION).letter_id == letter_id


def test_a_postponed_letter_waits_and_counts_its_attempts(ledger: Ledger, clock: HeldClock) -> None:
    a_ready_letter(ledger, clock)
    later = clock.now() + timedelta(minutes=5)
    ledger.postpone(only(ledger, REGISTRATION), due_at=later, reason="suspended")
    assert ledger.claim(REGISTRATION, **HOLD) == []
    assert ledger.next_due_at(REGISTRATION) == later
    clock.advance(timedelta(minutes=5))
    assert only(ledger, REGISTRATION).attempts == 1


def test_attempts_grow_over_announced_tries_that_were_postponed(ledger: Ledger, clock: HeldClock) -> None:
    _, claim = an_announced_letter(ledger, clock)
    for attempt in (1, 2, 3):
        ledger.record(claim, Happening(event=Event.POSTPONED, due_at=clock.now(), reason="http_503"))
        claim = only(ledger, REGISTRATION)
        assert claim.attempts == attempt
        claim = ledger.announce(claim)


def test_oldest_due_comes_first_and_no_more_than_asked(ledger: Ledger, clock: HeldClock) -> None:
    admitted = []
    for _ in range(4):
        admitted.append(ledger.admit(a_submission(), route=a_route()).letter_id)
        clock.advance(timedelta(seconds=1))
    claims = ledger.claim(INTAKE, **(HOLD | {"limit": 3}))
    assert [claim.letter_id for claim in claims] == admitted[:3]


def test_lanes_do_not_see_each_other(ledger: Ledger, clock: HeldClock) -> None:
    a_ready_letter(ledger, clock)
    assert ledger.claim(Lane(Stage.REGISTRATION, "branch"), **HOLD) == []
    assert ledger.claim(Lane(Stage.TRACKING, "main"), **HOLD) == []


def test_the_next_due_time_knows_of_leases_that_run_out(ledger: Ledger, clock: HeldClock) -> None:
    assert ledger.next_due_at(REGISTRATION) is None
    a_ready_letter(ledger, clock)
    only(ledger, REGISTRATION)
    assert ledger.next_due_at(REGISTRATION) == clock.now() + timedelta(seconds=60)


def test_many_claimers_at_once_share_the_letters_without_overlap(ledger: Ledger) -> None:
    expected = {ledger.admit(a_submission(), route=a_route()).letter_id for _ in range(60)}
    claimed: list[Claim] = []
    start = threading.Barrier(6)

    def take(name: str) -> None:
        start.wait()
        while claims := ledger.claim(INTAKE, **(HOLD | {"holder": name, "limit": 3})):
            claimed.extend(claims)

    threads = [threading.Thread(target=take, args=(f"node-{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == 60
    assert {claim.letter_id for claim in claimed} == expected


def test_a_claim_that_names_another_holder_or_version_changes_nothing(
    ledger: Ledger, clock: HeldClock
) -> None:
    letter_id = a_ready_letter(ledger, clock)
    claim = only(ledger, REGISTRATION)
    for forged in (replace(claim, holder="other"), replace(claim, version=claim.version - 1)):
        with pytest.raises(LostRace):
            ledger.record(forged, Happening(event=Event.GAVE_UP, due_at=clock.now()))
    assert ledger.state(letter_id).status == Status.READY
