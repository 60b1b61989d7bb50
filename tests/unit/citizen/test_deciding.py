"""What is done about a message, by tables: obeyed in any case, answered within limits, and nothing given away."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connector.citizen.commands import Command, CommandKind, read_command
from connector.citizen.deciding import Known, decide
from connector.citizen.policy import ReceivingPolicy
from connector.domain.letter import Language
from connector.domain.message import ReplyKind
from connector.ledger.incoming_records import (
    ClosedLetter,
    IncomingOutcome,
    OwnLetter,
    Question,
    SentReply,
    Verdict,
)

AT = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
POLICY = ReceivingPolicy(survey=True, replies_per_hour=3, replies_per_day=5)
OWN = OwnLetter(letter_id="letter", language=Language.EN)
CLOSED = ClosedLetter(letter_id="letter", language=Language.EN)


def ask(
    text: str, known: Known | None = None, policy: ReceivingPolicy = POLICY, waited: timedelta = timedelta()
) -> Verdict:
    question = Question(
        incoming_id="m", gateway="sms", received_at=AT - waited, mobile="09000000001", text=text
    )
    return decide(read_command(text), question, known or Known(), policy, AT)


def replied(*ago: timedelta, kind: ReplyKind = ReplyKind.STATUS) -> list[SentReply]:
    return [SentReply(kind=kind, at=AT - each) for each in ago]


def minutes(*numbers: int) -> list[timedelta]:
    return [timedelta(minutes=number) for number in numbers]


def test_the_letter_of_the_own_number_is_told_in_its_own_tongue() -> None:
    verdict = ask("100000000000009", Known(own=OWN))
    assert (verdict.reply, verdict.letter_id, verdict.language) == (
        ReplyKind.STATUS,
        "letter",
        Language.EN,
    )


def test_a_code_of_another_number_and_one_that_nobody_has_are_answered_in_the_same_words() -> None:
    # What is known of both is the same: nothing. The desk asks with the number, and finds or does not find.
    verdict = ask("کد 100000000000009")
    assert verdict == Verdict(
        command="status",
        outcome=IncomingOutcome.ANSWERED,
        reply=ReplyKind.NEUTRAL,
        language=Language.FA,
    )


@pytest.mark.parametrize(
    ("text", "reply", "wants"),
    [
        ("لغو11", ReplyKind.OPTED_OUT, False),
        ("stop", ReplyKind.OPTED_OUT, False),
        ("وصل", ReplyKind.OPTED_IN, True),
        ("راهنما", ReplyKind.HELP, None),
        ("چه خبر؟", ReplyKind.HELP, None),
        ("100000000000008", ReplyKind.MISTYPED, None),
    ],
)
def test_commands_have_their_reply(text: str, reply: ReplyKind, wants: bool | None) -> None:
    verdict = ask(text)
    assert (verdict.reply, verdict.wants_messages) == (reply, wants)


@pytest.mark.parametrize(
    ("closed", "reply", "mark"),
    [
        (None, ReplyKind.NOT_MARKED, None),
        (CLOSED, ReplyKind.MARKED, 4),
        (replace(CLOSED, mark=1, marked_at=AT - timedelta(hours=23)), ReplyKind.MARKED, 4),
        (replace(CLOSED, mark=1, marked_at=AT - timedelta(hours=25)), ReplyKind.NOT_MARKED, None),
    ],
)
def test_a_mark_goes_to_the_letter_that_was_closed_last_and_may_be_changed_for_a_day(
    closed: ClosedLetter | None, reply: ReplyKind, mark: int | None
) -> None:
    verdict = ask("۴", Known(closed=closed))
    assert (verdict.reply, verdict.mark) == (reply, mark)


def test_where_no_mark_is_asked_for_a_digit_is_no_command() -> None:
    verdict = ask("۴", Known(closed=CLOSED), ReceivingPolicy())
    assert (verdict.command, verdict.reply, verdict.mark) == ("none", ReplyKind.HELP, None)


@pytest.mark.parametrize(
    ("before", "reply"),
    [
        (replied(*minutes(1, 2)), ReplyKind.HELP),
        (replied(*minutes(1, 2, 59)), ReplyKind.ENOUGH),
        (replied(*minutes(1, 2, 61)), ReplyKind.HELP),
        (replied(*minutes(1, 70, 80, 90, 100)), ReplyKind.ENOUGH),
        (replied(*minutes(1, 2, 3)) + replied(*minutes(30), kind=ReplyKind.ENOUGH), None),
        (replied(*minutes(1, 2, 3)) + replied(*minutes(70), kind=ReplyKind.ENOUGH), ReplyKind.ENOUGH),
        (replied(*minutes(70, 80, 90, 100)) + replied(*minutes(200), kind=ReplyKind.ENOUGH), None),
        (replied(timedelta(hours=25), *minutes(70, 80, 90, 100)), ReplyKind.HELP),
    ],
)
def test_a_number_is_answered_so_often_then_told_so_once_and_then_not_at_all(
    before: list[SentReply], reply: ReplyKind | None
) -> None:
    assert ask("help", Known(replies=before)).reply is reply


def test_what_a_number_says_is_obeyed_however_much_it_has_written() -> None:
    flood = replied(*minutes(1, 2, 3)) + replied(*minutes(1), kind=ReplyKind.ENOUGH)
    out = ask("لغو", Known(replies=flood))
    assert (out.wants_messages, out.reply, out.outcome) == (False, None, IncomingOutcome.SILENT)
    mark = ask("5", Known(replies=flood, closed=CLOSED))
    assert (mark.mark, mark.letter_id, mark.reply) == (5, "letter", None)
    told = ask("5", Known(replies=replied(*minutes(1, 2, 3)), closed=CLOSED))
    assert (told.mark, told.reply) == (5, ReplyKind.ENOUGH)


def test_nonsense_is_answered_with_help_once_in_half_a_day() -> None:
    assert ask("؟؟", Known(replies=replied(timedelta(hours=13), kind=ReplyKind.HELP))).reply is ReplyKind.HELP
    quiet = ask("؟؟", Known(replies=replied(timedelta(hours=11), kind=ReplyKind.HELP)))
    assert (quiet.reply, quiet.outcome) == (None, IncomingOutcome.SILENT)
    asked = ask("راهنما", Known(replies=replied(timedelta(hours=11), kind=ReplyKind.HELP)))
    assert asked.reply is ReplyKind.HELP


def test_what_has_lain_for_days_is_obeyed_and_not_answered() -> None:
    late = ask("لغو", waited=timedelta(days=2))
    assert (late.wants_messages, late.reply) == (False, None)


@pytest.mark.parametrize("pace", [timedelta(seconds=1), timedelta(minutes=5), timedelta(minutes=25)])
@pytest.mark.parametrize(
    "machine",
    [
        "We are closed. For help call 1.",
        "سلام، در مرخصی هستم",
        "help",
        "stop",
        "5",
        "کد رهگیری 100000000000009",
    ],
)
def test_two_machines_do_not_talk_without_end(machine: str, pace: timedelta) -> None:
    """A machine that writes whenever it is written to: whatever it writes, and however soon, it has its last answer."""
    command, sent, at = read_command(machine), [], AT
    for _ in range(200):
        question = Question(
            incoming_id="m", gateway="sms", received_at=at, mobile="09000000001", text=machine
        )
        verdict = decide(
            command, question, Known(replies=sent[::-1], own=OWN), ReceivingPolicy(survey=True), at
        )
        if verdict.reply is None:
            break
        sent.append(SentReply(kind=verdict.reply, at=at))
        at += pace
    else:
        pytest.fail("they still talk")
    assert len(sent) <= ReceivingPolicy().replies_per_day + 4


def test_every_command_has_a_reply() -> None:
    for kind in CommandKind:
        question = Question(incoming_id="m", gateway="sms", received_at=AT, mobile="09000000001", text="")
        assert decide(Command(kind), question, Known(), POLICY, AT).reply is not None
