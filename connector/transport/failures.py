"""What a failed HTTP call means: certainly nothing happened, or nobody knows.

The sentence and the facts never carry an address, a body or a key: the exceptions of the libraries do, and
are therefore not chained to ours.
"""

import socket
import ssl
from collections.abc import Iterator
from http.client import HTTPException, RemoteDisconnected
from typing import Final

import requests
import urllib3.exceptions

from connector.errors import CallFailed, CredentialsRejected, OutcomeUnknown, Unavailable
from connector.transport.body import BodyBroken

__all__ = ["EXPECTED", "meaning"]

EXPECTED: Final = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    HTTPException,
    OSError,
    BodyBroken,
    ValueError,
)
"""What requests, urllib3, the standard library and the socket raise when a call fails."""

_CERTIFICATE_ALERTS: Final = (
    "CERTIFICATE_REQUIRED",
    "ALERT_BAD_CERTIFICATE",
    "ALERT_UNKNOWN_CA",
    "ALERT_CERTIFICATE_EXPIRED",
    "ALERT_CERTIFICATE_REVOKED",
    "ALERT_CERTIFICATE_UNKNOWN",
    "ALERT_UNSUPPORTED_CERTIFICATE",
    "ALERT_ACCESS_DENIED",
)

_CERTIFICATE_FAULTS: Final = {
    9: "certificate_too_early",
    10: "certificate_expired",
    18: "certificate_self_signed",
    19: "certificate_self_signed",
    62: "certificate_other_name",
    64: "certificate_other_name",
}
"""OpenSSL's results of verification (x509_vfy.h) that say what is wrong; all others mean that nobody vouches for it."""

_SENTENCES: Final = {
    "client_certificate": "The other system does not accept our certificate.",
    "certificate": "The other system's certificate is not trusted: no authority that we know has signed it.",
    "certificate_expired": "The other system's certificate has expired.",
    "certificate_too_early": "The other system's certificate is not valid yet; or our clock is wrong.",
    "certificate_self_signed": "The other system's certificate is signed by itself; "
    "where that is meant, name it, or its authority, in ca_file.",
    "certificate_other_name": "The other system's certificate is for another name than the configured address.",
    "tls": "No secure connection could be made.",
    "name": "The name of the other system cannot be resolved.",
    "refused": "The other system refuses the connection.",
    "connect_timeout": "The other system did not take the connection in time.",
    "timeout": "The other system did not answer in time.",
    "reset": "The connection broke before the answer was complete.",
    "broken_answer": "The answer cannot be read as HTTP.",
    "file": "A file of the letter could not be read while it was being sent.",
    "unreachable": "The other system cannot be reached.",
}

_STEPS: Final = {
    "certificate": "Name the certificate of the authority that signed it in ca_file; it is checked always.",
    "certificate_expired": "Ask whoever runs that system to renew its certificate; nothing was sent, and letters wait.",
    "certificate_too_early": "Set the clock of this machine right; where it is, ask for a certificate that is valid.",
    "certificate_self_signed": "Have it handed over by a safe way, and name it in ca_file; it is checked always.",
    "certificate_other_name": "Write the name that stands in the certificate into the address, or ask for "
    "a certificate that is for this address.",
    "client_certificate": "See which client certificate that system expects, and name it in client_certificate.",
    "tls": "See whether that address speaks TLS 1.2 or later; an address that does not begins with http://.",
    "name": "See that the name in the address is spelt right, and that this machine's DNS knows it.",
}
"""What the operator does where the reason says it; of others only whoever knows the connection can tell."""

_TIMEOUTS: Final = (requests.ReadTimeout, urllib3.exceptions.ReadTimeoutError, TimeoutError)

_REASONS: Final[tuple[tuple[tuple[type[BaseException], ...], str | None], ...]] = (
    ((BodyBroken,), "file"),
    ((socket.gaierror, urllib3.exceptions.NameResolutionError), "name"),
    ((ConnectionRefusedError,), "refused"),
    # A connect error that wraps another; its cause says more.
    ((urllib3.exceptions.NewConnectionError,), None),
    ((requests.ConnectTimeout, urllib3.exceptions.ConnectTimeoutError), "connect_timeout"),
    (_TIMEOUTS, "timeout"),
    ((ConnectionResetError, BrokenPipeError, RemoteDisconnected, urllib3.exceptions.IncompleteRead), "reset"),
    (
        (HTTPException, urllib3.exceptions.DecodeError, requests.exceptions.ContentDecodingError),
        "broken_answer",
    ),
)


def meaning(error: Exception, *, has_begun: bool | None, is_safe: bool) -> CallFailed:
    """Return the failure that says what to do next.

    ``has_begun``: whether a byte of the request may have gone out; None where nobody noted it. ``is_safe``:
    whether the call changes nothing over there.
    """
    reason = _reason(error, has_begun)
    sentence, step = _SENTENCES[reason], _STEPS.get(reason)
    if reason == "client_certificate":
        return CredentialsRejected(sentence, reason=reason, next_step=step)
    if has_begun is None:  # not one of our own connections: judge by the kind of failure
        has_begun = reason in {"timeout", "reset", "broken_answer", "file"}
    if is_safe or not has_begun:
        return Unavailable(sentence, reason=reason, next_step=step)
    return OutcomeUnknown(sentence, reason=reason, next_step=step)


def _reason(error: Exception, has_begun: bool | None) -> str:
    causes = list(_causes(error))
    for cause in causes:
        reason = _reason_of(cause, has_begun)
        if reason:
            return reason
    return "reset" if has_begun else "unreachable"


def _reason_of(cause: BaseException, has_begun: bool | None) -> str | None:
    if isinstance(cause, ssl.SSLError):
        return _tls_reason(cause)
    if has_begun is False and isinstance(cause, _TIMEOUTS):
        return "connect_timeout"
    for kinds, reason in _REASONS:
        if isinstance(cause, kinds):
            return reason
    return None


def _tls_reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _CERTIFICATE_FAULTS.get(error.verify_code, "certificate")
    if any(alert in (error.reason or "") for alert in _CERTIFICATE_ALERTS):
        return "client_certificate"
    return "tls"


def _causes(error: BaseException) -> Iterator[BaseException]:
    # The libraries wrap each other by argument, by attribute and by chain.
    waiting: list[BaseException] = [error]
    seen: set[int] = set()
    while waiting:
        cause = waiting.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        inner = [*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__]
        waiting.extend(part for part in inner if isinstance(part, BaseException))
