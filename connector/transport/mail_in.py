"""Mail in: one mailbox over IMAP, read without changing anything but where a mail lies.

Reading is safe: it is repeated within seconds, and whatever fails is Unavailable (or CredentialsRejected). A mail is
never deleted: it is moved (RFC 6851) or flagged.
"""

import imaplib
import re
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeVar

from connector.clock import monotonic
from connector.errors import CredentialsRejected, RateLimited, Unavailable
from connector.transport.http_options import trusting
from connector.transport.mail_failures import MAIL_EXPECTED, failure_of
from connector.transport.mail_options import MailLogin, MailSecurity, MailServer
from connector.transport.mail_wire import MailWire, SaidTooMuch, connect
from connector.transport.patience import repeat_safely
from connector.transport.wire import Call

__all__ = ["Folder", "MailHead", "MailReader", "MailSession", "MailTooLarge"]

Result = TypeVar("Result")

_ALLOWANCE: Final = 2 * 1024 * 1024
"""Bytes that a server may say in one call, beside the mails that are asked for."""
_HEADER: Final = 16 * 1024
_RESTS: Final = 60.0
"""Seconds that a session may rest before it is opened anew: servers and firewalls let go of older ones in silence."""
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_BUSY: Final = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]", "[CONTACTADMIN]")
"""Answers to a log-in that say nothing about the password (RFC 5530)."""


