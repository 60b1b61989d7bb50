"""What comes back from Ghasedak, read with suspicion.

Its names begin with a small letter in the new documents and with a capital one in the old: both are read.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from connector.mapping.gateway_answers import (
    GatewayAnswer,
    is_reference,
    iso_instant,
    message_key,
    unreadable,
)
from connector.mapping.gateway_codes import AnswerClass, GatewayCodes
from connector.ports.gateway import OutgoingMessage
from connector.ports.incoming import IncomingMessage
from connector.ports.outcomes import Accepted, SendOutcome, Unanswered
from connector.transport.json_bodies import json_of, retry_after

if TYPE_CHECKING:
    from connector.transport.http import HttpAnswer

__all__ = ["field_of", "incoming", "outcomes", "read", "rows_of"]

_CONTRADICTION: Final = "contradiction"


def field_of(record: Any, name: str) -> Any:
    """Return a field of a record, whichever letter its name begins with; None where there is none."""
    if not isinstance(record, dict):
        return None
    return record.get(name, record.get(name[:1].upper() + name[1:]))


def rows_of(data: Any) -> list[Mapping[str, Any]]:
    """Return the records of a list, or of the ``items`` of one; raise Misbehaved where there is no list."""
    rows = data if isinstance(data, list) else field_of(data, "items")
    if not isinstance(rows, list):
        raise unreadable("Ghasedak", "items")
    return [row for row in rows if isinstance(row, dict)]


def read(answer: "HttpAnswer", codes: GatewayCodes) -> GatewayAnswer:
    """Return what the envelope says: ``statusCode`` is the code, and ``isSuccess`` must say the same.

    Where a refusal calls itself 200 the HTTP status is the code; "contradiction" where nothing explains it. Without an
    envelope the HTTP status is the code, where the table has it. Raise Misbehaved where it has not.
    """
    document = json_of(answer)
    is_success, status = field_of(document, "isSuccess"), field_of(document, "statusCode")
    wait = retry_after(answer)
    if isinstance(is_success, bool) and isinstance(status, int | str) and not isinstance(status, bool):
        code = str(status)[:40]
        is_done = codes.answer(code) is AnswerClass.DONE
        if is_success and not is_done:
            code = _CONTRADICTION
        elif is_done and not is_success:
            code = str(answer.status) if answer.status >= 300 else _CONTRADICTION
        return GatewayAnswer(code=code, data=field_of(document, "data"), retry_after=wait)
    if codes.answer(str(answer.status)) in {None, AnswerClass.DONE}:
        raise unreadable("Ghasedak", f"http_{answer.status}")
    return GatewayAnswer(code=str(answer.status), retry_after=wait)


def outcomes(data: Any, messages: Sequence[OutgoingMessage]) -> list[SendOutcome]:
    """Return what each message became. The vendor's own examples do not keep the order of the request, so an entry is
    taken for the message whose id or, where it shows none, whose number and text it shows; what has no entry of its
    own is unanswered, and asked for by our id.
    """
    rows = rows_of(data)
    found: list[SendOutcome] = []
    for message in messages:
        row = next((row for row in rows if _is_of(row, message)), None)
        if row is None:
            found.append(Unanswered(reason="answer_incomplete"))
            continue
        rows = [each for each in rows if each is not row]
        reference = field_of(row, "messageId")
        is_known = is_reference(reference)
        found.append(
            Accepted(gateway_reference=str(reference)) if is_known else Unanswered(reason="no_reference")
        )
    return found


def _is_of(row: Mapping[str, Any], message: OutgoingMessage) -> bool:
    own_id = str(field_of(row, "clientReferenceId") or "")
    if own_id:
        return own_id == str(message.own_id)
    text = field_of(row, "message")
    has_number = str(field_of(row, "receptor"))[-10:] == message.mobile[-10:]
    return has_number and (message.pattern is not None or text is None or text == message.text)


def incoming(data: Any) -> Sequence[IncomingMessage]:
    """Return the messages of an inbox page; what is no message is left out. Raise Misbehaved where there is no list."""
    return [_message(row) for row in rows_of(data)]


def _message(row: Mapping[str, Any]) -> IncomingMessage:
    sender, line, text, at = (
        str(field_of(row, name) or "") for name in ("sender", "lineNumber", "message", "receiveDate")
    )
    return IncomingMessage(
        gateway_key=message_key(field_of(row, "id"), sender, line, text, at),
        sender=sender,
        line=line,
        text=text,
        sent_at=iso_instant(at),
    )
