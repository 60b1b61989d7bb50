"""What goes to Kavenegar: the method and the form of each sending."""

import json
from collections.abc import Sequence

from connector.ports.gateway import OutgoingMessage
from connector.ports.pattern import PatternUse

__all__ = ["lookup", "texts"]


def texts(messages: Sequence[OutgoingMessage], sender: str) -> tuple[str, dict[str, str]]:
    """Return the call that sends these texts, one or many."""
    if len(messages) == 1:
        one = messages[0]
        return "sms/send", {
            "receptor": one.mobile,
            "sender": sender,
            "message": one.text,
            "localid": str(one.own_id),
        }
    # Arrays go as JSON in one field each: the server does not take repeated fields.
    return "sms/sendarray", {
        "receptor": _array([message.mobile for message in messages]),
        "sender": _array([sender] * len(messages)),
        "message": _array([message.text for message in messages]),
        "localmessageids": _array([message.own_id for message in messages]),
    }


def lookup(message: OutgoingMessage, pattern: PatternUse) -> tuple[str, dict[str, str]]:
    """Return the call that sends a pattern. It takes no id of ours, and the vendor chooses the line."""
    return "verify/lookup", {
        **pattern.values,
        "receptor": message.mobile,
        "template": pattern.code,
        "type": "sms",
    }


def _array(values: Sequence[str | int]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))
