"""Connections that know whether anything was sent, and keep the deadline of the call."""

import ssl
from contextlib import suppress
from functools import cached_property
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from connector.clock import monotonic
from connector.transport.wire_call import Call, be_patient, calling
from connector.transport.wire_reading import WholeAnswer, read_answer

__all__ = ["Call", "WholeAnswer", "WireAdapter", "WireHeaders", "calling", "keep"]

_LONGEST_IDLE: Final = 3.0
"""Seconds that a kept connection may rest. Servers let go after five and more (Apache, node: five): a request
that meets the closing would be lost without anybody knowing whether it was read."""

_SMALL_BODY: Final = 64 * 1024
_MOST_KEPT: Final = 128

Key = TypeVar("Key")
Value = TypeVar("Value")


def keep(kept: dict[Key, Value], key: Key, value: Value) -> None:
    """Keep what can be worked out again; all of it is let go where it has become much: the usual ones come back."""
    if len(kept) >= _MOST_KEPT:
        kept.clear()
    kept[key] = value


class WireHeaders(CaseInsensitiveDict[str]):
    """The headers of requests, as requests has them and as they are written; never changed once they are written.

    Without Content-Length, which is told with each body.
    """

    @cached_property
    def written(self) -> bytes:
        """Return the lines with the empty one at the end. Raise ValueError where one became two."""
        text = "".join([f"{name}: {value}\r\n" for name, value in self.items()])
        if not text.count("\r") == text.count("\n") == len(self):
            raise ValueError("a header with a line of its own")
        return f"{text}\r\n".encode("latin-1")


class _Noting:
    """Notes the beginning of sending, when the connection was last used, and whose certificate it has seen."""

    host: str
    port: int
    default_port: int
    sock: Any
    timeout: Any
    used_at = 0.0
    server_certificate: bytes | None = None

    def connect(self) -> None:
        if calling.call is not None:
            calling.call.has_begun = False
        super().connect()  # type: ignore[misc]
        certificate = getattr(self.sock, "getpeercert", None)
        self.server_certificate = certificate(binary_form=True) if certificate is not None else None

    def exchange(self, method: str, url: str, body: Any, headers: Any) -> WholeAnswer | HTTPResponse:
        """Send a request with the length of its body, and return the answer.

        The body is bytes, or comes in pieces. The other side may answer and close before it has read everything:
        then what it said is the answer.
        """
        head = self._head(method, url, headers, None if body is None else len(body))
        is_small = isinstance(body, bytes) and len(body) <= _SMALL_BODY
        is_sent = False
        with suppress(BrokenPipeError, ConnectionResetError):
            if body is None or is_small:
                self._out(head + (body or b""))
            else:
                self._out(head)
                for piece in (body,) if isinstance(body, bytes) else body:
                    if piece:
                        self._out(piece)
            is_sent = True
        answer, is_last = read_answer(self.sock, method, url)
        if is_last or not is_sent:
            self.close()  # type: ignore[attr-defined]
        return answer

    def _head(self, method: str, url: str, headers: Any, length: int | None) -> bytes:
        written = headers.written if isinstance(headers, WireHeaders) else WireHeaders(headers).written
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == self.default_port else f":{self.port}"
        size = "" if length is None else f"Content-Length: {length}\r\n"
        line = f"{method} {url} HTTP/1.1\r\nHost: {host}{port}\r\n{size}"
        # Looked at before by requests; here nothing may have become a line of its own.
        if line.count("\n") != (2 if length is None else 3) or " " in url:
            raise ValueError("an address with a line of its own")
        return line.encode("latin-1") + written

    def _out(self, piece: Any) -> None:
        be_patient(self.sock)
        if calling.call is not None:
            calling.call.has_begun = True
        try:
            self.sock.sendall(piece)
        except ssl.SSLEOFError as error:
            # As without TLS: what the other side said before it closed is still read.
            raise BrokenPipeError("closed while sending") from error


class _Connection(_Noting, HTTPConnection):
    pass


class _TlsConnection(_Noting, HTTPSConnection):
    pass


