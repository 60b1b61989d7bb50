"""What a mail means: a number, a refusal, an answer, or something for a person; a table of what may come."""

import base64
import io
import zipfile
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.offices.ece.mail_reading import OwnCopy, needs_its_body, read_mail
from adapters.offices.ece.names import message_id
from adapters.offices.ece.receipt_words import ReceiptWords
from adapters.offices.ece.said import Answered, Bounced, Noted, NumberGiven, RefusedThere, Unmapped
from adapters.offices.ece.unreadable import REASONS, Unreadable
from connector.domain.referral import Answer
from tests.unit.ece.mails import DESK, KEY, OTHER_KEY, OURS, WHO, answer, mail, receipt, report

WORDS = ReceiptWords()
GIVEN = NumberGiven("1405/77", date(2026, 11, 21))


def read(content: bytes, words: ReceiptWords = WORDS) -> Any:
    return read_mail(content, WHO, words)


def reason(content: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        read(content)
    assert caught.value.reason in REASONS
    return caught.value.reason


def zipped(content: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.xml", content)
    return archive.getvalue()


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (receipt(), GIVEN),
        (receipt(root="Receipt xmlns='urn:x'").replace(b"</Receipt xmlns='urn:x'>", b"</Receipt>"), GIVEN),
        (f'<r LetterNo="{KEY}" importentitynumber="1405/77" IMPORTDATE="1405/08/30"/>'.encode(), GIVEN),
        (
            f"<r><LetterNo>{KEY}</LetterNo><LetterNo>1405/77</LetterNo></r>".encode(),
            NumberGiven("1405/77", None),
        ),
        (
            receipt(number="", extra='<Status Code="2" Name="رد شد"/><Reason>ناقص</Reason>'),
            RefusedThere("ناقص", "2"),
        ),
        (receipt(number="", extra="<Status>دريافت شد</Status>"), Noted()),  # with an Arabic ye
        (receipt(number="", extra="<Status>LOST</Status>"), Unmapped("LOST")),
        (receipt(number=""), Unmapped("no_number")),
        (receipt(KEY.lower()), GIVEN),
        (receipt(f"  {KEY} / پیرو"), GIVEN),
        (receipt(KEY.replace("0", "۰").replace("1", "۱")), GIVEN),
    ],
)
def test_a_receipt_is_read_whatever_its_root_case_and_namespace(document: bytes, said: Any) -> None:
    statement = read(mail(document))
    assert (statement.keys, statement.said) == ((KEY,), said)


def test_the_names_in_a_receipt_are_the_operators_to_set() -> None:
    words = ReceiptWords(number=("Andikator",), date=("Rooz",))
    document = receipt(number="", extra="<Andikator>۷۷</Andikator><Rooz>1405/08/30</Rooz>")
    assert read(mail(document), words).said == NumberGiven("۷۷", date(2026, 11, 21))


def test_an_answer_brings_subject_words_number_and_day() -> None:
    page = base64.b64encode("\ufeffبا سلام".encode()).decode()
    origins = (
        f'<Origins><Origin ContentType="image/tiff" Extension="tif">AAAA</Origin>'
        f'<Origin ContentType="text/plain" Extension="txt">{page[:8]}\n{page[8:]}</Origin></Origins>'
    )
    statement = read(mail(answer(extra=origins)))
    expected = Answer(text="پاسخ\n\nبا سلام", number="1405/900", answered_on=date(2026, 11, 22))
    assert (statement.keys, statement.said) == ((KEY,), Answered(expected))


def test_a_repeated_child_a_missing_attribute_and_a_capital_root_do_no_harm() -> None:
    twice = (
        f"<x><RelatedLetter><RelatedLetterNO/><RelatedLetterNO>{KEY}</RelatedLetterNO></RelatedLetter></x>"
    )
    document = (
        answer(related=twice)
        .replace(b"letter>", b"Letter>")
        .replace(b' ReceiveType="\xd8\xa7\xd8\xb5\xd9\x84"', b"")
    )
    assert read(mail(document)).keys == (KEY,)


@pytest.mark.parametrize("kind", ["2", "رونوشت", "رونوشت "])
def test_a_copy_of_a_letter_to_somebody_else_is_no_answer(kind: str) -> None:
    document = answer().decode().replace('ReceiveType="اصل"', f'ReceiveType="{kind}"').encode()
    assert reason(mail(document)) == "a_copy"
    assert read(mail(answer().decode().replace('"اصل"', '"1"').encode())).keys == (KEY,)


def test_a_letter_whose_relation_says_receipt_is_a_receipt() -> None:
    related = (
        f'<RelatedLetters><RelatedLetter><RelatedLetterNO>{KEY}</RelatedLetterNO><RelationType Name="رسيد" code="9"/>'
        "</RelatedLetter></RelatedLetters>"
    )
    assert read(mail(answer(related=related, number="1405/77"))).said == NumberGiven(
        "1405/77", date(2026, 11, 22)
    )


def test_an_answer_may_be_about_two_letters_and_the_header_counts_where_the_file_names_none() -> None:
    related = "".join(f"<RelatedLetterNO>{key}</RelatedLetterNO>" for key in (KEY, OTHER_KEY))
    assert read(mail(answer(related=related))).keys == (KEY, OTHER_KEY)
    replied = {"In_Reply_To": message_id(KEY, OURS)}
    assert read(mail(answer(related=""), **replied)).keys == (KEY,)
    assert read(mail(b"<r><ImportEntityNumber>7</ImportEntityNumber></r>", **replied)).said == NumberGiven(
        "7", None
    )
    assert read(mail(answer(OTHER_KEY), **replied)).keys == (OTHER_KEY,)


