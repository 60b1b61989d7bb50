"""Connections that know whether anything was sent, and keep the deadline of the call."""

import http.client
import io
import ssl
import threading
from contextlib import suppress
from typing import Any, Final
from urllib.parse import urlsplit

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPConnectionPool, HTTPHeaderDict, HTTPResponse, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from connector.clock import monotonic

__all__ = ["Call", "WireAdapter", "calling"]

_LONGEST_IDLE: Final = 3.0
"""Seconds that a kept connection may rest. Servers let go after five and more (Apache, node: five): a request
that meets the closing would be lost without anybody knowing whether it was read."""


_SMALL_BODY: Final = 64 * 1024


class Call:
    """One call under way in this thread."""

    def __init__(self, *, silence: float, deadline: float) -> None:
        """Keep the longest silence in seconds, and the end of the whole call on the monotonic clock."""
        self.has_begun: bool | None = None
        """False while connecting; True from just before the first byte of the request goes out: a failure from
        then on leaves the outcome open. None where no connection of ours was asked."""
        self._silence = silence
        self._deadline = deadline

    def patience(self) -> float:
        """Return the seconds that the next send or receive may take; TimeoutError when the time is up."""
        left = self._deadline - monotonic()
        if left <= 0:
            raise TimeoutError("the whole call took too long")
        return min(left, self._silence)


class _Calling(threading.local):
    call: Call | None = None


calling: Final = _Calling()
"""The call of this thread; the connection finds it here, as the libraries between hand nothing on."""


class _Reader(io.RawIOBase):
    """The receiving end of a socket, with the patience of the call before each read."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if calling.call is not None:
            self._sock.settimeout(calling.call.patience())
        received: int | None = self._raw.readinto(buffer)
        return received

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _ReceivingSocket:
    """What http.client asks of a socket when it builds an answer."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self._sock), buffer_size=64 * 1024)


def _answer(sock: Any, *arguments: Any, **options: Any) -> Any:
    return http.client.HTTPResponse(_ReceivingSocket(sock), *arguments, **options)  # type: ignore[arg-type]


def _in_one_line(value: str) -> str:
    """Return a header's value without the line breaks that it may have been folded with (RFC 9112, 5.2)."""
    return " ".join(value.split()) if "\n" in value or "\r" in value else value


class _Noting:
    """Notes the beginning of sending, when the connection was last used, and whose certificate it has seen."""

    sock: Any
    timeout: Any
    _asked: dict[str, Any]
    response_class: Any = staticmethod(_answer)
    used_at = 0.0
    is_held = False
    """True where the head waits for a small body, to go out with it in one piece."""
    held = b""
    server_certificate: bytes | None = None

    def connect(self) -> None:
        if calling.call is not None:
            calling.call.has_begun = False
        super().connect()  # type: ignore[misc]
        certificate = getattr(self.sock, "getpeercert", None)
        self.server_certificate = certificate(binary_form=True) if certificate is not None else None

    def request(self, method: str, url: str, body: Any = None, headers: Any = None) -> None:
        """Send a request: a body has its length in the head, and goes out in pieces where it comes in pieces."""
        if self.sock is not None:
            self.sock.settimeout(self.timeout)
        self._asked = {"request_method": method, "request_url": url}
        client = http.client.HTTPConnection
        client.putrequest(self, method, url, skip_accept_encoding=True)  # type: ignore[arg-type]
        for name, value in headers.items():
            client.putheader(self, name, value)  # type: ignore[arg-type]
        self.is_held = isinstance(body, bytes) and 0 < len(body) <= _SMALL_BODY
        client.endheaders(self)  # type: ignore[arg-type]
        for piece in (body,) if isinstance(body, bytes) else body or ():
            if piece:
                self.send(piece)

    def getresponse(self) -> HTTPResponse:
        """Return the answer as urllib3 hands it on; its body is still to be read."""
        self.sock.settimeout(self.timeout)
        answer = http.client.HTTPConnection.getresponse(self)  # type: ignore[arg-type]
        return HTTPResponse(
            body=answer,
            headers=HTTPHeaderDict((name, _in_one_line(value)) for name, value in answer.msg.items()),
            status=answer.status,
            version=answer.version,
            reason=answer.reason,
            preload_content=False,
            decode_content=False,
            original_response=answer,
            enforce_content_length=True,
            **self._asked,
        )

    def send(self, data: Any) -> None:
        if self.is_held:
            self.is_held, self.held = False, data
            return
        if self.held:
            data, self.held = self.held + data, b""
        if self.sock is None:
            self.connect()
        if calling.call is not None:
            self.sock.settimeout(calling.call.patience())
            calling.call.has_begun = True
        try:
            super().send(data)  # type: ignore[misc]
        except ssl.SSLEOFError as error:
            # As without TLS: what the other side said before it closed is still read.
            raise BrokenPipeError("closed while sending") from error


class _Connection(_Noting, HTTPConnection):  # type: ignore[misc] # it asks what we ask, and no more
    pass


class _TlsConnection(_Noting, HTTPSConnection):  # type: ignore[misc] # the same
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
            connection.timeout = timeout.connect_timeout
            if connection.is_closed:
                connection.connect()
            # The other side may have answered and closed before it had read everything.
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, url, body, headers)
            connection.timeout = timeout.read_timeout
            answer = connection.getresponse()
        except BaseException:
            connection.close()
            self._put_conn(None)
            raise
        answer._connection = connection
        answer._pool = self
        return answer


class _Pool(_Plain, HTTPConnectionPool):  # type: ignore[misc] # it takes what requests gives, and no more
    ConnectionCls: Any = _Connection


class _TlsPool(_Plain, HTTPSConnectionPool):  # type: ignore[misc] # the same
    ConnectionCls: Any = _TlsConnection


class WireAdapter(HTTPAdapter):
    """The adapter of requests on these connections: no retries, one TLS context, no proxy."""

    def __init__(self, *, context: ssl.SSLContext, pool_size: int) -> None:
        """Keep the TLS context for every connection of the pool."""
        self._context = context
        self._pools: dict[tuple[str, str], Any] = {}
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
        parts = urlsplit(request.url or "")
        key = (parts.scheme, parts.netloc)
        pool = self._pools.get(key)
        if pool is None:
            pool = self._pools[key] = self.poolmanager.connection_from_host(
                parts.hostname, parts.port, parts.scheme
            )
        return pool

    def build_response(self, req: PreparedRequest, resp: Any) -> Response:
        """Return the answer with its head; the body is still to be read. Cookies are left in the head."""
        response = Response()
        response.status_code = resp.status
        response.headers = CaseInsensitiveDict(resp.headers)
        response.raw = resp
        response.request = req
        return response

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Leave the trust to the context: requests would add its own authorities to a private one."""

    def request_url(self, request: PreparedRequest, proxies: Any) -> str:
        """Return the path to ask for. There is never a proxy."""
        return request.path_url
