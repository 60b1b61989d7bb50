"""Tracking against a real ledger: facts recorded once, questions in batches, nobody silenced by a neighbour."""

from datetime import timedelta
from typing import Any

import pytest

from connector.domain.lifecycle import Stage, Status
from connector.domain.referral import Answer, Referral
from connector.domain.registration import Registration
from connector.errors import Misbehaved, Unavailable
from connector.ledger.records import LetterFilter
from connector.ports.office import OfficeCapabilities
from connector.ports.outcomes import Progress
from tests.integration.stages.conftest import Agency
from tests.integration.stages.office_double import Fate

REFERRAL = Referral(reference="1", unit="شهرسازی")
ANSWER = Answer(text="موافقت شد.")


def registered(agency: Agency, count: int = 1) -> list[str]:
    letters = [agency.letter() for _ in range(count)]
    agency.register()
    agency.until_due(Stage.TRACKING)
    return letters


def test_what_the_office_tells_is_recorded_once(agency: Agency) -> None:
    (letter,) = registered(agency)
    agency.office.told[letter] = Progress(correlation_key=letter, referrals=(REFERRAL,))
    agency.track()
    agency.until_due(Stage.TRACKING)
    agency.track()
    agency.office.told[letter] = Progress(
        correlation_key=letter, referrals=(REFERRAL,), answer=ANSWER, is_closed=True
    )
    agency.until_due(Stage.TRACKING)
    agency.track()
    assert agency.events(letter)[-4:] == ["registered", "referred", "answered", "closed"]
    assert agency.status(letter) is Status.CLOSED
    assert agency.ledger.silent() == 0


def test_a_letter_of_which_nothing_is_new_is_asked_about_ever_more_seldom(agency: Agency) -> None:
    registered(agency)
    gaps = []
    for _ in range(30):
        agency.track()
        gaps.append(agency.until_due(Stage.TRACKING))
    assert gaps == sorted(gaps)
    assert gaps[0] == timedelta(minutes=1)
    assert gaps[-1] == timedelta(hours=6)


def test_letters_are_asked_about_in_batches_as_large_as_the_office_allows(agency: Agency) -> None:
    registered(agency, 23)
    agency.track()
    assert agency.office.asked_together == [10, 10, 3]


def test_one_letter_that_cannot_be_read_does_not_silence_the_others(agency: Agency) -> None:
    letters = registered(agency, 10)
    for letter in letters:
        agency.office.told[letter] = Progress(correlation_key=letter, referrals=(REFERRAL,))
    agency.office.told[letters[6]] = Misbehaved(reason="no_status")
    agency.track()
    statuses = [agency.status(letter) for letter in letters]
    assert statuses.count(Status.REFERRED) == 9
    assert statuses[6] is Status.REGISTERED
    assert agency.office.calls["progress"] <= 10


def test_news_of_one_letter_that_make_no_sense_at_all_do_not_silence_the_others(agency: Agency) -> None:
    letters = registered(agency, 10)
    for letter in letters:
        agency.office.told[letter] = Progress(correlation_key=letter, referrals=(REFERRAL,))
    broken: Any = "an adapter that breaks the port's contract"
    agency.office.told[letters[3]] = Progress(correlation_key=letters[3], referrals=(broken,))
    agency.track()
    assert [agency.status(letter) for letter in letters].count(Status.REFERRED) == 9
    (row,) = agency.ledger.letters(LetterFilter(statuses=frozenset({Status.REGISTERED})))
    assert (row.letter_id, row.last_reason) == (letters[3], "news_broken")


def test_an_office_that_is_away_costs_one_call_and_postpones_its_letters(agency: Agency) -> None:
    letters = registered(agency, 10)
    agency.office.told[letters[0]] = Unavailable(reason="refused")
    agency.track()
    assert agency.office.calls["progress"] == 1
    assert agency.due_in(Stage.TRACKING) == timedelta(minutes=1)


def test_a_code_that_nobody_mapped_changes_nothing_and_is_kept_in_sight(agency: Agency) -> None:
    (letter,) = registered(agency)
    agency.office.told[letter] = Progress(correlation_key=letter, unmapped=("77",), is_closed=True)
    agency.track()
    assert agency.status(letter) is Status.REGISTERED
    (row,) = agency.ledger.letters(LetterFilter())
    assert row.last_reason == "unmapped_status"


def test_a_letter_that_the_office_does_not_speak_of_is_kept_in_sight_with_its_reason(agency: Agency) -> None:
    (letter,) = registered(agency)
    agency.office.told[letter] = Progress(correlation_key="somebody else's", is_closed=True)
    agency.track()
    assert agency.status(letter) is Status.REGISTERED
    (row,) = agency.ledger.letters(LetterFilter())
    assert row.last_reason == "not_mentioned"


def test_the_number_of_a_submitted_letter_comes_by_progress(agency: Agency) -> None:
    agency.office.fates.append(Fate.SUBMIT)
    (letter,) = registered(agency)
    number = Registration(number="1405/77", secretariat="central")
    agency.office.told[letter] = Progress(correlation_key=letter, registration=number)
    agency.track()
    assert agency.status(letter) is Status.REGISTERED


def test_the_number_of_a_submitted_letter_is_found_by_key_where_there_is_no_progress(agency: Agency) -> None:
    agency.office.capabilities = OfficeCapabilities(find_by_key=True)
    agency.office.fates.append(Fate.SUBMIT)
    (letter,) = registered(agency)
    agency.track()
    assert agency.status(letter) is Status.SUBMITTED
    (row,) = agency.ledger.letters(LetterFilter())
    assert row.last_reason == "number_awaited"
    agency.office.number(letter, "central")
    agency.until_due(Stage.TRACKING)
    agency.track()
    assert agency.status(letter) is Status.REGISTERED


@pytest.mark.parametrize("find_by_key", [True, False])
def test_letters_of_an_office_that_tells_nothing_keep_their_owner_and_their_reason(
    agency: Agency, find_by_key: bool
) -> None:
    agency.office.capabilities = OfficeCapabilities(find_by_key=find_by_key)
    (letter,) = registered(agency)
    for _ in range(20):
        agency.track()
        agency.until_due(Stage.TRACKING)
    agency.track()
    assert agency.status(letter) is Status.REGISTERED, "no answer was made up"
    assert agency.due_in(Stage.TRACKING) == timedelta(days=7)
    assert agency.office.calls == {"register": 1}
    assert agency.ledger.silent() == 0
    (row,) = agency.ledger.letters(LetterFilter())
    assert row.last_reason == "office_tells_no_progress"
