"""SOAP messages in parts: attachments as binary parts beside the envelope, sent and received.

MTOM (W3C, with XOP 1.0): an element holds ``xop:Include`` and the part its bytes. SOAP with Attachments (W3C note): an
element holds ``cid:`` and the part. Both are multipart/related (RFC 2387), parts known by their Content-ID (RFC 2392).
"""

import base64
import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from itertools import pairwise
from typing import Final
from urllib.parse import unquote

import pybase64
from lxml import etree

from connector.transport.body import Base64Stream, ByteStream, StreamedBody, Streams
from connector.transport.documents import DocumentStream, MimeLines
from connector.transport.soap_envelope import SoapMessage, SoapVersion
from connector.transport.soap_ways import AttachmentWay

__all__ = ["PartsMessage", "joined", "split", "unnamed", "with_parts"]

_INCLUDE: Final = "{http://www.w3.org/2004/08/xop/include}Include"
_ROOT_ID: Final = "root@chapar"
_MOST_PARTS: Final = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class PartsMessage:
    """A message with its parts, ready to be sent; the length is known beforehand."""

    body: StreamedBody
    headers: Mapping[str, str]


def split(
    message: SoapMessage, streams: Streams, way: AttachmentWay, beside: Sequence[bytes] = ()
) -> PartsMessage:
    """Return the message with each marked attachment as a part of its own, streamed as it is.

    ``beside`` are marks of further parts, in order, that no element names.

    Raise what the streams raise where the envelope has not the marks that it must have; ValueError where one does not
    stand alone in its element, for then nothing can take its place.
    """
    boundary = f"chapar-{secrets.token_hex(16)}"
    root_type = "application/xop+xml" if way is AttachmentWay.MTOM else message.version.media_type
    envelope, order = _with_addresses(message.envelope, streams, way, beside)
    about_root = "; charset=UTF-8"
    if way is AttachmentWay.MTOM:
        about_root += f'; type="{message.version.media_type}"'
    parts: list[bytes | ByteStream] = [
        _head(boundary, f"{root_type}{about_root}", "8bit", _ROOT_ID),
        envelope,
    ]
    for identity, stream in order:
        parts.extend(_part_of(boundary, identity, stream, way))
    parts.append(f"\r\n--{boundary}--\r\n".encode())
    return PartsMessage(body=StreamedBody(parts), headers=_headers(message, boundary, root_type, way))


def joined(body: bytes, content_type: str) -> tuple[bytes, Mapping[str, bytes]]:
    """Return the envelope of an answer and its other parts by Content-ID; whatever is no multipart is all envelope.

    Raise ValueError where the parts cannot be told from each other.
    """
    if not content_type.lstrip().lower().startswith("multipart/"):
        return body, {}
    told = Message()
    told["Content-Type"] = content_type
    if told.get_content_type() != "multipart/related":
        return body, {}
    boundary, start = told.get_param("boundary"), told.get_param("start")
    if not isinstance(boundary, str) or not boundary:
        raise ValueError("parts without a boundary")
    parts: dict[str, bytes] = {}
    first = ""
    for position, piece in enumerate(_pieces(body, boundary.encode("latin-1"))):
        if position >= _MOST_PARTS:
            raise ValueError("too many parts")
        identity, content = _part(piece, position)
        parts[identity] = content
        first = first or identity
    root = _bare(start) if isinstance(start, str) else first
    if root not in parts:
        raise ValueError("no part is the envelope")
    return parts.pop(root), parts


def with_parts(
    root: etree._Element, parts: Mapping[str, bytes], verify: Callable[[etree._Element], None] | None = None
) -> etree._Element:
    """Put what came in parts back into the elements that refer to them, as base64. Return the envelope.

    ``verify`` sees the envelope as it was signed: with the content of MTOM in its elements (XOP 1.0, section 5.1), and
    with the addresses of SwA. Raise ValueError where a part is referred to that did not come, and what it raises.
    """
    for include in list(root.iter(_INCLUDE)):
        around = include.getparent()
        identity = unquote((include.get("href") or "").removeprefix("cid:"))
        if around is None or identity not in parts:
            raise ValueError("a part is missing")
        around.remove(include)
        around.text = base64.b64encode(parts[identity]).decode("ascii")
    if verify is not None:
        verify(root)
    if parts:
        for element in root.iter():
            text = (element.text or "").strip() if isinstance(element.tag, str) and not len(element) else ""
            if text.startswith("cid:") and unquote(text[4:]) in parts:
                element.text = pybase64.b64encode(parts[unquote(text[4:])]).decode("ascii")
    return root


