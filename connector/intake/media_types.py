"""What a file is: by its first bytes, and compared with what its name and its sender say."""

import codecs
import re
from typing import Final

import filetype

from connector.errors import SubmissionInvalid
from connector.intake.file_names import extension_of, safe_file_name
from connector.intake.office_files import OLE_MAGIC, ZIP_MAGIC, ole_type, zip_type
from connector.intake.problems import ProblemCode, problem

__all__ = ["DOC", "DOCX", "ODT", "media_type_by_content"]

DOC: Final = "application/msword"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT: Final = "application/vnd.oasis.opendocument.text"

_BY_EXTENSION: Final = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "jpe": "image/jpeg",
    "jfif": "image/jpeg",
    "png": "image/png",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "webp": "image/webp",
    "doc": DOC,
    "docx": DOCX,
    "odt": ODT,
    "rtf": "application/rtf",
    "txt": "text/plain",
    "zip": "application/zip",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_SAME: Final = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-png": "image/png",
    "image/tif": "image/tiff",
    "image/x-tiff": "image/tiff",
    "application/x-pdf": "application/pdf",
    "application/acrobat": "application/pdf",
    "application/x-msword": DOC,
    "application/vnd.msword": DOC,
    "text/rtf": "application/rtf",
}
_SAYS_NOTHING: Final = frozenset(
    {
        "",
        "*/*",
        "application/octet-stream",
        "binary/octet-stream",
        "application/force-download",
        "application/x-download",
    }
)
_CONTAINERS: Final = {
    DOCX: frozenset({"application/zip", "application/x-zip-compressed"}),
    ODT: frozenset({"application/zip", "application/x-zip-compressed"}),
    DOC: frozenset({"application/x-ole-storage", "application/vnd.ms-office", "application/cdfv2"}),
}
"""What senders say who see only the container: true, though not the whole truth."""

_MARKUP: Final = (
    (re.compile(rb"%PDF-"), "application/pdf"),
    (re.compile(rb"\{\\rtf"), "application/rtf"),
    (re.compile(rb"%!PS"), "application/postscript"),
    (re.compile(rb"#!"), "text/x-script"),
    (re.compile(rb"(?i)\s*<(!doctype html|html|head|body|script|iframe)\b"), "text/html"),
    (re.compile(rb"(?i)\s*<svg\b"), "image/svg+xml"),
    (re.compile(rb"(?i)\s*<\?xml\b"), "application/xml"),
)
_UTF8_MARK: Final = codecs.BOM_UTF8
_UTF16_MARKS: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_UNPRINTABLE: Final = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_UNKNOWN: Final = "application/octet-stream"


def media_type_by_content(name: str, declared: str | None, head: bytes, *, index: int = 0) -> str:
    """Return the media type of a file by its first bytes (8 KiB are enough).

    Raise SubmissionInvalid on ``attachments[index]`` if the file name's extension or the declared type says
    something else. No extension, no declared type and ``application/octet-stream`` say nothing and are no
    lie.
    """
    name = safe_file_name(name)  # what is kept of it: a mark inside the extension would hide it from us alone
    found = _by_content(name, head)
    extension = extension_of(name)
    spoken = (declared or "").partition(";")[0].strip().lower()
    spoken = _SAME.get(spoken, spoken)
    extension_lies = extension is not None and _BY_EXTENSION.get(extension) != found
    sender_lies = spoken not in {found, *_SAYS_NOTHING, *_CONTAINERS.get(found, ())}
    if extension_lies or sender_lies:
        where = f"attachments[{index}]"
        raise SubmissionInvalid([problem(where, ProblemCode.TYPE_DISAGREES, media_type=found)])
    return found


def _by_content(name: str, head: bytes) -> str:
    if head.startswith(OLE_MAGIC):
        # The directory of a large OLE file lies behind the head; then its name is the best that there is.
        found = ole_type(head)
        return DOC if found == "application/x-ole-storage" and extension_of(name) == "doc" else found
    if head.startswith(ZIP_MAGIC):
        return zip_type(head)
    for pattern, media_type in _MARKUP:
        if pattern.match(head.removeprefix(_UTF8_MARK)):
            return media_type
    if _is_unicode_text(head):
        return "text/plain"
    guess = filetype.guess(head)
    if guess is not None:
        return str(guess.mime)
    # Text in an old Windows code page: nothing but letters above ASCII.
    return _UNKNOWN if _UNPRINTABLE.search(head) else "text/plain"


def _is_unicode_text(head: bytes) -> bool:
    for mark, encoding in _UTF16_MARKS.items():
        if head.startswith(mark):
            return _decodes(head[2:], encoding)
    return not _UNPRINTABLE.search(head) and _decodes(head, "utf-8")


def _decodes(head: bytes, encoding: str) -> bool:
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head, final=False)
    except UnicodeDecodeError:
        return False
    return "\x00" not in text
