"""What is done about a message: a pure answer from command, number, clock and policy."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from connector.citizen.commands import Command, CommandKind, language_of
from connector.citizen.policy import ReceivingPolicy
from connector.domain.message import ReplyKind
from connector.ledger.incoming_records import (
    ClosedLetter,
    IncomingOutcome,
    OwnLetter,
    Question,
    SentReply,
    Verdict,
)

__all__ = ["DAY", "Known", "decide"]

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
_ANSWERED: Final = IncomingOutcome.ANSWERED
_REPLIES: Final = {
    CommandKind.STATUS: ReplyKind.NEUTRAL,
    CommandKind.MISTYPED: ReplyKind.MISTYPED,
    CommandKind.OPT_OUT: ReplyKind.OPTED_OUT,
    CommandKind.OPT_IN: ReplyKind.OPTED_IN,
    CommandKind.MARK: ReplyKind.NOT_MARKED,
    CommandKind.HELP: ReplyKind.HELP,
    CommandKind.NONE: ReplyKind.HELP,
}
"""What each command is answered with where no letter of this number is found for it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What is known of the number that wrote, as far as its command asks for it."""

    own: OwnLetter | None = None
    """The letter whose code was sent, if it is this number's."""
    closed: ClosedLetter | None = None
    """The letter that a mark belongs to."""
    replies: Sequence[SentReply] = ()
    """Of the last day, or of the time for which help is given once, whichever is longer."""


def decide(
    command: Command, question: Question, known: Known, policy: ReceivingPolicy, at: datetime
) -> Verdict:
    """Return what is done: the command is obeyed in any case, and answered within the limits."""
    if command.kind is CommandKind.MARK and not policy.survey:
        command = Command(CommandKind.NONE)  # nobody asked for it: a digit is no command then
    meant = _meant(command, question, known, policy, at)
    return _limited(meant, command, question, known.replies, policy, at)


def _meant(
    command: Command, question: Question, known: Known, policy: ReceivingPolicy, at: datetime
) -> Verdict:
    meant = Verdict(
        command=str(command.kind),
        outcome=_ANSWERED,
        reply=_REPLIES[command.kind],
        language=language_of(question.text),
    )
    match command.kind:
        case CommandKind.STATUS if known.own is not None:
            own = known.own
            return replace(meant, reply=ReplyKind.STATUS, letter_id=own.letter_id, language=own.language)
        case CommandKind.OPT_OUT | CommandKind.OPT_IN:
            return replace(meant, wants_messages=command.kind is CommandKind.OPT_IN)
        case CommandKind.MARK if known.closed is not None:
            closed = known.closed
            about = replace(meant, letter_id=closed.letter_id, language=closed.language)
            if closed.marked_at is not None and at - closed.marked_at > policy.mark_changes_within:
                return about
            return replace(about, reply=ReplyKind.MARKED, mark=command.mark)
        case _:
            return meant


def _limited(
    meant: Verdict,
    command: Command,
    question: Question,
    replies: Sequence[SentReply],
    policy: ReceivingPolicy,
    at: datetime,
) -> Verdict:
    silent = replace(meant, outcome=IncomingOutcome.SILENT, reply=None)
    if at - question.received_at > policy.answer_within:
        return silent
    if command.kind is CommandKind.NONE and _got(replies, ReplyKind.HELP, at - policy.help_every):
        return silent
    for length, most in ((DAY, policy.replies_per_day), (HOUR, policy.replies_per_hour)):
        if sum(reply.at > at - length for reply in replies) >= most:
            if _got(replies, ReplyKind.ENOUGH, at - length):
                return silent
            return replace(meant, reply=ReplyKind.ENOUGH, letter_id=_kept(meant))
    return meant


def _kept(meant: Verdict) -> str | None:
    """Return the letter where its mark is written: the reply, which has no code to show, is about none."""
    return meant.letter_id if meant.mark is not None else None


def _got(replies: Sequence[SentReply], kind: ReplyKind, since: datetime) -> bool:
    return any(reply.kind is kind and reply.at > since for reply in replies)
