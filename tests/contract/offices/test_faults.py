"""Every fault of the outside world at every deed, over real sockets and both doors: what it must be taken for."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from connector.domain.registration import LetterReference
from connector.errors import (
    CallFailed,
    CredentialsRejected,
    Misbehaved,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from connector.ports.office import SearchQuery
from connector.ports.outcomes import Refused, Registered
from connector.simulator.book import Duplicates
from connector.simulator.fates import Fate
from connector.simulator.fault_kinds import OFFICE_FAULTS, Fault
from connector.simulator.faults import FaultRule
from connector.simulator.levels import Level, OfficeLevel
from connector.testing.builders import HeldClock
from tests.contract.offices.requests_to_register import a_letter, a_request
from tests.contract.offices.served_office import Open, ServedOffice

NOW = HeldClock().now()
PATIENCE = timedelta(seconds=10)
SHORT = timedelta(seconds=0.3)

DONE, NOT_DONE = True, False
AT_REGISTER: list[tuple[Fault, dict[str, Any], type, bool]] = [
    (Fault.LOSE_ANSWER, {}, OutcomeUnknown, DONE),
    (Fault.LOSE_REQUEST, {}, OutcomeUnknown, NOT_DONE),
    (Fault.RESET_IN_BODY, {}, OutcomeUnknown, DONE),
    (Fault.STALL, {}, OutcomeUnknown, DONE),
    (Fault.STALL_BEFORE, {}, OutcomeUnknown, DONE),
    (Fault.SERVER_ERROR, {}, OutcomeUnknown, NOT_DONE),
    (Fault.ERROR_AFTER, {}, OutcomeUnknown, DONE),
    (Fault.HTTP_502, {"is_done": False}, OutcomeUnknown, NOT_DONE),
    (Fault.HTTP_502, {"is_done": True}, OutcomeUnknown, DONE),
    (Fault.HTTP_503, {"is_done": False}, OutcomeUnknown, NOT_DONE),
    (Fault.HTTP_503, {"is_done": True}, OutcomeUnknown, DONE),
    (Fault.SOAP_FAULT, {"is_done": False}, OutcomeUnknown, NOT_DONE),
    (Fault.SOAP_FAULT, {"is_done": True}, OutcomeUnknown, DONE),
    (Fault.ERROR_IN_200, {}, Unavailable, NOT_DONE),
    (Fault.UNMAPPED_CODE, {"is_done": False}, Misbehaved, NOT_DONE),
    (Fault.UNMAPPED_CODE, {"is_done": True}, Misbehaved, DONE),
    (Fault.GARBAGE, {}, Misbehaved, DONE),
    (Fault.TRUNCATED, {}, Misbehaved, DONE),
    (Fault.WRONG_CONTENT_TYPE, {"is_other": False}, Registered, DONE),
    (Fault.WRONG_CONTENT_TYPE, {"is_other": True}, Misbehaved, DONE),
    (Fault.DUPLICATE_ANSWER, {}, Registered, DONE),
    (Fault.SESSION_EXPIRED, {"is_other": False}, Unavailable, NOT_DONE),
    (Fault.SESSION_EXPIRED, {"is_other": True}, Unavailable, NOT_DONE),
    (Fault.WRONG_PASSWORD, {}, CredentialsRejected, NOT_DONE),
    (Fault.TOO_MANY, {}, RateLimited, NOT_DONE),
    (Fault.TOO_MANY_SILENT, {}, RateLimited, NOT_DONE),
    (Fault.BUSY, {}, Unavailable, NOT_DONE),
    (Fault.REFUSE, {}, Refused, DONE),
]


def told(deed: Callable[[], Any]) -> Any:
    """Return what a deed brought: its outcome, or how it failed."""
    try:
        return deed()
    except CallFailed as failure:
        return failure


def hurried(one: ServedOffice) -> Any:
    return one.office(http={"url": one.server.url, "answer_within": SHORT})


def wait_until(condition: Callable[[], bool]) -> bool:
    pause = threading.Event()
    return any(condition() or pause.wait(0.02) for _ in range(int(PATIENCE.total_seconds() / 0.02)))


def a_query(key: str = "K1", *, since: datetime = NOW - timedelta(hours=1)) -> SearchQuery:
    return SearchQuery(
        letter=a_letter(key),
        correlation_key=key,
        secretariat="10",
        since=since,
        until=since + timedelta(hours=2),
    )


def test_the_table_knows_every_fault() -> None:
    assert {fault for fault, *_ in AT_REGISTER} == set(Fault) == OFFICE_FAULTS["register"]


@pytest.mark.parametrize(("fault", "form", "kind", "is_done"), AT_REGISTER)
def test_a_registration_that_went_wrong_is_taken_for_what_it_may_be(
    agency: Open, fault: Fault, form: dict[str, Any], kind: type, is_done: bool
) -> None:
    one = agency()
    plan = one.counter.faults
    plan.arm(FaultRule(fault=fault, deed="register", delay=PATIENCE, **form))
    outcome = told(lambda: hurried(one).register(a_request()))
    assert type(outcome) is kind, outcome
    assert [play.fault for play in plan.plays] == [fault], "a registration is never repeated by itself"
    plan.disarm()
    assert wait_until(lambda: bool(one.counter.book.entries())) if is_done else not one.counter.book.entries()


def test_a_duplicate_answer_and_a_wrong_label_still_bring_the_number(agency: Open) -> None:
    one = agency()
    one.counter.faults.arm(FaultRule(fault=Fault.DUPLICATE_ANSWER, deed="register"))
    one.counter.faults.arm(FaultRule(fault=Fault.WRONG_CONTENT_TYPE, deed="register", is_other=False))
    known, labelled = (one.office().register(a_request(key)) for key in ("K1", "K2"))
    assert (known.was_known, known.registration.number) == (True, "000001")
    assert (labelled.was_known, labelled.registration.number) == (False, "000002")


def test_the_office_says_how_long_to_wait_or_does_not(agency: Open) -> None:
    one = agency()
    waits = []
    for fault in (Fault.TOO_MANY, Fault.TOO_MANY_SILENT):
        one.counter.faults.arm(FaultRule(fault=fault, deed="register"))
        limited = told(lambda: one.office().register(a_request()))
        waits.append(limited.retry_after)
    assert waits == [timedelta(seconds=1), None]


@pytest.mark.parametrize(
    ("fault", "is_other"),
    [
        *((fault, False) for fault in sorted(OFFICE_FAULTS["find"])),
        (Fault.WRONG_CONTENT_TYPE, True),
        (Fault.SESSION_EXPIRED, True),
    ],
)
def test_a_look_up_that_went_wrong_is_never_an_absence(agency: Open, fault: Fault, is_other: bool) -> None:
    one = agency()
    office = hurried(one)
    office.register(a_request())
    for deed in ("find", "search"):
        one.counter.faults.arm(
            FaultRule(fault=fault, deed=deed, times=None, delay=timedelta(seconds=1), is_other=is_other)
        )
    found, matches = told(lambda: office.find("K1", "10")), told(lambda: office.search(a_query()))
    if fault is Fault.WRONG_CONTENT_TYPE and not is_other:
        assert found.registration == matches[0].registration
        return
    for failure in (found, matches):
        assert isinstance(failure, CallFailed), failure
    if fault in {Fault.SESSION_EXPIRED, Fault.ERROR_IN_200, Fault.BUSY}:
        assert (type(found), type(matches)) == (Unavailable, Unavailable)


@pytest.mark.parametrize("fault", sorted(OFFICE_FAULTS["progress"]))
def test_progress_that_went_wrong_is_told_and_not_left_out(agency: Open, fault: Fault) -> None:
    one = agency()
    office = hurried(one)
    office.register(a_request())
    one.counter.faults.arm(
        FaultRule(fault=fault, deed="progress", times=None, delay=timedelta(seconds=1), is_other=True)
    )
    outcome = told(lambda: office.progress([LetterReference(correlation_key="K1", secretariat="10")]))
    assert isinstance(outcome, CallFailed), outcome


@pytest.mark.parametrize("key_is_searchable", [True, False])
def test_a_letter_whose_answer_was_lost_is_found_by_search(agency: Open, key_is_searchable: bool) -> None:
    level = OfficeLevel(level=Level.B, duplicates=Duplicates.NAIVE, key_is_searchable=key_is_searchable)
    one = agency(level=level)
    office = one.office()
    assert office.search(a_query()) == []
    one.counter.faults.arm(FaultRule(fault=Fault.LOSE_ANSWER, deed="register"))
    assert type(told(lambda: office.register(a_request()))) is OutcomeUnknown
    office.register(a_request("K2", subject="موضوع دیگر"))
    (found,) = office.search(a_query())
    assert isinstance(found, Registered)
    assert (found.registration.number, found.registration.office_reference) == ("000001", "D0000001")
    office.register(a_request("K3"))
    assert len(office.search(a_query())) == (1 if key_is_searchable else 2)
    assert office.search(a_query(since=NOW - timedelta(days=3))) == []


def test_a_search_tells_what_waits_for_a_number_and_what_was_refused(agency: Open) -> None:
    for fate, kind in ((Fate.NUMBERED_LATER, "Submitted"), (Fate.REFUSED, "Refused")):
        office = agency(fate).office()
        office.register(a_request())
        (match,) = office.search(a_query())
        assert type(match).__name__ == kind


def test_a_search_that_may_hide_entries_settles_nothing(agency: Open) -> None:
    one = agency()
    office = one.office()
    for number in range(100):
        office.register(a_request(f"X{number}"))
    assert told(lambda: office.search(a_query())).reason == "matches_cut_off"


def test_the_days_of_a_search_are_those_of_the_office(agency: Open) -> None:
    """Late in the evening in UTC it is the next day already where the office is."""
    one = agency()
    one.clock.advance(timedelta(hours=14))
    office = one.office()
    office.register(a_request())
    assert one.clock.now().day == NOW.day
    assert len(office.search(a_query(since=NOW + timedelta(hours=12, minutes=15)))) == 1


def test_a_duplicate_without_its_number_leaves_the_outcome_open(agency: Open) -> None:
    one = agency(level=OfficeLevel(duplicates=Duplicates.ANSWERED_WITH_AN_ERROR))
    office = one.office()
    office.register(a_request())
    failure = told(lambda: office.register(a_request()))
    assert type(failure) is OutcomeUnknown
    assert failure.reason == "duplicate_without_number"
    assert len(one.counter.book.entries()) == 1
