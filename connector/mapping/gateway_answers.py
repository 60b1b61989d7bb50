"""What the answer of a gateway means for the call that it answers, by the gateway's code table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from connector.errors import Misbehaved, RateLimited
from connector.mapping.gateway_codes import AnswerClass, GatewayCodes, failure, part_outcome
from connector.ports.gateway import OutgoingMessage
from connector.ports.in_parts import halves, in_parts
from connector.ports.incoming import digest_key
from connector.ports.outcomes import SendOutcome

__all__ = [
    "GatewayAnswer",
    "amount_of",
    "is_reference",
    "iso_instant",
    "message_key",
    "outcomes_of_refusal",
    "raise_unless_done",
    "unix_instant",
    "unreadable",
]

_REFERENCE_LIMIT: Final = 20
"""Digits of an id; the longest that was seen has nineteen."""
_KEY_LIMIT: Final = 64
_OF_ONE_MESSAGE: Final = frozenset({AnswerClass.REJECTED, AnswerClass.BLACKLISTED})
_HALVED: Final = _OF_ONE_MESSAGE | {AnswerClass.SPLIT}


@dataclass(frozen=True, kw_only=True, slots=True)
class GatewayAnswer:
    """One answer, read: its code as the table has it, what it brought, and how long to wait where it says so."""

    code: str
    data: Any = field(default=None, repr=False)
    retry_after: timedelta | None = None


def raise_unless_done(codes: GatewayCodes, answer: GatewayAnswer, gateway: str) -> None:
    """Raise the failure that the code of a call stands for; return where the call was done.

    A code that is about one message has no place in a call about none of them: it is raised as an unknown one.
    """
    meaning = codes.answer(answer.code)
    if meaning in _OF_ONE_MESSAGE:
        meaning = None
    problem = failure(meaning, gateway=gateway, code=answer.code, text=codes.wording(answer.code))
    if isinstance(problem, RateLimited):
        problem.retry_after = answer.retry_after
    if problem is not None:
        raise problem


def outcomes_of_refusal(
    codes: GatewayCodes,
    answer: GatewayAnswer,
    gateway: str,
    messages: Sequence[OutgoingMessage],
    send: Callable[[Sequence[OutgoingMessage]], Sequence[SendOutcome]],
) -> list[SendOutcome] | None:
    """Return what becomes of the messages of a sending that was refused as a whole; None where it was done.

    One bad message refuses many: a batch goes again in halves, by ``send``. What is to be split and is alone waits.
    Raise the failure of every code that is about no single message.
    """
    meaning = codes.answer(answer.code)
    if meaning in _HALVED and len(messages) > 1:
        return in_parts(messages, halves(messages), send)
    if meaning in _HALVED and (outcome := part_outcome(codes, answer.code)) is not None:
        return [outcome]
    raise_unless_done(codes, answer, gateway)
    return None


def unreadable(gateway: str, code: str) -> Misbehaved:
    """Return the failure that stands for an answer which is not what the gateway documents."""
    sentence = f"{gateway} answered with something that is not its answer."
    return Misbehaved(sentence, reason="unreadable_answer", code=code)


def is_reference(value: Any) -> bool:
    """Return whether this is an id such as gateways give: a whole number above zero, as a number or as digits."""
    text = str(value)
    return text.isascii() and text.isdigit() and len(text) <= _REFERENCE_LIMIT and int(text) > 0


def amount_of(value: Any) -> Decimal | None:
    """Return a balance as a number; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        amount = Decimal(str(value)[:40])
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def message_key(vendor_id: Any, *whole: str) -> str:
    """Return what tells an incoming message from all others: the vendor's id, or a digest of the whole message."""
    text = str(vendor_id)
    if vendor_id is not None and 0 < len(text) <= _KEY_LIMIT and text.isascii() and text.isalnum():
        return text
    return digest_key(text, *whole)


def unix_instant(value: Any) -> datetime | None:
    """Return the instant of a Unix time; None where it is none. Nothing may be decided by a gateway's clock."""
    try:
        return datetime.fromtimestamp(int(value), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def iso_instant(value: Any) -> datetime | None:
    """Return the instant of an ISO 8601 time with its zone; None where it is none or has no zone."""
    try:
        at = datetime.fromisoformat(str(value)[:40])
        return at.astimezone(UTC) if at.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
