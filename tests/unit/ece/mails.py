"""Mails and documents as an office's suite may write them, and as nobody should."""

from email.message import EmailMessage
from typing import Any

from adapters.offices.ece.mail_reading import Correspondents

KEY = "01J00000000000000000000001"
OTHER_KEY = "01J00000000000000000000002"
OURS = "ece@agency.example"
DESK = "desk@office.example"
WHO = Correspondents(OURS, frozenset({DESK}))


def receipt(key: str = KEY, number: str = "1405/77", *, extra: str = "", root: str = "receipt") -> bytes:
    given = (
        f"<ImportEntityNumber>{number}</ImportEntityNumber><ImportDate>1405/08/30</ImportDate>"
        if number
        else ""
    )
    return f"<{root}><RelatedLetterNO>{key}</RelatedLetterNO>{given}{extra}</{root}>".encode()


def answer(
    key: str = KEY,
    *,
    number: str = "1405/900",
    subject: str = "پاسخ",
    extra: str = "",
    related: str | None = None,
) -> bytes:
    links = f"<RelatedLetters><RelatedLetter><RelatedLetterNO>{key}</RelatedLetterNO></RelatedLetter></RelatedLetters>"
    return (
        f'<letter><Receiver ReceiveType="اصل"/><LetterNo>{number}</LetterNo>'
        f'<LetterDateTime ShowAs="gregorian">1405/09/01</LetterDateTime>{links if related is None else related}'
        f"<Subject>{subject}</Subject>{extra}</letter>"
    ).encode()


def mail(*files: bytes, sender: str = DESK, name: str = "a.xml", text: str = "note", **headers: str) -> bytes:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = OURS
    message["Message-ID"] = "<x@office.example>"
    for header, value in headers.items():
        message[header.replace("_", "-")] = value
    message.set_content(text)
    for file in files:
        message.add_attachment(file, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes(policy=message.policy.clone(linesep="\r\n"))


def report(key: str, action: str = "failed", recipient: str = DESK) -> bytes:
    return (
        "From: MAILER-DAEMON@relay.example\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nsorry\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; relay.example\r\n\r\nFinal-Recipient: rfc822; {recipient}\r\nAction: {action}\r\n"
        "Status: 5.1.1\r\n\r\n"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: <chapar.{key}@agency.example>\r\n\r\n--b--\r\n"
    ).encode()


def a_mailbox(**changes: Any) -> Any:
    from adapters.offices.ece.settings import SecretariatMailbox

    settings = {"our_mailbox": OURS, "office_mailbox": DESK, "password": {"environment": "ECE_PASSWORD"}}
    return SecretariatMailbox.model_validate(settings | changes)
