"""What else of ours an office may have: asked before an entry found there is taken for a letter."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from connector.domain.lifecycle import Event, Status
from connector.domain.registration import Registration
from connector.ledger import Ledger
from connector.ledger.records import Happening, LetterState
from connector.testing.builders import HeldClock, a_person, a_route, a_submission
from tests.contract.ledger.walk import INTAKE, REGISTRATION, only

LONG_AGO = timedelta(days=400)


def a_letter(
    ledger: Ledger, clock: HeldClock, *, number: str | None = None, office: str = "main", **said: Any
) -> str:
    """A letter whose answer was lost, or that has this number."""
    route = a_route(office=office)
    letter_id = ledger.admit(a_submission(**said), route=route).letter_id
    ledger.record(only(ledger, INTAKE), Happening(event=Event.SCREENED, due_at=clock.now(), route=route))
    from connector.ledger.records import Lane

    claim = ledger.announce(only(ledger, Lane(REGISTRATION.stage, office)))
    happening = Happening(event=Event.OUTCOME_LOST, due_at=clock.now() + LONG_AGO, reason="timeout")
    if number is not None:
        registration = Registration(
            number=number, secretariat="central", year=1405, office_reference=f"doc-{number}"
        )
        due_at = clock.now() + LONG_AGO
        happening = Happening(event=Event.REGISTERED, due_at=due_at, registration=registration)
    ledger.record(claim, happening)
    return letter_id


def alike(ledger: Ledger, letter_id: str, since: datetime) -> list[str]:
    state: LetterState = ledger.state(letter_id)
    return [other.letter_id for other in ledger.journal.look_alikes(state, since=since)]


@pytest.mark.parametrize("asked", ["12", "۱۲"])
def test_who_else_has_a_number_is_known_however_its_digits_are_written(
    ledger: Ledger, clock: HeldClock, asked: str
) -> None:
    holder = a_letter(ledger, clock, number="12")
    a_letter(ledger, clock, number="13")
    letter = a_letter(ledger, clock)
    (found,) = ledger.journal.holders_of(letter, "main", numbers=[asked], references=[])
    assert (found.letter_id, found.status) == (holder, Status.REGISTERED)
    assert found.registration is not None
    assert (found.registration.number, found.office_reference) == ("12", "doc-12")
    assert found.first_announced_at == clock.now()
    assert ledger.journal.holders_of(holder, "main", numbers=[asked], references=[]) == [], (
        "itself is no other"
    )
    assert ledger.journal.holders_of(letter, "branch", numbers=[asked], references=[]) == []


def test_who_else_has_the_offices_handle_is_known(ledger: Ledger, clock: HeldClock) -> None:
    holder = a_letter(ledger, clock, number="12")
    letter = a_letter(ledger, clock)
    (found,) = ledger.journal.holders_of(letter, "main", numbers=["99"], references=["doc-12"])
    assert found.letter_id == holder


def test_letters_of_one_sender_with_one_subject_are_alike_however_it_is_spelled(
    ledger: Ledger, clock: HeldClock
) -> None:
    first = a_letter(ledger, clock, subject="درخواست گواهی", text="یک")
    second = a_letter(ledger, clock, subject="درخواست  گواهي", text="دو")
    assert alike(ledger, first, clock.now()) == [second]
    assert alike(ledger, second, clock.now()) == [first]


@pytest.mark.parametrize(
    "said",
    [
        {"subject": "چیز دیگر"},
        {"sender": a_person(identity_number="0499370899")},
        {"office": "branch"},
    ],
)
def test_another_subject_sender_or_office_is_not_alike(
    ledger: Ledger, clock: HeldClock, said: dict[str, Any]
) -> None:
    letter = a_letter(ledger, clock, subject="درخواست گواهی")
    a_letter(ledger, clock, **{"subject": "درخواست گواهی"} | said)
    assert alike(ledger, letter, clock.now()) == []


def test_what_an_office_may_have_cut_off_does_not_tell_subjects_apart(
    ledger: Ledger, clock: HeldClock
) -> None:
    letter = a_letter(ledger, clock, subject="آ" * 60 + " یکم")
    other = a_letter(ledger, clock, subject="آ" * 60 + " دوم")
    assert alike(ledger, letter, clock.now()) == [other]


def test_only_letters_that_were_announced_since_are_alike(ledger: Ledger, clock: HeldClock) -> None:
    a_letter(ledger, clock, subject="درخواست گواهی")
    later = clock.advance(timedelta(days=3))
    letter = a_letter(ledger, clock, subject="درخواست گواهی")
    waits = ledger.admit(a_submission(subject="درخواست گواهی"), route=a_route()).letter_id
    assert waits not in alike(ledger, letter, later - timedelta(days=9))
    assert alike(ledger, letter, later) == []