class MailTooLarge(Exception):
    """A mail is larger than it may be, whatever the server said before."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Folder:
    """A folder as it was when it was opened."""

    uid_validity: int
    """While this stays the same, a uid names the same mail (RFC 3501, 2.3.1.1)."""
    uid_next: int | None
    """The uid that the next mail will have at least; None where the server does not tell."""
    mails: int


@dataclass(frozen=True, kw_only=True, slots=True)
class MailHead:
    """The header of a mail, or the lines of it that were asked for."""

    uid: int
    size: int
    header: bytes

    def __repr__(self) -> str:
        """Show the place only: a header names people."""
        return f"MailHead(uid={self.uid}, {self.size} bytes)"


class MailSession:
    """What can be asked of a mailbox within one call of MailReader."""

    def __init__(self, imap: imaplib.IMAP4, wire: MailWire) -> None:
        """Take a connection that is logged in."""
        self._imap = imap
        self._wire = wire

    @property
    def tls_version(self) -> str:
        """The version of TLS that is spoken, for people."""
        return self._wire.tls_version

    def open(self, name: str) -> Folder | None:
        """Open a folder; None where there is none of this name."""
        answer, counted = self._imap.select(_quoted(name))
        if answer != "OK":
            return None
        return Folder(
            uid_validity=self._number("UIDVALIDITY", is_needed=True) or 0,
            uid_next=self._number("UIDNEXT"),
            mails=int(counted[0] or 0),
        )

    def uids_since(self, day: date) -> list[int]:
        """Return the uids of the mails that arrived on this day or later, in order."""
        return self._search("SINCE", f"{day.day:02d}-{_MONTHS[day.month - 1]}-{day.year:04d}")

    def uids_from(self, uid: int) -> list[int]:
        """Return the uids from this one on, in order. A server names its last mail even where that is older."""
        return [found for found in self._search("UID", f"{uid}:*") if found >= uid]

    def uids_with(self, header: str, value: str) -> list[int]:
        """Return the uids of the mails whose header holds this value (ASCII)."""
        return self._search("HEADER", header, _quoted(value))

    def heads(self, uids: Sequence[int], headers: Sequence[str]) -> list[MailHead]:
        """Return these headers of the mails that are still there, in order; of each 16 KB at most."""
        if not uids:
            return []
        asked = f"(UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS ({' '.join(headers)})]<0.{_HEADER}>)"
        found = [
            MailHead(uid=_counted(facts, "UID"), size=_counted(facts, "RFC822.SIZE"), header=content)
            for facts, content in self._fetched(",".join(map(str, uids)), asked)
        ]
        return sorted((head for head in found if head.uid in set(uids)), key=lambda head: head.uid)

    def mail(self, uid: int, *, largest: int) -> bytes | None:
        """Return a whole mail; None where it is gone. Raise MailTooLarge where it is larger than that."""
        self._wire.allow(largest + _ALLOWANCE)
        try:
            found = self._fetched(str(uid), "(UID BODY.PEEK[])")
        except SaidTooMuch:
            raise MailTooLarge from None
        return next((content for facts, content in found if _counted(facts, "UID") == uid), None)

    def move(self, uid: int, folder: str) -> bool:
        """Move a mail of the open folder, making the other where there is none. False: the server cannot."""
        if "MOVE" in self._imap.capabilities:
            for is_made in (False, True):
                answer, _ = self._imap.uid("MOVE", str(uid), _quoted(folder))
                if answer == "OK":
                    return True
                if not is_made:
                    self._imap.create(_quoted(folder))
        return False

    def flag(self, uid: int) -> None:
        """Flag a mail, as people do with those that they must look at."""
        self._imap.uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Flagged)")

    def _search(self, *criteria: str) -> list[int]:
        answer, found = self._imap.uid("SEARCH", *criteria)
        if answer != "OK":
            raise imaplib.IMAP4.error("the search was refused")
        return sorted(int(uid) for line in found for uid in (line or b"").split())

    def _fetched(self, uids: str, what: str) -> list[tuple[bytes, bytes]]:
        answer, parts = self._imap.uid("FETCH", uids, what)
        if answer != "OK":
            raise imaplib.IMAP4.error("the mails were not handed out")
        found: list[tuple[bytes, bytes]] = []
        for part in parts:
            if isinstance(part, tuple):
                found.append((part[0], part[1]))
            elif isinstance(part, bytes) and found:  # what stands behind the content: perhaps the uid
                found[-1] = (found[-1][0] + b" " + part, found[-1][1])
        return found

    def _number(self, name: str, *, is_needed: bool = False) -> int | None:
        _, told = self._imap.response(name)
        text = told[-1] if told else None
        if isinstance(text, bytes) and text.isdigit():
            return int(text)
        if is_needed:
            raise imaplib.IMAP4.error(f"the server does not tell {name}")
        return None


class MailReader:
    """Reads one mailbox. Thread-safe: calls wait for each other, for as long as one may last."""

    def __init__(
        self, server: MailServer, login: MailLogin, *, pause: Callable[[float], None] = time.sleep
    ) -> None:
        """Build the TLS context. Raise SettingsInvalid when the file of authorities cannot be used."""
        self._server = server
        self._login = login
        self._pause = pause
        self._context = trusting(server.ca_file)
        self._port = server.port_or(tls=993, starttls=143)
        self._lock = threading.Lock()
        self._open: tuple[imaplib.IMAP4, MailWire] | None = None
        self._used_at = 0.0

    @property
    def place(self) -> str:
        """The server, for people."""
        return f"{self._server.host}:{self._port}"

    def call(self, deed: Callable[[MailSession], Result]) -> Result:
        """Do something in a session, opened anew where there is none, and return what it brought.

        The deed may be done up to three times. Raise Unavailable, RateLimited or CredentialsRejected; MailTooLarge
        where the deed let it pass.
        """
        if not self._lock.acquire(timeout=self._server.finish_within.total_seconds()):
            raise Unavailable("The mailbox is being read by another call.", reason="mailbox_busy")
        try:
            return repeat_safely(lambda: self._once(deed), pause=self._pause)
        finally:
            self._lock.release()

    def close(self) -> None:
        """Let go of the session. May be called twice."""
        self._drop()

    def _once(self, deed: Callable[[MailSession], Result]) -> Result:
        server = self._server
        call = Call(
            silence=server.answer_within.total_seconds(),
            deadline=monotonic() + server.finish_within.total_seconds(),
        )
        is_connected = False
        try:
            imap, wire = self._session(call)
            is_connected = True
            result = deed(MailSession(imap, wire))
        except MAIL_EXPECTED as error:
            self._drop()
            raise failure_of(error, is_connected=is_connected) from None
        except BaseException:
            self._drop()
            raise
        self._used_at = monotonic()
        return result

    def _session(self, call: Call) -> tuple[imaplib.IMAP4, MailWire]:
        if self._open is not None and monotonic() - self._used_at > _RESTS:
            self._drop()
        if self._open is None:
            wire = connect(self._server, self._context, self._port)
            wire.begin(call, _ALLOWANCE)
            try:
                imap: imaplib.IMAP4 = _Imap(wire)
                if self._server.security is MailSecurity.STARTTLS:
                    upgrade: Any = wire
                    imap.starttls(ssl_context=upgrade)
                self._log_in(imap)
            except BaseException:
                wire.close()
                raise
            self._open = imap, wire
        self._open[1].begin(call, _ALLOWANCE)
        return self._open

    def _log_in(self, imap: imaplib.IMAP4) -> None:
        user, password = self._login.username, self._login.password
        try:
            if "AUTH=PLAIN" in imap.capabilities:
                imap.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
            else:
                imap.login(user, password)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            if any(word in str(error).upper() for word in _BUSY):
                raise RateLimited("The mail server takes no log-in now.", reason="rate_limited") from None
            raise CredentialsRejected(
                "The mail server refuses user name or password.", reason="credentials_rejected"
            ) from None
        except UnicodeEncodeError:
            raise CredentialsRejected(
                "The mail server takes no password with letters beyond ASCII.", reason="credentials_rejected"
            ) from None
        # What it can do is often told anew, or only now, after the log-in.
        answer, told = imap.capability()
        if answer == "OK":
            imap.capabilities = tuple((told[-1] or b"").decode("ascii", "replace").upper().split())

    def _drop(self) -> None:
        if self._open is not None:
            (_, wire), self._open = self._open, None
            with suppress(OSError, ssl.SSLError):
                wire.close()


class _Imap(imaplib.IMAP4):
    """imaplib on our own connection."""

    def __init__(self, wire: MailWire) -> None:
        self._wire = wire
        super().__init__()

    def open(self, host: str = "", port: int = 0, timeout: float | None = None) -> None:
        self.host, self.port = host, port
        self.sock: Any = self._wire

    def read(self, size: int) -> bytes:
        return self._wire.read(size)

    def readline(self) -> bytes:
        return self._wire.readline()

    def send(self, data: Any) -> None:
        self._wire.sendall(data)

    def shutdown(self) -> None:
        self._wire.close()


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _counted(facts: bytes, name: str) -> int:
    found = re.search(rb"\b" + name.encode("ascii").replace(b".", rb"\.") + rb" (\d+)", facts)
    return int(found[1]) if found else 0
