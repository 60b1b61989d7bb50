"""What the contract of all offices leaves open of the faults, over real sockets and both doors."""

from datetime import datetime, timedelta

import pytest

from connector.ports.office import SearchQuery
from connector.simulator.fault_kinds import OFFICE_FAULTS, Fault
from connector.simulator.faults import FaultRule
from connector.testing.builders import HeldClock
from connector.testing.office_contract import CHECKS
from tests.contract.offices.requests_to_register import a_letter, a_request
from tests.contract.offices.served_office import Open

NOW = HeldClock().now()


def a_query(key: str = "K1", *, since: datetime = NOW - timedelta(hours=1)) -> SearchQuery:
    return SearchQuery(
        letter=a_letter(key),
        correlation_key=key,
        secretariat="10",
        since=since,
        until=since + timedelta(hours=2),
    )


def test_the_contract_knows_every_fault() -> None:
    played = {need for check in CHECKS for need in check.needs if isinstance(need, Fault)}
    of_offices = frozenset().union(*OFFICE_FAULTS.values())
    assert played == of_offices - {Fault.REFUSE}, "a refusal is a fate of the contract's bench"


def test_a_wrong_label_still_brings_the_number(agency: Open) -> None:
    one = agency()
    one.counter.faults.arm(FaultRule(fault=Fault.WRONG_CONTENT_TYPE, deed="register", is_other=False))
    labelled = one.office().register(a_request("K1"))
    assert (labelled.was_known, labelled.registration.number) == (False, "000001")


@pytest.mark.parametrize("deed", ["find", "search"])
def test_a_look_up_under_a_wrong_label_brings_the_letter(agency: Open, deed: str) -> None:
    one = agency()
    office = one.office()
    registered = office.register(a_request())
    one.counter.faults.arm(FaultRule(fault=Fault.WRONG_CONTENT_TYPE, deed=deed, is_other=False))
    found = office.find("K1", "10") if deed == "find" else office.search(a_query())[0]
    assert found.registration == registered.registration


def test_the_days_of_a_search_are_those_of_the_office(agency: Open) -> None:
    """Late in the evening in UTC it is the next day already where the office is."""
    one = agency()
    one.clock.advance(timedelta(hours=14))
    office = one.office()
    office.register(a_request())
    assert one.clock.now().day == NOW.day
    assert len(office.search(a_query(since=NOW + timedelta(hours=12, minutes=15)))) == 1
    assert office.search(a_query(since=NOW - timedelta(days=3))) == []
