"""What one mail in our mailbox is: our own copy, something said of letters of ours, or for a person to look at."""

from dataclasses import dataclass

from adapters.offices.ece.document import read_document
from adapters.offices.ece.letters_in import Statement, is_ours, statement_of
from adapters.offices.ece.mail_parts import (
    failed_delivery,
    header_of,
    keys_of_headers,
    mail_of,
    sender_of,
    xml_files,
)
from adapters.offices.ece.receipt_words import ReceiptWords
from adapters.offices.ece.said import Bounced, Noted
from adapters.offices.ece.settings import SecretariatMailbox
from adapters.offices.ece.unreadable import Unreadable

__all__ = ["Correspondents", "OwnCopy", "needs_its_body", "read_mail"]


@dataclass(frozen=True, slots=True)
class OwnCopy:
    """The copy of a letter that went to ourselves: the mail server took the letter over."""

    key: str


@dataclass(frozen=True, slots=True)
class Correspondents:
    """Whose mails are believed. A sender's address can be forged; our keys cannot be guessed, so both must fit."""

    ours: str
    theirs: frozenset[str]

    @classmethod
    def of(cls, mailbox: SecretariatMailbox) -> "Correspondents":
        """Return those of one secretariat."""
        theirs = (mailbox.office_mailbox, *mailbox.answers_from)
        return cls(mailbox.our_mailbox.casefold(), frozenset(address.casefold() for address in theirs))


def needs_its_body(header: bytes, who: Correspondents) -> OwnCopy | None:
    """Return our own copy where the header alone tells that it is one, None where the body must be read.

    Raise Unreadable for the mail of a stranger: its body is never fetched.
    """
    head = header_of(header)
    sender = sender_of(head)
    keys = keys_of_headers(head, "Message-ID", "Subject")  # some servers give a mail another Message-ID
    if sender == who.ours and len(keys) == 1:
        return OwnCopy(keys[0])
    if sender not in who.theirs and head.get_content_type() != "multipart/report":
        raise Unreadable("foreign_sender")
    return None


def read_mail(content: bytes, who: Correspondents, words: ReceiptWords) -> Statement:
    """Return what the mail says. Raise Unreadable where a person must look at it."""
    mail = mail_of(content)
    report = failed_delivery(mail, who.ours)
    if report is not None:
        keys, code = report
        if not keys:
            raise Unreadable("report_of_no_letter")
        return Statement(tuple(keys), Bounced(code) if code else Noted())
    if sender_of(mail) not in who.theirs:
        raise Unreadable("foreign_sender")
    files = xml_files(mail)
    if not files:
        raise Unreadable("no_letter_in_it")
    documents = [document for document in map(read_document, files) if not is_ours(document)]
    if len(documents) > 1:
        raise Unreadable("two_letters")
    if not documents:
        raise Unreadable("no_letter_in_it")
    return statement_of(documents[0], keys_of_headers(mail, "In-Reply-To", "References"), words)
