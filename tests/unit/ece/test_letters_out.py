"""A letter goes out as ECE 1.01 with everything in it, the same each time, and its files never whole in memory."""

import base64
import email
import io
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, BinaryIO
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.offices.ece.document import read_document
from adapters.offices.ece.letter_mail import letter_mail
from adapters.offices.ece.mail_parts import mail_of, xml_files
from adapters.offices.ece.names import keys_in, message_id, office_reference, secretariat_in
from connector.domain.letter import Confidentiality, Urgency
from connector.domain.text import forbidden_in_xml, to_arabic_letters
from connector.errors import NotPossible
from connector.ports.office import RegistrationRequest
from connector.transport.mail_lines import MailBody, dot_stuffed
from tests.contract.offices.requests_to_register import NASTY, a_request, content_of
from tests.unit.ece.mails import DESK, KEY, OURS, a_mailbox

AT = datetime(2026, 11, 21, 8, tzinfo=UTC)


def as_it_is(text: str) -> str:
    return text


def written(
    request: RegistrationRequest, turned: Callable[[str], str] = as_it_is, **mailbox: Any
) -> MailBody:
    return letter_mail(request, a_mailbox(**mailbox), AT, turned)


def opened(body: MailBody) -> ElementTree.Element:
    """Parse with the standard library, which shares nothing with the code that is tested."""
    message = email.message_from_bytes(b"".join(body))
    (file,) = (part for part in message.walk() if part.get_filename())
    assert file.get_filename() == f"{KEY}.xml"
    return ElementTree.fromstring(file.get_payload(decode=True))


def test_every_field_stands_where_ece_has_it() -> None:
    files = [("نامه «۱».PDF", b"%PDF" + bytes(range(256)) * 300), ("خالی.txt", b""), ("بی‌پسوند", b"x")]
    request = a_request(KEY, *(content_of(name, content) for name, content in files))
    letter = opened(
        written(request, receiver={"organisation": "شهرداری", "code": "12"}, sender={"code": "7"})
    )
    assert [child.tag for child in letter] == [
        "Protocol", "Software", "Sender", "Receiver", "OtherReceivers", "LetterNo", "LetterDateTime", "RelatedLetters",
        "Subject", "Priority", "Classification", "Keywords", "Origins", "Attachments",
    ]  # fmt: skip
    at = {child.tag: child for child in letter}
    assert (at["Protocol"].get("Name"), at["Protocol"].get("Version")) == ("ECE", "1.01")
    assert (at["LetterNo"].text, at["Subject"].text, at["Keywords"].get("Keyword")) == (KEY, NASTY, "CODE1")
    assert (at["LetterDateTime"].text, at["LetterDateTime"].get("ShowAs")) == ("1405/08/30", "jalali")
    assert (at["Priority"].get("Code"), at["Classification"].get("Name")) == ("2", "محرمانه")
    assert (at["Sender"].get("Name"), at["Sender"].get("Code")) == ("شهروند نمونه", "7")
    receiver = {
        name: at["Receiver"].get(name) for name in ("Organization", "Department", "Code", "ReceiveType")
    }
    assert receiver == {
        "Organization": "شهرداری",
        "Department": "امور مالی",
        "Code": "12",
        "ReceiveType": "اصل",
    }
    (page,) = at["Origins"]
    text = base64.b64decode(page.text or "", validate=True).decode("utf-8-sig")
    assert page.get("ContentType") == "text/plain"
    assert "کد ملی: 0084575948" in text
    assert text.splitlines()[-2:] == ["سطر یک", f"سطر دو\t{NASTY}"]
    back = [
        (file.get("Description"), file.get("Extension"), base64.b64decode(file.text or "", validate=True))
        for file in at["Attachments"]
    ]
    assert back == [(files[0][0], "PDF", files[0][1]), (files[1][0], "txt", b""), (files[2][0], "", b"x")]


