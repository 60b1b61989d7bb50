"""Mail out: one mail to one SMTP server that takes it over, or certainly not, or nobody knows."""

import smtplib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

import pybase64

from connector.clock import monotonic
from connector.errors import CallFailed, ChaparError, CredentialsRejected, NotPossible
from connector.transport.http_options import trusting
from connector.transport.mail_failures import MAIL_EXPECTED, MailStep, failure_of, refusal_of
from connector.transport.mail_lines import MailBody, dot_stuffed
from connector.transport.mail_options import MailLogin, MailSecurity, MailServer
from connector.transport.mail_wire import MailWire, connect
from connector.transport.wire import Call

__all__ = ["MailSender"]

_ALLOWANCE: Final = 64 * 1024
"""Bytes that a server may say in one conversation; real ones say two thousand."""


class MailSender:
    """Sends through one SMTP server. Safe for several threads: each mail has a connection of its own."""

    def __init__(self, server: MailServer) -> None:
        """Build the TLS context. Raise SettingsInvalid when the file of authorities cannot be used."""
        self._server = server
        self._context = trusting(server.ca_file)
        self._port = server.port_or(tls=465, starttls=587)

    def send(self, login: MailLogin | None, sender: str, recipients: Sequence[str], body: MailBody) -> None:
        """Give the mail to the server, for all recipients or for none.

        Raise Unavailable, RateLimited and CredentialsRejected where the server certainly did not take it; NotPossible
        where it never will (too large, refused for what stands in it); OutcomeUnknown where the dot that ends the mail
        was begun and no answer came, Misbehaved where the answer is none.
        """
        with self._conversation(login) as talk:
            limit = talk.size_limit
            if limit and len(body) > limit:
                raise NotPossible(
                    "The mail is larger than the mail server takes.", limit=limit, size=len(body)
                )
            size = f" SIZE={len(body)}" if talk.knows_size else ""
            talk.ask(MailStep.SENDER, f"MAIL FROM:<{sender}>{size}")
            for recipient in recipients:
                talk.ask(MailStep.ADDRESS, f"RCPT TO:<{recipient}>")
            talk.deliver(body)

    def look(self, login: MailLogin | None) -> str:
        """Log in and say what was seen. Raises what send raises before anything is given over."""
        with self._conversation(login) as talk:
            size = f", mails of at most {talk.size_limit // 1_000_000} MB" if talk.size_limit else ""
            return f"{self._server.host}:{self._port}, {talk.tls_version}{size}"

    @contextmanager
    def _conversation(self, login: MailLogin | None) -> Iterator["_Conversation"]:
        """Connect, greet and log in; whatever breaks becomes the failure that it means."""
        server = self._server
        talk: _Conversation | None = None
        wire: MailWire | None = None
        try:
            wire = connect(server, self._context, self._port)
            silence, finish = server.answer_within.total_seconds(), server.finish_within.total_seconds()
            wire.begin(Call(silence=silence, deadline=monotonic() + finish), _ALLOWANCE)
            talk = _Conversation(wire)
            talk.greet(with_starttls=server.security is MailSecurity.STARTTLS)
            talk.log_in(login)
            yield talk
            talk.leave()
        except (CallFailed, ChaparError):
            raise
        except MAIL_EXPECTED as error:
            # From None: the library's text may hold an address or a line of the mail.
            has_ended = talk is not None and talk.has_ended
            raise failure_of(error, is_connected=wire is not None, has_ended=has_ended) from None
        finally:
            if wire is not None:
                with suppress(OSError):
                    wire.close()


class _Conversation:
    """One conversation over SMTP."""

    def __init__(self, wire: MailWire) -> None:
        self.has_ended = False
        """True from just before the dot that ends the mail goes out."""
        self._wire = wire
        self._smtp = smtplib.SMTP(local_hostname=wire.local_address)
        self._smtp.sock = wire  # type: ignore[assignment]

    @property
    def tls_version(self) -> str:
        return self._wire.tls_version

    @property
    def knows_size(self) -> bool:
        return self._smtp.has_extn("size")

    @property
    def size_limit(self) -> int:
        """The largest mail that the server says it takes (RFC 1870); 0 where it says nothing."""
        words = self._smtp.esmtp_features.get("size", "").split()
        return int(words[0]) if words and words[0].isdecimal() else 0

    def greet(self, *, with_starttls: bool) -> None:
        code, text = self._smtp.getreply()
        self._want(220, MailStep.GREETING, code, text)
        self._hello()
        if with_starttls:
            upgrade: Any = self._wire
            self._smtp.starttls(context=upgrade)
            self._hello()

    def log_in(self, login: MailLogin | None) -> None:
        if login is None:
            return
        ways = self._smtp.esmtp_features.get("auth", "").upper().split()
        user, password = login.username.encode(), login.password.encode()
        if "PLAIN" in ways:
            self.ask(MailStep.LOGIN, "AUTH PLAIN " + _written(b"\0" + user + b"\0" + password))
        elif "LOGIN" in ways:
            self.ask(MailStep.LOGIN, "AUTH LOGIN", want=334)
            self.ask(MailStep.LOGIN, _written(user), want=334)
            self.ask(MailStep.LOGIN, _written(password))
        else:
            raise CredentialsRejected(
                "The mail server offers no way to log in that Chapar knows (PLAIN, LOGIN).",
                reason="no_login_offered",
            )

    def ask(self, step: MailStep, line: str, want: int = 2) -> None:
        """Send a line and demand an answer that begins so. Raise what the refusal means."""
        code, text = self._smtp.docmd(line)
        self._want(want, step, code, text)

    def deliver(self, body: MailBody) -> None:
        self.ask(MailStep.BEGINNING, "DATA", want=354)
        for piece in dot_stuffed(body):
            self._wire.sendall(piece)
        self.has_ended = True
        self._wire.sendall(b".\r\n")
        code, text = self._smtp.getreply()
        self._want(2, MailStep.CONTENT, code, text)

    def leave(self) -> None:
        """Say goodbye; the mail has its answer, so nothing that fails now matters."""
        with suppress(*MAIL_EXPECTED):
            self._wire.sendall(b"QUIT\r\n")

    def _hello(self) -> None:
        code, text = self._smtp.ehlo()
        self._want(2, MailStep.GREETING, code, text)

    def _want(self, wanted: int, step: MailStep, code: int, text: bytes) -> None:
        if not str(code).startswith(str(wanted)):
            raise refusal_of(step, code, text.decode("utf-8", "replace")[:500])


def _written(secret: bytes) -> str:
    encoded: bytes = pybase64.b64encode(secret)
    return encoded.decode("ascii")
