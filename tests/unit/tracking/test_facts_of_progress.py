"""What an office's word adds to a letter: each fact once, in order, none made up."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.letter import Letter
from connector.domain.lifecycle import ENDS, Event, Status, next_status
from connector.domain.referral import Answer, Referral
from connector.domain.registration import Registration
from connector.ledger.records import LetterState
from connector.ports.outcomes import Progress, Refused
from connector.testing.builders import a_route, a_submission
from connector.tracking.facts import contradiction_of, happenings_of
from connector.tracking.patience import TrackingPolicy, when_to_ask_again

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
NUMBER = Registration(number="1405/12", secretariat="central")
FIRST = Referral(reference="1", unit="شهرسازی", referred_at=NOW - timedelta(days=3))
SECOND = Referral(reference="2", unit="درآمد", referred_at=NOW - timedelta(days=1))
SECRET = Referral(reference="3", unit="حراست", is_public=False)
ANSWER = Answer(text="با درخواست شما موافقت شد.", number="1405/99")


def a_state(status: Status, **changes: object) -> LetterState:
    submission = a_submission()
    letter = Letter(
        letter_id="01J0000000000000000000000A",
        tracking_code="TEST",
        portal="web",
        submission_id=submission.submission_id,
        sender=submission.sender,
        subject=submission.subject,
        text=submission.text,
        service="general",
        unit=None,
        urgency=submission.urgency,
        confidentiality=submission.confidentiality,
        language=submission.language,
        attachments=(),
        fields={},
        received_at=NOW - timedelta(days=5),
    )
    state = LetterState(
        letter=letter,
        status=status,
        route=a_route(),
        registration=None if status is Status.SUBMITTED else NUMBER,
        office_reference="doc-1",
        referrals=(),
        answer=None,
        status_since=NOW - timedelta(days=1),
        announced_at=NOW - timedelta(days=4),
        lookups=0,
        last_event_at=NOW - timedelta(days=1),
    )
    return replace(state, **changes)  # type: ignore[arg-type]


def word(**changes: object) -> Progress:
    return replace(Progress(correlation_key="01J0000000000000000000000A"), **changes)  # type: ignore[arg-type]


def events(state: LetterState, progress: Progress) -> list[Event]:
    return [happening.event for happening in happenings_of(state, progress, NOW)]


def test_nothing_new_is_no_event() -> None:
    state = a_state(Status.REFERRED, referrals=(FIRST,))
    assert events(state, word(registration=NUMBER, referrals=(FIRST,))) == []


def test_a_whole_life_in_one_word_comes_in_the_lifecycle_s_order() -> None:
    progress = word(registration=NUMBER, referrals=(FIRST, SECOND), answer=ANSWER, is_closed=True)
    assert events(a_state(Status.SUBMITTED), progress) == [
        Event.REGISTERED, Event.REFERRED, Event.REFERRED, Event.ANSWERED, Event.CLOSED,
    ]  # fmt: skip


def test_new_referrals_are_told_apart_from_known_ones_by_their_reference() -> None:
    state = a_state(Status.REFERRED, referrals=(FIRST,))
    told = happenings_of(state, word(referrals=(FIRST, SECOND, SECOND)), NOW)
    assert [happening.referral for happening in told] == [SECOND]


def test_a_confidential_referral_is_recorded_as_such() -> None:
    (told,) = happenings_of(a_state(Status.REGISTERED), word(referrals=(SECRET,)), NOW)
    assert told.referral is not None
    assert not told.referral.is_public


def test_facts_wait_until_the_letter_has_its_number() -> None:
    state = a_state(Status.SUBMITTED)
    progress = word(referrals=(FIRST,), answer=ANSWER)
    assert events(state, progress) == []
    assert contradiction_of(state, progress) == "progress_without_number"


def test_a_number_that_comes_later_without_its_secretariat_is_of_the_one_that_the_letter_was_sent_to() -> (
    None
):
    number = Registration(number="000001", secretariat="")
    (told,) = happenings_of(a_state(Status.SUBMITTED), word(registration=number), NOW)
    assert told.registration == replace(number, secretariat=a_route().secretariat)


def test_a_submitted_letter_may_be_refused() -> None:
    progress = word(refused=Refused(reason="نه", code="E-1"))
    (told,) = happenings_of(a_state(Status.SUBMITTED), progress, NOW)
    assert (told.event, told.code, told.due_at) == (Event.REFUSED, "E-1", None)
    assert contradiction_of(a_state(Status.SUBMITTED), progress) is None


def test_an_answer_that_was_told_is_not_told_again() -> None:
    state = a_state(Status.ANSWERED, answer=ANSWER)
    assert events(state, word(answer=ANSWER)) == []
    reopened = a_state(Status.REFERRED, answer=ANSWER, referrals=(FIRST,))
    assert events(reopened, word(referrals=(FIRST,), answer=ANSWER)) == []


def test_a_new_referral_after_the_answer_reopens_the_letter_and_a_new_answer_is_a_new_fact() -> None:
    state = a_state(Status.ANSWERED, answer=ANSWER, referrals=(FIRST,), status_since=NOW - timedelta(days=2))
    later = Referral(reference="9", unit="شهرسازی", referred_at=NOW)
    assert events(state, word(referrals=(FIRST, later), answer=ANSWER)) == [Event.REFERRED]
    corrected = replace(ANSWER, text="اصلاح شد.")
    assert events(state, word(referrals=(FIRST, later), answer=corrected)) == [Event.REFERRED, Event.ANSWERED]


def test_a_referral_from_before_the_answer_is_not_told_after_it() -> None:
    told = replace(ANSWER, answered_on=date(2026, 11, 20))
    state = a_state(Status.ANSWERED, answer=told, referrals=(FIRST,))
    earlier = Referral(reference="2", unit="درآمد", referred_at=datetime(2026, 11, 19, 9, tzinfo=UTC))
    assert events(state, word(referrals=(FIRST, earlier), answer=told)) == []


def test_a_returned_letter_is_at_its_end() -> None:
    (told,) = happenings_of(a_state(Status.REGISTERED), word(returned_because="مدرک ناقص"), NOW)
    assert (told.event, told.due_at, told.remark) == (Event.RETURNED, None, "مدرک ناقص")


@pytest.mark.parametrize(
    ("status", "progress", "reason"),
    [
        (Status.REGISTERED, word(unmapped=("77",), is_closed=True), "unmapped_status"),
        (Status.REGISTERED, word(refused=Refused(reason="نه")), "refused_after_registration"),
        (Status.ANSWERED, word(returned_because="نه"), "returned_after_answer"),
    ],
)
def test_what_cannot_be_changes_nothing_and_has_a_reason(
    status: Status, progress: Progress, reason: str
) -> None:
    state = a_state(status)
    assert events(state, progress) == []
    assert contradiction_of(state, progress) == reason


_words = st.builds(
    word,
    registration=st.sampled_from([None, NUMBER]),
    referrals=st.lists(st.sampled_from([FIRST, SECOND, SECRET]), max_size=4).map(tuple),
    answer=st.sampled_from([None, ANSWER, replace(ANSWER, text="دیگر")]),
    is_closed=st.booleans(),
    returned_because=st.sampled_from([None, "ناقص"]),
    refused=st.sampled_from([None, Refused(reason="نه")]),
    unmapped=st.sampled_from([(), ("77",)]),
)


def test_a_flood_of_referrals_is_kept_from_the_citizen_and_told_to_the_operator() -> None:
    state = a_state(Status.REGISTERED)
    many = tuple(Referral(reference=str(number), unit=f"واحد {number}") for number in range(3000))
    flood = Progress(correlation_key="K", referrals=many)
    assert happenings_of(state, flood, NOW) == []
    assert contradiction_of(state, flood) == "too_many_referrals"
    some = Progress(correlation_key="K", referrals=many[:20])
    assert len(happenings_of(state, some, NOW)) == 20
    assert contradiction_of(state, some) is None


def test_the_name_of_a_unit_is_one_line_of_bounded_length() -> None:
    odd = Referral(reference="1", unit="شهر\x1b[31m\u202eسازی\n" + "ی" * 10_000)
    (happening,) = happenings_of(
        a_state(Status.REGISTERED), Progress(correlation_key="K", referrals=(odd,)), NOW
    )
    assert happening.referral is not None
    assert happening.referral.unit.startswith("شهر [31m سازی یی")
    assert len(happening.referral.unit) == 200


_standing = st.sampled_from([Status.SUBMITTED, Status.REGISTERED, Status.REFERRED, Status.ANSWERED])


@given(status=_standing, said=st.lists(_words, max_size=6))
def test_whatever_an_office_says_the_lifecycle_allows_what_is_recorded(
    status: Status, said: list[Progress]
) -> None:
    state = a_state(status)
    for progress in said:
        for happening in happenings_of(state, progress, NOW):
            now_at = next_status(state.status, happening.event)
            referrals = state.referrals + ((happening.referral,) if happening.referral else ())
            assert len({referral.reference for referral in referrals}) == len(referrals), (
                "a fact was told twice"
            )
            assert (happening.due_at is None) == (now_at in ENDS)
            state = replace(
                state, status=now_at, referrals=referrals, answer=happening.answer or state.answer
            )
        if state.status in ENDS:
            return


def test_fresh_letters_are_asked_about_often_and_old_ones_seldom() -> None:
    policy = TrackingPolicy()
    asked, age = 0, timedelta()
    while age < timedelta(days=3):
        age += when_to_ask_again(age, policy)
        asked += 1
    assert asked <= 30
    assert when_to_ask_again(timedelta(), policy) == timedelta(minutes=1)
    assert when_to_ask_again(timedelta(days=90), policy) == timedelta(hours=6)
