"""What comes back from Kavenegar, read with suspicion."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from connector.errors import Misbehaved, RateLimited
from connector.ports.gateway import OutgoingMessage
from connector.ports.outcomes import Accepted, SendOutcome, Unanswered

if TYPE_CHECKING:
    from connector.transport.http import HttpAnswer

__all__ = ["Answer", "instant", "is_reference", "paired", "read", "sent"]

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
        document = json.loads(answer.body)
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


def is_reference(text: str) -> bool:
    """Return whether this is an id that Kavenegar gives: a whole number above zero."""
    return text.isascii() and text.isdigit() and len(text) <= _REFERENCE_LIMIT and int(text) > 0


def instant(value: Any) -> datetime | None:
    """Return the instant of a Unix time; None where it is none."""
    try:
        return datetime.fromtimestamp(int(value), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
