"""What a search's answer may be taken for: an entry is never made up, and an absence never guessed."""

from typing import Any

import pytest

from connector.errors import Misbehaved
from connector.mapping.dates import OfficeDates
from connector.mapping.expressions import compile_expression
from connector.mapping.matches import MatchPicker
from connector.mapping.picking import RegistrationPicker
from connector.mapping.schema_picks import Progressing

STATUSES = {"1": Progressing.ACCEPTED, "2": Progressing.REGISTERED, "7": Progressing.REFUSED}


def picked(source: str) -> Any:
    return compile_expression(source, where="mapping")


def a_picker(*, key: str | None = None, status: str | None = None, most: int | None = None) -> MatchPicker:
    return MatchPicker(
        matches=picked("reply.found"),
        most=most,
        key=picked(key) if key else None,
        status=picked(status) if status else None,
        statuses=STATUSES if status else {},
        registration=RegistrationPicker(
            number=picked("match.number"),
            year=None,
            date=None,
            office_reference=picked("match.id"),
            dates=OfficeDates(),
        ),
        reason=picked("match.reason"),
        reason_code=None,
    )


def numbers(picker: MatchPicker, found: Any) -> list[str | None]:
    matches = picker.pick({"reply": {"found": found}}, key="01K5ABC", secretariat="10")
    return [match.registration.number if match.registration else None for match in matches]


@pytest.mark.parametrize("found", [None, "", "nothing", 0, False, ["x"], [None], [[]], [{}], [{"other": 1}]])
def test_what_is_no_list_of_entries_is_neither_a_match_nor_an_absence(found: Any) -> None:
    with pytest.raises(Misbehaved):
        numbers(a_picker(), found)


def test_an_empty_list_is_the_office_s_word_that_there_is_nothing() -> None:
    assert numbers(a_picker(key="match.key", status="match.status"), []) == []


def test_one_entry_that_is_no_list_counts_as_one() -> None:
    assert numbers(a_picker(), {"number": "7"}) == ["7"]


def test_a_key_is_the_same_in_other_digits_and_letters_and_another_key_is_another_letter() -> None:
    picker = a_picker(key="match.key")
    found = [{"key": "۰۱k۵abc", "number": "7"}, {"key": "01K5ABD", "number": "8"}]
    assert numbers(picker, found) == ["7"]
    assert numbers(picker, found[1:]) == []


def test_an_entry_without_a_key_settles_nothing_unless_ours_is_there() -> None:
    picker = a_picker(key="match.key")
    found = [{"number": "7"}, {"key": "01K5ABC", "number": "8"}]
    assert numbers(picker, found) == ["8"]
    with pytest.raises(Misbehaved):
        numbers(picker, found[:1])


def test_a_full_answer_may_hide_the_letter() -> None:
    picker = a_picker(most=2)
    assert numbers(picker, [{"number": "7"}]) == ["7"]
    with pytest.raises(Misbehaved):
        numbers(picker, [{"number": "7"}, {"number": "8"}])


@pytest.mark.parametrize("entry", [{"status": "2"}, {"status": "44", "number": "7"}, {"number": "7"}])
def test_an_entry_whose_state_is_not_clear_settles_nothing(entry: dict[str, str]) -> None:
    with pytest.raises(Misbehaved):
        numbers(a_picker(status="match.status"), [entry])


def test_a_number_on_a_refused_entry_is_not_a_registration() -> None:
    picker = a_picker(status="match.status")
    (refused,) = picker.pick(
        {"reply": {"found": [{"status": "7", "number": "7", "reason": "ناقص"}]}}, key="K", secretariat="10"
    )
    assert (refused.is_refused, refused.registration, refused.reason) == (True, None, "ناقص")
