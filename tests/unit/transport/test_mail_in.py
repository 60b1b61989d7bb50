"""A mailbox is read safely: whatever a server says or breaks, nothing is believed, flooded or left hanging."""

import ssl
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.errors import CallFailed, CredentialsRejected, RateLimited, Unavailable
from connector.transport.mail_in import MailReader, MailSession, MailTooLarge
from connector.transport.mail_options import MailLogin, MailServer
from tests.authority import issue, server_context, written
from tests.unit.transport.imap_script import CUT, ScriptedImap, scripted_imap

House = tuple[Path, ssl.SSLContext]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    folder = tmp_path_factory.mktemp("authority")
    authority = issue("authority", is_authority=True)
    right = written(folder, "right.pem", issue("office", by=authority, address="127.0.0.1"))
    return written(folder, "authority.pem", authority), server_context(right)


_readers: list[MailReader] = []


@pytest.fixture(autouse=True)
def _no_session_left() -> Iterator[None]:
    yield
    while _readers:
        _readers.pop().close()


def reader(house: House, server: ScriptedImap, **changes: Any) -> MailReader:
    options = {"answer_within": timedelta(seconds=10), **changes}
    place = MailServer(host="127.0.0.1", port=server.port, ca_file=house[0], **options)
    _readers.append(MailReader(place, MailLogin("چاپار", "گذرواژه"), pause=lambda _seconds: None))
    return _readers[-1]


def opened(session: MailSession) -> Any:
    return session.open("INBOX")


def in_the_inbox(deed: Callable[[MailSession], Any]) -> Callable[[MailSession], Any]:
    return lambda session: (session.open("INBOX"), deed(session))[1]


def failure(deed: Callable[[], Any]) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        deed()
    return caught.value


def test_a_session_is_kept_and_asked_again(house: House) -> None:
    with scripted_imap(house[1]) as server:
        box = reader(house, server)
        folder = box.call(opened)
        assert (folder.uid_validity, folder.uid_next, folder.mails) == (7, 12, 2)
        assert box.call(lambda session: session.uids_from(11)) == [11]
        assert box.call(lambda session: session.uids_since(date(2026, 11, 1))) == [10, 11]
        assert server.connections == 1
        box.close()
        box.close()


def test_heads_are_read_whatever_stands_before_and_behind_the_content(house: House) -> None:
    fetched = (
        b"* 1 FETCH (UID 11 RFC822.SIZE 5000 BODY[HEADER.FIELDS (FROM)]<0> {9}\r\nFrom: a\r\n)\r\n"
        b"* 2 FETCH (RFC822.SIZE 7 BODY[HEADER.FIELDS (FROM)]<0> {9}\r\nFrom: b\r\n UID 10 FLAGS ())\r\n"
        b"* 3 FETCH (FLAGS (\\Seen))\r\n"
    )
    with scripted_imap(house[1], {"UID FETCH": fetched}) as server:
        heads = reader(house, server).call(in_the_inbox(lambda session: session.heads([10, 11], ["FROM"])))
    assert [(head.uid, head.size, head.header) for head in heads] == [
        (10, 7, b"From: b\r\n"),
        (11, 5000, b"From: a\r\n"),
    ]
    assert "From" not in repr(heads)


@pytest.mark.parametrize(
    ("answers", "kind", "reason"),
    [
        ({"SELECT": CUT}, Unavailable, "reset"),
        ({"greeting": b"* BYE busy\r\n"}, Unavailable, "broken_answer"),
        ({"greeting": b"HTTP/1.1 400\r\n\r\n"}, Unavailable, "reset"),
        ({"AUTHENTICATE": b"NO [AUTHENTICATIONFAILED] no\r\n"}, CredentialsRejected, "credentials_rejected"),
        ({"AUTHENTICATE": b"NO [UNAVAILABLE] later\r\n"}, RateLimited, "rate_limited"),
        ({"SELECT": b"* 2 EXISTS\r\n"}, Unavailable, "broken_answer"),
        ({"SELECT": b"* " + b"x" * 2_500_000 + b"\r\n"}, Unavailable, "answer_too_large"),
        ({"SELECT": (b"* OK " + b"x" * 1000 + b"\r\n") * 2500}, Unavailable, "answer_too_large"),
        ({"SELECT": b"* X {99999999999}\r\n"}, Unavailable, "answer_too_large"),
    ],
)
def test_what_a_server_breaks_is_unavailable_and_bounded(
    house: House, answers: dict[str, bytes], kind: type, reason: str
) -> None:
    with scripted_imap(house[1], answers) as server:
        error = failure(lambda: reader(house, server).call(opened))
    assert (type(error), error.reason) == (kind, reason)
    assert server.connections == (3 if kind is Unavailable else 1), "only what may pass is tried again"


def test_a_server_that_falls_silent_is_waited_for_no_longer_than_was_said(house: House) -> None:
    with scripted_imap(house[1], {"SELECT": b"* 2 EXISTS\r\n* OK [UIDVALIDITY"}) as server:
        error = failure(lambda: reader(house, server, finish_within=timedelta(seconds=0.4)).call(opened))
    assert isinstance(error, Unavailable)


def test_a_mail_that_is_larger_than_the_server_said_is_not_taken_in(house: House) -> None:
    with scripted_imap(house[1], {"UID FETCH": b"* 1 FETCH (UID 10 BODY[] {50000000}\r\n"}) as server:
        with pytest.raises(MailTooLarge):
            reader(house, server).call(in_the_inbox(lambda session: session.mail(10, largest=1000)))


def test_a_folder_that_is_not_there_is_made_and_a_server_that_cannot_move_says_so(house: House) -> None:
    with scripted_imap(house[1], {"UID MOVE": b"NO [TRYCREATE] none\r\n"}) as server:
        assert not reader(house, server).call(in_the_inbox(lambda session: session.move(10, "Aside")))
    assert server.commands[-3:] == ["UID MOVE", "CREATE", "UID MOVE"]
    with scripted_imap(house[1], {"CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n"}) as server:
        box = reader(house, server)
        assert not box.call(in_the_inbox(lambda session: session.move(10, "Aside")))
        box.call(in_the_inbox(lambda session: session.flag(10)))
    assert "UID MOVE" not in server.commands
    assert server.commands[-1] == "UID STORE"


def test_starttls_is_demanded_where_it_is_configured(house: House) -> None:
    able = {"CAPABILITY": b"* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN\r\n"}
    with scripted_imap(house[1], able, starttls=True) as server:
        assert reader(house, server, security="starttls").call(opened) is not None
    assert server.commands.index("STARTTLS") < server.commands.index("AUTHENTICATE")
    with scripted_imap(house[1], starttls=True) as server:
        failure(lambda: reader(house, server, security="starttls").call(opened))
    assert "AUTHENTICATE" not in server.commands


def test_a_server_without_plain_gets_a_plain_password_or_none(house: House) -> None:
    with scripted_imap(house[1], {"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n"}) as server:
        error = failure(lambda: reader(house, server).call(opened))
    assert isinstance(error, CredentialsRejected)
    assert "LOGIN" not in server.commands
