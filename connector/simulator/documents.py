"""Small real files, made in code: PDF, Word, PNG, JPEG and TIFF, each with its own content."""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from random import Random
from typing import Final
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

__all__ = ["KINDS", "Document", "docx", "jpeg", "pdf", "png", "some_documents", "tiff"]


@dataclass(frozen=True, slots=True)
class Document:
    """One file that a citizen attaches."""

    name: str
    media_type: str
    content: bytes


def pdf(title: str, random: Random) -> Document:
    """Return a one-page PDF that shows an ASCII line and carries the title in its properties."""
    line = f"Synthetic document {random.getrandbits(64):016x}"
    stream = f"BT /F1 14 Tf 72 760 Td ({line}) Tj ET".encode()
    title_hex = ("\ufeff" + title).encode("utf-16-be").hex()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R"
        b" /Resources << /Font << /F1 4 0 R >> >> >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        f"<< /Title <{title_hex}> >>".encode(),
    ]
    out = BytesIO()
    out.write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    table_at = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer\n<< /Size %d /Root 1 0 R /Info 6 0 R >>\n" % (len(objects) + 1))
    out.write(b"startxref\n%d\n%%%%EOF\n" % table_at)
    return Document("درخواست.pdf", "application/pdf", out.getvalue())


_DOCX_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_PARTS: Final = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{_DOCX_TYPE}.main+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Target="word/document.xml" Type="http://schemas.openxmlformats.org/'
    'officeDocument/2006/relationships/officeDocument"/></Relationships>',
}


def docx(title: str, random: Random) -> Document:
    """Return a Word document of two paragraphs, right to left."""
    lines = (title, f"{random.getrandbits(64):016x}")
    paragraphs = "".join(
        f"<w:p><w:pPr><w:bidi/></w:pPr><w:r><w:rPr><w:rtl/></w:rPr><w:t>{escape(line)}</w:t></w:r></w:p>"
        for line in lines
    )
    body = (
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f"<w:body>{paragraphs}</w:body></w:document>"
    )
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, text in {**_PARTS, "word/document.xml": body}.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>{text}')
    return Document("شرح درخواست.docx", _DOCX_TYPE, out.getvalue())


def png(title: str, random: Random) -> Document:
    """Return a 24 by 24 grey PNG of noise with the title in a text chunk."""
    rows = b"".join(b"\x00" + random.randbytes(24) for _ in range(24))
    header = struct.pack(">IIBBBBB", 24, 24, 8, 0, 0, 0, 0)
    text = b"Title\x00\x00\x00\x00\x00" + title.encode()
    chunks = ((b"IHDR", header), (b"iTXt", text), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    content = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return Document("تصویر کارت.png", "image/png", content)


def tiff(title: str, random: Random) -> Document:
    """Return a 16 by 16 grey uncompressed TIFF, as a scanner of an old secretariat makes it."""
    pixels = random.randbytes(256)
    description = title.encode("utf-8") + b"\x00"
    pixels_at = 8
    description_at = pixels_at + len(pixels)
    padding = b"\x00" * (len(description) % 2)
    entries = [
        (256, 3, 1, 16),
        (257, 3, 1, 16),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (270, 2, len(description), description_at),
        (273, 4, 1, pixels_at),
        (278, 3, 1, 16),
        (279, 4, 1, len(pixels)),
    ]
    directory_at = description_at + len(description) + len(padding)
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    header = struct.pack("<2sHI", b"II", 42, directory_at)
    content = header + pixels + description + padding + directory + bytes(4)
    return Document("نامه اسکن شده.tif", "image/tiff", content)


def jpeg(title: str, random: Random) -> Document:
    """Return an 8 by 8 grey baseline JPEG of one shade, with the title and a number in a comment."""
    comment = f"{title} {random.getrandbits(64):016x}".encode()
    # One Huffman table with the single code 0 for "nothing follows" is enough for a block of one shade.
    table = bytes([1] + [0] * 15 + [0])
    content = b"".join(
        (
            b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00",
            _segment(0xFE, comment),
            _segment(0xDB, b"\x00" + bytes([16] * 64)),
            _segment(0xC0, struct.pack(">BHHBBBB", 8, 8, 8, 1, 1, 0x11, 0)),
            _segment(0xC4, b"\x00" + table),
            _segment(0xC4, b"\x10" + table),
            _segment(0xDA, b"\x01\x01\x00\x00\x3f\x00"),
            b"\x3f\xff\xd9",
        )
    )
    return Document("عکس.jpg", "image/jpeg", content)


def _segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


KINDS: Final[tuple[Callable[[str, Random], Document], ...]] = (pdf, docx, png, jpeg, tiff)


def some_documents(title: str, random: Random, *, serial: int) -> list[Document]:
    """Return one to three files for the letter of this serial number; five letters show every kind."""
    count = 1 + random.randrange(3)
    return [KINDS[(serial + offset) % len(KINDS)](title, random) for offset in range(count)]
