"""One secretariat's mailbox, read from where it was left: what it says of our letters, and what is set aside.

Nothing is kept but in memory. After a restart, or on another node, the mailbox is read again from ``look_back`` on and
says the same: mails stay where they are, but for our own copies, which go to a folder of their own, and for mails that
a person must look at. None is deleted.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from adapters.offices.ece.letters_in import Statement
from adapters.offices.ece.mail_parts import HEADERS
from adapters.offices.ece.mail_reading import Correspondents, OwnCopy, needs_its_body, read_mail
from adapters.offices.ece.names import mail_subject, message_id, office_reference
from adapters.offices.ece.said import Bounced, NumberGiven
from adapters.offices.ece.settings import EceOfficeSettings, SecretariatMailbox
from adapters.offices.ece.told import Told
from adapters.offices.ece.unreadable import Unreadable
from connector.clock import Now, monotonic
from connector.errors import CredentialsRejected, Unavailable
from connector.observability.logging import get_logger
from connector.ports.outcomes import Found, Progress, Submitted
from connector.ports.set_aside import Aside
from connector.transport.mail_in import MailHead, MailReader, MailSession, MailTooLarge

__all__ = ["Inbox"]

log = get_logger(__name__)

_INBOX: Final = "INBOX"
_AT_ONCE: Final = 50
"""Headers that are asked for together."""
_REFUSED_FOR: Final = 300.0
"""Seconds for which a refused password is not tried again: servers lock a mailbox after some tries."""


@dataclass(slots=True)
class _Place:
    """Up to where the mailbox was read."""

    uid_validity: int
    next_uid: int | None = None


class Inbox:
    """Reads one mailbox. Thread-safe."""

    def __init__(
        self,
        office: str,
        secretariat: str,
        mailbox: SecretariatMailbox,
        reader: MailReader,
        settings: EceOfficeSettings,
        now: Now,
    ) -> None:
        """Keep where and how to read; nothing is opened yet."""
        self._names = {"office": office, "secretariat": secretariat}
        self.secretariat = secretariat
        self._mailbox = mailbox
        self._reader = reader
        self._settings = settings
        self._now = now
        self._who = Correspondents.of(mailbox)
        self._lock = threading.RLock()
        self._place: _Place | None = None
        self._told: dict[str, Told] = {}
        self._refused: tuple[float, CredentialsRejected] | None = None
        self._aside: Aside | None = None
        self._flagged = 0

    @property
    def set_aside(self) -> Aside | None:
        """What lies aside, as it was seen when the mailbox was read last; asks nobody."""
        return self._aside

    def find(self, key: str) -> Found:
        """Return what the mailbox says of a letter; None where it shows no sign. Raises what read raises."""
        with self._held():
            self.read()
            told, mail = self._told.get(key), message_id(key, self._mailbox.our_mailbox)
            reference = office_reference(self.secretariat, mail)
            if told is not None:
                return told.found(self.secretariat, reference)
            has_copy = self._reader.call(lambda session: self._has_copy(session, key))
            return Submitted(office_reference=reference) if has_copy else None

    def progress(self, keys: Sequence[str]) -> list[Progress]:
        """Return what the mailbox says of these letters; those of which nothing came are left out.

        Raises what read raises.
        """
        with self._held():
            self.read()
            return [self._progress_of(key) for key in keys if key in self._told]

    def read(self) -> None:
        """Read what came since the last time.

        Raise Unavailable (``mailbox_not_read_to_its_end`` where there is more than one call may read; the next one goes
        on there) or CredentialsRejected.
        """
        with self._held():
            self._refuse_early()
            ends_at = monotonic() + self._settings.imap.finish_within.total_seconds()
            try:
                while heads := self._reader.call(self._new_heads):
                    for head in heads:
                        if monotonic() > ends_at:
                            raise Unavailable(
                                "There is more mail than one call may read.",
                                reason="mailbox_not_read_to_its_end",
                            )
                        self._take(head)
                self._reader.call(self._look_aside)
            except CredentialsRejected as error:
                self._refused = monotonic() + _REFUSED_FOR, error
                raise

    def look(self) -> str:
        """Log in, and say what was seen."""

        def seen(session: MailSession) -> str:
            folder = session.open(_INBOX)
            aside = session.open(self._settings.aside_folder)
            waits = (
                f", {aside.mails} set aside in {self._settings.aside_folder}" if aside and aside.mails else ""
            )
            return (
                f"{self._reader.place}, {session.tls_version}: {folder.mails if folder else 0} mails{waits}"
            )

        return self._reader.call(seen)

    def close(self) -> None:
        """Let go of the session. May be called twice."""
        self._reader.close()

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Hold the mailbox, alone; what is held already may be held again."""
        if not self._lock.acquire(timeout=self._settings.imap.finish_within.total_seconds()):
            raise Unavailable("The mailbox is being read by another call.", reason="mailbox_busy")
        try:
            yield
        finally:
            self._lock.release()

    def _progress_of(self, key: str) -> Progress:
        reference = office_reference(self.secretariat, message_id(key, self._mailbox.our_mailbox))
        return self._told[key].progress(key, self.secretariat, reference)

    def _refuse_early(self) -> None:
        if self._refused is not None:
            until, error = self._refused
            if monotonic() < until:
                raise CredentialsRejected(error.sentence, reason=error.reason)
            self._refused = None

    def _new_heads(self, session: MailSession) -> list[MailHead]:
        """Return the headers of the next mails, and begin anew where the server has numbered them anew."""
        folder = session.open(_INBOX)
        if folder is None:
            raise Unavailable("The mail server shows no INBOX.", reason="no_inbox")
        if self._place is None or self._place.uid_validity != folder.uid_validity:
            self._place, self._told, self._flagged = _Place(folder.uid_validity), {}, 0
        while True:
            if self._place.next_uid is None:
                uids = session.uids_since((self._now() - self._settings.look_back).date())
            else:
                uids = session.uids_from(self._place.next_uid)
            if not uids:
                self._place.next_uid = self._place.next_uid or folder.uid_next
                return []
            if heads := session.heads(uids[:_AT_ONCE], HEADERS):
                return heads
            self._place.next_uid = uids[:_AT_ONCE][-1] + 1  # these are gone meanwhile

    def _take(self, head: MailHead) -> None:
        """Take one mail in; only then is it behind us."""
        try:
            copy = needs_its_body(head.header, self._who)
            if isinstance(copy, OwnCopy):
                self._reader.call(lambda session: self._move(session, head.uid, self._settings.copies_folder))
            elif (content := self._fetched(head)) is not None:
                self._add(read_mail(content, self._who, self._settings.receipts), head.uid)
        except Unreadable as unreadable:
            self._set_aside(head.uid, unreadable.reason)
        assert self._place is not None  # noqa: S101 - heads come from a place
        self._place.next_uid = head.uid + 1

    def _fetched(self, head: MailHead) -> bytes | None:
        largest = self._settings.largest_answer_mb * 1_000_000
        if head.size > largest:
            raise Unreadable("too_large")

        def fetch(session: MailSession) -> bytes | None:
            self._open_same(session)
            return session.mail(head.uid, largest=largest)

        try:
            return self._reader.call(fetch)
        except MailTooLarge:
            raise Unreadable("too_large") from None

    def _add(self, statement: Statement, uid: int) -> None:
        said = statement.said
        objection = None
        for key in statement.keys:
            told = self._told.get(key, Told())
            objects = told.objection(said)
            objection = objection or objects
            if objects is None:
                if isinstance(said, Bounced):
                    log.warning("ece.letter_bounced", **self._names, letter_id=key, code=said.code, uid=uid)
                if isinstance(said, NumberGiven) and told.refused is not None:
                    log.warning("ece.number_after_refusal", **self._names, letter_id=key, uid=uid)
                told.take(said)
                self._told[key] = told
        if objection is not None:
            raise Unreadable(objection)

    def _look_aside(self, session: MailSession) -> None:
        """See how many mails lie aside; what a person has deleted is gone from there."""
        folder = session.open(self._settings.aside_folder)
        self._note_aside((folder.mails if folder else 0) + self._flagged)

    def _note_aside(self, count: int, reason: str | None = None) -> None:
        before = self._aside
        since, last = (before.since, before.reason) if before else (self._now(), "mail_set_aside")
        self._aside = Aside(since=since, count=count, reason=reason or last) if count else None

    def _set_aside(self, uid: int, reason: str) -> None:
        folder = self._settings.aside_folder
        is_moved = self._reader.call(lambda session: self._move(session, uid, folder, or_flag=True))
        self._flagged += not is_moved
        self._note_aside((self._aside.count if self._aside else 0) + 1, reason)
        log.warning(
            "ece.mail_set_aside", **self._names, reason=reason, uid=uid, is_moved=is_moved, folder=folder
        )

    def _move(self, session: MailSession, uid: int, folder: str, *, or_flag: bool = False) -> bool:
        self._open_same(session)
        if session.move(uid, folder):
            return True
        if or_flag:
            session.flag(uid)
        return False

    def _open_same(self, session: MailSession) -> None:
        """Open the INBOX, for a uid that was read before. Raise Unavailable where uids name other mails by now."""
        folder = session.open(_INBOX)
        if folder is None or self._place is None or folder.uid_validity != self._place.uid_validity:
            raise Unavailable("The mail server has numbered its mails anew.", reason="numbered_anew")

    def _has_copy(self, session: MailSession, key: str) -> bool:
        mail = message_id(key, self._mailbox.our_mailbox)
        for folder in (self._settings.copies_folder, _INBOX):
            if session.open(folder) is not None and (
                session.uids_with("Message-ID", mail) or session.uids_with("Subject", mail_subject(key))
            ):
                return True
        return False
