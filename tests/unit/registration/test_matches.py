"""What the entries that a search brought mean: one is the letter, and whatever has two readings is a question."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from connector.domain.lifecycle import Status
from connector.domain.registration import Registration
from connector.ledger.lookup_records import OtherLetter
from connector.ports.outcomes import Refused, Registered, Submitted
from connector.registration.matches import Match, Unclear, meaning_of

SINCE = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
INSIDE, BEFORE = SINCE + timedelta(minutes=5), SINCE - timedelta(minutes=5)


def numbered(number: str = "7", **changes: Any) -> Registered:
    known: dict[str, Any] = {"number": number, "secretariat": "central", "year": 1405}
    return Registered(registration=Registration(**known | changes))


def another(registration: Registered | None = None, **changes: Any) -> OtherLetter:
    known: dict[str, Any] = {
        "letter_id": "other", "status": Status.REGISTERED if registration else Status.UNCERTAIN,
        "registration": registration.registration if registration else None,
        "office_reference": registration.registration.office_reference if registration else None,
        "first_announced_at": BEFORE,
    }  # fmt: skip
    return OtherLetter(**known | changes)


def mean(*matches: Match, holders: Any = (), alike: Any = (), sees_key: bool = False) -> Any:
    found = meaning_of(matches, holders=holders, alike=alike, since=SINCE, sees_key=sees_key)
    return found.reason if isinstance(found, Unclear) else found


REFUSAL = Refused(reason="نه")


@pytest.mark.parametrize("match", [numbered(), Submitted(office_reference="doc-1"), Submitted(), REFUSAL])
def test_one_entry_is_the_letter_and_none_is_none(match: Match) -> None:
    assert mean(match) == match
    assert mean() is None


@pytest.mark.parametrize(
    "matches",
    [
        (numbered("7"), numbered("8")),
        (numbered("7"), numbered("7", secretariat="branch")),
        (numbered("7"), Submitted(office_reference="doc-1")),
        (Submitted(), Submitted()),
        (numbered("7"), REFUSAL),
    ],
)
def test_several_entries_are_a_question(matches: tuple[Match, ...]) -> None:
    assert mean(*matches) == "several_matches"


def test_the_same_entry_told_twice_is_one() -> None:
    assert mean(numbered("7"), numbered("۷ ")) == numbered("7")


def test_an_entry_without_a_number_is_a_question() -> None:
    assert mean(numbered(" ")) == "no_number"


@pytest.mark.parametrize(
    ("match", "held"),
    [
        (numbered("7"), numbered("7")),
        (numbered("۷"), numbered("7")),
        (numbered("7", year=None, registered_on=date(2026, 11, 22)), numbered("7", year=1405)),
        (numbered("7", office_reference="doc-1"), numbered("9", office_reference="doc-1")),
        (Submitted(office_reference="doc-1"), numbered("9", office_reference="doc-1")),
    ],
)
def test_an_entry_that_our_ledger_has_for_another_letter_is_no_match(match: Match, held: Registered) -> None:
    assert mean(match, holders=[another(held)]) is None
    assert mean(match, numbered("12"), holders=[another(held)]) == numbered("12")


@pytest.mark.parametrize(
    ("match", "held"),
    [
        (numbered("7"), numbered("8")),
        (numbered("7"), numbered("7", secretariat="branch")),
        (numbered("7"), numbered("7", year=1404)),
        (numbered("7", year=None, registered_on=date(2026, 3, 21)), numbered("7", year=1404)),
    ],
)
def test_a_number_of_another_secretariat_or_year_is_another_number(match: Match, held: Registered) -> None:
    assert mean(match, holders=[another(held)]) == match


def test_where_nobody_says_the_year_an_equal_number_is_a_question() -> None:
    held = another(numbered("7", year=None))
    assert mean(numbered("7", year=None), holders=[held]) == "number_of_another"
    assert mean(numbered("7", year=1405), holders=[held]) == "number_of_another"


def test_an_entry_that_bears_our_key_and_anothers_number_is_a_question_and_never_absence() -> None:
    assert mean(numbered("7"), holders=[another(numbered("7"))], sees_key=True) == "number_of_another"


@pytest.mark.parametrize(
    ("twin", "meaning"),
    [
        (another(status=Status.UNCERTAIN), "twin_letters"),
        (another(status=Status.REGISTERING), "twin_letters"),
        (another(status=Status.SUBMITTED), "twin_letters"),
        (another(status=Status.SUBMITTED, office_reference="doc-9"), "twin_letters"),
        (another(status=Status.READY), None),
        (another(status=Status.REFUSED), None),
    ],
)
def test_where_two_letters_of_ours_may_be_meant_it_is_a_question(
    twin: OtherLetter, meaning: str | None
) -> None:
    assert mean(numbered(), alike=[twin]) == (meaning or numbered())
    assert mean(alike=[twin]) is None, "what is not there belongs to neither"
    assert mean(numbered(), alike=[twin], sees_key=True) == numbered(), "our key tells them apart"


def test_a_letter_that_waits_for_its_number_is_told_apart_by_its_handle_alone() -> None:
    twin = another(status=Status.SUBMITTED, office_reference="doc-9")
    other = numbered(office_reference="doc-1")
    assert mean(other, alike=[twin]) == other
    assert mean(Submitted(office_reference="doc-1"), alike=[twin]) == Submitted(office_reference="doc-1")
    assert mean(Submitted(), alike=[twin]) == "twin_letters"
    assert mean(numbered(office_reference="doc-9"), alike=[twin]) is None, "it is the twin's"


def test_a_refusal_has_no_name_so_that_a_twin_makes_it_a_question() -> None:
    assert mean(REFUSAL, alike=[another(status=Status.REFUSED)]) == "twin_letters"


def test_a_registered_twin_leaves_the_other_entry_to_this_letter() -> None:
    twin = another(numbered("7"), first_announced_at=INSIDE)
    assert mean(numbered("7"), numbered("8"), alike=[twin]) == numbered("8")
    assert mean(numbered("7"), alike=[twin]) is None


def test_a_search_that_does_not_show_what_is_certainly_there_proves_nothing() -> None:
    hidden = another(numbered("7"), first_announced_at=INSIDE)
    assert mean(alike=[hidden]) == "twin_not_seen"
    assert mean(numbered("8"), alike=[hidden]) == "twin_not_seen", (
        "it may be the same entry, written otherwise"
    )
    assert mean(alike=[another(numbered("7"), first_announced_at=BEFORE)]) is None, (
        "outside what was searched"
    )
    assert mean(alike=[hidden], sees_key=True) is None, "it bears another key"
