"""The comparison is an honest judge: fed with bad books, each number rises, and only that one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.simulator.comparison import Books, compare
from connector.simulator.records import (
    AttachmentMark,
    Call,
    EntryState,
    Move,
    MoveKind,
    OfficeEntry,
    SubmissionRecord,
    ToldFact,
    WriteBack,
)
from connector.simulator.verdict import Report

AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
FILES = (AttachmentMark(name="a.pdf", size=3, digest="aa"), AttachmentMark(name="b.png", size=4, digest="bb"))
CODE = "482915037264118"
MOBILE = "09000000001"


def a_submission(**changes: Any) -> SubmissionRecord:
    record = SubmissionRecord(
        submission_id="web-1",
        mark="MARK1",
        mobile=MOBILE,
        identity_number="0010000011",
        service="request",
        attachments=FILES,
        attempts=1,
        tracking_code=CODE,
        acknowledged_at=AT,
    )
    return replace(record, **changes)


def a_move(kind: MoveKind, seconds: int, **changes: Any) -> Move:
    return Move(kind=kind, at=AT + timedelta(seconds=seconds), **changes)


MOVES = (
    a_move(MoveKind.NUMBERED, 1),
    a_move(MoveKind.REFERRED, 2, unit="امور مالی", reference="R1"),
    a_move(MoveKind.REFERRED, 3, unit="امور حقوقی", reference="R2", is_confidential=True),
    a_move(MoveKind.ANSWERED, 4, text="بله"),
    a_move(MoveKind.CLOSED, 5),
)


def an_entry(key: str = "K1", mark: str = "MARK1", **changes: Any) -> OfficeEntry:
    call = Call(
        key=key,
        secretariat="10",
        subject="درخواست",
        body=f"نشانه: {mark}\nمتن",
        sender_kind="natural",
        sender_id="0010000011",
        sender_name="شهروند نمونه ۱",
        sender_mobile=MOBILE,
        unit=None,
        urgency=1,
        confidentiality=1,
        letter_date="1405/08/30",
        attachments=FILES,
    )
    entry = OfficeEntry(
        call=call,
        document_id="D1",
        entered_at=AT,
        number="000001",
        year=1405,
        registered_on=AT.date(),
        state=EntryState.CLOSED,
        moves=MOVES,
        is_finished=True,
    )
    return replace(entry, **changes)


def told(kind: str | None, text: str = "", **changes: Any) -> ToldFact:
    fact = ToldFact(mobile=MOBILE, text=text or str(kind), sequence=0, tracking_code=CODE, kind=kind)
    return replace(fact, **changes)


TOLD = (
    told("received"),
    told("registered"),
    told("referred", "به امور مالی ارجاع شد", unit="امور مالی"),
    told("answered"),
    told("closed"),
)


def news(position: int, fact: str) -> WriteBack:
    return WriteBack(
        submission_id="web-1",
        tracking_code=CODE,
        position=position,
        fact=fact,
        status=fact,
        received_at=AT,
        registered_as=None if fact in {"received", "refused"} else ("000001", "10", 1405),
    )


def wrong(number: str = "000001", secretariat: str = "10", year: int | None = 1405) -> WriteBack:
    return replace(news(3, "closed"), registered_as=(number, secretariat, year))


NEWS = (news(1, "received"), news(2, "registered"), news(3, "closed"))
GOOD = Books(submissions=[a_submission()], write_backs=NEWS, entries=[an_entry()], told=TOLD)

REFUSED = an_entry(
    number=None, year=None, state=EntryState.REFUSED, moves=(a_move(MoveKind.REFUSED, 1, text="نه"),)
)


def judged(**changes: Any) -> Report:
    return compare(replace(GOOD, **changes))


def test_good_books_are_clean_and_complete() -> None:
    report = judged(seconds=12.34, kills=1)
    assert report.exit_code == 0
    assert (report.letters, report.acknowledged, report.registered, report.refused) == (1, 1, 1, 0)
    assert (report.messages_sent, report.attachments_verified, report.write_backs) == (5, 2, 3)
    assert (report.kills, report.seconds) == (1, 12.3)


PROMISES: list[tuple[str, Callable[[], Report], int]] = [
    ("registered_twice", lambda: judged(entries=[an_entry(), an_entry(number="000002")]), 1),
    ("registered_twice", lambda: judged(entries=[an_entry(), an_entry("K2")]), 1),
    ("lost", lambda: judged(entries=[]), 1),
    ("silent", lambda: judged(told=TOLD[:1]), 1),
    ("silent", lambda: judged(told=TOLD[1:]), 1),
    ("silent", lambda: judged(entries=[REFUSED], told=[told("received")]), 1),
    ("silent", lambda: judged(told=[replace(each, tracking_code=None) for each in TOLD]), 1),
    ("facts_told_twice", lambda: judged(told=[*TOLD, told("closed", "other words")]), 1),
    ("facts_told_twice", lambda: judged(told=[*TOLD, told(None, "?"), told(None, "?")]), 1),
    ("order_inversions", lambda: judged(told=[TOLD[1], TOLD[0], *TOLD[2:]]), 1),
    ("misdirected", lambda: judged(told=[*TOLD[:4], replace(TOLD[4], mobile="09000000002")]), 1),
    ("confidential_told", lambda: judged(told=[*TOLD, told("referred", "امور حقوقی", unit="امور حقوقی")]), 1),
    ("strangers", lambda: judged(entries=[an_entry(), an_entry("K9", mark="MARK9")]), 1),
    ("asked_without_need", lambda: judged(with_a_person=frozenset({CODE}), spoiled=frozenset({"K2"})), 1),
    ("write_backs_wrong", lambda: judged(write_backs=[*NEWS[:2], wrong(number="1")]), 1),
    ("write_backs_wrong", lambda: judged(write_backs=[*NEWS[:2], wrong(secretariat="")]), 1),
    ("write_backs_wrong", lambda: judged(write_backs=[*NEWS[:2], wrong(year=None)]), 1),
    ("bad_signatures", lambda: judged(bad_signatures=2), 2),
    ("attachments_broken", lambda: judged(submissions=[a_submission(attachments=FILES[:1])]), 1),
    (
        "attachments_broken",
        lambda: judged(submissions=[a_submission(attachments=(FILES[0], replace(FILES[1], digest="cc")))]),
        2,
    ),
]


@pytest.mark.parametrize(("name", "play", "count"), PROMISES)
def test_a_broken_promise_is_counted_and_spoils_the_verdict(
    name: str, play: Callable[[], Report], count: int
) -> None:
    report = play()
    assert getattr(report, name) == count
    assert not report.is_clean
    assert report.exit_code == 1


OPEN_ENDS: list[tuple[str, Callable[[], Report], int]] = [
    ("unfinished", lambda: judged(entries=[an_entry(is_finished=False)]), 1),
    ("facts_missing", lambda: judged(told=TOLD[:4]), 1),
    ("write_backs_behind", lambda: judged(write_backs=NEWS[:2]), 1),
    ("write_backs_behind", lambda: judged(write_backs=[]), 1),
]


@pytest.mark.parametrize(("name", "play", "count"), OPEN_ENDS)
def test_an_open_end_is_counted_and_keeps_the_run_from_being_complete(
    name: str, play: Callable[[], Report], count: int
) -> None:
    report = play()
    assert getattr(report, name) == count
    assert report.is_clean
    assert not report.is_complete
    assert report.exit_code == 1


def test_a_letter_that_was_never_acknowledged_is_neither_lost_nor_silent_but_the_run_is_not_complete() -> (
    None
):
    report = judged(submissions=[a_submission(tracking_code=None)], entries=[], told=[], write_backs=[])
    assert (report.acknowledged, report.lost, report.silent, report.is_complete) == (0, 0, 0, False)


def test_a_letter_that_the_operator_sees_waiting_is_not_lost_and_not_finished() -> None:
    report = judged(entries=[], told=TOLD[:1], waiting=frozenset({CODE}))
    assert (report.lost, report.silent, report.unfinished) == (0, 0, 1)


def test_a_refusal_by_the_office_is_an_end_when_it_is_told() -> None:
    refused = [told("received"), told("refused")]
    report = judged(entries=[REFUSED], told=refused, write_backs=[news(1, "refused")])
    assert (report.refused, report.registered, report.lost, report.exit_code) == (1, 0, 0, 0)


def test_a_refusal_by_the_screening_needs_no_entry_in_the_office() -> None:
    report = judged(entries=[], told=[told("received"), told("refused")], write_backs=[news(1, "refused")])
    assert (report.refused, report.lost, report.silent, report.unfinished) == (1, 0, 0, 0)


def test_a_letter_is_rightly_left_to_a_person_where_its_call_was_spoiled_or_a_node_was_not_let_live() -> None:
    with_a_person = frozenset({CODE})
    assert judged(with_a_person=with_a_person, spoiled=frozenset({"K1"})).is_clean
    assert judged(with_a_person=with_a_person, spoiled=None).is_clean


def test_a_lost_answer_counts_as_recovered_only_with_one_entry_and_a_citizen_who_knows() -> None:
    lost = frozenset({"K1"})
    assert judged(lost_answers=lost).recovered_answers == 1
    assert judged(lost_answers=lost, entries=[an_entry(), an_entry()]).recovered_answers == 0
    assert judged(lost_answers=lost, told=TOLD[:1]).recovered_answers == 0
    assert judged(lost_answers=frozenset({"K2"})).recovered_answers == 0


def test_two_letters_of_one_citizen_may_tell_the_same_kind_of_fact() -> None:
    other = a_submission(submission_id="web-2", mark="MARK2", tracking_code="9" * 15)
    second = [replace(each, tracking_code="9" * 15) for each in TOLD]
    report = judged(
        submissions=[a_submission(), other],
        entries=[an_entry(), an_entry("K2", mark="MARK2")],
        told=[*TOLD, *second],
    )
    assert (report.facts_told_twice, report.silent, report.is_clean) == (0, 0, True)


def test_the_json_form_holds_the_agreed_keys() -> None:
    wanted = (
        "letters acknowledged registered refused registered_twice lost silent facts_told_twice messages_sent "
        "recovered_answers kills seconds"
    )
    assert set(wanted.split()) <= set(judged().as_json())
