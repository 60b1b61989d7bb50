"""Tracking against a real ledger: facts recorded once, questions in batches, nobody silenced by a neighbour."""

from datetime import timedelta
from typing import Any

import pytest

from connector.domain.attention import Because, Deadlines
from connector.domain.lifecycle import Stage, Status
from connector.domain.referral import Answer, Referral
from connector.domain.registration import Registration
from connector.errors import Misbehaved, Unavailable
from connector.ledger.decisions import Said
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


def awaiting_its_number(agency: Agency) -> str:
    agency.office.fates.append(Fate.SUBMIT)
    letter = agency.letter()
    agency.register()
    agency.until_due(Stage.TRACKING)
    return letter


def number(text: str, year: int | None = 1405) -> Registration:
    return Registration(number=text, secretariat="central", year=year)


def settle(agency: Agency, letter: str, given: Registration) -> None:
    said = Said(by="operator", reason="told by the secretariat")
    agency.ledger.decisions.settle_registered(
        letter, Status.SUBMITTED, said, given, track_after=timedelta(minutes=1)
    )


@pytest.mark.parametrize("told", ["1405/77", "1405-0077", "۱۴۰۵/۷۷"])
def test_the_offices_own_word_after_a_persons_is_no_second_fact(agency: Agency, told: str) -> None:
    letter = awaiting_its_number(agency)
    settle(agency, letter, number("1405/77"))
    agency.office.told[letter] = Progress(correlation_key=letter, registration=number(told))
    for _ in range(2):
        agency.until_due(Stage.TRACKING)
        agency.track()
    assert agency.events(letter)[-2:] == ["accepted", "settled_registered"]
    assert agency.ledger.journal.side_steps_waiting() == []


def test_another_number_than_a_person_gave_is_shown_once_and_changes_nothing(agency: Agency) -> None:
    letter = awaiting_its_number(agency)
    settle(agency, letter, number("1405/77"))
    agency.office.told[letter] = Progress(
        correlation_key=letter, registration=number("1405/78"), answer=ANSWER
    )
    for _ in range(2):
        agency.until_due(Stage.TRACKING)
        agency.track()
    assert agency.events(letter)[-3:] == ["accepted", "settled_registered", "answered"]
    kept = agency.state(letter).registration
    assert kept is not None
    assert kept.number == "1405/77"
    (waiting,) = agency.ledger.journal.side_steps_waiting()
    assert (waiting.letter_id, waiting.name) == (letter, "another_number")


@pytest.mark.parametrize("year", [1405, None])
def test_a_number_that_another_letter_has_by_a_persons_word_is_a_question(
    agency: Agency, year: int | None
) -> None:
    first, second = awaiting_its_number(agency), awaiting_its_number(agency)
    settle(agency, first, number("77"))
    agency.office.told[second] = Progress(correlation_key=second, registration=number("77", year))
    agency.until_due(Stage.TRACKING)
    agency.track()
    assert agency.status(second) is Status.SUBMITTED
    needs = agency.ledger.attention.needs(Deadlines(), lambda *_: True)
    assert [(need.because, need.letter_id, need.reason) for need in needs] == [
        (Because.ASKS_A_PERSON, second, "number_of_another")
    ]
    settle(agency, second, number("78"))
    assert agency.status(second) is Status.REGISTERED


def test_the_same_number_in_another_year_is_another_number(agency: Agency) -> None:
    first, second = awaiting_its_number(agency), awaiting_its_number(agency)
    settle(agency, first, number("77", 1404))
    agency.office.told[second] = Progress(correlation_key=second, registration=number("77"))
    agency.until_due(Stage.TRACKING)
    agency.track()
    assert agency.status(second) is Status.REGISTERED


def test_a_letter_without_a_number_stands_on_the_list_after_its_deadline(agency: Agency) -> None:
    letter = awaiting_its_number(agency)

    def listed() -> list[tuple[Because, str | None]]:
        needs = agency.ledger.attention.needs(Deadlines(), lambda *_: True)
        return [
            (need.because, need.reason) for need in needs if (need.kind, need.letter_id) == ("letter", letter)
        ]

    agency.track()
    agency.pass_time(Deadlines().within[Status.SUBMITTED] - timedelta(minutes=5))
    assert listed() == []
    agency.pass_time(timedelta(minutes=5))
    agency.track()
    assert listed() == [(Because.BEYOND_DEADLINE, "not_mentioned")]
