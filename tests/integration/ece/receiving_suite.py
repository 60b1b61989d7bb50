"""A suite that receives ECE letters: it reads its mailbox, keeps a book, drops duplicates, and writes back.

It shares no code with the adapter: it reads with the standard library, as another vendor would, and writes what the
simulated secretariat writes.
"""

import base64
import email
import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import date
from email.message import Message
from xml.etree import ElementTree

from connector.simulator.secretariat.writing import ReceiptForm, answer_file, mail_with, receipt_file
from tests.integration.ece.post_office import PASSWORD, WITHIN, PostOffice

FORM = ReceiptForm()
DAY, ANSWERED_ON = date(2026, 11, 27), date(2026, 11, 29)


@dataclass
class Entry:
    """One letter in the book."""

    number: str
    letter: ElementTree.Element
    mail: Message

    @property
    def letter_number(self) -> str:
        return self.letter.findtext("LetterNo") or ""

    @property
    def sender(self) -> str:
        return str(self.mail["From"])

    @property
    def files(self) -> list[bytes]:
        return [base64.b64decode(file.text or "") for file in self.letter.iterfind("Attachments/Attachment")]


@dataclass
class ReceivingSuite:
    """One secretariat."""

    post: PostOffice
    address: str = "a@office.example"
    drops_duplicates: bool = True
    book: list[Entry] = field(default_factory=list)
    duplicates: int = 0
    _read: int = 0

    def read_mailbox(self) -> list[Entry]:
        """Register what is new in the mailbox, and return it."""
        mails = self.post.mails(self.address)
        fresh = [entry for entry in map(self._registered, mails[self._read :]) if entry]
        self._read = len(mails)
        return fresh

    def _registered(self, content: bytes) -> Entry | None:
        mail = email.message_from_bytes(content)
        (file,) = (part for part in mail.walk() if (part.get_filename() or "").endswith(".xml"))
        letter = ElementTree.fromstring(file.get_payload(decode=True))
        assert letter.find("Protocol").get("Name") == "ECE"  # type: ignore[union-attr]
        if self.drops_duplicates and letter.findtext("LetterNo") in {
            entry.letter_number for entry in self.book
        }:
            self.duplicates += 1
            return None
        entry = Entry(f"1405/{len(self.book) + 1}", letter, mail)
        self.book.append(entry)
        return entry

    def receipt(self, entry: Entry, *, number: str | None = None) -> bytes:
        """A receipt as this vendor writes it, mailed as an attachment."""
        given = entry.number if number is None else number
        return self._mail(entry, receipt_file(entry.letter_number, FORM, number=given, day=DAY))

    def refusal(self, entry: Entry, reason: str) -> bytes:
        return self._mail(entry, receipt_file(entry.letter_number, FORM, status=FORM.refused, reason=reason))

    def answer(self, entry: Entry, subject: str) -> bytes:
        """An answer as an older program writes it."""
        file = answer_file(
            entry.letter_number,
            number="1405/ص/900",
            day=ANSWERED_ON,
            text="پاسخ در پیوست است.",
            subject=subject,
        )
        return self._mail(entry, file)

    def _mail(self, entry: Entry, file: bytes) -> bytes:
        message_id = f"<{len(file)}.{entry.number.replace('/', '.')}@office.example>"
        return mail_with(file, sender=self.address, receiver=entry.sender, message_id=message_id)

    def deliver(self, entry: Entry, *mails: bytes) -> None:
        """Put mails into the mailbox of whoever sent the letter, in this order."""
        assert self.post.deliver(entry.sender, *mails)

    def send(self, entry: Entry, mail: bytes) -> None:
        """Send a mail as a suite does, through the SMTP server."""
        context = ssl.create_default_context(cafile=self.post.ca_file)
        with smtplib.SMTP_SSL("127.0.0.1", self.post.smtp_port, context=context, timeout=WITHIN) as smtp:
            smtp.login(self.address, PASSWORD)
            smtp.sendmail(self.address, [entry.sender], mail)
