"""A mail is taken over, certainly not, or nobody knows: every answer and every break at every step."""

import base64
import io
import socket
import ssl
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import (
    CallFailed,
    ChaparError,
    CredentialsRejected,
    Misbehaved,
    NotPossible,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from connector.transport.body import Base64Stream, StreamedBody
from connector.transport.mail_lines import Base64Lines, MailBody, dot_stuffed
from connector.transport.mail_options import MailLogin, MailServer
from connector.transport.mail_out import MailSender
from tests.authority import issue, server_context, written
from tests.unit.transport.smtp_script import CUT, SILENCE, scripted_smtp

PATIENCE = timedelta(seconds=10)
LOGIN = MailLogin("چاپار", "گذرواژه")
MAIL = MailBody([b"Subject: x\r\n\r\n", b".hidden\r\nwords\r\n.", b"\r\nend\r\n"])


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext, ssl.SSLContext]:
    """Our authority, a server's certificate by it, and one for another name."""
    folder = tmp_path_factory.mktemp("authority")
    authority = issue("authority", is_authority=True)
    ours = written(folder, "authority.pem", authority)
    right = written(folder, "right.pem", issue("office", by=authority, address="127.0.0.1"))
    wrong = written(folder, "wrong.pem", issue("office", by=authority, address="127.0.0.9"))
    return ours, server_context(right), server_context(wrong)


House = tuple[Path, ssl.SSLContext, ssl.SSLContext]


def sender(house: House, port: int, **changes: Any) -> MailSender:
    options = {"answer_within": PATIENCE, **changes}
    return MailSender(MailServer(host="127.0.0.1", port=port, ca_file=house[0], **options))


def send(house: House, port: int, body: MailBody = MAIL, **changes: Any) -> None:
    login = changes.pop("login", LOGIN)
    sender(house, port, **changes).send(
        login, "ours@agency.example", ["desk@office.example", "ours@agency.example"], body
    )


def outcome(deed: Callable[[], Any]) -> ChaparError | None:
    try:
        deed()
    except ChaparError as error:
        return error
    return None


def test_a_mail_goes_to_all_recipients_with_its_dots_doubled(house: House) -> None:
    with scripted_smtp(house[1]) as server:
        send(house, server.port)
        assert server.gone.acquire(timeout=5)
    assert server.mails == [b"Subject: x\r\n\r\n..hidden\r\nwords\r\n..\r\nend\r\n"]
    verbs = [word.split()[0] for word in server.words]
    assert verbs == ["ehlo", "AUTH", "MAIL", "RCPT", "RCPT", "DATA", "QUIT"]
    assert f"SIZE={len(MAIL)}" in server.words[2]


def test_the_way_to_log_in_is_one_that_the_server_offers(house: House) -> None:
    login = {"EHLO": b"250-x\r\n250 AUTH LOGIN\r\n", "AUTH": b"334 VXNlcg==\r\n"}
    asked = {
        **login,
        base64.b64encode(LOGIN.username.encode()).decode().upper(): b"334 UGFzcw==\r\n",
        base64.b64encode(LOGIN.password.encode()).decode().upper(): b"235 welcome\r\n",
    }
    with scripted_smtp(house[1], asked) as server:
        send(house, server.port)
        assert server.gone.acquire(timeout=5)
    assert len(server.mails) == 1
    with scripted_smtp(house[1], {"EHLO": b"250 AUTH GSSAPI\r\n"}) as server:
        assert isinstance(outcome(lambda: send(house, server.port)), CredentialsRejected)
        send(house, server.port, login=None)