def test_a_letter_is_the_same_each_time_and_its_header_names_nobody() -> None:
    request = a_request(KEY, content_of("a.pdf", b"x" * 1000))
    first, second = b"".join(written(request)), b"".join(written(request))
    assert first == second
    message = email.message_from_bytes(first)
    assert message["Message-ID"] == message_id(KEY, OURS) == f"<chapar.{KEY}@agency.example>"
    assert (message["From"], message["To"], message["Subject"]) == (OURS, DESK, f"ECE {KEY}")
    header = first.partition(b"\r\n\r\n")[0]
    assert header.isascii()
    assert b"0084575948" not in header
    assert b"".join(dot_stuffed([first])) == first, (
        "nothing in a mail of ours begins with a dot or ends a line oddly"
    )


@pytest.mark.parametrize(
    ("changes", "priority", "classification"),
    [
        ({"urgency": Urgency.NORMAL, "confidentiality": Confidentiality.NORMAL}, "1", "1"),
        ({"urgency": Urgency.IMMEDIATE, "confidentiality": Confidentiality.SECRET}, "3", "3"),
    ],
)
def test_urgency_and_confidentiality_have_eces_codes(
    changes: dict[str, Any], priority: str, classification: str
) -> None:
    letter = opened(written(a_request(KEY, **changes)))
    assert [letter.find(name).get("Code") for name in ("Priority", "Classification")] == [
        priority,
        classification,
    ]  # type: ignore[union-attr]


def test_ye_and_kaf_are_turned_and_our_own_copy_is_not() -> None:
    request = a_request(KEY, subject="یک کار")
    assert opened(written(request, to_arabic_letters)).findtext("Subject") == "يك كار"
    assert request.letter.subject == "یک کار"


def test_what_xml_cannot_carry_and_a_strange_key_are_not_possible() -> None:
    for request in (
        a_request(KEY, subject="a\0b"),
        a_request(KEY, content_of("a\x07.pdf", b"")),
        replace(a_request(KEY), unit="a\x1bb"),
        a_request("K1"),
    ):
        with pytest.raises(NotPossible):
            written(request)


def in_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


@example("0\r\n0", b"")
@given(st.text(max_size=80).filter(lambda text: not forbidden_in_xml(text)), st.binary(max_size=2000))
def test_what_is_written_is_what_a_reader_reads(text: str, content: bytes) -> None:
    body = written(a_request(KEY, content_of("x.bin", content), subject=text, text=text))
    whole = b"".join(body)
    assert len(body) == len(whole)
    (file,) = xml_files(mail_of(whole))
    document = read_document(file)
    assert in_lines(document.first_text("Subject")) == in_lines(text).strip() or text.strip() != text
    assert keys_in(document.first_text("LetterNo")) == [KEY]
    (attachment,) = document.all("Attachments")[0].all("Attachment")
    assert base64.b64decode(attachment.text, validate=True) == content


class _Large(io.RawIOBase):
    """A file of zeros that is nowhere."""

    def __init__(self, size: int) -> None:
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = min(len(buffer), self._left)
        buffer[:size] = bytes(size)
        self._left -= size
        return size


def test_a_large_file_leaves_memory_flat() -> None:
    size = 20_000_000

    def large() -> BinaryIO:
        return io.BufferedReader(_Large(size))  # type: ignore[return-value]

    request = a_request(KEY)
    file = content_of("large.pdf", b"")
    file = replace(file, attachment=replace(file.attachment, size=size), open=large)
    body = written(replace(request, attachments=(file,)))
    tracemalloc.start()
    sent = sum(len(piece) for piece in dot_stuffed(body))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sent == len(body) > size * 16 // 9
    assert peak < 4_000_000


def test_the_handle_in_the_ledger_tells_the_secretariat() -> None:
    assert secretariat_in(office_reference("دبیرخانهٔ مرکزی", message_id(KEY, OURS))) == "دبیرخانهٔ مرکزی"
    assert secretariat_in(None) == secretariat_in("D0000001") == ""
