"""Delivery receipts in deliver_sm: the text of Appendix B, and the parameters that say the same with certainty."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from adapters.gateways.smpp.pdu import Delivered, Tag

__all__ = ["STATES", "IdForm", "Receipt", "normal", "read_receipt"]

IdForm = Literal["text", "decimal", "hex"]

STATES: Final = {
    1: "ENROUTE",
    2: "DELIVRD",
    3: "EXPIRED",
    4: "DELETED",
    5: "UNDELIV",
    6: "ACCEPTD",
    7: "UNKNOWN",
    8: "REJECTD",
}
"""message_state (5.2.28), in the words of the text form."""
_KIND: Final = 0b0011_1100
_RECEIPT: Final = 0b0000_0100
_BETWEEN: Final = 0b0010_0000
_ID: Final = re.compile(r"\bid:\s*([!-~]{1,65})", re.IGNORECASE)
_STATE: Final = re.compile(r"\bstat:\s*([A-Za-z]{1,10})", re.IGNORECASE)
_MOST: Final = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What a receipt says."""

    message_id: str
    state: str
    """A word of the code table."""


def read_receipt(heard: Delivered) -> Receipt | None:
    """Return the receipt in a deliver_sm; None where it is something else, or names no message or no state."""
    is_receipt = heard.esm_class & _KIND in {_RECEIPT, _BETWEEN} or Tag.RECEIPTED_MESSAGE_ID in heard.extras
    if not is_receipt:
        return None
    text = heard.content[:_MOST].decode("latin-1")
    named, told = _ID.search(text), _STATE.search(text)
    message_id = heard.extras.get(Tag.RECEIPTED_MESSAGE_ID, b"").rstrip(b"\0").decode("ascii", "replace")
    number = int.from_bytes(heard.extras.get(Tag.MESSAGE_STATE, b"")[:1], "big")
    state = told[1].upper() if told else STATES.get(number, f"STATE-{number}" if number else "")
    message_id = (named[1] if named else "") or message_id
    return Receipt(message_id=message_id, state=state) if message_id and state else None


def normal(message_id: str, form: IdForm) -> str:
    """Return an id in the form that answers and receipts have in common: decimal, or as it is."""
    if form == "text":
        return message_id
    try:
        return str(int(message_id, 16 if form == "hex" else 10))
    except ValueError:
        return message_id