class _Resting:
    """Closes a connection that rested too long, before it is used again."""

    def _get_conn(self, timeout: float | None = None) -> Any:
        connection: Any = super()._get_conn(timeout)  # type: ignore[misc]
        if monotonic() - connection.used_at > _LONGEST_IDLE:
            connection.close()
        return connection

    def _put_conn(self, connection: Any) -> None:
        if connection is not None:
            connection.used_at = monotonic()
        super()._put_conn(connection)  # type: ignore[misc]


class _Plain(_Resting):
    """Asks once and hands the answer over as it comes.

    What urllib3 does besides costs a third of a small call, and nothing of it is wanted: no retries, redirects,
    proxies, chunked requests.
    """

    def urlopen(
        self, method: str, url: str, body: Any = None, headers: Any = None, *, timeout: Any, **_settled: Any
    ) -> Any:
        connection = self._get_conn()
        try:
            if connection.is_closed:
                connection.timeout = timeout.connect_timeout
                connection.connect()
            if calling.call is None:
                connection.sock.settimeout(timeout.read_timeout)
            answer = connection.exchange(method, url, body, headers)
        except BaseException:
            connection.close()
            self._put_conn(None)
            raise
        if isinstance(answer, WholeAnswer):
            self._put_conn(connection)
        else:
            answer._connection = connection
            answer._pool = self
        return answer


class _Pool(_Plain, HTTPConnectionPool):  # type: ignore[misc] # it takes what requests gives, and no more
    ConnectionCls: Any = _Connection


class _TlsPool(_Plain, HTTPSConnectionPool):  # type: ignore[misc] # the same
    ConnectionCls: Any = _TlsConnection


class _Answer(Response):
    """The answer as requests has it, with its head; cookies are left there, in the head."""

    def __init__(self, request: PreparedRequest, raw: Any) -> None:
        # Not as requests does it: that makes a jar of cookies for each answer.
        self._content: Any = False
        self._content_consumed = False
        self._next = None
        self.status_code = raw.status
        self.headers = CaseInsensitiveDict(raw.headers)
        self.raw = raw
        self.request = request
        self.url = request.url or ""
        self.reason = ""
        self.encoding = None
        self.history = []


class WireAdapter(HTTPAdapter):
    """The adapter of requests on these connections: no retries, one TLS context, no proxy."""

    def __init__(self, *, context: ssl.SSLContext, pool_size: int) -> None:
        """Keep the TLS context for every connection of the pool."""
        self._context = context
        self._ways: dict[str, tuple[Any, str]] = {}
        """Addresses that were asked before: the pool of the host, and the path."""
        super().__init__(pool_connections=4, pool_maxsize=pool_size, max_retries=0, pool_block=False)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Build the pools with our context and our connections."""
        super().init_poolmanager(*arguments, ssl_context=self._context, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    @property
    def server_certificate(self) -> bytes | None:
        """Return the certificate (DER) that the last connection was shown; None without TLS."""
        pools = self.poolmanager.pools
        for key in pools.keys():  # noqa: SIM118 - no dict, and iterating it is refused
            for connection in reversed(pools[key].pool.queue):
                if connection is not None:
                    shown: bytes | None = connection.server_certificate
                    return shown
        return None

    def get_connection_with_tls_context(self, request: PreparedRequest, *_settled: Any, **_more: Any) -> Any:
        """Return the pool of this host: the TLS context and the absence of a proxy are settled."""
        return self._way(request)[0]

    def build_response(self, req: PreparedRequest, resp: Any) -> Response:
        """Return the answer with its head; the body is still to be read."""
        return _Answer(req, resp)

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Leave the trust to the context: requests would add its own authorities to a private one."""

    def request_url(self, request: PreparedRequest, proxies: Any) -> str:
        """Return the path to ask for. There is never a proxy."""
        return self._way(request)[1]

    def _way(self, request: PreparedRequest) -> tuple[Any, str]:
        url = request.url or ""
        way = self._ways.get(url)
        if way is None or way[0].pool is None:
            parts = urlsplit(url)
            pool = self.poolmanager.connection_from_host(parts.hostname, parts.port, parts.scheme)
            way = pool, request.path_url
            keep(self._ways, url, way)
        return way
