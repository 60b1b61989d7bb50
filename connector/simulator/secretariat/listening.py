"""A server on loopback that is spoken to in lines, over TLS from the first byte."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any, BinaryIO, Final, cast

from connector.simulator.exchange import HangUp

__all__ = ["LineServer", "Lines"]

_LONGEST_LINE: Final = 64 * 1024
_SILENCE: Final = 60.0
"""Seconds after which whoever says nothing is hung up on."""


class Lines:
    """One conversation. Raises HangUp where the other side ends it, or says a line that is too long."""

    def __init__(self, reader: BinaryIO, writer: BinaryIO) -> None:
        """Take both directions."""
        self._reader, self._writer = reader, writer

    def hear(self) -> bytes:
        """Return the next line, without its end."""
        line = self._reader.readline(_LONGEST_LINE)
        if not line.endswith(b"\n"):
            raise HangUp
        return line.rstrip(b"\r\n")

    def say(self, *lines: bytes | str) -> None:
        """Send lines, each with its end."""
        for line in lines:
            self._writer.write((line.encode() if isinstance(line, str) else line) + b"\r\n")
        self._writer.flush()

    def say_raw(self, content: bytes) -> None:
        """Send bytes as they are."""
        self._writer.write(content)
        self._writer.flush()


class LineServer:
    """Answers each conversation in a thread of its own until it is stopped."""

    def __init__(self, context: ssl.SSLContext, converse: Callable[[Lines], None], *, port: int = 0) -> None:
        """Bind at once, so that the port is known. Raise OSError where it is taken."""
        self._server = _Listener(context, converse, port)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more conversations, and hang up on those that go on."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.hang_up_all()
        self._server.server_close()


class _Listener(ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, context: ssl.SSLContext, converse: Callable[[Lines], None], port: int) -> None:
        super().__init__(("127.0.0.1", port), _Conversation)
        self.context = context
        self.converse = converse
        self.open: set[socket.socket] = set()

    def hang_up_all(self) -> None:
        for each in list(self.open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep silent: a caller that goes away, or does not trust us, is what callers do here."""


class _Conversation(StreamRequestHandler):
    server: _Listener
    timeout = _SILENCE

    def setup(self) -> None:
        self.request.settimeout(_SILENCE)
        self.request = self.server.context.wrap_socket(self.request, server_side=True)
        self.server.open.add(self.request)
        super().setup()

    def handle(self) -> None:
        with contextlib.suppress(HangUp, OSError):
            self.server.converse(Lines(cast(BinaryIO, self.rfile), cast(BinaryIO, self.wfile)))

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            super().finish()
        with contextlib.suppress(OSError):
            self.request.shutdown(socket.SHUT_RDWR)
        self.request.close()
        self.server.open.discard(self.request)
