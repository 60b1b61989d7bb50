"""A mail server's certificate is always checked, both ways, and what is wrong with it is told before a word is said."""

import ssl
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from connector.errors import Unavailable
from connector.transport.mail_in import MailReader
from connector.transport.mail_lines import MailBody
from connector.transport.mail_options import MailLogin, MailServer
from connector.transport.mail_out import MailSender
from tests.authority import issue, server_context, written
from tests.unit.transport.imap_script import scripted_imap
from tests.unit.transport.smtp_script import scripted_smtp

LOGIN = MailLogin("chapar", "the password")
FAULTS = [
    ("another authority", "certificate"),
    ("expired", "certificate_expired"),
    ("another name", "certificate_other_name"),
    ("the system's authorities", "certificate"),
    ("signed by itself", "certificate_self_signed"),
    ("not valid yet", "certificate_too_early"),
]


def shown(fault: str, folder: Path) -> tuple[ssl.SSLContext, Path | None]:
    """What the server shows, and whom we trust."""
    authority, stranger = issue("authority", is_authority=True), issue("stranger", is_authority=True)
    by = {"signed by itself": None, "another authority": stranger}.get(fault, authority)
    server = issue(
        "server",
        by=by,
        address="127.0.0.9" if fault == "another name" else "127.0.0.1",
        days=-1 if fault == "expired" else 10,
        begins=1 if fault == "not valid yet" else -20,
    )
    trusted = None if fault.startswith("the system") else written(folder, "authority.pem", authority)
    return server_context(written(folder, "server.pem", server)), trusted


def refused(deed: Callable[[], object]) -> str | None:
    with pytest.raises(Unavailable) as caught:
        deed()
    assert "the password" not in f"{caught.value} {caught.value.facts}"
    return caught.value.reason


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize(("fault", "reason"), FAULTS)
def test_no_mail_goes_out_to_a_server_whose_certificate_is_not_trusted(
    tmp_path: Path, fault: str, reason: str, security: str
) -> None:
    context, trusted = shown(fault, tmp_path)
    ehlo = {"EHLO": b"250-office\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n"}
    with scripted_smtp(context, ehlo, starttls=security == "starttls") as server:
        place = MailServer(
            host="127.0.0.1",
            port=server.port,
            ca_file=trusted,
            security=security,
            answer_within=timedelta(seconds=5),
        )
        sending = MailSender(place)
        assert (
            refused(lambda: sending.send(LOGIN, "a@x.example", ["b@x.example"], MailBody([b"x: y\r\n\r\n"])))
            == reason
        )
        assert refused(lambda: sending.look(LOGIN)) == reason
    assert not server.mails
    assert not any(word.upper().startswith(("AUTH", "MAIL")) for word in server.words), (
        "nobody is told a password"
    )


@pytest.mark.parametrize(("fault", "reason"), FAULTS)
def test_no_mailbox_is_read_at_a_server_whose_certificate_is_not_trusted(
    tmp_path: Path, fault: str, reason: str
) -> None:
    context, trusted = shown(fault, tmp_path)
    with scripted_imap(context) as server:
        place = MailServer(
            host="127.0.0.1", port=server.port, ca_file=trusted, answer_within=timedelta(seconds=5)
        )
        reader = MailReader(place, LOGIN, pause=lambda _seconds: None)
        assert refused(lambda: reader.call(lambda session: session.open("INBOX"))) == reason
    assert not server.commands, "nobody is told a password"
