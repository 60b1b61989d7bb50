"""Word-processor files by their first bytes: the older OLE container, and the zip of today's formats.

Sources: MS-CFB (header and directory entries), ECMA-376 part 2 (content types), OpenDocument 1.2 part 3
(mimetype), APPNOTE 4.3.7 (local file header of a zip entry).
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

__all__ = ["OLE_MAGIC", "ZIP_MAGIC", "ole_type", "zip_type"]

OLE_MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MAGIC: Final = b"PK\x03\x04"

_OLE_UNKNOWN: Final = "application/x-ole-storage"
_OLE_STREAMS: Final = {
    "WordDocument": "application/msword",
    "Workbook": "application/vnd.ms-excel",
    "Book": "application/vnd.ms-excel",
    "PowerPoint Document": "application/vnd.ms-powerpoint",
    "__properties_version1.0": "application/vnd.ms-outlook",
}
_DIRECTORY_ENTRY: Final = 128

_OPEN_XML: Final = "application/vnd.openxmlformats-officedocument."
_FOLDERS: Final = {
    "word/": _OPEN_XML + "wordprocessingml.document",
    "xl/": _OPEN_XML + "spreadsheetml.sheet",
    "ppt/": _OPEN_XML + "presentationml.presentation",
}
_MACROS: Final = "application/vnd.ms-office.macroenabled"
_LOCAL_HEADER: Final = struct.Struct("<4s5H3I2H")
_CONTENT_TYPES_LIMIT: Final = 256 * 1024


def ole_type(head: bytes) -> str:
    """Return the media type of an OLE file; ``application/x-ole-storage`` if its directory is not in the head."""
    if len(head) < 512:
        return _OLE_UNKNOWN
    sector_size = 1 << min(int.from_bytes(head[30:32], "little"), 12)
    start = (int.from_bytes(head[48:52], "little") + 1) * sector_size
    names = {
        _stream_name(head[at : at + _DIRECTORY_ENTRY])
        for at in range(start, start + sector_size, _DIRECTORY_ENTRY)
    }
    return next((kind for name, kind in _OLE_STREAMS.items() if name in names), _OLE_UNKNOWN)


def zip_type(head: bytes) -> str:
    """Return the media type of a zip by the entries that stand in the head; ``application/zip`` if they do not tell."""
    found = "application/zip"
    for index, (name, content) in enumerate(_entries(head)):
        if index == 0 and name == "mimetype":
            return content[:100].decode("ascii", "replace")
        if name == "[Content_Types].xml" and b"macroenabled" in _inflated(content).lower():
            return _MACROS
        if name.endswith("vbaProject.bin"):
            return _MACROS
        if found == "application/zip":
            found = next((kind for folder, kind in _FOLDERS.items() if name.startswith(folder)), found)
    return found


def _stream_name(entry: bytes) -> str:
    if len(entry) < _DIRECTORY_ENTRY:
        return ""
    length = int.from_bytes(entry[64:66], "little")
    return entry[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")


def _entries(head: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the name of each entry and the bytes after its header (the packed content and whatever follows)."""
    at = head.find(ZIP_MAGIC)
    while at >= 0 and at + _LOCAL_HEADER.size <= len(head):
        fields = _LOCAL_HEADER.unpack_from(head, at)
        method, packed_size, name_length, extra_length = fields[3], fields[7], fields[9], fields[10]
        name_at = at + _LOCAL_HEADER.size
        content_at = name_at + name_length + extra_length
        content = head[content_at : content_at + packed_size] if method == 0 else head[content_at:]
        yield head[name_at : name_at + name_length].decode("utf-8", "replace"), content
        # The size may stand behind the content (streamed zips), so the next header is searched and not computed.
        at = head.find(ZIP_MAGIC, content_at + packed_size)


def _inflated(content: bytes) -> bytes:
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(content, _CONTENT_TYPES_LIMIT)
    except zlib.error:
        return content[:_CONTENT_TYPES_LIMIT]