def unnamed(envelope: bytes, parts: Mapping[str, bytes]) -> list[bytes]:
    """Return the parts that nothing in the envelope refers to, in order."""
    told = unquote(envelope.decode("utf-8", "replace"))
    return [content for identity, content in parts.items() if f"cid:{identity}" not in told]


def _with_addresses(
    envelope: bytes, streams: Streams, way: AttachmentWay, beside: Sequence[bytes]
) -> tuple[bytes, list[tuple[str, Base64Stream]]]:
    places = {form: mark for mark in streams for form in (mark, pybase64.b64encode(mark))}
    if not places:
        return envelope, []
    pieces = re.split(b"(" + b"|".join(re.escape(form) for form in places) + b")", envelope)
    streams.settle(frozenset([*(places[piece] for piece in pieces if piece in places), *beside]))
    order: list[tuple[str, Base64Stream]] = []
    for position, piece in enumerate(pieces):
        if piece not in places:
            continue
        if not (
            pieces[position - 1].rstrip().endswith(b">") and pieces[position + 1].lstrip().startswith(b"</")
        ):
            raise ValueError("an attachment does not stand alone in its element")
        order.append((_identity(order), streams[places[piece]]))
        pieces[position] = _address(order[-1][0], way)
    for mark in beside:
        order.append((_identity(order), streams[mark]))
    return b"".join(pieces), order


def _identity(order: Sequence[object]) -> str:
    return f"part-{len(order) + 1}-{secrets.token_hex(8)}@chapar"


def _part_of(
    boundary: str, identity: str, stream: Base64Stream, way: AttachmentWay
) -> Iterator[bytes | ByteStream]:
    """Yield head and content of a part. In XOP every part is binary; beside SOAP a document of text goes as base64."""
    media_type = stream.media_type if isinstance(stream, DocumentStream) else "application/octet-stream"
    if isinstance(stream, DocumentStream) and way is AttachmentWay.SWA:
        yield b"\r\n" + _head(boundary, media_type, "base64", identity)
        yield MimeLines(open=stream.open, size=stream.size)
    else:
        yield b"\r\n" + _head(boundary, media_type, "binary", identity)
        yield ByteStream(open=stream.open, size=stream.size)


def _address(identity: str, way: AttachmentWay) -> bytes:
    if way is AttachmentWay.SWA:
        return f"cid:{identity}".encode()
    return f'<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:{identity}"/>'.encode()


def _headers(message: SoapMessage, boundary: str, root_type: str, way: AttachmentWay) -> dict[str, str]:
    told = f'multipart/related; boundary="{boundary}"; type="{root_type}"; start="<{_ROOT_ID}>"'
    if way is AttachmentWay.MTOM:
        told += f'; start-info="{message.version.media_type}"'
    if message.version is SoapVersion.V12 and message.action:
        told += f'; action="{message.action}"'
    headers = {name: value for name, value in message.headers.items() if name == "SOAPAction"}
    return {"Content-Type": told, "MIME-Version": "1.0", **headers}


def _head(boundary: str, content_type: str, encoding: str, identity: str) -> bytes:
    return (
        f"--{boundary}\r\nContent-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n"
        f"Content-ID: <{identity}>\r\n\r\n"
    ).encode()


def _pieces(body: bytes, boundary: bytes) -> list[bytes]:
    line = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?:\r?\n|\Z)")
    found = list(line.finditer(body))
    if len(found) < 2 or found[-1].group(1) is None:
        raise ValueError("the parts do not end")
    return [body[one.end() : other.start()] for one, other in pairwise(found)]


def _part(piece: bytes, position: int) -> tuple[str, bytes]:
    # A part's first line may be empty where it has no headers at all.
    bare = re.match(rb"\r?\n", piece)
    head, gap, content = (b"", b"\n", piece[bare.end() :]) if bare else _parted(piece)
    if not gap:
        raise ValueError("a part without a head")
    headers = dict(_header(line) for line in head.decode("latin-1").splitlines() if ":" in line)
    encoding = headers.get("content-transfer-encoding", "binary").lower()
    if encoding == "base64":
        content = base64.b64decode(content)
    elif encoding not in {"binary", "8bit", "7bit"}:
        raise ValueError("a part in an encoding of its own")
    return _bare(headers.get("content-id", f"#{position}")), content


def _parted(piece: bytes) -> tuple[bytes, bytes, bytes]:
    for gap in (b"\r\n\r\n", b"\n\n"):
        if gap in piece:
            head, _, content = piece.partition(gap)
            return head, gap, content
    return piece, b"", b""


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()


def _bare(identity: str) -> str:
    return identity.strip().removeprefix("<").removesuffix(">")
