"""Connections that know whether anything was sent, and keep the deadline of the call."""

import io
import ssl
import threading
from http.client import HTTPResponse
from typing import Any, Final

from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from connector.clock import monotonic

__all__ = ["Call", "WireAdapter", "calling"]

_LONGEST_IDLE: Final = 3.0
"""Seconds that a kept connection may rest. Servers let go after five and more (Apache, node: five): a request
that meets the closing would be lost without anybody knowing whether it was read."""


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
    return HTTPResponse(_ReceivingSocket(sock), *arguments, **options)  # type: ignore[arg-type]


class _Noting:
    """Notes the beginning of sending, when the connection was last used, and whose certificate it has seen."""

    sock: Any
    response_class: Any = staticmethod(_answer)
    used_at = 0.0
    server_certificate: bytes | None = None

    def connect(self) -> None:
        if calling.call is not None:
            calling.call.has_begun = False
        super().connect()  # type: ignore[misc]
        certificate = getattr(self.sock, "getpeercert", None)
        self.server_certificate = certificate(binary_form=True) if certificate is not None else None

    def send(self, data: Any) -> None:
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


class _Pool(_Resting, HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(_Resting, HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class WireAdapter(HTTPAdapter):
    """The adapter of requests on these connections: no retries, one TLS context, no proxy."""

    def __init__(self, *, context: ssl.SSLContext, pool_size: int) -> None:
        """Keep the TLS context for every connection of the pool."""
        self._context = context
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

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Leave the trust to the context: requests would add its own authorities to a private one."""

    def request_url(self, request: PreparedRequest, proxies: Any) -> str:
        """Return the path to ask for. There is never a proxy."""
        return request.path_url
