"""What comes back from Magfa, read with suspicion."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from connector.domain.calendar import TEHRAN
from connector.errors import Misbehaved
from connector.mapping.gateway_codes import GatewayCodes, part_outcome, state_of
from connector.ports.credit import Credit
from connector.ports.gateway import OutgoingMessage
from connector.ports.incoming import IncomingMessage, digest_key
from connector.ports.outcomes import Accepted, DeliveryState, SendOutcome, Unanswered

__all__ = ["credit_of", "messages_of", "outcome_of", "paired", "reference_of", "state_in"]

_REFERENCE_LIMIT: Final = 20
"""Digits of an id."""


def paired(messages: Sequence[OutgoingMessage], entries: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the entry of each message by position, and make sure of it by our id and by the number.

    Raise Misbehaved when entries are missing or shifted: they would tell on the wrong messages.
    """
    if not isinstance(entries, list) or len(entries) != len(messages):
        raise Misbehaved("Magfa did not answer for every message.", reason="answer_incomplete")
    for message, entry in zip(messages, entries, strict=True):
        if not isinstance(entry, dict):
            raise Misbehaved(reason="unreadable_answer")
        told = ((entry.get("userId"), str(message.own_id)), (entry.get("recipient"), message.mobile))
        # A message that is refused may be told without them.
        if any(value and str(value)[-10:] != expected[-10:] for value, expected in told):
            raise Misbehaved("Magfa answered for other messages.", reason="answer_out_of_order")
        yield entry


def outcome_of(entry: Mapping[str, Any], codes: GatewayCodes) -> SendOutcome:
    """Return what the entry of one message says: the second level of success."""
    code = str(entry.get("status"))
    failed = part_outcome(codes, code)
    if failed is not None:
        return failed
    reference = reference_of(entry.get("id"))
    return (
        Accepted(gateway_reference=reference) if reference else Unanswered(reason="no_reference", code=code)
    )


def reference_of(value: Any) -> str | None:
    """Return an id of Magfa's, a whole number above zero; None where there is none."""
    text = str(value)
    is_id = text.isascii() and text.isdigit() and len(text) <= _REFERENCE_LIMIT and int(text) > 0
    return text if is_id else None


def state_in(entries: Any, asked: Sequence[str], codes: GatewayCodes) -> dict[str, DeliveryState]:
    """Return the states in an answer, of what was asked about. Raise Misbehaved where it cannot be read."""
    if not isinstance(entries, list):
        raise Misbehaved(reason="unreadable_answer")
    states = {}
    for entry in entries:
        if not isinstance(entry, dict):
            raise Misbehaved(reason="unreadable_answer")
        reference, state = str(entry.get("mid")), state_of(codes, str(entry.get("status")))
        if reference in asked and state is not None:
            states[reference] = state
    return states


def messages_of(entries: Any) -> tuple[IncomingMessage, ...]:
    """Return the texts of an inbox's answer, every one that is one. Raise Misbehaved where there is no list."""
    if not isinstance(entries, list):
        raise Misbehaved(reason="unreadable_answer")
    return tuple(_incoming(entry) for entry in entries if isinstance(entry, dict))


def _incoming(entry: Mapping[str, Any]) -> IncomingMessage:
    sender, line, text, date = (
        "" if entry.get(name) is None else str(entry.get(name))
        for name in ("senderNumber", "recipientNumber", "body", "date")
    )
    return IncomingMessage(
        gateway_key=digest_key(sender, line, text, date),
        sender=sender,
        line=line,
        text=text,
        sent_at=_instant(date),
    )


def _instant(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=TEHRAN).astimezone(UTC)
    except ValueError:
        return None


def credit_of(balance: Any) -> Credit:
    """Return the balance, in rials. Raise Misbehaved where there is none."""
    if isinstance(balance, bool) or not isinstance(balance, int | float):
        raise Misbehaved("Magfa's answer has no balance in it.", reason="unreadable_answer")
    return Credit(amount=Decimal(str(balance)), unit="rial")
