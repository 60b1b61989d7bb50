"""What comes back from IPPanel, read with suspicion."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from connector.errors import Misbehaved
from connector.mapping.gateway_answers import (
    GatewayAnswer,
    is_reference,
    message_key,
    unix_instant,
    unreadable,
)
from connector.mapping.gateway_codes import GatewayCodes
from connector.ports.incoming import IncomingMessage
from connector.ports.outcomes import Accepted, SendOutcome, Unanswered
from connector.transport.json_bodies import json_of, retry_after

if TYPE_CHECKING:
    from connector.transport.http import HttpAnswer

__all__ = ["incoming", "outcomes", "read"]

_CODE: Final = re.compile(r"[0-9]{1,4}(?:-[0-9]{1,4})?")
_FIELD: Final = re.compile(r"[a-z_]{1,40}")


def read(answer: "HttpAnswer", codes: GatewayCodes) -> GatewayAnswer:
    """Return what ``meta`` says; its code is looked up between the HTTP status and the first field at fault.

    The longest of "422 400-2 message", "422 400-2" and "422" that the table has counts. Raise Misbehaved where there
    is no ``meta`` and the bare HTTP status is in no table, and where the two levels contradict each other.
    """
    document = json_of(answer)
    meta = document.get("meta") if isinstance(document, dict) else None
    written = meta.get("message_code") if isinstance(meta, dict) else None
    wait = retry_after(answer)
    if not isinstance(meta, dict) or not isinstance(written, str) or not _CODE.fullmatch(written):
        if codes.answer(str(answer.status)) is None:
            raise unreadable("IPPanel", f"http_{answer.status}")
        return GatewayAnswer(code=str(answer.status), retry_after=wait)
    told = list(_told(answer.status, written, meta.get("errors")))
    code = next((each for each in told if codes.answer(each) is not None), told[0])
    if meta.get("status") is not (answer.status < 300):
        raise Misbehaved("IPPanel says two things at once.", reason="answer_contradicts_itself", code=code)
    return GatewayAnswer(code=code, data=document.get("data"), retry_after=wait)


def _told(status: int, written: str, errors: Any) -> Iterator[str]:
    for place in errors if isinstance(errors, dict) else ():
        # "params.0.recipients.1" and the like: the first part is the field of the request.
        if (field := _FIELD.match(str(place))) is not None:
            yield f"{status} {written} {field[0]}"
    yield f"{status} {written}"
    yield str(status)


def outcomes(data: Any, expected: int) -> list[SendOutcome]:
    """Return what each message became, by position: the vendor gives one id for each message of a call.

    Raise Misbehaved when there is not one for each: they would tell on the wrong messages.
    """
    ids = data.get("message_outbox_ids") if isinstance(data, dict) else None
    if not isinstance(ids, list) or len(ids) != expected:
        raise Misbehaved("IPPanel did not answer for every message.", reason="answer_incomplete")
    return [
        Accepted(gateway_reference=str(each)) if is_reference(each) else Unanswered(reason="no_reference")
        for each in ids
    ]


def incoming(data: Any) -> Sequence[IncomingMessage]:
    """Return the messages of an inbox page; what is no message is left out. Raise Misbehaved where there is no list."""
    if not isinstance(data, list):
        raise unreadable("IPPanel", "inbox")
    return [_message(entry) for entry in data if isinstance(entry, dict)]


def _message(entry: Mapping[str, Any]) -> IncomingMessage:
    sender, line, text, at = (str(entry.get(name) or "") for name in ("from", "number", "message", "time"))
    return IncomingMessage(
        gateway_key=message_key(entry.get("messages_inbox_id"), sender, line, text, at),
        sender=sender,
        line=line,
        text=text,
        sent_at=unix_instant(at),
    )
