"""The server that holds the mailboxes, as far as a program that reads one needs it (IMAP4rev1, MOVE)."""

import base64
import binascii
import re
from collections.abc import Callable
from typing import Final

from connector.simulator.secretariat.listening import Lines
from connector.simulator.secretariat.mailboxes import INBOX, Mail, Mailboxes

__all__ = ["ImapConversation"]

_CAN: Final = "IMAP4rev1 AUTH=PLAIN MOVE"
_WORDS: Final = re.compile(rb'"((?:[^"\\]|\\.)*)"|(\([^)]*\)|[^\s"]+)')


class ImapConversation:
    """One conversation of whoever reads a mailbox."""

    def __init__(
        self,
        lines: Lines,
        mailboxes: Mailboxes,
        *,
        may_log_in: Callable[[str, str], bool],
        before_select: Callable[[Lines], bool],
    ) -> None:
        """Take the wire and the mailboxes. ``before_select`` may say something else in place of the folder: False."""
        self._lines, self._mailboxes = lines, mailboxes
        self._may_log_in, self._before_select = may_log_in, before_select
        self._address: str | None = None
        self._folder = INBOX

    def run(self) -> None:
        """Speak until LOGOUT."""
        self._lines.say(f"* OK [CAPABILITY {_CAN}] ready")
        while True:
            tag, _, rest = self._lines.hear().decode("utf-8", "replace").partition(" ")
            verb, _, arguments = rest.partition(" ")
            if verb.upper() == "LOGOUT":
                self._lines.say("* BYE goodbye", f"{tag} OK done")
                return
            answer = self._answer(verb.upper(), arguments)
            self._lines.say(f"{tag} {answer}")

    def _answer(self, verb: str, arguments: str) -> str:
        words = _words(arguments)
        match verb:
            case "CAPABILITY":
                self._lines.say(f"* CAPABILITY {_CAN}")
                answer = "OK done"
            case "AUTHENTICATE":
                self._lines.say("+ ")
                answer = self._log_in(*_credentials(self._lines.hear()))
            case "LOGIN" if len(words) == 2:
                answer = self._log_in(*words)
            case _ if self._address is None:
                answer = "BAD log in first"
            case _:
                answer = self._of_mailbox(self._address, verb, words)
        return answer

    def _of_mailbox(self, address: str, verb: str, words: list[str]) -> str:
        match verb, words:
            case "SELECT", [name]:
                return self._select(address, name)
            case "CREATE", [name]:
                self._mailboxes.create(address, name)
                return "OK done"
            case "UID", [deed, *rest]:
                return self._by_uid(address, deed.upper(), rest)
        return "OK done" if verb == "NOOP" else "BAD not here"

    def _log_in(self, user: str, password: str) -> str:
        if not self._may_log_in(user, password):
            return "NO [AUTHENTICATIONFAILED] not these credentials"
        self._address = user
        return "OK welcome"

    def _select(self, address: str, name: str) -> str:
        if not self._before_select(self._lines):
            return "NO [XSTRANGE] of no meaning"
        found = self._mailboxes.look(address, name)
        if found is None:
            return "NO [NONEXISTENT] no such folder"
        self._folder = name
        next_uid, mails = found
        self._lines.say(f"* {len(mails)} EXISTS", "* OK [UIDVALIDITY 1] ok", f"* OK [UIDNEXT {next_uid}] ok")
        return "OK [READ-WRITE] open"

    def _by_uid(self, address: str, verb: str, words: list[str]) -> str:
        if verb == "SEARCH":
            found = " ".join(str(mail.uid) for mail in self._mails(address) if _fits(mail, words))
            self._lines.say(f"* SEARCH {found}".rstrip())
            return "OK done"
        if verb == "FETCH":
            wanted = {int(each) for each in words[0].split(",")}
            for place, mail in enumerate(self._mails(address), start=1):
                if mail.uid in wanted:
                    self._lines.say_raw(_fetched(place, mail, " ".join(words[1:])))
            return "OK done"
        if verb == "MOVE":
            is_done = self._mailboxes.move(address, int(words[0]), source=self._folder, target=words[1])
            return "OK moved" if is_done else "NO [TRYCREATE] no such folder"
        return "OK done" if verb == "STORE" else "BAD not here"

    def _mails(self, address: str) -> list[Mail]:
        found = self._mailboxes.look(address, self._folder)
        return found[1] if found else []


def _fits(mail: Mail, words: list[str]) -> bool:
    """Return whether a mail fits SINCE (all do: they came since the server began), UID n:* or HEADER name value."""
    match words:
        case ["UID", span]:
            return mail.uid >= int(span.partition(":")[0])
        case ["HEADER", name, value]:
            wanted = f"{name.casefold()}:"
            return any(
                line.casefold().startswith(wanted) and value.casefold() in line.casefold()
                for line in _header(mail).decode("utf-8", "replace").split("\r\n")
            )
    return True


def _fetched(place: int, mail: Mail, wanted: str) -> bytes:
    if "HEADER" in wanted:
        content, name = _header(mail), wanted[wanted.index("BODY") :].rstrip(")")
        name = name.replace(".PEEK", "").partition("<")[0] + "<0>"
    else:
        content, name = mail.content, "BODY[]"
    facts = f"* {place} FETCH (UID {mail.uid} RFC822.SIZE {len(mail.content)} {name} {{{len(content)}}}\r\n"
    return facts.encode() + content + b")\r\n"


def _header(mail: Mail) -> bytes:
    return mail.content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


def _words(text: str) -> list[str]:
    found = _WORDS.findall(text.encode())
    return [(quoted or bare).decode("utf-8", "replace") for quoted, bare in found]


def _credentials(word: bytes) -> tuple[str, str]:
    try:
        _, user, password = base64.b64decode(word, validate=True).split(b"\0")
    except (binascii.Error, ValueError):
        return "", ""
    return user.decode("utf-8", "replace"), password.decode("utf-8", "replace")
