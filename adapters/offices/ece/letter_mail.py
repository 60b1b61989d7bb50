"""The mail that carries a letter: one XML file, base64 within base64, never whole in memory."""

from datetime import datetime
from email.utils import format_datetime

from adapters.offices.ece.letter_xml import TurnLetters, letter_xml
from adapters.offices.ece.names import mail_subject, message_id
from adapters.offices.ece.settings import SecretariatMailbox
from connector.ports.office import RegistrationRequest
from connector.transport.mail_lines import Base64Lines, MailBody

__all__ = ["letter_mail"]

_NOTE = "This mail carries one letter in the form of ECE 1.01, for the program of the secretariat."


def letter_mail(
    request: RegistrationRequest, mailbox: SecretariatMailbox, at: datetime, turned: TurnLetters
) -> MailBody:
    """Return the mail. Nothing personal stands in its header. Raise NotPossible where the letter cannot be written.

    Message-ID, letter number, GUID and the file's name are the same each time that the letter is sent.
    """
    document = Base64Lines(letter_xml(request, mailbox, turned))
    key = request.correlation_key
    boundary = f"=_chapar_{key}"
    head = [
        f"From: {mailbox.our_mailbox}",
        f"To: {mailbox.office_mailbox}",
        f"Date: {format_datetime(at)}",
        f"Message-ID: {message_id(key, mailbox.our_mailbox)}",
        f"Subject: {mail_subject(key)}",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/mixed; boundary="{boundary}"',
        "",
        f"--{boundary}",
        "Content-Type: text/plain; charset=us-ascii",
        "",
        _NOTE,
        f"--{boundary}",
        f'Content-Type: text/xml; charset=utf-8; name="{key}.xml"',
        "Content-Transfer-Encoding: base64",
        f'Content-Disposition: attachment; filename="{key}.xml"',
        "",
        "",
    ]
    end = f"--{boundary}--\r\n"
    return MailBody(["\r\n".join(head).encode("ascii"), document, end.encode("ascii")])
