"""What goes wrong at mail servers: which faults there are here, how each is played, and why the others are not."""

from collections.abc import Mapping
from typing import Final

from connector.simulator.exchange import HangUp
from connector.simulator.fault_kinds import Fault
from connector.simulator.secretariat.smtp import Spoken

__all__ = ["NOT_PLAYED", "TAKEN", "spoken"]

TAKEN: Final = Spoken(b"250 2.0.0 taken")
_SPOKEN: Final[Mapping[Fault, Spoken]] = {
    Fault.STALL: TAKEN,
    Fault.STALL_BEFORE: TAKEN,
    Fault.RESET_IN_BODY: Spoken(b"250 2.0.0 ta", is_broken_off=True),
    Fault.TRUNCATED: Spoken(b"25", is_broken_off=True),
    Fault.BUSY: Spoken(b"451 4.3.2 not now"),
    Fault.UNMAPPED_CODE: Spoken(b"777 of no meaning"),
    Fault.GARBAGE: Spoken(b"\x00\xff<<not an answer>>"),
    Fault.TOO_MANY_SILENT: Spoken(b"450 4.7.1 slow down"),
}

_NO_HTTP: Final = (
    "Mail has no HTTP status and no fault: an answer of 400 or more is the server's word that it has not taken "
    "the mail (RFC 5321, 4.2.5)."
)
NOT_PLAYED: Final[Mapping[Fault, str]] = {
    **dict.fromkeys(
        (
            Fault.SERVER_ERROR,
            Fault.ERROR_AFTER,
            Fault.HTTP_502,
            Fault.HTTP_503,
            Fault.SOAP_FAULT,
            Fault.ERROR_IN_200,
            Fault.WRONG_CONTENT_TYPE,
        ),
        _NO_HTTP,
    ),
    Fault.DUPLICATE_ANSWER: "A mail server does not know the letter: whether it had it before only a receipt tells.",
    Fault.SESSION_EXPIRED: "Mail has no sessions that end: each mail is a conversation of its own.",
    Fault.TOO_MANY: "SMTP has no place for the time to wait.",
    Fault.CREDIT_GONE: "Mail has no account that could be empty.",
    Fault.REFUSE: "A secretariat refuses by a receipt: see the fate refused.",
}
"""Faults that mail servers do not have, each with its reason."""


def spoken(fault: Fault) -> Spoken:
    """Return what is said to the dot in place of the right answer. Raise HangUp where nothing is said at all."""
    if fault in {Fault.LOSE_ANSWER, Fault.LOSE_REQUEST}:
        raise HangUp
    return _SPOKEN[fault]
