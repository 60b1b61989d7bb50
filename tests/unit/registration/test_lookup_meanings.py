"""What each look-up means, and that absence is proven by nothing but look-ups that saw nothing, late enough."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.domain.attention import ASKS_A_PERSON
from connector.domain.letter import Confidentiality, Language, Letter, Urgency
from connector.domain.lifecycle import TRANSITIONS, Event, Status
from connector.domain.registration import Registration
from connector.ledger.lookup_records import SEVERAL_MATCHES
from connector.ledger.records import LetterState
from connector.ports.call_failures import DUPLICATE_WITHOUT_NUMBER
from connector.ports.outcomes import Found, Refused, Registered, Submitted
from connector.registration.lookups import happening_of_create_again, happening_of_lookup
from connector.registration.matches import Unclear
from connector.registration.patience import RegistrationPolicy
from connector.testing.builders import a_person, a_route

LOST = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
LONGEST = timedelta(minutes=10)
EARLY, LATE = LOST + timedelta(minutes=10), LOST + timedelta(minutes=10, seconds=1)
POLICY = RegistrationPolicy()
NUMBER = Registered(registration=Registration(number="1405/7", secretariat="central", year=1405))
BLANK = Registered(registration=Registration(number=" ", secretariat="central"))
REFUSED = Refused(reason="ناقص است", code="E-12")


def a_state(**changes: Any) -> LetterState:
    letter = Letter(
        letter_id="01J00000000000000000000000", tracking_code="1", portal="web", submission_id="1",
        sender=a_person(), subject="درخواست", text="متن", service="general", unit=None, urgency=Urgency.NORMAL,
        confidentiality=Confidentiality.NORMAL, language=Language.FA, attachments=(), fields={}, received_at=LOST,
    )  # fmt: skip
    known: dict[str, Any] = {
        "letter": letter, "status": Status.UNCERTAIN, "route": a_route(), "registration": None,
        "office_reference": None, "referrals": (), "answer": None, "status_since": LOST, "announced_at": LOST,
        "lookups": 0, "last_event_at": LOST, "lost_because": "timeout",
    }  # fmt: skip
    return LetterState(**known | changes)


def look(
    found: Found | Unclear, at: datetime, *, is_exact: bool = True, **changes: Any
) -> tuple[Event, str | None]:
    state = a_state(**{"lookups": changes.get("absences", 0)} | changes)
    happening = happening_of_lookup(
        found, state, asked_at=at, now=at, longest_processing=LONGEST, policy=POLICY, is_exact=is_exact
    )
    assert (Status.UNCERTAIN, happening.event) in TRANSITIONS
    return happening.event, happening.reason


@pytest.mark.parametrize(
    ("found", "event", "reason"),
    [
        (NUMBER, Event.FOUND, None),
        (Submitted(office_reference="doc-1"), Event.FOUND_ACCEPTED, None),
        (REFUSED, Event.REFUSED, "refused_by_office"),
        (BLANK, Event.LOOKED_UP, "no_number"),
        (None, Event.LOOKED_UP, "not_there_yet"),
        (Unclear("several_matches"), Event.LOOKED_UP, "several_matches"),
        ("1405/7", Event.LOOKED_UP, "no_number"),
        ([], Event.LOOKED_UP, "no_number"),
    ],
)
def test_each_answer_has_its_meaning(found: Any, event: Event, reason: str | None) -> None:
    assert look(found, EARLY, absences=5) == (event, reason)


@pytest.mark.parametrize("is_exact", [True, False])
@pytest.mark.parametrize(
    ("changes", "at", "reason"),
    [
        ({"absences": 0}, LATE, "not_there_yet"),
        ({"absences": 9}, EARLY, "not_there_yet"),
        ({"absences": 1}, LATE, "not_there"),
        ({"absences": 0, "lookups": 3}, LATE, "not_there_yet"),
        ({"absences": 3, "is_sighted": True}, LATE, "seen_and_gone"),
        ({"absences": 3, "is_sighted": True}, EARLY, "not_there_yet"),
        ({"absences": 3, "lost_because": DUPLICATE_WITHOUT_NUMBER}, LATE, "duplicate_not_found"),
        ({"absences": 3, "announced_at": LOST + LONGEST}, LATE, "not_there_yet"),
        ({"absences": 3, "status_since": LOST + LONGEST}, LATE, "not_there_yet"),
    ],
)
def test_absence_takes_two_lookups_that_saw_nothing_the_last_beyond_the_longest_processing_time(
    changes: dict[str, Any], at: datetime, reason: str, is_exact: bool
) -> None:
    event, said = look(None, at, is_exact=is_exact, **changes)
    assert said == reason
    assert (event is Event.FOUND_ABSENT) == (reason == "not_there")


@pytest.mark.parametrize(("at", "reason"), [(EARLY, "no_sign_yet"), (LATE, "no_sign")])
def test_an_absence_that_is_no_proof_never_sends_a_letter_again(at: datetime, reason: str) -> None:
    happening = happening_of_lookup(
        None, a_state(absences=9, lookups=9), asked_at=at, now=at, longest_processing=LONGEST, policy=POLICY,
        absence_is_proof=False,
    )  # fmt: skip
    assert (happening.event, happening.reason) == (Event.LOOKED_UP, reason)
    assert (reason in ASKS_A_PERSON) == (at is LATE)


@pytest.mark.parametrize("word", ["no_number", "number_missing"])
def test_a_search_does_not_speak_against_an_office_that_said_it_registered(word: str) -> None:
    assert look(None, LATE, absences=3, lost_because=word, is_exact=False)[1] == "registered_not_found"
    assert look(None, LATE, absences=3, lost_because=word)[0] is Event.FOUND_ABSENT


def test_what_is_unclear_is_asked_again_at_growing_gaps_and_then_left_to_a_person_daily() -> None:
    def due_after(at: datetime, lookups: int) -> timedelta:
        happening = happening_of_lookup(
            Unclear("twin_letters"), a_state(lookups=lookups), asked_at=at, now=at,
            longest_processing=LONGEST, policy=POLICY,
        )  # fmt: skip
        assert happening.due_at is not None
        return happening.due_at - at

    assert due_after(LOST + timedelta(seconds=5), 0) == timedelta(seconds=15)
    assert due_after(LATE, 5) == POLICY.remind_after


@pytest.mark.parametrize(
    ("outcome", "at", "event", "reason"),
    [
        (NUMBER, EARLY, Event.FOUND, None),
        (Submitted(), EARLY, Event.FOUND_ACCEPTED, None),
        (REFUSED, EARLY, Event.LOOKED_UP, "refused_meanwhile"),
        (REFUSED, LATE, Event.REFUSED, "refused_by_office"),
        (BLANK, LATE, Event.LOOKED_UP, "no_number"),
        (None, LATE, Event.LOOKED_UP, "no_number"),
    ],
)
def test_a_create_under_the_same_key_never_proves_absence(
    outcome: Any, at: datetime, event: Event, reason: str | None
) -> None:
    happening = happening_of_create_again(
        outcome, a_state(absences=9), asked_at=at, now=at, longest_processing=LONGEST, policy=POLICY
    )
    assert (happening.event, happening.reason) == (event, reason)


def test_every_question_is_on_the_list_of_what_needs_a_person() -> None:
    folder = Path(__file__).parents[3] / "connector" / "registration"
    text = "\n".join((folder / name).read_text(encoding="utf-8") for name in ("lookups.py", "matches.py"))
    asked = set(re.findall(r'Unclear\("(\w+)"\)', text)) | set(re.findall(r'return "(\w+)"', text))
    asked |= {"seen_and_gone", SEVERAL_MATCHES}
    assert asked - {"refused_meanwhile"} <= ASKS_A_PERSON
    assert len(asked) > 6


def test_nothing_is_found_absent_before_the_longest_processing_time_passed_under_this_processes_own_eyes() -> (
    None
):
    started = LATE + timedelta(hours=1)  # anew, under a clock that somebody set an hour ahead
    state = a_state(lookups=1, absences=1)

    def look_at(at: datetime) -> Event:
        return happening_of_lookup(
            None,
            state,
            asked_at=at,
            now=at,
            longest_processing=LONGEST,
            policy=POLICY,
            watching_since=started,
        ).event

    assert look_at(started + timedelta(seconds=5)) is Event.LOOKED_UP
    assert look_at(started + LONGEST) is Event.LOOKED_UP
    assert look_at(started + LONGEST + timedelta(seconds=1)) is Event.FOUND_ABSENT
