"""Attachments beside the envelope: MTOM and SOAP with Attachments, sent in streams and received."""

import base64
import io
from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest
from lxml import etree

from connector.transport.body import Base64Stream, Streams
from connector.transport.soap_answer import parsed
from connector.transport.soap_envelope import SoapMessage, SoapVersion, enveloped
from connector.transport.soap_parts import joined, split, unnamed, with_parts
from connector.transport.soap_ways import AttachmentWay

CONTENT = b"\x00\r\n--x\xff" * 100_000
MARK = b"chapar-mark-1"


def a_message(body: str, version: SoapVersion = SoapVersion.V11) -> SoapMessage:
    return SoapMessage(envelope=enveloped(version, body), version=version, action="urn:do")


def streams(*marks: bytes) -> Streams:
    return Streams(
        {mark: Base64Stream(open=lambda: io.BytesIO(CONTENT), size=len(CONTENT)) for mark in marks}
    )


def sent(message: SoapMessage, way: AttachmentWay, *marks: bytes) -> tuple[dict[str, str], Message]:
    parted = split(message, streams(*marks), way)
    body = b"".join(parted.body)
    assert len(body) == len(parted.body)
    headers = dict(parted.headers)
    whole = f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode() + body
    return headers, message_from_bytes(whole)


@pytest.mark.parametrize("marked", [MARK.decode(), base64.b64encode(MARK).decode()])
@pytest.mark.parametrize("version", list(SoapVersion))
def test_an_attachment_goes_out_as_a_binary_part_that_the_envelope_includes(
    version: SoapVersion, marked: str
) -> None:
    headers, message = sent(a_message(f"<a><b>{marked}</b></a>", version), AttachmentWay.MTOM, MARK)
    root, part = message.get_payload()  # type: ignore[misc]
    told: Any = message
    assert told.get_content_type() == "multipart/related"
    assert told.get_param("type") == "application/xop+xml"
    assert told.get_param("start-info") == version.media_type
    assert told.get_param("start") == root["Content-ID"]
    assert root.get_param("type") == version.media_type
    assert ("SOAPAction" in headers) == (version is SoapVersion.V11)
    assert (told.get_param("action") == "urn:do") == (version is SoapVersion.V12)
    envelope = parsed(root.get_payload(decode=True))
    include = envelope.find(".//b/{http://www.w3.org/2004/08/xop/include}Include")
    assert include is not None
    assert f"<{include.get('href', '').removeprefix('cid:')}>" == part["Content-ID"]
    assert part["Content-Transfer-Encoding"] == "binary"
    assert part.get_payload(decode=True) == CONTENT


def test_with_swa_the_element_holds_the_address_of_the_part() -> None:
    _, message = sent(a_message(f"<a><b>{MARK.decode()}</b></a>"), AttachmentWay.SWA, MARK)
    root, part = message.get_payload()  # type: ignore[misc]
    assert root.get_content_type() == "text/xml"
    text = parsed(root.get_payload(decode=True)).findtext(".//b")
    assert part["Content-ID"] == f"<{(text or '').removeprefix('cid:')}>"


def test_what_goes_beside_the_message_is_a_part_that_nothing_in_it_names() -> None:
    message, other = a_message(f"<a><b>{MARK.decode()}</b></a>"), b"chapar-mark-2"
    parted = split(message, streams(MARK, other), AttachmentWay.SWA, [other])
    envelope, parts = joined(b"".join(parted.body), parted.headers["Content-Type"])
    assert list(parts.values()) == [CONTENT, CONTENT]
    assert [name in envelope.decode() for name in parts] == [True, False]
    assert unnamed(envelope, parts) == [CONTENT]


def test_a_message_without_attachments_is_a_multipart_of_one_part_all_the_same() -> None:
    _, message = sent(a_message("<a/>"), AttachmentWay.MTOM)
    assert len(message.get_payload()) == 1


@pytest.mark.parametrize(
    "body", [f"<a>x{MARK.decode()}</a>", f'<a b="{MARK.decode()}"/>', f"<a>{MARK.decode()}x</a>"]
)
def test_an_attachment_that_does_not_stand_alone_cannot_become_a_part(body: str) -> None:
    with pytest.raises(ValueError, match="does not stand alone"):
        split(a_message(body), streams(MARK), AttachmentWay.MTOM)


def test_an_attachment_that_is_left_out_is_told() -> None:
    with pytest.raises(KeyError):
        split(a_message("<a/>"), streams(MARK), AttachmentWay.MTOM)


def answer(*parts: tuple[str, bytes], boundary: str = "b", end: str = "\r\n--b--\r\n") -> bytes:
    written = b""
    for head, content in parts:
        written += f"\r\n--{boundary}\r\n{head}\r\n\r\n".encode() + content
    return written + end.encode()


XOP = '<a><b><x:Include xmlns:x="http://www.w3.org/2004/08/xop/include" href="cid:p%201@x"/></b><c>cid:p%201@x</c></a>'
TYPE = 'multipart/related; type="application/xop+xml"; start="<r@x>"; boundary="b"'


def test_what_came_in_parts_is_put_back_where_it_is_included() -> None:
    body = answer(
        ("Content-ID: <p 1@x>\r\nContent-Type: application/pdf", CONTENT),
        ("content-id:<r@x>\r\nContent-Type: application/xop+xml", XOP.encode()),
    )
    envelope, parts = joined(b"preamble" + body, TYPE)
    root = with_parts(parsed(envelope), parts)
    assert base64.b64decode(root.findtext("b") or "") == CONTENT
    assert base64.b64decode(root.findtext("c") or "") == CONTENT


def test_parts_in_base64_with_other_line_ends_and_without_a_start_are_read() -> None:
    body = answer(("Content-Type: text/xml", b"<a/>"), ("Content-Transfer-Encoding: base64", b"YWI="))
    envelope, parts = joined(body.replace(b"\r\n", b"\n"), "multipart/related; boundary=b")
    assert (envelope, list(parts.values())) == (b"<a/>", [b"ab"])
    assert joined(b"<a/>", "text/xml; charset=utf-8") == (b"<a/>", {})


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (answer(("Content-ID: <r@x>", b"<a/>")), "multipart/related"),
        (answer(("Content-ID: <r@x>", b"<a/>"), end=""), TYPE),
        (answer(("Content-ID: <other@x>", b"<a/>")), TYPE),
        (answer(("Content-Transfer-Encoding: uuencode", b"<a/>")), TYPE),
        (b"garbage", TYPE),
        (b"\r\n--b\r\nno head\r\n--b--", TYPE),
    ],
)
def test_an_answer_whose_parts_cannot_be_told_apart_is_refused(body: bytes, content_type: str) -> None:
    with pytest.raises(ValueError):
        joined(body, content_type)


def test_a_part_that_did_not_come_is_told() -> None:
    with pytest.raises(ValueError, match="a part is missing"):
        with_parts(etree.fromstring(XOP), {"other": b""})
