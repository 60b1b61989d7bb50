"""What a person types, what is said beforehand, and the words for it: all of it without a ledger."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import typer

from connector.assembly.standing import OfficeStanding
from connector.cli.attention import how_long
from connector.cli.deeds import FITS, Deed, fitting, helping_commands, why_not
from connector.cli.foretelling import Case, foretold, foretold_of_many, in_flight_until
from connector.cli.in_words import REASONS, STATUSES
from connector.cli.word_reading import read_day, read_reason, read_registration
from connector.domain.attention import ASKS_A_PERSON, DEADLINES, Because
from connector.domain.attention_words import BECAUSE
from connector.domain.letter import Confidentiality, Language, Letter, Urgency
from connector.domain.lifecycle import ENDS, TRANSITIONS, Event, Status
from connector.ledger.records import LetterRow, LetterState
from connector.ports.office import Duplicates
from connector.testing.builders import a_person

DOCUMENT = (Path(__file__).parents[3] / "docs" / "when-a-person-is-needed.md").read_text(encoding="utf-8")
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
EVENT_OF = {
    Deed.SETTLE_REGISTERED: Event.SETTLED_REGISTERED,
    Deed.SETTLE_ABSENT: Event.SETTLED_ABSENT,
    Deed.SETTLE_REFUSED: Event.REFUSED,
    Deed.RELEASE: Event.RELEASED,
    Deed.WITHDRAW: Event.WITHDRAWN,
    Deed.APPROVE: Event.APPROVED,
    Deed.REFUSE: Event.REFUSED,
}


def a_case(status: Status = Status.UNCERTAIN, **office: object) -> Case:
    letter = Letter(
        letter_id="01J" + "0" * 23,
        tracking_code="482915037264118",
        portal="web",
        submission_id="s-1",
        sender=a_person(),
        subject="درخواست",
        text="متن",
        service="general",
        unit=None,
        urgency=Urgency.NORMAL,
        confidentiality=Confidentiality.NORMAL,
        language=Language.FA,
        attachments=(),
        fields={},
        received_at=NOW - timedelta(days=1),
    )
    state = LetterState(
        letter=letter,
        status=status,
        route=None,
        registration=None,
        office_reference=None,
        referrals=(),
        answer=None,
        status_since=NOW - timedelta(minutes=5),
        announced_at=NOW - timedelta(minutes=6),
        lookups=2,
        last_event_at=NOW,
    )
    row = LetterRow(
        letter_id=letter.letter_id,
        tracking_code=letter.tracking_code,
        status=status,
        portal="web",
        office="main",
        secretariat="1",
        number=None,
        received_at=letter.received_at,
        due_at=NOW,
        owner=None,
        attempts=0,
        last_reason=None,
    )
    standing = replace(OfficeStanding(name="main", is_known=True), **office)  # type: ignore[arg-type]
    return Case(row=row, state=state, office=standing, now=NOW)


def said(deed: Deed, case: Case) -> str:
    return "\n".join(words.en for words in foretold(deed, case))


@pytest.mark.parametrize(
    "text", ["1405/08/30", "۱۴۰۵/۰۸/۳۰", "١٤٠٥-٨-٣٠", "2026-11-21", "2026/11/21", "\u200e1405.8.30"]
)
def test_a_day_is_read_in_either_calendar_and_in_digits_of_any_kind(text: str) -> None:
    assert read_day(text, today=TODAY) == date(2026, 11, 21)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1405/12/31", "no such day"),
        ("2026-02-30", "no such day"),
        ("1100/01/01", "no such day"),
        ("yesterday", "Write the day"),
        ("", "Write the day"),
        ("2026-11-23", "still to come"),
        ("1405/09/02", "still to come"),
    ],
)
def test_a_day_that_is_none_or_is_still_to_come_is_refused(text: str, says: str) -> None:
    with pytest.raises(typer.BadParameter, match=says):
        read_day(text, today=TODAY)


def test_a_number_is_kept_with_its_year() -> None:
    registration = read_registration(" ۱۲/۳۴ ", day=date(2026, 11, 21), secretariat="1", reference=" ")
    assert (registration.number, registration.year, registration.office_reference) == ("12/34", 1405, None)
    assert read_registration("1", day=date(2026, 3, 20), secretariat="1", reference=None).year == 1404


@pytest.mark.parametrize("number", ["", "   ", "--", "9" * 101, "12\x1b[2J", "1\u202e2", "1\n2"])
def test_a_number_that_nobody_could_read_out_is_refused(number: str) -> None:
    with pytest.raises(typer.BadParameter):
        read_registration(number, day=TODAY, secretariat="1", reference=None)


@pytest.mark.parametrize("reason", ["", "  ", "...", "\u200c\u200c", "x" * 501, "a\x00b"])
def test_a_reason_that_says_nothing_is_refused(reason: str) -> None:
    with pytest.raises(typer.BadParameter):
        read_reason(reason)


def test_a_word_fits_exactly_where_the_lifecycle_has_its_step() -> None:
    for deed, statuses in FITS.items():
        for status in statuses - {Status.REGISTERING}:  # there it is lost first
            event = EVENT_OF[fitting(deed, status)]
            assert (status, event) in TRANSITIONS, (deed, status)
        for status in set(Status) - statuses:
            assert why_not(deed, status, None) is not None


def test_an_uncertain_letter_is_not_withdrawn_before_it_is_settled() -> None:
    refusal = why_not(Deed.WITHDRAW, Status.UNCERTAIN, None)
    assert refusal is not None
    assert "cannot be withdrawn" in refusal[0]
    assert "Settle it first" in refusal[1]


@pytest.mark.parametrize(
    ("duplicates", "says"),
    [
        (Duplicates.ANOTHER_ENTRY, "A SECOND ENTRY"),
        (Duplicates.THE_NUMBER, "nothing is registered twice"),
        (Duplicates.AN_ERROR, "refuses the second one"),
    ],
)
def test_what_a_second_one_brings_is_said_beforehand(duplicates: Duplicates, says: str) -> None:
    assert says in said(Deed.SETTLE_ABSENT, a_case(duplicates=duplicates))


def test_of_an_office_that_is_not_known_the_worst_is_assumed() -> None:
    told = said(Deed.SETTLE_ABSENT, a_case(is_known=False, duplicates=Duplicates.ANOTHER_ENTRY))
    assert "assume that it would make a second entry" in told


def test_a_call_that_may_still_take_effect_is_named_with_its_time() -> None:
    case = a_case(longest_processing=timedelta(minutes=10))
    assert in_flight_until(case) == NOW + timedelta(minutes=5)
    assert "TOO EARLY" in said(Deed.SETTLE_ABSENT, case)
    late = a_case(longest_processing=timedelta(minutes=5))
    assert in_flight_until(late) is None
    assert "TOO EARLY" not in said(Deed.SETTLE_ABSENT, late)
    assert in_flight_until(a_case(Status.REGISTERING)) is not None  # its call is lost only now


def test_the_key_to_look_for_is_shown() -> None:
    assert "searched for its key: 01J" in said(Deed.SETTLE_ABSENT, a_case(finds_by_key=True))
    assert "letters show 482915037264118 --personal" in said(Deed.SETTLE_ABSENT, a_case())


def test_before_many_letters_each_office_is_told_of_once_with_its_level_and_what_a_second_one_brings() -> (
    None
):
    naive = {"name": "main", "level": "C", "duplicates": Duplicates.ANOTHER_ENTRY}
    early = a_case(**naive, longest_processing=timedelta(hours=1))
    late = a_case(**naive, longest_processing=timedelta())
    wise = a_case(name="branch", level="A", duplicates=Duplicates.THE_NUMBER, longest_processing=timedelta())
    told = list(foretold_of_many([(Deed.SETTLE_ABSENT, case) for case in (early, wise, late, late)]))
    assert [(one.office, one.level, one.letters, one.too_early) for one in told] == [
        ("main", "C", 3, 1),
        ("branch", "A", 1, 0),
    ]
    assert "3 letters, main (level C): It will be ready" in told[0].words.en
    assert "A SECOND ENTRY" in told[0].words.en
    assert "1 OF THEM TOO EARLY" in told[0].words.en
    assert "۳ نامه" in told[0].words.fa
    assert "nothing is registered twice" in told[1].words.en


def test_before_many_parked_letters_those_that_were_never_sent_are_told_from_the_others() -> None:
    sent = a_case(Status.PARKED, duplicates=Duplicates.ANOTHER_ENTRY)
    never = replace(sent, state=replace(sent.state, announced_at=None))
    told = [one.words.en for one in foretold_of_many([(Deed.RELEASE, sent), (Deed.RELEASE, never)])]
    assert len(told) == 2
    assert "A SECOND ENTRY" in told[0]
    assert "there can be no duplicate" in told[1]


@pytest.mark.parametrize("deed", list(Deed))
def test_whatever_is_said_of_many_names_no_single_letter(deed: Deed) -> None:
    case = a_case()
    for one in foretold_of_many([(deed, case)]) if deed is not Deed.SETTLE_REGISTERED else []:
        assert case.row.tracking_code not in one.words.en + one.words.fa
        assert case.state.letter.correlation_key not in one.words.en + one.words.fa


def test_a_date_before_the_letter_came_is_pointed_out() -> None:
    early = read_registration("1", day=date(2026, 11, 1), secretariat="1", reference=None)
    told = "\n".join(words.en for words in foretold(Deed.SETTLE_REGISTERED, a_case(), early))
    assert "LOOK AGAIN" in told


def test_whoever_refuses_hears_that_the_citizen_reads_the_reason() -> None:
    assert "READS THE REASON" in said(Deed.REFUSE, a_case(Status.IN_REVIEW))


@pytest.mark.parametrize("deed", list(Deed))
def test_everything_is_said_in_both_tongues_and_nothing_personal(deed: Deed) -> None:
    number = read_registration("1", day=TODAY, secretariat="1", reference=None)
    for words in foretold(deed, a_case(), number):
        assert re.search("[a-z]", words.en)
        assert re.search("[ا-ی]", words.fa)
        for personal in ("شهروند نمونه", "0084575948", "09000000001", "متن"):
            assert personal not in words.en + words.fa


def test_every_status_every_cause_and_every_question_has_its_words() -> None:
    assert set(STATUSES) == set(Status)
    assert set(BECAUSE) == set(Because)
    assert set(REASONS) >= ASKS_A_PERSON
    assert set(DEADLINES) == set(Status) - ENDS - {Status.PARKED}


@pytest.mark.parametrize("word", sorted({*REASONS, *map(str, Because)}))
def test_the_document_says_what_to_do_about_every_word(word: str) -> None:
    assert re.search(rf"^\|[^|]*`{word}`", DOCUMENT, flags=re.MULTILINE)


def test_a_letter_that_waits_for_a_person_has_commands_that_fit_it() -> None:
    deeds = {
        "--registered": Deed.SETTLE_REGISTERED,
        "--not-there": Deed.SETTLE_ABSENT,
        "--refused": Deed.SETTLE_REFUSED,
    }
    for status in (Status.PARKED, Status.UNCERTAIN, Status.IN_REVIEW, Status.SUBMITTED):
        because = Because.BEYOND_DEADLINE if status is Status.SUBMITTED else None
        commands = helping_commands("C", status, because)
        assert commands
        for command in commands:
            verb, option = command.split()[2], command.split()[4]
            assert status in FITS[deeds.get(option) or Deed(verb)]
    assert helping_commands("C", Status.READY) == []
    assert helping_commands("C", Status.SUBMITTED) == [], "while it is not late, the number is waited for"


def test_a_question_about_the_number_is_answered_by_a_person_alone() -> None:
    commands = helping_commands("C", "uncertain", Because.SIDE_STEP, step="another_number")
    assert commands[-1] == "chapar letters settle C --step 'another_number' --done --reason WHY"
    assert not any("--again" in command for command in commands)


def test_what_the_office_took_is_settled_with_what_the_secretariat_says() -> None:
    case = a_case(Status.SUBMITTED, longest_processing=timedelta(minutes=10))
    assert in_flight_until(case) == NOW + timedelta(minutes=5), "its mail may still be on its way"
    absent, refused = said(Deed.SETTLE_ABSENT, case), said(Deed.SETTLE_REFUSED, case)
    assert "TOO EARLY" in absent
    assert "said that it took it" in absent
    assert "READS THE REASON" in refused
    number = read_registration("1", day=TODAY, secretariat="1", reference=None)
    told = "\n".join(words.en for words in foretold(Deed.SETTLE_REGISTERED, case, number))
    assert "not told a second one" in told
    assert "a second time" not in told


@pytest.mark.parametrize(
    ("ago", "english", "persian"),
    [
        (timedelta(), "1 second", "۱ ثانیه"),
        (timedelta(seconds=90), "1 minute", "۱ دقیقه"),
        (timedelta(hours=30), "1 day", "۱ روز"),
        (timedelta(days=20), "20 days", "۲۰ روز"),
    ],
)
def test_how_long_is_said_in_the_largest_unit(ago: timedelta, english: str, persian: str) -> None:
    assert how_long(NOW - ago, NOW) == (english, persian)
