"""A mail as it comes from a mailbox: who wrote it, what it refers to, and the XML in it."""

import email.parser
import email.policy
from collections.abc import Iterator
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses
from hashlib import sha256
from typing import Any, Final

from adapters.offices.ece.names import keys_in
from adapters.offices.ece.unreadable import Unreadable

__all__ = ["HEADERS", "failed_delivery", "header_of", "keys_of_headers", "mail_of", "sender_of", "xml_files"]

HEADERS: Final = ("FROM", "MESSAGE-ID", "IN-REPLY-TO", "REFERENCES", "SUBJECT", "CONTENT-TYPE")
_MOST_PARTS: Final = 200
_LONGEST_HEADER: Final = 256 * 1024
_DEEPEST: Final = 8
_WHITE: Final = b" \t\r\n\xef\xbb\xbf\xff\xfe\0"


def header_of(header: bytes) -> Message:
    """Return the header of a mail whose body was not fetched."""
    return email.parser.BytesParser(policy=email.policy.compat32).parsebytes(header, headersonly=True)


def mail_of(content: bytes) -> Message:
    """Return the mail. Raise Unreadable where it has more parts, or a longer header, than any real one."""
    end_of_header = content.find(b"\r\n\r\n", 0, _LONGEST_HEADER)
    if end_of_header < 0 or content.count(b"\n--") > _MOST_PARTS:
        raise Unreadable("too_many_parts")
    try:
        return email.parser.BytesParser(policy=email.policy.compat32).parsebytes(content)
    except (RecursionError, ValueError, LookupError):
        raise Unreadable("too_many_parts") from None


def sender_of(mail: Message) -> str:
    """Return the address in From, in small letters; empty where there is not exactly one."""
    addresses = [address for _, address in getaddresses([str(value) for value in mail.get_all("From", [])])]
    return addresses[0].casefold() if len(addresses) == 1 else ""


def keys_of_headers(mail: Message, *names: str) -> list[str]:
    """Return our keys in these header lines, each once."""
    found = [key for name in names for value in mail.get_all(name, []) for key in keys_in(_shown(value))]
    return list(dict.fromkeys(found))


def failed_delivery(mail: Message, our_mailbox: str) -> tuple[list[str], str | None] | None:
    """Return our keys in a mail server's report and the code of the failure, None for a delay or a success.

    None altogether where the mail is no such report (RFC 3464). What befell only our own copy is no failure.
    """
    if mail.get_content_type() != "multipart/report" or _parameter(mail, "report-type") != "delivery-status":
        return None
    keys: list[str] = []
    code = None
    for part in _leaves(mail):
        kind = part.get_content_type()
        inner: Any = part.get_payload()
        if kind == "message/delivery-status" and part.is_multipart():
            code = next(filter(None, (_failure(group, our_mailbox) for group in inner)), code)
        elif kind == "message/rfc822" and part.is_multipart():
            keys += keys_of_headers(inner[0], "Message-ID")
        elif kind == "text/rfc822-headers":
            keys += keys_of_headers(header_of(_content(part)), "Message-ID")
    return list(dict.fromkeys(keys)), code


def _failure(recipient: Message, our_mailbox: str) -> str | None:
    address = str(recipient.get("Final-Recipient", "")).rpartition(";")[2].strip().casefold()
    action = str(recipient.get("Action", "")).strip().casefold()
    if action != "failed" or address == our_mailbox.casefold():
        return None
    return "bounced " + str(recipient.get("Status", "")).strip()[:12]


def xml_files(mail: Message) -> list[bytes]:
    """Return the XML in the mail, each file once. Archives are not opened, forwarded mails not looked into."""
    found: dict[bytes, bytes] = {}
    for part in _leaves(mail):
        if part.get_content_maintype() in {"message", "image", "audio", "video"}:
            continue
        name = (part.get_filename() or "").casefold()
        kind = part.get_content_type()
        content = _content(part)
        begins = content[:200].lstrip(_WHITE)
        is_named = (
            name.endswith((".xml", ".ece"))
            or kind in {"text/xml", "application/xml"}
            or kind.endswith("+xml")
        )
        is_likely = begins.startswith(b"<") and kind not in {"text/html", "text/plain"}
        if is_named or is_likely:
            found.setdefault(sha256(content).digest(), content)
    return list(found.values())


def _leaves(mail: Message) -> Iterator[Message]:
    """Yield the parts that are no containers; a mail inside the mail counts as one part."""
    waiting: list[tuple[Message, int]] = [(mail, 0)]
    while waiting:
        part, depth = waiting.pop()
        if part.get_content_maintype() == "multipart" and isinstance(part.get_payload(), list):
            if depth >= _DEEPEST:
                raise Unreadable("too_many_parts")
            parts: Any = part.get_payload()
            waiting.extend((inner, depth + 1) for inner in reversed(parts))
        else:
            yield part


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _parameter(mail: Message, name: str) -> str:
    value = mail.get_param(name)
    return value.casefold() if isinstance(value, str) else ""


def _shown(value: object) -> str:
    try:
        return str(make_header(decode_header(str(value))))
    except (ValueError, LookupError):
        return str(value)
