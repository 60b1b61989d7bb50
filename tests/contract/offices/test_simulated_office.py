"""The two configured offices against the simulated office on real sockets: every deed of the port."""

import os
from datetime import timedelta
from hashlib import sha256

import pytest

from connector.domain.registration import LetterReference
from connector.errors import CredentialsRejected, NotPossible, OutcomeUnknown, Unavailable
from connector.ports.office import Duplicates, FindsByKey, ReportsProgress, Searches, recovery_level
from connector.ports.outcomes import Refused, Registered, Submitted
from connector.simulator import book
from connector.simulator.fates import Fate, Pace
from connector.simulator.faults import Fault, FaultRule
from connector.simulator.levels import Level, OfficeLevel
from tests.contract.offices.requests_to_register import NASTY, a_request, content_of
from tests.contract.offices.served_office import Open


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
    assert isinstance(office, Searches)
    assert isinstance(office, ReportsProgress)
    assert recovery_level(capabilities) == "A"
    assert capabilities.duplicates is Duplicates.THE_NUMBER
    assert (capabilities.progress_batch, capabilities.concurrency) == (50, 3)
    assert capabilities.longest_processing == timedelta(seconds=90)
    assert capabilities.numbers_later
    assert capabilities.idempotent_create


@pytest.mark.parametrize(
    ("level", "can_find", "can_search"), [("A", True, True), ("B", False, True), ("C", False, False)]
)
def test_an_office_of_each_level_declares_what_it_has_and_no_more(
    agency: Open, level: str, can_find: bool, can_search: bool
) -> None:
    office = agency(level=OfficeLevel(level=Level(level), duplicates=book.Duplicates.NAIVE)).office()
    capabilities = office.capabilities
    assert (isinstance(office, FindsByKey), capabilities.find_by_key) == (can_find, can_find)
    assert (isinstance(office, Searches), capabilities.search) == (can_search, can_search)
    assert isinstance(office, ReportsProgress)
    assert recovery_level(capabilities) == level
    assert not capabilities.idempotent_create
    assert capabilities.duplicates is Duplicates.ANOTHER_ENTRY


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


def test_a_safe_call_is_repeated_within_seconds(agency: Open) -> None:
    one = agency()
    office = one.office()
    office.register(a_request())
    for deed in ("find", "progress"):
        one.counter.faults.arm(FaultRule(fault=Fault.LOSE_ANSWER, deed=deed))
    assert isinstance(office.find("K1", "10"), Registered)
    assert len(office.progress([LetterReference(correlation_key="K1", secretariat="10")])) == 1


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
    (waiting,) = office.progress([LetterReference(correlation_key="K1", secretariat="10")])
    assert waiting.registration is None
    one.clock.advance(Pace().longest)
    found = office.find("K1", "10")
    assert isinstance(found, Registered)
    (numbered,) = office.progress([LetterReference(correlation_key="K1", secretariat="10")])
    assert numbered.registration is not None
    assert (numbered.registration.number, numbered.registration.secretariat) == ("000001", "10")


def test_progress_tells_the_whole_story_of_many_letters(agency: Open) -> None:
    one = agency()
    office = one.office()
    references = []
    for number in range(50):
        outcome = office.register(a_request(f"K{number}"))
        references.append(
            LetterReference(correlation_key=f"K{number}", secretariat="10", registration=outcome.registration)
        )
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
        office.progress([*references, LetterReference(correlation_key="K50", secretariat="10")])


def test_a_letter_that_the_office_does_not_mention_is_left_out(agency: Open) -> None:
    assert agency().office().progress([LetterReference(correlation_key="K1", secretariat="10")]) == []


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
