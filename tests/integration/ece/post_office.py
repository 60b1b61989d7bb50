"""A real Dovecot for mailboxes and an SMTP server by others before it: free ports, TLS by an authority of our own."""

import asyncio
import contextlib
import imaplib
import os
import shutil
import ssl
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.authority import issue, server_context, written
from tests.free_ports import free_ports

DOVECOT = "/usr/sbin/dovecot"
MISSING = "Dovecot is not installed, or this is not root: apt-get install dovecot-imapd"
WITHIN = 15.0
PASSWORD = "the-password-of-the-test-mailboxes"
DOMAINS = ("agency.example", "office.example")
NAMES = ("a", "b", "c", "spam")
FRESH = tuple(f"fresh{number}" for number in range(200))
"""Mailboxes for whoever wants some that nobody has used."""
OVER_QUOTA = "full@office.example"

CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.pem
auth_failure_delay = 0
default_internal_user = dovecot
default_login_user = dovenull
first_valid_uid = 1
mail_location = maildir:{folder}/home/%u/Maildir
mail_plugins = quota
plugin {{
  quota = maildir:User quota
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/users
}}
userdb {{
  driver = passwd-file
  args = {folder}/users
  default_fields = uid=nobody gid=nogroup home={folder}/home/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  process_min_avail = 1
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service stats {{
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""


def is_installed() -> bool:
    return shutil.which(DOVECOT) is not None and os.geteuid() == 0


class PostOffice:
    """Mailboxes, and the server that mail goes through. A mail to several recipients is taken for all or for none."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="ece-"))
        self._folder.chmod(0o755)
        self.imap_port, self.smtp_port = free_ports(2)
        authority = issue("authority", is_authority=True)
        self.ca_file = written(self._folder, "authority.pem", authority)
        self.server_file = written(
            self._folder, "server.pem", issue("mail", by=authority, address="127.0.0.1")
        )
        self.stranger_file = written(
            self._folder, "wrong.pem", issue("mail", by=authority, address="127.0.0.9")
        )
        self.before_answer: Callable[[], None] | None = None
        """Called when a mail is in the mailboxes and the answer to its dot is not given yet."""
        self.before_taking: Callable[[], str | None] | None = None
        """Called when a mail has ended; what it returns is the answer, and the mail is not taken."""
        self.instead: Callable[[Any, Any], str | None] | None = None
        """Given the server and the envelope of a mail that has ended, in place of everything; returns the answer."""
        self.mails_taken = 0
        try:
            self._start_dovecot()
            self._smtp = self._start_smtp()
        except BaseException:
            self._stop_dovecot()
            raise

    def _start_dovecot(self) -> None:
        home = self._folder / "home"
        home.mkdir()
        shutil.chown(home, "nobody", "nogroup")
        lines = [f"{name}@{domain}:{PASSWORD}::::::" for domain in DOMAINS for name in (*NAMES, *FRESH)]
        lines.append(f"{OVER_QUOTA}:{PASSWORD}::::::userdb_quota_rule=*:bytes=1")
        (self._folder / "users").write_text("\n".join(lines) + "\n")
        config = self._folder / "dovecot.conf"
        config.write_text(CONFIG.format(folder=self._folder, imaps=self.imap_port))
        self._dovecot = subprocess.Popen([DOVECOT, "-F", "-c", config], stdin=subprocess.DEVNULL)
        pause = threading.Event()
        for _ in range(int(WITHIN / 0.02)):
            with contextlib.suppress(OSError, imaplib.IMAP4.error), self.mailbox("a@office.example"):
                return
            pause.wait(0.02)
        log = self._folder / "dovecot.log"
        raise AssertionError(
            f"Dovecot does not serve: {log.read_text() if log.exists() else 'it wrote nothing'}"
        )

    def _start_smtp(self, certificate: Path | None = None) -> Controller:
        controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.smtp_port,
            ssl_context=server_context(certificate or self.server_file),
            authenticator=self._authenticate,
            auth_require_tls=False,  # the whole connection is TLS already, which aiosmtpd does not see
            decode_data=False,
            data_size_limit=100_000_000,
        )
        controller.start()
        return controller

    @staticmethod
    def _authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        is_right = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
        return AuthResult(success=is_right, handled=False)

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        if self.instead is not None:
            return await asyncio.to_thread(self.instead, server, envelope)
        if self.before_taking is not None and (answer := self.before_taking()) is not None:
            return answer
        for recipient in envelope.rcpt_tos:
            if not self.deliver(recipient, envelope.content):
                return "452 4.2.2 Mailbox is over quota"
        self.mails_taken += 1
        if self.before_answer is not None:
            self.before_answer()
        return "250 2.0.0 taken"

    def deliver(self, recipient: str, *contents: bytes) -> bool:
        """Put mails into a mailbox, in this order; False where it is full."""
        with self.mailbox(recipient) as imap:
            return all(imap.append("INBOX", "", "", content)[0] == "OK" for content in contents)

    @contextlib.contextmanager
    def mailbox(self, address: str) -> Iterator[imaplib.IMAP4_SSL]:
        """Log in, by nothing but the standard library."""
        context = ssl.create_default_context(cafile=self.ca_file)
        with imaplib.IMAP4_SSL("127.0.0.1", self.imap_port, ssl_context=context, timeout=WITHIN) as imap:
            imap.login(address, PASSWORD)
            yield imap

    def mails(self, address: str, folder: str = "INBOX") -> list[bytes]:
        """Everything in a folder, oldest first; empty where there is none."""
        with self.mailbox(address) as imap:
            if imap.select(folder, readonly=True)[0] != "OK":
                return []
            found = imap.search(None, "ALL")[1][0].split()
            return [imap.fetch(number.decode(), "(BODY.PEEK[])")[1][0][1] for number in found]

    def empty(self) -> None:
        """Throw away every mail, and forget what was told."""
        self.before_answer = self.before_taking = self.instead = None
        self.mails_taken = 0
        for home in (self._folder / "home").iterdir():
            shutil.rmtree(home)

    def number_anew(self, address: str) -> None:
        """Make the server give new uids to every mail, as one does that was restored from a backup."""
        maildir = self._folder / "home" / address / "Maildir"
        for file in maildir.glob("dovecot*"):
            if file.name.startswith(("dovecot-uidlist", "dovecot.index")):
                file.unlink()

    @contextlib.contextmanager
    def smtp_with(self, certificate: Path) -> Iterator[None]:
        """Let the SMTP server show another certificate."""
        self._smtp.stop()
        self._smtp = self._start_smtp(certificate)
        try:
            yield
        finally:
            self._smtp.stop()
            self._smtp = self._start_smtp()

    def stop(self) -> None:
        self._smtp.stop()
        self._stop_dovecot()

    def _stop_dovecot(self) -> None:
        self._dovecot.terminate()
        self._dovecot.wait(WITHIN)
        shutil.rmtree(self._folder, ignore_errors=True)
