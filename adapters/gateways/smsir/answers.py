"""What comes back from SMS.ir, read with suspicion."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from connector.errors import Misbehaved
from connector.mapping.gateway_answers import (
    GatewayAnswer,
    is_reference,
    unix_instant,
    unreadable,
)
from connector.mapping.gateway_codes import GatewayCodes, part_outcome, state_of
from connector.ports.incoming import IncomingMessage, digest_key
from connector.ports.outcomes import Accepted, DeliveryState, SendOutcome, Unanswered
from connector.transport.json_bodies import json_of, retry_after

if TYPE_CHECKING:
    from connector.transport.http import HttpAnswer

__all__ = ["incoming", "outcomes", "read", "referred", "states"]

_PACK: Final = "@"
_PACK_LIMIT: Final = 40
_BARE_MOBILE: Final = 10


def read(answer: "HttpAnswer", codes: GatewayCodes) -> GatewayAnswer:
    """Return what the envelope says, whatever the HTTP status.

    Without an envelope the HTTP status is the code, where the table has it. Raise Misbehaved where it has not.
    """
    document = json_of(answer)
    status = document.get("status") if isinstance(document, dict) else None
    wait = retry_after(answer)
    if isinstance(status, int | str) and not isinstance(status, bool):
        return GatewayAnswer(code=str(status)[:40], data=document.get("data"), retry_after=wait)
    code = f"http {answer.status}"
    if codes.answer(code) is None:
        raise unreadable("SMS.ir", code)
    return GatewayAnswer(code=code, retry_after=wait)


def outcomes(data: Any, expected: int, codes: GatewayCodes) -> list[SendOutcome]:
    """Return what each message of a pack became: an id, 0 for a blacklisted number, null for what cannot be sent.

    Raise Misbehaved when there is not one entry for each: they would tell on the wrong messages.
    """
    ids = data.get("messageIds") if isinstance(data, dict) else None
    if not isinstance(ids, list) or len(ids) != expected:
        raise Misbehaved("SMS.ir did not answer for every message.", reason="answer_incomplete")
    pack = data.get("packId") if expected > 1 else None
    return [_outcome(each, pack, codes) for each in ids]


def _outcome(message_id: Any, pack: Any, codes: GatewayCodes) -> SendOutcome:
    if is_reference(message_id):
        return Accepted(gateway_reference=referred(str(message_id), pack))
    if message_id is None or str(message_id) == "0":
        refused = part_outcome(codes, "messageId null" if message_id is None else "messageId 0")
        if refused is not None:
            return refused
    return Unanswered(reason="no_reference")


def referred(message_id: str, pack: Any) -> str:
    """Return the reference of a message: its id, and the pack that it can be asked with among others."""
    is_pack = isinstance(pack, str) and 0 < len(pack) <= _PACK_LIMIT and pack.replace("-", "").isalnum()
    return f"{message_id}{_PACK}{pack}" if is_pack and pack.isascii() else message_id


def states(data: Any, wanted: Mapping[str, str], codes: GatewayCodes) -> dict[str, DeliveryState]:
    """Return the states in a report, by reference; ``wanted`` has the reference of each id that was asked for."""
    entries = data if isinstance(data, list) else [data]
    found = {}
    for entry in entries:
        if isinstance(entry, dict) and (reference := wanted.get(str(entry.get("messageId")))) is not None:
            state = state_of(codes, str(entry.get("deliveryState")))
            if state is not None:
                found[reference] = state
    return found


def incoming(data: Any) -> Sequence[IncomingMessage]:
    """Return the messages of an inbox page. What is no message is left out: raising would lose the others."""
    if not isinstance(data, list):
        raise unreadable("SMS.ir", "inbox")
    return [_message(entry) for entry in data if isinstance(entry, dict)]


def _message(entry: Mapping[str, Any]) -> IncomingMessage:
    line, text, at = (str(entry.get(name) or "") for name in ("number", "messageText", "receivedDateTime"))
    sender = _sender(entry.get("mobile"))
    # Not its receiveReturnId: receive/live shows none, and one message must have one key in both views.
    return IncomingMessage(
        gateway_key=digest_key(sender, line, text, at),
        sender=sender,
        line=line,
        text=text,
        sent_at=unix_instant(at),
    )


def _sender(mobile: Any) -> str:
    # A mobile number that is written as a whole number has lost its zero.
    text = str(mobile or "")
    return f"0{text}" if isinstance(mobile, int) and len(text) == _BARE_MOBILE and text[0] == "9" else text
