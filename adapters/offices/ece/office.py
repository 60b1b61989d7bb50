"""The office: letters go out as mails, and what comes back into our mailboxes tells how they stand."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from adapters.offices.ece.inbox import Inbox
from adapters.offices.ece.letter_mail import letter_mail
from adapters.offices.ece.names import message_id, office_reference, secretariat_in
from adapters.offices.ece.settings import EceOfficeSettings, SecretariatMailbox
from connector.clock import Now, now
from connector.domain.registration import LetterReference
from connector.domain.text import to_arabic_letters, to_persian_letters
from connector.errors import CallFailed, NotPossible
from connector.observability.logging import get_logger
from connector.ports.call_failures import word_of
from connector.ports.office import Duplicates, OfficeCapabilities, RegistrationRequest
from connector.ports.outcomes import Found, Outcome, Progress, Submitted
from connector.ports.set_aside import Aside
from connector.transport.mail_in import MailReader
from connector.transport.mail_options import MailLogin
from connector.transport.mail_out import MailSender

__all__ = ["EceOffice"]

log = get_logger(__name__)

_BATCH: Final = 500
"""Letters in one question: the mailbox is read once, and the rest is a look into memory."""
_TURNED: Final[dict[str, Callable[[str], str]]] = {
    "keep": lambda text: text,
    "persian": to_persian_letters,
    "arabic": to_arabic_letters,
}


class EceOffice:
    """An office by e-mail. Thread-safe."""

    def __init__(self, settings: EceOfficeSettings, name: str, now: Now = now) -> None:
        """Read the secrets and build the TLS contexts; nobody is called. Raise SettingsInvalid or SecretMissing."""
        self._settings = settings
        self._name = name
        self._now = now
        self._turned = _TURNED[settings.ye_and_kaf]
        self._sender = MailSender(settings.smtp)
        self._logins = {
            secretariat: MailLogin(mailbox.username or mailbox.our_mailbox, mailbox.password.reveal())
            for secretariat, mailbox in settings.secretariats.items()
        }
        self._inboxes = {
            secretariat: Inbox(
                name,
                secretariat,
                mailbox,
                MailReader(settings.imap, self._logins[secretariat]),
                settings,
                now,
            )
            for secretariat, mailbox in settings.secretariats.items()
        }

    @property
    def capabilities(self) -> OfficeCapabilities:
        """What the exchange allows; README.md of this folder argues each line."""
        drops = self._settings.office_drops_duplicates
        return OfficeCapabilities(
            find_by_key=True,
            absence_is_proof=drops,
            idempotent_create=drops,
            duplicates=Duplicates.THE_NUMBER if drops else Duplicates.ANOTHER_ENTRY,
            progress_batch=_BATCH,
            numbers_later=True,
            longest_processing=self._settings.longest_processing,
            concurrency=4,
        )

    def register(self, request: RegistrationRequest) -> Outcome:
        """Send the letter. The office's number comes by mail."""
        secretariat = request.secretariat
        mailbox = self._mailbox(secretariat)
        mail = letter_mail(request, mailbox, self._now(), self._turned)
        largest = self._settings.largest_letter_mb * 1_000_000
        if len(mail) > largest:
            raise NotPossible(
                "The letter's mail is larger than the office takes.", limit=largest, size=len(mail)
            )
        recipients = [
            mailbox.office_mailbox,
            *([mailbox.our_mailbox] if self._settings.copy_to_ourselves else []),
        ]
        self._sender.send(self._logins[secretariat], mailbox.our_mailbox, recipients, mail)
        sent_as = message_id(request.correlation_key, mailbox.our_mailbox)
        return Submitted(office_reference=office_reference(secretariat, sent_as))

    def find(self, correlation_key: str, secretariat: str) -> Found:
        """Return what our mailbox shows of the letter: a number, a refusal, an answer, or our own copy of the mail.

        None where it shows no sign: that proves nothing, unless the office drops duplicates.
        """
        self._mailbox(secretariat)
        return self._inboxes[secretariat].find(correlation_key)

    def progress(self, references: Sequence[LetterReference]) -> Sequence[Progress]:
        """Return what the mailboxes say of these letters; those of which nothing came back are left out.

        Where some of the mailboxes cannot be read, their letters are left out; where none can, its failure is raised.
        """
        asked: dict[str, list[str]] = {}
        for reference in references:
            asked.setdefault(self._secretariat_of(reference), []).append(reference.correlation_key)
        told: list[Progress] = []
        failed: CallFailed | None = None
        is_any_read = False
        for secretariat, keys in asked.items():
            try:
                told += self._progress_in(secretariat, keys)
                is_any_read = True
            except CallFailed as error:
                failed = failed or error
                reason = error.reason or word_of(error)
                log.warning("ece.mailbox_not_read", office=self._name, secretariat=secretariat, reason=reason)
        if failed is not None and not is_any_read:
            raise failed
        return told

    def check(self) -> str:
        """Log in to every mailbox, both ways, and say what was seen."""
        seen = [
            f"{secretariat}: out by {self._sender.look(self._logins[secretariat])}; in from {inbox.look()}"
            for secretariat, inbox in self._inboxes.items()
        ]
        return ". ".join(seen) + "."

    @property
    def set_aside(self) -> Aside | None:
        """What lies aside in all mailboxes, as it was when they were read last."""
        found = [aside for inbox in self._inboxes.values() if (aside := inbox.set_aside) is not None]
        if not found:
            return None
        oldest = min(found, key=lambda aside: aside.since)
        return replace(oldest, count=sum(aside.count for aside in found))

    def close(self) -> None:
        """Let go of all sessions. May be called twice."""
        for inbox in self._inboxes.values():
            inbox.close()

    def _progress_in(self, secretariat: str, keys: Sequence[str]) -> list[Progress]:
        """Ask the secretariat's mailbox; every mailbox, one after the other, where nobody knows which."""
        inboxes = (
            [self._inboxes[secretariat]] if secretariat in self._inboxes else list(self._inboxes.values())
        )
        told: dict[str, Progress] = {}
        for inbox in inboxes:
            for progress in inbox.progress(keys):
                told.setdefault(progress.correlation_key, progress)
        return list(told.values())

    def _secretariat_of(self, reference: LetterReference) -> str:
        registration = reference.registration
        if registration is not None and registration.secretariat in self._inboxes:
            return registration.secretariat
        return secretariat_in(reference.office_reference)

    def _mailbox(self, secretariat: str) -> SecretariatMailbox:
        mailbox = self._settings.secretariats.get(secretariat)
        if mailbox is None:
            raise NotPossible(
                "No mailbox is configured for this secretariat.",
                next_step="Add it to secretariats of this office, or correct the route.",
            )
        return mailbox
