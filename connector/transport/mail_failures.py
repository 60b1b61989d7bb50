"""What a failed conversation with a mail server means: certainly nothing happened, or nobody knows.

A server takes a mail over with its answer to the dot that ends it, and not before (RFC 5321, 4.1.1.4). Until the dot
begins to go out a failure is Unavailable; from then on, without an answer, nobody knows. An answer is a word: with any
number from 400 up the server has not taken the mail, and will not (RFC 5321, 4.2.5).
"""

import imaplib
import re
import smtplib
from enum import StrEnum
from typing import Final

from connector.errors import (
    CallFailed,
    ChaparError,
    CredentialsRejected,
    Misbehaved,
    NotPossible,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from connector.transport.failures import EXPECTED, meaning
from connector.transport.mail_wire import SaidTooMuch

__all__ = ["MAIL_EXPECTED", "MailStep", "failure_of", "refusal_of"]

MAIL_EXPECTED: Final = (*EXPECTED, imaplib.IMAP4.error)
"""What smtplib, imaplib and the socket raise when a call fails; smtplib's errors are OSErrors."""

_ENHANCED: Final = re.compile(r"^([245]\.\d{1,3}\.\d{1,3})\b")
_TOO_FAST: Final = re.compile(
    r"rate|too many|too much|throttl|slow down|grey ?list|gray ?list", re.IGNORECASE
)
_TOO_LARGE: Final = frozenset({"5.3.4", "5.2.3"})
_LOGIN_CODES: Final = frozenset({530, 534, 538})
"""It wants a log-in, or another way of it, whatever was asked (RFC 4954, 6)."""
_FULL: Final = frozenset({"4.2.2", "5.2.2", "4.3.1", "5.3.1"})


class MailStep(StrEnum):
    """Where in the conversation an SMTP server refused; the words stand in the log and in what people see."""

    GREETING = "greeting"
    LOGIN = "login"
    SENDER = "sender"
    ADDRESS = "address"
    BEGINNING = "beginning"
    CONTENT = "content"


def failure_of(error: Exception, *, is_connected: bool, has_ended: bool = False) -> CallFailed:
    """Return the failure that says what to do next, for a conversation that broke.

    ``has_ended``: whether a byte of the dot that ends a mail may have gone out.
    """
    if isinstance(error, SaidTooMuch):
        sentence, reason = "The mail server says more than is allowed.", "answer_too_large"
        return Misbehaved(sentence, reason=reason) if has_ended else Unavailable(sentence, reason=reason)
    if isinstance(error, imaplib.IMAP4.abort):  # what imaplib makes of a connection that ends
        return Unavailable("The connection broke before the answer was complete.", reason="reset")
    if isinstance(error, imaplib.IMAP4.error | smtplib.SMTPResponseException | smtplib.SMTPNotSupportedError):
        sentence, reason = "The mail server does not do what was asked of it.", "broken_answer"
        return OutcomeUnknown(sentence, reason=reason) if has_ended else Unavailable(sentence, reason=reason)
    return meaning(error, has_begun=is_connected, is_safe=is_connected and not has_ended)


def refusal_of(step: MailStep, code: int, text: str) -> ChaparError:
    """Return what an SMTP server's refusal means at this step. The mail was certainly not taken.

    The server's text is kept as the remark: it may repeat an address, and is never logged.
    """
    enhanced = match[1] if (match := _ENHANCED.match(text)) else ""
    known_as = f"{code} {enhanced}".strip()
    is_final = 500 <= code < 600
    if code in _LOGIN_CODES or (step is MailStep.LOGIN and is_final):
        sentence = "The mail server refuses user name or password."
        return CredentialsRejected(sentence, reason="credentials_rejected", code=known_as, remark=text)
    if step is MailStep.CONTENT and is_final and enhanced not in _FULL:
        if code == 552 or enhanced in _TOO_LARGE:
            return NotPossible("The mail server takes no mail of this size.", code=known_as)
        return NotPossible("The mail server refuses what stands in this mail.", code=known_as)
    return _for_now(step, code, enhanced, text)


def _for_now(step: MailStep, code: int, enhanced: str, text: str) -> CallFailed:
    known_as = f"{code} {enhanced}".strip()
    if not 400 <= code < 600:
        kind = Misbehaved if step is MailStep.CONTENT else Unavailable
        return kind("The mail server's answer is none.", reason="unreadable_answer", code=known_as)
    if code < 500 and (enhanced.startswith("4.7.") or _TOO_FAST.search(text)):
        sentence = "The mail server asks us to slow down."
        return RateLimited(sentence, reason="rate_limited", code=known_as, remark=text)
    reason = "mailbox_full" if enhanced in _FULL or code in {452, 552} else f"{step}_refused"
    return Unavailable("The mail server takes no mail now.", reason=reason, code=known_as, remark=text)
