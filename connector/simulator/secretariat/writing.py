"""What a secretariat writes back: receipts, refusals and answers, each as an XML file in a mail."""

import base64
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from typing import Final

from lxml import etree
from lxml.builder import E, ElementMaker

from connector.simulator.jalali import jalali_text

__all__ = ["ReceiptForm", "answer_file", "mail_with", "receipt_file"]

_SMTP: Final = EmailMessage().policy.clone(linesep="\r\n")


@dataclass(frozen=True, slots=True)
class ReceiptForm:
    """How a receipt names things. No description of the format is public, so each vendor has its own."""

    number: str = "ImportEntityNumber"
    date: str = "ImportDate"
    status: str = "Status"
    reason: str = "Reason"
    refused: str = "رد"


def receipt_file(
    key: str,
    form: ReceiptForm,
    *,
    number: str | None = None,
    day: date | None = None,
    status: str | None = None,
    reason: str | None = None,
) -> bytes:
    """Return a receipt for the letter of this number, which names a DTD as real files do, and loads none."""
    root = E.Receipt(E.LetterNo(key))
    fields = {
        form.number: number,
        form.date: jalali_text(day) if day else None,
        form.status: status,
        form.reason: reason,
    }
    for name, value in fields.items():
        if value is not None:
            etree.SubElement(root, name).text = value
    written: bytes = etree.tostring(
        root, encoding="utf-8", xml_declaration=True, doctype='<!DOCTYPE Receipt SYSTEM "receipt.dtd">'
    )
    return written


def answer_file(key: str, *, number: str, day: date, text: str, subject: str = "پاسخ درخواست") -> bytes:
    """Return an answer to the letter of this number, as older programs write it: Windows-1256, and not declared."""
    page = base64.b64encode(text.encode()).decode()
    named = ElementMaker(namespace="urn:ece", nsmap={None: "urn:ece"})
    root = named.letter(
        named.Protocol(Name="ECE", Version="1.01"),
        named.Receiver(ReceiveType="1"),
        named.LetterNo(number),
        named.LetterDateTime(jalali_text(day), ShowAs="gregorian"),
        named.RelatedLetters(
            named.RelatedLetter(named.RelatedLetterNO(key), named.RelationType(Name="عطف", code="1")),
        ),
        named.Subject(subject),
        named.Origins(named.Origin(page, ContentType="text/plain")),
    )
    document: str = etree.tostring(root, encoding="unicode")
    return document.replace("ی", "ي").encode("cp1256", "xmlcharrefreplace")  # it has no Persian ye


def mail_with(file: bytes, *, sender: str, receiver: str, message_id: str) -> bytes:
    """Return the mail that brings the file."""
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, receiver
    mail["Subject"] = "ECE"
    mail["Message-ID"] = message_id
    mail.set_content("رسید")
    mail.add_attachment(file, maintype="text", subtype="xml", filename="نامه.xml")
    return mail.as_bytes(policy=_SMTP)
