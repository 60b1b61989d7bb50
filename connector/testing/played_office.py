"""An office that a case plays: a server on loopback that gives the case's replies in order."""

import re
import threading
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
from lxml import etree

from connector.mapping.cases import CaseReply
from connector.mapping.schema_parts import BESIDE
from connector.transport.soap_answer import SoapFault, envelope_body, parsed
from connector.transport.soap_parts import joined, unnamed, with_parts
from connector.transport.soap_reading import read_element

__all__ = ["PlayedOffice", "SeenRequest", "kind_of", "played_office"]


@dataclass(frozen=True, kw_only=True, slots=True)
class SeenRequest:
    """One call that came in. ``raw`` is what makes two calls the same."""

    position: int
    """Which reply it was given; beyond the last one where there was none any more."""
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    """By names in small letters."""
    call: str | None
    fields: Any
    body: bytes = field(repr=False)
    raw: bytes = field(repr=False)


class PlayedOffice(ThreadingHTTPServer):
    """Gives one reply after the other, and remembers what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        """Listen on a free port; there is nothing to say yet."""
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.is_listening = False
        self.requests: list[SeenRequest] = []
        self._replies: Sequence[CaseReply] = ()
        self._alike: Mapping[str, Sequence[CaseReply]] | None = None
        self._lock = threading.Lock()

    def begin(
        self, replies: Sequence[CaseReply], *, alike: Mapping[str, Sequence[CaseReply]] | None = None
    ) -> None:
        """Begin a conversation with these replies, in order.

        With ``alike`` a call is answered as calls of its kind were: the first as the first, and so on, and as the last
        one when there are no more; by an empty reply where there were none.
        """
        with self._lock:
            self._replies, self._alike, self.requests, self.is_listening = replies, alike, [], True

    def end(self) -> list[SeenRequest]:
        """End the conversation and return what was asked; what comes now, a log-out, is not looked at."""
        with self._lock:
            self.is_listening = False
            return self.requests

    def answer(self, request: BaseHTTPRequestHandler, body: bytes) -> CaseReply | None:
        """Take a request in and return the reply to it; None where there is none."""
        with self._lock:
            if not self.is_listening:
                return CaseReply()
            seen = _seen(request, body, self._position(request, body))
            earlier = [other for other in self.requests if kind_of(other) == kind_of(seen)]
            self.requests.append(seen)
            if self._alike is not None:
                replies = self._alike.get(kind_of(seen)) or [CaseReply()]
                return replies[min(len(earlier), len(replies) - 1)]
            return self._replies[seen.position] if seen.position < len(self._replies) else None

    def _position(self, request: BaseHTTPRequestHandler, body: bytes) -> int:
        if not self.requests:
            return 0
        last = self.requests[-1]
        # A call that changes nothing is made again within seconds where its answer was lost: it is the same one.
        is_again = last.raw == _raw(request, body) and self._was_lost(last.position)
        return last.position if is_again else last.position + 1

    def _was_lost(self, position: int) -> bool:
        return position < len(self._replies) and self._replies[position].lost


def kind_of(request: SeenRequest) -> str:
    """Return what calls of one step have in common, whatever letter they are about."""
    return f"{request.method} {re.sub('[0-9]+', '0', request.path)} {request.call or ''}"


class _Conversation(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: PlayedOffice

    def do(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        reply = self.server.answer(self, body)
        if reply is None or reply.lost:
            self.close_connection = True
            return
        content, media_type = _content(reply)
        self.send_response(reply.status)
        for name, value in {"Content-Type": media_type, **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do  # noqa: N815 - names that http.server looks for

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its parent's word
        """Keep silent."""


@contextmanager
def played_office() -> Iterator[PlayedOffice]:
    """Serve an office on loopback."""
    server = PlayedOffice()
    thread = threading.Thread(target=partial(server.serve_forever, poll_interval=0.01), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _content(reply: CaseReply) -> tuple[bytes, str]:
    if reply.xml is not None:
        envelope = (
            '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">'
            f"<s:Body>{reply.xml}</s:Body></s:Envelope>"
        )
        return envelope.encode(), "text/xml; charset=utf-8"
    if reply.text is not None:
        return reply.text.encode(), "text/html; charset=utf-8"
    if "json_" in reply.model_fields_set:
        return orjson.dumps(reply.json_), "application/json"
    return b"", "text/plain"


def _raw(request: BaseHTTPRequestHandler, body: bytes) -> bytes:
    return f"{request.command} {request.path}\n".encode() + body


def _seen(request: BaseHTTPRequestHandler, body: bytes, position: int) -> SeenRequest:
    target = urlsplit(request.path)
    call, fields = _read(body, request.headers.get("Content-Type", ""))
    return SeenRequest(
        position=position,
        method=request.command,
        path=target.path,
        query=dict(parse_qsl(target.query)),
        headers={name.lower(): value for name, value in request.headers.items()},
        call=call,
        fields=fields,
        body=body,
        raw=_raw(request, body),
    )


def _read(body: bytes, content_type: str) -> tuple[str | None, Any]:
    """Return the element in the SOAP body with its content, or the JSON. What came in parts is base64 in its place,
    or under ``$beside`` where nothing names it.
    """
    if not body:
        return None, None
    envelope, parts = joined(body, content_type)
    if envelope.lstrip()[:1] != b"<":
        return None, orjson.loads(envelope)
    beside = [b64encode(content).decode("ascii") for content in unnamed(envelope, parts)]
    if parts:
        envelope = etree.tostring(with_parts(parsed(envelope), parts))
    content = envelope_body(envelope)
    if isinstance(content, SoapFault) or not len(content):
        return None, None
    fields = read_element(content[0], None)
    if beside:
        fields = {**(fields if isinstance(fields, dict) else {}), BESIDE: beside}
    return etree.QName(content[0]).localname, fields
