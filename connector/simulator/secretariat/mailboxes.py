"""Mailboxes in memory: folders of mails with uids that rise, as IMAP has them (RFC 3501, 2.3.1.1)."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

__all__ = ["INBOX", "Mail", "Mailboxes"]

INBOX: Final = "INBOX"


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail in a folder."""

    uid: int
    content: bytes = field(repr=False)


@dataclass(slots=True)
class _Folder:
    next_uid: int = 1
    mails: list[Mail] = field(default_factory=list)

    def add(self, content: bytes) -> None:
        self.mails.append(Mail(self.next_uid, content))
        self.next_uid += 1


class Mailboxes:
    """Everybody's mailboxes. Thread-safe."""

    def __init__(self, addresses: Iterable[str]) -> None:
        """Open an INBOX for each address."""
        self._lock = threading.Lock()
        self._folders = {address: {INBOX: _Folder()} for address in addresses}

    def has(self, address: str) -> bool:
        """Return whether mail for this address is taken."""
        return address in self._folders

    def deliver(self, address: str, content: bytes) -> None:
        """Put a mail into an INBOX."""
        with self._lock:
            self._folders[address][INBOX].add(content)

    def look(self, address: str, name: str) -> tuple[int, list[Mail]] | None:
        """Return the uid that the next mail will have, and the mails; None where there is no such folder."""
        with self._lock:
            folder = self._folders[address].get(name)
            return None if folder is None else (folder.next_uid, list(folder.mails))

    def create(self, address: str, name: str) -> None:
        """Make a folder, if there is none."""
        with self._lock:
            self._folders[address].setdefault(name, _Folder())

    def move(self, address: str, uid: int, *, source: str, target: str) -> bool:
        """Move a mail; False where there is no such folder to move it to."""
        with self._lock:
            folders = self._folders[address]
            if target not in folders:
                return False
            for mail in [mail for mail in folders[source].mails if mail.uid == uid]:
                folders[source].mails.remove(mail)
                folders[target].add(mail.content)
            return True
