"""The ways in which the outside world goes wrong, whether the deed is done all the same, and where each fits."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

__all__ = ["GATEWAY_FAULTS", "IS_DONE", "OFFICE_FAULTS", "SPOKEN", "Fault"]


class Fault(StrEnum):
    """One way in which the outside world goes wrong."""

    LOSE_ANSWER = "lose_answer"
    """The deed is done and booked; the socket is closed without a byte."""
    LOSE_REQUEST = "lose_request"
    """The socket is closed without a byte and nothing was done: from outside it looks like LOSE_ANSWER."""
    RESET_IN_BODY = "reset_in_body"
    """The deed is done; head and half of the body are sent, then the connection is reset."""
    STALL = "stall"
    """The deed is done and booked; the answer comes only after the rule's delay."""
    STALL_BEFORE = "stall_before"
    """The deed is done only after the rule's delay: it takes effect when the caller may long have gone."""
    SERVER_ERROR = "server_error"
    """HTTP 500 and nothing was done."""
    ERROR_AFTER = "error_after"
    """The deed is done and booked, and the answer is HTTP 500."""
    HTTP_502 = "http_502"
    """A proxy's page with HTTP 502, before or after the deed."""
    HTTP_503 = "http_503"
    """A proxy's page with HTTP 503, before or after the deed."""
    SOAP_FAULT = "soap_fault"
    """A Server fault, over REST a JSON error under HTTP 500, before or after the deed."""
    ERROR_IN_200 = "error_in_200"
    """HTTP 200 with the office's code for: not now. Nothing was done."""
    UNMAPPED_CODE = "unmapped_code"
    """HTTP 200 with a code that stands in no contract, before or after the deed."""
    GARBAGE = "garbage"
    """The deed is done and booked; the answer is HTTP 200 with bytes that mean nothing."""
    TRUNCATED = "truncated"
    """The deed is done and booked; the answer breaks off in its middle."""
    WRONG_CONTENT_TYPE = "wrong_content_type"
    """The deed is done; the right answer is called text/html, or a log-in page comes in its place."""
    DUPLICATE_ANSWER = "duplicate_answer"
    """The deed is done, and the office says that it knew the letter already, with its number."""
    SESSION_EXPIRED = "session_expired"
    """The office says that it does not know the session, by its code in HTTP 200 or as an error. Nothing was done."""
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - the name of a fault
    """HTTP 401 although the password is right. Nothing was done."""
    TOO_MANY = "too_many"
    """HTTP 429 with the time to wait, one second. Nothing was done."""
    TOO_MANY_SILENT = "too_many_silent"
    """HTTP 429 without a time. Nothing was done."""
    BUSY = "busy"
    """The other side says in its own words: busy, come later. Nothing was done."""
    CREDIT_GONE = "credit_gone"
    """The gateway says in its own words that nothing is left on the account. Nothing was done."""
    REFUSE = "refuse"
    """The other side understands and says no, now and for ever."""


_DONE: Final = (
    Fault.LOSE_ANSWER,
    Fault.RESET_IN_BODY,
    Fault.STALL,
    Fault.STALL_BEFORE,
    Fault.ERROR_AFTER,
    Fault.GARBAGE,
    Fault.TRUNCATED,
    Fault.WRONG_CONTENT_TYPE,
    Fault.DUPLICATE_ANSWER,
    Fault.REFUSE,
)
_EITHER: Final = (Fault.HTTP_502, Fault.HTTP_503, Fault.SOAP_FAULT, Fault.UNMAPPED_CODE)

IS_DONE: Final[Mapping[Fault, bool | None]] = {
    fault: None if fault in _EITHER else fault in _DONE for fault in Fault
}
"""Whether the deed is done when the fault is played; None where the seed (or the rule) decides each time."""

_ON_THE_WAY: Final = frozenset(
    {
        Fault.LOSE_ANSWER,
        Fault.LOSE_REQUEST,
        Fault.RESET_IN_BODY,
        Fault.STALL,
        Fault.STALL_BEFORE,
        Fault.SERVER_ERROR,
        Fault.ERROR_AFTER,
        Fault.HTTP_502,
        Fault.HTTP_503,
        Fault.GARBAGE,
        Fault.TRUNCATED,
        Fault.WRONG_CONTENT_TYPE,
        Fault.WRONG_PASSWORD,
        Fault.TOO_MANY,
        Fault.TOO_MANY_SILENT,
    }
)
SPOKEN: Final = frozenset(
    {Fault.SOAP_FAULT, Fault.ERROR_IN_200, Fault.UNMAPPED_CODE, Fault.SESSION_EXPIRED, Fault.BUSY}
)
"""The faults that an office tells in words of its own, in place of its answer."""

OFFICE_FAULTS: Final[Mapping[str, frozenset[Fault]]] = {
    "register": frozenset(Fault) - {Fault.CREDIT_GONE},
    "find": _ON_THE_WAY | SPOKEN,
    "search": _ON_THE_WAY | SPOKEN,
    "progress": _ON_THE_WAY | SPOKEN,
    "ping": _ON_THE_WAY,
}
"""The faults that can be played at an office, by deed."""

GATEWAY_FAULTS: Final[Mapping[str, frozenset[Fault]]] = {
    "send": _ON_THE_WAY | {Fault.BUSY, Fault.CREDIT_GONE, Fault.REFUSE},
    "find": _ON_THE_WAY,
    "delivery": _ON_THE_WAY,
    "check": _ON_THE_WAY,
}
"""The faults that can be played at the gateway, by deed."""
