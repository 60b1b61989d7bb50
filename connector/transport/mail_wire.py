"""The connection under a conversation with a mail server: TLS always, bounded in time and size.

It is what ``smtplib`` and ``imaplib`` take for a socket and its file. They read lines and literals of any number and
length for as long as the server likes; here each call has a deadline and an allowance.
"""

import socket
import ssl
from typing import Any, Final

from connector.clock import monotonic
from connector.transport.mail_options import MailSecurity, MailServer
from connector.transport.wire import Call

__all__ = ["MailWire", "SaidTooMuch", "connect"]

_PIECE: Final = 64 * 1024


class SaidTooMuch(ValueError):
    """The server says more than a call may take in."""


class MailWire:
    """A socket with the patience of the call under way, and what was read ahead."""

    def __init__(self, sock: socket.socket, server: MailServer, context: ssl.SSLContext) -> None:
        """Keep the connected socket; a call is begun with ``begin``."""
        self._sock = sock
        self._server = server
        self._context = context
        self._buffer = bytearray()
        self._call = Call(silence=0, deadline=monotonic())
        self._left = 0

    def begin(self, call: Call, allowance: int) -> None:
        """Begin a call that may take in so many bytes."""
        self._call, self._left = call, allowance

    def allow(self, allowance: int) -> None:
        """Let the call under way take in so many bytes from now on."""
        self._left = allowance

    @property
    def local_address(self) -> str:
        """Our own address as SMTP writes it where a host has no name (RFC 5321, 4.1.3)."""
        address = str(self._sock.getsockname()[0])
        return f"[IPv6:{address}]" if ":" in address else f"[{address}]"

    @property
    def tls_version(self) -> str:
        """The version of TLS that is spoken, for people; empty before it is."""
        return (self._sock.version() or "") if isinstance(self._sock, ssl.SSLSocket) else ""

    def sendall(self, data: Any) -> None:
        """Send the bytes. Raise OSError, TimeoutError when the patience is over."""
        self._sock.settimeout(self._call.patience())
        self._sock.sendall(data)

    def readline(self, limit: int = -1) -> bytes:
        """Return a line with its end, or ``limit`` bytes of it; nothing where the server has hung up.

        Raise ConnectionResetError where it hangs up in the middle of one: half of an answer says nothing.
        """
        seen = 0
        while (end := self._buffer.find(b"\n", seen)) < 0 and not 0 <= limit <= len(self._buffer):
            seen = len(self._buffer)
            if not self._receive():
                if seen:
                    raise ConnectionResetError("the connection ended in the middle of a line")
                return b""
        size = end + 1 if end >= 0 else limit
        return self._take(min(size, limit) if limit >= 0 else size)

    def read(self, size: int) -> bytes:
        """Return so many bytes, or fewer where the server hangs up. Raise SaidTooMuch before reading too many."""
        if size - len(self._buffer) > self._left:
            raise SaidTooMuch("an answer announces more than a call may take in")
        while len(self._buffer) < size and self._receive():
            pass
        return self._take(size)

    def makefile(self, _mode: str = "rb") -> "MailWire":
        """Return itself: it is its own file."""
        return self

    def wrap_socket(self, _sock: Any, server_hostname: str | None = None) -> "MailWire":
        """Make the connection secret and return itself; smtplib and imaplib take it for a TLS context.

        What the server said before that and was not read is thrown away: nobody knows who wrote it (RFC 3207, 6).
        """
        self._buffer.clear()
        self._sock.settimeout(self._call.patience())
        self._sock = self._context.wrap_socket(self._sock, server_hostname=self._server.host)
        return self

    def shutdown(self, _how: int) -> None:
        """End the connection; the other side is told at once."""
        self.close()

    def close(self) -> None:
        """Close the socket. May be called twice."""
        self._sock.close()

    def _receive(self) -> bool:
        self._sock.settimeout(self._call.patience())
        piece = self._sock.recv(_PIECE)
        self._left -= len(piece)
        if self._left < 0:
            raise SaidTooMuch("an answer is longer than a call may take in")
        self._buffer += piece
        return bool(piece)

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken


def connect(server: MailServer, context: ssl.SSLContext, port: int) -> MailWire:
    """Return a connection, secret already where it is to be so from the first byte. Raise OSError."""
    sock = socket.create_connection((server.host, port), timeout=server.connect_within.total_seconds())
    try:
        if server.security is MailSecurity.TLS:
            sock = context.wrap_socket(sock, server_hostname=server.host)
    except BaseException:
        sock.close()
        raise
    return MailWire(sock, server, context)
