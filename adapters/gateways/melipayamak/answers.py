"""What comes back from payamak-panel, read with suspicion."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from connector.mapping.gateway_answers import (
    GatewayAnswer,
    is_reference,
    iso_instant,
    message_key,
    unix_instant,
    unreadable,
)
from connector.mapping.gateway_codes import GatewayCodes
from connector.ports.incoming import IncomingMessage
from connector.transport.json_bodies import json_of, retry_after

if TYPE_CHECKING:
    from connector.transport.http import HttpAnswer

__all__ = ["DONE", "incoming", "read", "read_sending"]

DONE: Final = "1"
_SMALLEST_REFERENCE: Final = 1000
"""Ids are long numbers; whatever is shorter is a code, also where the answer says that all went well."""
_DOT_NET_DATE: Final = re.compile(r"/Date\((-?[0-9]{1,15})")


def read(answer: "HttpAnswer", codes: GatewayCodes) -> GatewayAnswer:
    """Return ``RetStatus`` as the code and the whole document as the data, whatever the HTTP status.

    Where it is no success, a code in ``Value`` says more: a wrong password was seen as "0" beside 35, which alone is a
    blacklisted number. Without an envelope the HTTP status is the code, where the table has it. Raise Misbehaved where
    it has not.
    """
    document = json_of(answer)
    envelope = document.get("MyBase", document) if isinstance(document, dict) else None
    status = envelope.get("RetStatus") if isinstance(envelope, dict) else None
    wait = retry_after(answer)
    if isinstance(envelope, dict) and isinstance(status, int | str) and not isinstance(status, bool):
        code, value = str(status)[:40], str(envelope.get("Value")).strip()
        is_told_by_value = DONE not in (code, value) and codes.answer(value) is not None
        return GatewayAnswer(code=value if is_told_by_value else code, data=document, retry_after=wait)
    code = f"http {answer.status}"
    if codes.answer(code) is None:
        raise unreadable("payamak-panel", code)
    return GatewayAnswer(code=code, retry_after=wait)


def read_sending(answer: GatewayAnswer) -> GatewayAnswer:
    """Return the answer to a sending with its code at the second level: ``Value`` is an id, or a code like another."""
    if answer.code != DONE:
        return GatewayAnswer(code=answer.code, retry_after=answer.retry_after)
    value = answer.data.get("Value") if isinstance(answer.data, dict) else None
    text = str(value).strip()
    if is_reference(text) and int(text) >= _SMALLEST_REFERENCE:
        return GatewayAnswer(code=DONE, data=text)
    return GatewayAnswer(code=text[:40] or "no value", retry_after=answer.retry_after)


def incoming(document: Any) -> Sequence[IncomingMessage]:
    """Return the messages of an inbox page. What is no message is left out: raising would hide the others.

    Raise Misbehaved where there is no list of messages at all.
    """
    rows = document.get("Data") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        raise unreadable("payamak-panel", "inbox")
    return [_message(row) for row in rows if isinstance(row, dict)]


def _message(row: Mapping[str, Any]) -> IncomingMessage:
    # The field names of the vendor's WSDL, and those that its REST answers were seen with.
    sender = str(row.get("Sender") or row.get("SenderNumber") or "")
    line = str(row.get("Receiver") or row.get("RecipientNumber") or "")
    text, at = str(row.get("Body") or ""), str(row.get("SendDate") or "")
    return IncomingMessage(
        gateway_key=message_key(row.get("MsgID"), sender, line, text, at),
        sender=sender,
        line=line,
        text=text,
        sent_at=_instant(at),
    )


def _instant(text: str) -> datetime | None:
    match = _DOT_NET_DATE.match(text)
    return unix_instant(int(match[1]) // 1000) if match else iso_instant(text)