@pytest.mark.parametrize("step", ["greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("broken", [CUT, SILENCE, b"??\r\n", b"250" * 100_000])
def test_what_breaks_before_the_dot_certainly_did_nothing(house: House, step: str, broken: bytes) -> None:
    patience = timedelta(seconds=0.3) if broken == SILENCE else PATIENCE
    with scripted_smtp(house[1], {step: broken}) as server:
        error = outcome(lambda: send(house, server.port, answer_within=patience))
    assert isinstance(error, Unavailable), error
    assert not server.mails


@pytest.mark.parametrize(
    ("broken", "kind"),
    [
        (CUT, OutcomeUnknown),
        (SILENCE, OutcomeUnknown),
        (b"hello\r\n", Misbehaved),
        (b"250" * 100_000, OutcomeUnknown),
        (b"25" + CUT, OutcomeUnknown),
        (b"250 2.0.0 tak" + CUT, OutcomeUnknown),
    ],
)
def test_what_breaks_after_the_dot_is_a_question(house: House, broken: bytes, kind: type) -> None:
    patience = timedelta(seconds=1) if broken == SILENCE else PATIENCE
    with scripted_smtp(house[1], {"end": broken}) as server:
        error = outcome(lambda: send(house, server.port, answer_within=patience))
    assert isinstance(error, kind), error
    assert len(server.mails) == 1


REFUSALS: list[tuple[str, bytes, type, str]] = [
    ("greeting", b"421 4.3.2 closing\r\n", Unavailable, "greeting_refused"),
    ("greeting", b"421 4.7.0 too many connections\r\n", RateLimited, "rate_limited"),
    ("AUTH", b"535 5.7.8 no\r\n", CredentialsRejected, "credentials_rejected"),
    ("AUTH", b"454 4.3.0 later\r\n", Unavailable, "login_refused"),
    ("MAIL", b"530 5.7.0 log in first\r\n", CredentialsRejected, "credentials_rejected"),
    ("MAIL", b"450 4.7.1 too much mail from you\r\n", RateLimited, "rate_limited"),
    ("MAIL", b"553 5.7.1 not your address\r\n", Unavailable, "sender_refused"),
    ("MAIL", b"452 4.3.1 no space\r\n", Unavailable, "mailbox_full"),
    ("RCPT", b"550 5.1.1 nobody here\r\n", Unavailable, "address_refused"),
    ("RCPT", b"452 4.2.2 over quota\r\n", Unavailable, "mailbox_full"),
    ("RCPT", b"450 4.2.0 Greylisted\r\n", RateLimited, "rate_limited"),
    ("DATA", b"554 no recipients\r\n", Unavailable, "beginning_refused"),
    ("end", b"451 4.3.0 try later\r\n", Unavailable, "content_refused"),
    ("end", b"552 5.2.2 over quota\r\n", Unavailable, "mailbox_full"),
]


@pytest.mark.parametrize(("step", "answer", "kind", "reason"), REFUSALS)
def test_a_refusal_is_a_word_and_the_letter_certainly_not_there(
    house: House, step: str, answer: bytes, kind: type, reason: str
) -> None:
    with scripted_smtp(house[1], {step: answer}) as server:
        error = outcome(lambda: send(house, server.port))
    assert type(error) is kind
    assert isinstance(error, CallFailed)
    assert error.reason == reason
    assert error.code
    assert "." not in error.facts


@pytest.mark.parametrize("answer", [b"552 5.3.4 too big\r\n", b"554 5.7.1 a virus\r\n"])
def test_a_mail_that_is_never_taken_is_for_a_person(house: House, answer: bytes) -> None:
    with scripted_smtp(house[1], {"end": answer}) as server:
        assert isinstance(outcome(lambda: send(house, server.port)), NotPossible)


def test_a_mail_that_is_too_large_is_not_begun(house: House) -> None:
    with scripted_smtp(house[1]) as server:
        body = MailBody([b"x" * 1_000_001])
        assert isinstance(outcome(lambda: send(house, server.port, body)), NotPossible)
        assert server.gone.acquire(timeout=5)
    assert not any(word.startswith("MAIL") for word in server.words)


def test_a_file_that_is_gone_ends_the_mail_without_its_dot(house: House) -> None:
    short = Base64Stream(open=partial(io.BytesIO, b"abc"), size=4)
    with scripted_smtp(house[1]) as server:
        body = MailBody([b"x: y\r\n\r\n", Base64Lines(StreamedBody([short]))])
        error = outcome(lambda: send(house, server.port, body))
        assert server.gone.acquire(timeout=5)
    assert isinstance(error, Unavailable)
    assert error.reason == "file"
    assert not server.mails


def test_a_certificate_for_another_name_and_a_server_without_tls_are_not_spoken_to(house: House) -> None:
    with scripted_smtp(house[2]) as server:
        error = outcome(lambda: send(house, server.port))
    assert isinstance(error, Unavailable)
    assert error.reason == "certificate_other_name"
    assert not server.words
    with scripted_smtp(house[1], starttls=True) as server:
        assert isinstance(outcome(lambda: send(house, server.port)), Unavailable)
    assert not any(word.lower().startswith(("ehlo", "auth")) for word in server.words)


def test_starttls_is_demanded_where_it_is_configured(house: House) -> None:
    ehlo = {"EHLO": b"250-office\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n"}
    with scripted_smtp(house[1], ehlo, starttls=True) as server:
        send(house, server.port, security="starttls")
        assert server.gone.acquire(timeout=5)
    assert [word.split()[0] for word in server.words][:4] == ["ehlo", "STARTTLS", "ehlo", "AUTH"]
    with scripted_smtp(house[1], {"EHLO": b"250 AUTH PLAIN\r\n"}, starttls=True) as server:
        error = outcome(lambda: send(house, server.port, security="starttls"))
    assert isinstance(error, Unavailable)
    assert not any(word.startswith("AUTH") for word in server.words)


def test_nobody_listening_is_certainly_not_reached(house: House) -> None:
    with socket.socket() as deaf:  # a port that is taken, and nobody listens
        deaf.bind(("127.0.0.1", 0))
        error = outcome(lambda: send(house, deaf.getsockname()[1]))
    assert isinstance(error, Unavailable)
    assert error.reason == "refused"


def test_neither_password_nor_text_of_the_server_stands_in_the_failure(house: House) -> None:
    with scripted_smtp(house[1], {"RCPT": b"550 <desk@office.example> unknown\r\n"}) as server:
        error = outcome(lambda: send(house, server.port))
    assert "desk@" not in f"{error} {error!r} {error.facts if error else ''}"
    assert repr(LOGIN) == "MailLogin()"


@given(st.lists(st.sampled_from([b".", b"\r\n", b"a", b"..", b"\r\n.", b""]), max_size=12), st.integers(1, 5))
def test_dots_are_doubled_wherever_the_pieces_are_cut(parts: list[bytes], size: int) -> None:
    whole = b"".join(parts)
    pieces = [whole[start : start + size] for start in range(0, len(whole), size)]
    stuffed = b"".join(dot_stuffed(pieces))
    lines = stuffed.split(b"\r\n")
    assert b"." not in lines
    plain = b"\r\n".join(line[1:] if line.startswith(b".") else line for line in lines)
    assert plain.removesuffix(b"\r\n") == whole.removesuffix(b"\r\n")
    assert stuffed == b"" or stuffed.endswith(b"\r\n")


@pytest.mark.parametrize("smuggled", [b"a\n.\nb\r\n", b"a\r.\r\n", b"a\n", b"a\r"])
def test_no_other_mail_can_hide_behind_an_odd_line_end(smuggled: bytes) -> None:
    for pieces in ([smuggled], [smuggled[:1], smuggled[1:]], [smuggled[:2], smuggled[2:]]):
        with pytest.raises(ValueError, match="CR LF"):
            list(dot_stuffed(pieces))


@given(st.binary(max_size=400))
def test_the_length_of_base64_lines_is_known_beforehand(content: bytes) -> None:
    stream = Base64Stream(open=partial(io.BytesIO, content), size=len(content))
    lines = Base64Lines(StreamedBody([b"head", stream]))
    whole = b"".join(lines)
    assert len(lines) == len(whole)
    assert all(len(line) <= 76 for line in whole.split(b"\r\n"))
