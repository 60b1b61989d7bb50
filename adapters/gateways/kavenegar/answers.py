"""What comes back from Kavenegar, read with suspicion."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import orjson

from connector.errors import Misbehaved, RateLimited
from connector.ports.credit import Credit
from connector.ports.gateway import OutgoingMessage
from connector.ports.incoming import IncomingMessage, digest_key
from connector.ports.outcomes import Accepted, SendOutcome, Unanswered

if TYPE_CHECKING:
    from connector.transport.http import HttpAnswer

__all__ = ["Answer", "credit_of", "instant", "is_reference", "messages_of", "paired", "read", "sent"]

_LONGEST_WAIT: Final = timedelta(days=1)
_REFERENCE_LIMIT: Final = 20
"""Digits; those seen have ten."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: the code in its body, its entries, and how long to wait where it says so."""

    code: str
    entries: Any
    retry_after: timedelta | None = None


def read(answer: "HttpAnswer") -> Answer:
    """Return what the body says, whatever the HTTP status. Raise Misbehaved; RateLimited for a bare 429."""
    waited = answer.headers.get("Retry-After", "")
    is_number = waited.isascii() and waited.isdigit()
    retry_after = min(timedelta(seconds=int(waited[:9])), _LONGEST_WAIT) if is_number else None
    try:
        document = orjson.loads(answer.body)
        return Answer(str(document["return"]["status"]), document.get("entries"), retry_after)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    if answer.status == 429:
        raise RateLimited(reason="rate_limited", code="http_429", retry_after=retry_after)
    raise Misbehaved(
        "Kavenegar answered with something that is not its JSON.",
        reason="unreadable_answer",
        code=f"http_{answer.status}",
    )


def paired(messages: Sequence[OutgoingMessage], entries: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the entry of each message by position, and make sure of it by the number.

    Raise Misbehaved when entries are missing or shifted: they would tell on the wrong messages.
    """
    if isinstance(entries, dict):  # what one text brings is no list everywhere
        entries = [entries]
    if not isinstance(entries, list) or len(entries) != len(messages):
        raise Misbehaved("Kavenegar did not answer for every message.", reason="answer_incomplete")
    for message, entry in zip(messages, entries, strict=True):
        receptor = entry.get("receptor") if isinstance(entry, dict) else ""
        if receptor is not None and str(receptor)[-10:] != message.mobile[-10:]:
            raise Misbehaved("Kavenegar answered for other numbers.", reason="answer_out_of_order")
        yield entry


def sent(entry: Mapping[str, Any]) -> SendOutcome:
    """Return what one entry of an accepted call says."""
    reference = str(entry.get("messageid"))
    if not is_reference(reference):
        return Unanswered(reason="no_reference", code=str(entry.get("status")))
    return Accepted(gateway_reference=reference)


def messages_of(entries: Sequence[Mapping[str, Any]]) -> tuple[IncomingMessage, ...]:
    """Return the texts of an inbox's answer, every one: what was shown is not shown again, so none is let go."""
    return tuple(_incoming(entry) for entry in entries)


def _incoming(entry: Mapping[str, Any]) -> IncomingMessage:
    key, sender, line, text, date = (
        "" if entry.get(name) is None else str(entry.get(name))
        for name in ("messageid", "sender", "receptor", "message", "date")
    )
    return IncomingMessage(
        gateway_key=key if is_reference(key) else digest_key(sender, line, text, date),
        sender=sender,
        line=line,
        text=text,
        sent_at=instant(date),
    )


def credit_of(entries: Sequence[Mapping[str, Any]]) -> Credit:
    """Return the credit in an account's answer, in rials. Raise Misbehaved where there is none."""
    amount = entries[0].get("remaincredit") if entries else None
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        raise Misbehaved("Kavenegar's account answer has no credit in it.", reason="unreadable_answer")
    until = instant(entries[0].get("expiredate"))
    return Credit(amount=Decimal(str(amount)), unit="rial", runs_until=until.date() if until else None)


def is_reference(text: str) -> bool:
    """Return whether this is an id that Kavenegar gives: a whole number above zero."""
    return text.isascii() and text.isdigit() and len(text) <= _REFERENCE_LIMIT and int(text) > 0


def instant(value: Any) -> datetime | None:
    """Return the instant of a Unix time; None where it is none."""
    try:
        return datetime.fromtimestamp(int(value), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
