"""Level B: an office that can only be searched. One match is the letter; whatever has two readings is a question."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from connector.domain.lifecycle import Stage, Status
from connector.domain.registration import Registration
from connector.errors import (
    CredentialsRejected,
    Misbehaved,
    NotPossible,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from connector.ports.outcomes import Refused, Registered, Submitted
from connector.testing.builders import a_submission
from tests.integration.stages.conftest import Agency
from tests.integration.stages.ladder_office import LadderOffice, able
from tests.integration.stages.office_double import Fate

Ladder = Callable[..., Agency]
DAY = timedelta(days=1)
SUBJECT = "درخواست گواهی"


def searchable(**abilities: Any) -> LadderOffice:
    return LadderOffice(capabilities=able(search=True, **abilities))


def lose(agency: Agency, fate: Fate | Exception, **said: Any) -> str:
    agency.office.fates.append(fate)
    letter = agency.letter(a_submission(**said))
    agency.register()
    assert agency.status(letter) is Status.UNCERTAIN
    return letter


def look_up(agency: Agency, times: int = 1) -> None:
    for _ in range(times):
        agency.until_due(Stage.RECONCILIATION)
        agency.reconcile()


def reason(agency: Agency, letter: str) -> str | None:
    return agency.ledger.letter_row(letter).last_reason


def an_entry(number: str = "1405/99") -> Registered:
    return Registered(registration=Registration(number=number, secretariat="central", year=1405))


def test_one_match_is_the_letter(ladder: Ladder) -> None:
    agency = ladder(searchable())
    letter = lose(agency, Fate.SWALLOW)
    look_up(agency)
    state = agency.state(letter)
    assert state.status is Status.REGISTERED
    assert [state.registration] == agency.office.numbers[letter]
    assert agency.office.calls == {"register": 1, "search": 1}


def test_none_is_absence_only_late_enough_and_at_the_second_look(ladder: Ladder) -> None:
    agency = ladder(searchable())
    letter = lose(agency, Fate.LOSE)
    waited = timedelta()
    while agency.status(letter) is Status.UNCERTAIN:
        waited += agency.until_due(Stage.RECONCILIATION)
        agency.reconcile()
    assert timedelta(minutes=10) < waited < timedelta(minutes=11)
    agency.register()
    assert agency.status(letter) is Status.REGISTERED
    assert agency.office.registered_twice == []


def test_one_search_that_finds_nothing_proves_nothing_however_late_it_is(ladder: Ladder) -> None:
    agency = ladder(searchable())
    letter = lose(agency, Fate.LOSE)
    agency.pass_time(2 * DAY)
    agency.reconcile()
    assert agency.status(letter) is Status.UNCERTAIN
    look_up(agency)
    assert agency.status(letter) is Status.READY


def test_several_matches_are_a_question_of_which_a_person_is_reminded(ladder: Ladder) -> None:
    agency = ladder(searchable())
    agency.office.shows = [an_entry("1405/98"), an_entry("1405/99")]
    letter = lose(agency, Fate.LOSE)
    look_up(agency, 8)
    assert (agency.status(letter), reason(agency, letter)) == (Status.UNCERTAIN, "several_matches")
    assert agency.due_in(Stage.RECONCILIATION) == DAY
    assert agency.ledger.silent() == 0


def test_what_was_seen_once_and_is_gone_is_no_absence(ladder: Ladder) -> None:
    agency = ladder(searchable())
    agency.office.shows = [an_entry("1405/98"), an_entry("1405/99")]
    letter = lose(agency, Fate.LOSE)
    look_up(agency)
    agency.office.shows = []
    look_up(agency, 9)
    assert (agency.status(letter), reason(agency, letter)) == (Status.UNCERTAIN, "seen_and_gone")
    assert agency.office.calls["register"] == 1


@pytest.mark.parametrize(
    ("found", "status"),
    [
        (Submitted(office_reference="doc-7"), Status.SUBMITTED),
        (Refused(reason="نه", code="E-1"), Status.REFUSED),
    ],
)
def test_an_entry_without_a_number_yet_or_refused_is_what_it_is(
    ladder: Ladder, found: Any, status: Status
) -> None:
    agency = ladder(searchable())
    agency.office.shows = [found]
    letter = lose(agency, Fate.LOSE)
    look_up(agency)
    assert agency.status(letter) is status


@pytest.mark.parametrize(
    "error",
    [
        Unavailable(reason="http_503"),
        RateLimited(reason="http_429"),
        OutcomeUnknown(reason="timeout"),
        Misbehaved(reason="session_unknown"),
        CredentialsRejected(reason="login_refused"),
        NotPossible("The search takes no such subject."),
        ValueError("crash"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_search_that_failed_never_counts(ladder: Ladder, error: Exception) -> None:
    agency = ladder(searchable())
    letter = lose(agency, Fate.LOSE)
    for _ in range(3):
        agency.pass_time(timedelta(hours=1))
        agency.office.step_fates["search"].append(error)
        agency.reconcile()
    state = agency.state(letter)
    assert (state.status, state.lookups, state.absences) == (Status.UNCERTAIN, 0, 0)


@pytest.mark.parametrize("nonsense", ["nothing", [None], {"number": "7"}, 7])
def test_a_search_that_brings_nonsense_never_counts(ladder: Ladder, nonsense: Any) -> None:
    agency = ladder(searchable())
    letter = lose(agency, Fate.LOSE)
    agency.office.shows = nonsense
    for _ in range(3):
        agency.pass_time(timedelta(hours=1))
        agency.reconcile()
    assert (agency.status(letter), agency.state(letter).lookups) == (Status.UNCERTAIN, 0)


def test_a_match_that_is_registered_for_another_letter_of_ours_is_no_match(ladder: Ladder) -> None:
    agency = ladder(searchable())
    first = agency.letter(a_submission(subject=SUBJECT, text="یک"))
    agency.register()
    second = lose(agency, Fate.LOSE, subject=SUBJECT, text="دو")
    while agency.status(second) is Status.UNCERTAIN:
        look_up(agency)
    assert agency.status(second) is Status.READY, "the one entry is the first letter's"
    agency.register()
    numbers = [agency.state(letter).registration for letter in (first, second)]
    assert len({each.number for each in numbers if each}) == 2
    assert agency.office.registered_twice == []


def test_a_lost_twin_of_a_registered_letter_is_the_other_entry(ladder: Ladder) -> None:
    agency = ladder(searchable())
    first = agency.letter(a_submission(subject=SUBJECT, text="یک"))
    agency.register()
    second = lose(agency, Fate.SWALLOW, subject=SUBJECT, text="دو")
    look_up(agency)
    assert [agency.state(letter).registration for letter in (first, second)] == [
        agency.office.numbers[first][0],
        agency.office.numbers[second][0],
    ]


def test_two_lost_twins_and_one_entry_are_a_question_for_a_person_and_never_a_guess(ladder: Ladder) -> None:
    agency = ladder(searchable())
    first = lose(agency, Fate.SWALLOW, subject=SUBJECT, text="یک")
    second = lose(agency, Fate.LOSE, subject="درخواست گواهي", text="دو")
    look_up(agency, 16)
    for letter in (first, second):
        assert (agency.status(letter), reason(agency, letter)) == (Status.UNCERTAIN, "twin_letters")
    assert agency.due_in(Stage.RECONCILIATION) > timedelta(hours=23)
    assert agency.office.calls["register"] == 2


def test_once_a_person_has_said_which_the_other_twin_resolves_itself(ladder: Ladder) -> None:
    from connector.ledger.decisions import Said

    agency = ladder(searchable())
    first = lose(agency, Fate.SWALLOW, subject=SUBJECT, text="یک")
    second = lose(agency, Fate.LOSE, subject=SUBJECT, text="دو")
    look_up(agency, 16)
    said = Said(by="operator", reason="seen in the office")
    agency.ledger.decisions.settle_registered(
        first, Status.UNCERTAIN, said, agency.office.numbers[first][0], track_after=DAY
    )
    look_up(agency, 2)
    assert agency.status(second) is Status.READY
    agency.register()
    assert agency.office.registered_twice == []
    assert agency.state(second).registration == agency.office.numbers[second][0]


def test_two_lost_twins_that_are_both_absent_are_both_sent_again(ladder: Ladder) -> None:
    agency = ladder(searchable())
    letters = [lose(agency, Fate.LOSE, subject=SUBJECT, text=text) for text in ("یک", "دو")]
    while any(agency.status(letter) is Status.UNCERTAIN for letter in letters):
        look_up(agency)
    agency.register()
    assert [agency.status(letter) for letter in letters] == [Status.REGISTERED] * 2
    assert agency.office.registered_twice == []


def test_a_search_by_our_key_tells_twins_apart(ladder: Ladder) -> None:
    agency = ladder(searchable(search_sees_key=True))
    first = lose(agency, Fate.SWALLOW, subject=SUBJECT, text="یک")
    second = lose(agency, Fate.LOSE, subject=SUBJECT, text="دو")
    look_up(agency, 2)
    assert agency.status(first) is Status.REGISTERED
    while agency.status(second) is Status.UNCERTAIN:
        look_up(agency)
    agency.register()
    assert agency.status(second) is Status.REGISTERED
    assert agency.office.registered_twice == []


def test_a_search_that_hides_what_is_certainly_there_proves_no_absence(ladder: Ladder) -> None:
    agency = ladder(searchable())
    second = lose(agency, Fate.LOSE, subject=SUBJECT, text="دو")
    agency.letter(a_submission(subject=SUBJECT, text="یک"))
    agency.register()
    agency.office.shows = []
    look_up(agency, 9)
    assert (agency.status(second), reason(agency, second)) == (Status.UNCERTAIN, "twin_not_seen")
    assert agency.due_in(Stage.RECONCILIATION) == DAY


def test_an_office_that_said_it_registered_is_not_contradicted_by_a_search(ladder: Ladder) -> None:
    agency = ladder(searchable())
    letter = lose(agency, Fate.NO_NUMBER)
    agency.office.shows = []
    look_up(agency, 9)
    assert (agency.status(letter), reason(agency, letter)) == (Status.UNCERTAIN, "registered_not_found")


def test_the_search_is_asked_for_the_days_of_this_letter(ladder: Ladder) -> None:
    agency = ladder(searchable())
    asked: list[Any] = []

    class Listening(LadderOffice):
        def search(self, query: Any) -> Any:
            asked.append(query)
            return []

    agency.office = Listening(capabilities=able(search=True))
    agency.connect()
    announced_at = agency.clock.now()
    letter = lose(agency, Fate.LOSE)
    look_up(agency, 2)
    hour = timedelta(hours=1)
    assert {(q.letter.letter_id, q.correlation_key, q.secretariat) for q in asked} == {
        (letter, letter, "central")
    }
    assert {q.since for q in asked} == {announced_at - hour}
    assert asked[-1].until == agency.clock.now() + hour
