"""A suite that receives ECE letters: it reads its mailbox, keeps a book, drops duplicates, and writes back.

It shares no code with the adapter: it reads with the standard library, as another vendor would.
"""

import base64
import email
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage, Message
from xml.etree import ElementTree

from tests.integration.ece.post_office import PASSWORD, WITHIN, PostOffice


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

    def receipt(self, entry: Entry, *, number: str | None = None, status: str = "") -> bytes:
        """A receipt as this vendor writes it, mailed as an attachment."""
        given = entry.number if number is None else number
        fields = f"<ImportEntityNumber>{given}</ImportEntityNumber>" if given else ""
        return self._mail(
            entry,
            f'<?xml version="1.0" encoding="utf-8"?><!DOCTYPE Receipt SYSTEM "receipt.dtd">'
            f"<Receipt><LetterNo>{entry.letter_number}</LetterNo>{fields}"
            f"<ImportDate ShowAs='jalali'>1405/09/06</ImportDate>{status}</Receipt>",
            encoding="utf-8",
        )

    def refusal(self, entry: Entry, reason: str) -> bytes:
        return self.receipt(entry, number="", status=f"<Status>رد</Status><Reason>{reason}</Reason>")

    def answer(self, entry: Entry, subject: str) -> bytes:
        """An answer as an older program writes it: Windows-1256 under no declaration, a namespace, a page of text."""
        page = base64.b64encode("پاسخ در پیوست است.".encode()).decode()
        return self._mail(
            entry,
            f'<letter xmlns="urn:ece"><Protocol Name="ECE" Version="1.01"/><Receiver ReceiveType="1"/>'
            f'<LetterNo>1405/ص/900</LetterNo><LetterDateTime ShowAs="gregorian">1405/09/08</LetterDateTime>'
            f"<RelatedLetters><RelatedLetter><RelatedLetterNO>{entry.letter_number}</RelatedLetterNO>"
            f'<RelationType Name="عطف" code="1"/></RelatedLetter></RelatedLetters><Subject>{subject}</Subject>'
            f'<Origins><Origin ContentType="text/plain">{page}</Origin></Origins></letter>',
            encoding="cp1256",
        )

    def _mail(self, entry: Entry, document: str, encoding: str) -> bytes:
        mail = EmailMessage()
        mail["From"], mail["To"] = self.address, entry.sender
        mail["Subject"] = "ECE"
        mail["Message-ID"] = f"<{len(document)}.{entry.number.replace('/', '.')}@office.example>"
        mail.set_content("رسید")
        if encoding == "cp1256":  # it has no Persian ye
            document = document.replace("ی", "ي")
        mail.add_attachment(document.encode(encoding), maintype="text", subtype="xml", filename="نامه.xml")
        return mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))

    def deliver(self, entry: Entry, *mails: bytes) -> None:
        """Put mails into the mailbox of whoever sent the letter, in this order."""
        assert self.post.deliver(entry.sender, *mails)

    def send(self, entry: Entry, mail: bytes) -> None:
        """Send a mail as a suite does, through the SMTP server."""
        context = ssl.create_default_context(cafile=self.post.ca_file)
        with smtplib.SMTP_SSL("127.0.0.1", self.post.smtp_port, context=context, timeout=WITHIN) as smtp:
            smtp.login(self.address, PASSWORD)
            smtp.sendmail(self.address, [entry.sender], mail)
