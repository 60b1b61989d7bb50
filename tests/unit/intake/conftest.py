"""Builders for intake: a good form, files of every kind, a ledger and a portal that live in memory."""

import io
import zipfile
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

GOOD_FORM: dict[str, Any] = {
    "submission_id": "web-1",
    "service": "general",
    "subject": "درخواست بررسی",
    "text": "با سلام،\nدرخواست بررسی دارم.",
    "sender": {
        "kind": "natural",
        "identity_number": "0084575948",
        "name": "شهروند نمونه",
        "mobile": "09000000001",
    },
}

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(40)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(40)
TIFF = b"II*\x00\x08\x00\x00\x00" + bytes(40)
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"


def _zip(entries: dict[str, bytes], *, stored: frozenset[str] = frozenset()) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content, zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _content_types(main: str) -> bytes:
    return f'<?xml version="1.0"?><Types><Override PartName="/x" ContentType="{main}"/></Types>'.encode()


_DOCUMENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_MACRO_DOCUMENT = "application/vnd.ms-word.document.macroEnabled.main+xml"


def _ole(stream: str) -> bytes:
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    header[30:32] = (9).to_bytes(2, "little")
    header[48:52] = (1).to_bytes(4, "little")
    entries = b""
    for name in ("Root Entry", stream):
        encoded = name.encode("utf-16-le") + b"\x00\x00"
        entries += encoded.ljust(64, b"\x00") + len(encoded).to_bytes(2, "little") + bytes(62)
    return bytes(header) + bytes(512) + entries.ljust(512, b"\x00")


FILES: dict[str, bytes] = {
    "png": PNG,
    "jpeg": JPEG,
    "tiff": TIFF,
    "pdf": PDF,
    "docx": _zip({"[Content_Types].xml": _content_types(_DOCUMENT), "word/document.xml": b"<a/>"}),
    "docx_types_last": _zip(
        {"_rels/.rels": b"<a/>", "word/document.xml": b"<a/>", "[Content_Types].xml": b"<a/>"}
    ),
    "docm": _zip({"[Content_Types].xml": _content_types(_MACRO_DOCUMENT), "word/document.xml": b"<a/>"}),
    "docm_types_last": _zip({"word/document.xml": b"<a/>", "word/vbaProject.bin": b"\x00"}),
    "xlsx": _zip({"[Content_Types].xml": _content_types(_SHEET), "xl/workbook.xml": b"<a/>"}),
    "odt": _zip(
        {"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<a/>"},
        stored=frozenset({"mimetype"}),
    ),
    "zip": _zip({"a.txt": b"a"}),
    "doc": _ole("WordDocument"),
    "xls": _ole("Workbook"),
    "ppt": _ole("PowerPoint Document"),
    "txt": "نامه‌ای ساده\r\n".encode(),
    "txt_utf16": "\ufeffنامه".encode("utf-16-le"),
    "txt_1256": "نامه كوتاه".encode("cp1256"),
    "exe": b"MZ\x90\x00\x03\x00\x00\x00" + bytes(60),
    "elf": b"\x7fELF\x02\x01\x01" + bytes(60),
    "html": b"<!DOCTYPE html><script>alert(1)</script>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "rtf": rb"{\rtf1\ansi text}",
    "script": b"#!/bin/sh\nexit 0\n",
    "noise": bytes(range(1, 32)) * 8,
}


@pytest.fixture
def files() -> dict[str, bytes]:
    """One small file of each kind, by a short name."""
    return dict(FILES)


@pytest.fixture
def a_form() -> Callable[..., dict[str, Any]]:
    """Return good forms; keyword arguments replace keys, ``sender`` merges, and None takes a key away."""

    def build(**changes: Any) -> dict[str, Any]:
        form = deepcopy(GOOD_FORM)
        sender = changes.pop("sender", {})
        if isinstance(sender, dict):
            form["sender"] |= sender
            form["sender"] = {key: value for key, value in form["sender"].items() if value is not None}
        else:
            form["sender"] = sender
        form |= changes
        return {key: value for key, value in form.items() if value is not None}

    return build
