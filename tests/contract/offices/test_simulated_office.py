"""The two configured offices against the simulated office on real sockets: every deed of the port."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from adapters.offices.rest import OFFICE as REST
from adapters.offices.soap import OFFICE as SOAP
from connector.domain.registration import LetterReference
from connector.errors import CredentialsRejected, Misbehaved, NotPossible, OutcomeUnknown, Unavailable
from connector.ports.catalogue import AdapterSite
from connector.ports.office import FindsByKey, ReportsProgress, recovery_level
from connector.ports.outcomes import Refused, Registered, Submitted
from connector.simulator.book import OfficeBook
from connector.simulator.counter import Counter
from connector.simulator.fates import Fate, FateDeck, Pace
from connector.simulator.faults import Fault, FaultPlan, FaultRule
from connector.simulator.office_rest import RestDoor
from connector.simulator.office_soap import SoapDoor
from connector.simulator.serving import LoopbackServer
from connector.testing.builders import HeldClock
from tests.contract.offices.requests_to_register import NASTY, a_request, content_of

MAPPINGS = Path(__file__).parents[3] / "mappings"


class Agency:
    """The simulated office behind one door, and the adapter that stands before it."""

    def __init__(self, transport: str, fates: tuple[Fate, ...]) -> None:
        self.clock = HeldClock()
        book = OfficeBook(frozenset({"10"}), deck=FateDeck(1, fates), pace=Pace(), now=self.clock.now)
        self.counter = Counter(book, FaultPlan())
        self.transport = transport
        is_soap = transport == "soap"
        door = SoapDoor(self.counter, "chapar", "secret") if is_soap else RestDoor(self.counter, "secret")
        self.server = LoopbackServer(door)
        self.offices: list[Any] = []

    def office(self, **changes: Any) -> Any:
        kind = SOAP if self.transport == "soap" else REST
        secret = {"environment": "OFFICE_SECRET"}
        credentials = (
            {"username": "chapar", "password": secret} if self.transport == "soap" else {"token": secret}
        )
        http = {"url": self.server.url, "answer_within": timedelta(seconds=2)}
        settings = {"mapping": f"simulated-{self.transport}", "http": http, **credentials, **changes}
        site = AdapterSite(name="main", mappings=(MAPPINGS,), pool_size=2)
        office = kind.build(kind.settings.model_validate(settings), site)
        self.offices.append(office)
        return office


Open = Callable[..., Agency]


@pytest.fixture(params=["soap", "rest"])
def agency(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    monkeypatch.setenv("OFFICE_SECRET", "secret")
    opened: list[Agency] = []

    def open_with(*fates: Fate) -> Agency:
        one = Agency(request.param, fates or (Fate.CONFIDENTIAL_BRANCH,))
        one.server.start()
        opened.append(one)
        return one

    yield open_with
    for one in opened:
        one.counter.faults.disarm()
        one.server.stop()
        for office in one.offices:
            office.close()
            office.close()


def test_a_letter_arrives_as_it_was_written_with_its_files(agency: Open) -> None:
    one = agency()
    files = [("نامه «۱».pdf", os.urandom(300_001)), ("خالی.txt", b""), ("b.bin", os.urandom(2))]
    contents = [content_of(name, content) for name, content in files]
    outcome = one.office().register(a_request("K1", *contents))
    assert isinstance(outcome, Registered)
    assert (outcome.registration.number, outcome.registration.year) == ("000001", 1405)
    assert str(outcome.registration.registered_on) == "2026-11-21"
    assert outcome.registration.office_reference == "D0000001"
    (entry,) = one.counter.book.entries()
    assert entry.call.subject == NASTY
    assert entry.call.body == f"سطر یک\nسطر دو\t{NASTY}"
    assert (entry.call.urgency, entry.call.confidentiality, entry.call.letter_date) == (2, 2, "1405/08/30")
    marks = [(mark.name, mark.size, mark.digest) for mark in entry.call.attachments]
    assert marks == [(name, len(content), sha256(content).hexdigest()) for name, content in files]


def test_what_is_declared_is_what_is_there(agency: Open) -> None:
    office = agency().office(longest_processing=timedelta(seconds=90), concurrency=3)
    capabilities = office.capabilities
    assert isinstance(office, FindsByKey)
    assert isinstance(office, ReportsProgress)
    assert recovery_level(capabilities) == "A"
    assert (capabilities.progress_batch, capabilities.concurrency) == (50, 3)
    assert capabilities.longest_processing == timedelta(seconds=90)
    assert capabilities.numbers_later
    assert capabilities.idempotent_create


def test_a_second_create_brings_the_first_number(agency: Open) -> None:
    office = agency().office()
    office.register(a_request())
    again = office.register(a_request())
    assert isinstance(again, Registered)
    assert again.was_known
    assert again.registration.number == "000001"


def test_a_lost_answer_is_unknown_and_the_look_up_finds_the_letter(agency: Open) -> None:
    one = agency()
    office = one.office()
    assert office.find("K1", "10") is None
    one.counter.faults.arm(FaultRule(fault=Fault.LOSE_ANSWER, deed="register"))
    with pytest.raises(OutcomeUnknown):
        office.register(a_request("K1", content_of("a.pdf", os.urandom(100_000))))
    assert len(one.counter.book.entries()) == 1
    found = office.find("K1", "10")
    assert isinstance(found, Registered)
    assert found.registration.number == "000001"
    assert len(one.counter.book.entries()) == 1


@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        (Fault.LOSE_REQUEST, OutcomeUnknown),
        (Fault.SERVER_ERROR, OutcomeUnknown),
        (Fault.ERROR_AFTER, OutcomeUnknown),
        (Fault.GARBAGE, Misbehaved),
        (Fault.TRUNCATED, Misbehaved),
        (Fault.STALL, OutcomeUnknown),
        (Fault.BUSY, Unavailable),
    ],
)
def test_each_fault_of_a_register_call_says_what_to_do_next(
    agency: Open, fault: Fault, failure: type[Exception]
) -> None:
    one = agency()
    one.counter.faults.arm(FaultRule(fault=fault, deed="register", delay=timedelta(seconds=9)))
    office = one.office(http={"url": one.server.url, "answer_within": timedelta(seconds=0.3)})
    with pytest.raises(failure) as caught:
        office.register(a_request())
    assert type(caught.value) is failure
    assert len(one.counter.faults.plays) == 1, "a register call is never repeated by itself"


def test_a_safe_call_is_repeated_within_seconds(agency: Open) -> None:
    one = agency()
    office = one.office()
    office.register(a_request())
    for deed in ("find", "progress"):
        one.counter.faults.arm(FaultRule(fault=Fault.LOSE_ANSWER, deed=deed))
    assert isinstance(office.find("K1", "10"), Registered)
    assert len(office.progress([LetterReference(correlation_key="K1")])) == 1


def test_a_refusal_keeps_its_wording_and_is_found_again(agency: Open) -> None:
    office = agency(Fate.REFUSED).office()
    refused = office.register(a_request())
    assert isinstance(refused, Refused)
    assert refused.code == "2"
    assert refused.reason
    assert isinstance(office.find("K1", "10"), Refused)


def test_a_number_that_comes_later_is_found_later(agency: Open) -> None:
    one = agency(Fate.NUMBERED_LATER)
    office = one.office()
    assert isinstance(office.register(a_request()), Submitted)
    (waiting,) = office.progress([LetterReference(correlation_key="K1")])
    assert waiting.registration is None
    one.clock.advance(Pace().longest)
    found = office.find("K1", "10")
    assert isinstance(found, Registered)
    (numbered,) = office.progress([LetterReference(correlation_key="K1")])
    assert numbered.registration is not None
    assert numbered.registration.number == "000001"


def test_progress_tells_the_whole_story_of_many_letters(agency: Open) -> None:
    one = agency()
    office = one.office()
    references = []
    for number in range(50):
        outcome = office.register(a_request(f"K{number}"))
        references.append(LetterReference(correlation_key=f"K{number}", registration=outcome.registration))
    one.clock.advance(Pace().longest)
    progress = {each.correlation_key: each for each in office.progress(references)}
    assert len(progress) == 50
    story = progress["K7"]
    assert story.registration == references[7].registration
    assert [referral.is_public for referral in story.referrals] == [True, False, True]
    assert story.answer is not None
    assert story.answer.number == "000008-1"
    assert story.is_closed
    with pytest.raises(NotPossible):
        office.progress([*references, LetterReference(correlation_key="K50")])


def test_a_letter_that_the_office_does_not_mention_is_left_out(agency: Open) -> None:
    assert agency().office().progress([LetterReference(correlation_key="K1")]) == []


def test_a_wrong_password_stops_every_deed(agency: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    one = agency()
    monkeypatch.setenv("OFFICE_SECRET", "wrong")
    office = one.office()
    for deed in (lambda: office.register(a_request()), lambda: office.find("K1", "10"), office.check):
        with pytest.raises(CredentialsRejected):
            deed()


def test_the_check_is_a_plain_sentence(agency: Open) -> None:
    assert agency().office().check().endswith("answered.")


def test_an_office_that_is_not_there_is_unavailable(agency: Open) -> None:
    one = agency()
    office = one.office()
    one.server.stop()
    with pytest.raises(Unavailable):
        office.register(a_request())