def test_our_own_letter_that_comes_back_with_a_receipt_is_passed_over() -> None:
    ours = f"<letter><Software>Chapar</Software><LetterNo>{KEY}</LetterNo></letter>".encode()
    assert read(mail(ours, receipt())).said == GIVEN
    assert read(mail(receipt(), receipt())).said == GIVEN, "the same file twice is one file"
    assert reason(mail(ours)) == "no_letter_in_it"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (mail(), "no_letter_in_it"),
        (mail(text=f"Your letter {KEY} got number 5"), "no_letter_in_it"),
        (mail(zipped(receipt()), name="a.zip"), "no_letter_in_it"),
        (mail(b"\x89PNG", name="a.xml"), "not_xml"),
        (mail(b"<a><b></a>"), "not_xml"),
        (mail(receipt(), answer()), "two_letters"),
        (mail(receipt(), receipt(OTHER_KEY)), "two_letters"),
        (mail(b"<letters>" + answer() + answer(OTHER_KEY) + b"</letters>"), "names_several_letters"),
        (mail(receipt(extra=f"<Status>{OTHER_KEY}</Status>")), "names_several_letters"),
        (mail(b"<html><body>buy</body></html>"), "not_a_letter"),
        (mail(answer("1403/900")), "names_no_letter_of_ours"),
        (mail(receipt("1403/900")), "names_no_letter_of_ours"),
        (mail(receipt(number="\u202e77")), "unclear_receipt"),
        (mail(receipt(number="7" * 200)), "unclear_receipt"),
        (mail(receipt(extra="<Status>رد</Status>")), "unclear_receipt"),
        (mail(b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), "declares_entities"),
        (mail(b"<a>" * 500), "too_deep"),
        (mail(receipt(), sender="desk@office.example.evil.example"), "foreign_sender"),
        (mail(receipt(), sender="x@y.example, desk@office.example"), "foreign_sender"),
        (b"From: " + DESK.encode() + b"\r\n\r\n" + b"\n--x" * 1000, "too_many_parts"),
        (b"X: y\r\n" * 100_000 + b"\r\n", "too_many_parts"),
        (b"no mail at all", "too_many_parts"),
    ],
)
def test_whatever_a_machine_may_not_act_on_is_set_aside_with_its_reason(content: bytes, why: str) -> None:
    assert reason(content) == why


def test_boxes_within_boxes_are_not_opened_for_ever() -> None:
    head = f"From: {DESK}\r\n"
    body = "x"
    for depth in range(60):
        body = f'Content-Type: multipart/mixed; boundary="b{depth}"\r\n\r\n--b{depth}\r\n{body}\r\n--b{depth}--\r\n'
    assert reason((head + body).encode()) == "too_many_parts"


def test_a_failed_delivery_is_told_and_a_delay_and_our_own_copys_failure_are_not() -> None:
    assert (read(report(KEY)).keys, read(report(KEY)).said) == ((KEY,), Bounced("bounced 5.1.1"))
    assert read(report(KEY, "delayed")).said == Noted()
    assert read(report(KEY, recipient=OURS)).said == Noted()
    assert reason(report("1403/900")) == "report_of_no_letter"


def test_the_header_alone_tells_our_own_copy_and_a_stranger() -> None:
    def head(sender: str, mid: str, kind: str = "text/plain") -> bytes:
        return f"From: {sender}\r\nMessage-ID: {mid}\r\nContent-Type: {kind}\r\n\r\n".encode()

    assert needs_its_body(head(OURS, message_id(KEY, OURS)), WHO) == OwnCopy(KEY)
    assert needs_its_body(head(OURS.upper(), message_id(KEY, OURS.upper())), WHO) == OwnCopy(KEY)
    renamed = head(OURS, "<x@relay.example>")
    assert needs_its_body(
        renamed.replace(b"\r\n\r\n", b"\r\nSubject: ECE " + KEY.encode() + b"\r\n\r\n"), WHO
    ) == OwnCopy(KEY)
    assert needs_its_body(head(f"Desk <{DESK.upper()}>", "<x@y>"), WHO) is None
    assert needs_its_body(head("MAILER-DAEMON@x", "<x@y>", "multipart/report"), WHO) is None
    for sender, mid in ((OURS, "<x@y>"), ("spam@x.example", message_id(KEY, OURS)), ("", "<x@y>")):
        with pytest.raises(Unreadable, match="foreign_sender"):
            needs_its_body(head(sender, mid), WHO)


def test_headers_in_windows_1256_are_read_whether_they_say_so_or_not() -> None:
    name = "دبيرخانه مركزي"
    said = f"=?windows-1256?B?{base64.b64encode(name.encode('cp1256')).decode()}?=".encode()
    for shown in (said, name.encode("cp1256"), name.encode()):
        content = mail(receipt())
        content = content.replace(
            f"From: {DESK}".encode(), b'From: "' + shown + b'" <' + DESK.encode() + b">"
        )
        content = content.replace(b'filename="a.xml"', b'filename="' + shown + b'.xml"')
        content = content.replace(
            b"MIME-Version", b"Subject: " + shown + b" " + KEY.encode() + b"\r\nMIME-Version", 1
        )
        assert read(content).said == GIVEN
        head = content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        assert needs_its_body(head, WHO) is None
        assert needs_its_body(head.replace(DESK.encode(), OURS.encode()), WHO) == OwnCopy(KEY)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_mail_or_said_to_be_none(content: bytes) -> None:
    for text in (content, b"From: " + DESK.encode() + b"\r\n" + content, mail(content)):
        try:
            read(text)
        except Unreadable:
            continue
