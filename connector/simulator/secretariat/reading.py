"""An ECE letter as it comes by mail, read by a program of another vendor."""

import base64
import email
import email.policy
import hashlib
from email.message import EmailMessage
from typing import Final

from lxml import etree

from connector.simulator.records import AttachmentMark, Call

__all__ = ["letter_in", "mail_in"]

_CODES: Final = {"1": 1, "2": 2, "3": 3}


def mail_in(content: bytes) -> EmailMessage:
    """Return the mail."""
    mail = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)  # noqa: S101 - the policy makes nothing else
    return mail


def letter_in(mail: EmailMessage, secretariat: str) -> Call | None:
    """Return the letter that a mail brings to this desk; None where it brings none that can be read."""
    for part in mail.walk():
        content = part.get_payload(decode=True)
        if (part.get_filename() or "").endswith(".xml") and isinstance(content, bytes):
            return _letter(content, secretariat)
    return None


def _letter(content: bytes, secretariat: str) -> Call | None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError:
        return None
    if root.tag != "letter" or not root.findtext("LetterNo"):
        return None
    sender = root.find("Sender")
    return Call(
        key=root.findtext("LetterNo", ""),
        secretariat=secretariat,
        subject=root.findtext("Subject", ""),
        body="\n".join(
            _file(each).decode("utf-8-sig", "replace") for each in root.iterfind("Origins/Origin")
        ),
        sender_kind="",
        sender_id="",
        sender_name=sender.get("Name", "") if sender is not None else "",
        sender_mobile="",
        unit=None,
        urgency=_code(root, "Priority"),
        confidentiality=_code(root, "Classification"),
        letter_date=root.findtext("LetterDateTime", ""),
        attachments=tuple(_mark(each) for each in root.iterfind("Attachments/Attachment")),
    )


def _code(root: etree._Element, name: str) -> int:
    element = root.find(name)
    return _CODES.get(element.get("Code", "") if element is not None else "", 1)


def _mark(element: etree._Element) -> AttachmentMark:
    content = _file(element)
    digest = hashlib.sha256(content).hexdigest()
    return AttachmentMark(name=element.get("Description", ""), size=len(content), digest=digest)


def _file(element: etree._Element) -> bytes:
    return base64.b64decode(element.text or "")
