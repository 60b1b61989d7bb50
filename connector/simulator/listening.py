"""Listening on loopback for the outside world: keep-alive, bounded bodies, and the right to hang up."""

import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, SO_LINGER, SOL_SOCKET, socket
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final
from urllib.parse import parse_qsl, urlsplit

from connector.simulator.exchange import Answering, HangUp, Reply, Request

__all__ = ["LARGEST_BODY", "Frost", "Listener"]

LARGEST_BODY: Final = 128 * 1024 * 1024
"""Bytes of one request that a server of the simulated agency reads; more is answered with 413."""

_IN_MEMORY: Final = 1024 * 1024
_PIECE: Final = 64 * 1024
_AT_ONCE: Final = struct.pack("ii", 1, 0)
"""SO_LINGER: the connection ends with a reset when it is closed."""


class Frost:
    """Whether a server answers at all. Thread-safe."""

    def __init__(self) -> None:
        """Begin without."""
        self._changed = threading.Condition()
        self._is_frozen = False

    def is_set(self) -> bool:
        """Tell whether the server is frozen."""
        with self._changed:
            return self._is_frozen

    def set(self, *, is_frozen: bool) -> None:
        """Freeze or thaw; whoever waits for the thaw goes on."""
        with self._changed:
            self._is_frozen = is_frozen
            self._changed.notify_all()

    def wait_until_thawed(self) -> None:
        """Wait until the server is frozen no longer."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_frozen)


class _BodyBroken(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class _Conversation(BaseHTTPRequestHandler):
    """One connection, many requests."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 120
    server: "Listener"

    def _serve(self) -> None:
        try:
            with SpooledTemporaryFile(max_size=_IN_MEMORY) as body:
                reply = self._answer(body)
        except HangUp:
            self._hang_up()
            return
        except _BodyBroken as broken:
            self.close_connection = True
            reply = Reply(broken.status)
        self._send(reply)

    do_GET = do_POST = do_PUT = do_HEAD = _serve  # noqa: N815 - names that http.server looks for

    def _answer(self, body: IO[bytes]) -> Reply:
        size = self._read_body(body)
        body.seek(0)
        self.server.wait_while_frozen()
        target = urlsplit(self.path)
        return self.server.answering(
            Request(
                method=self.command,
                path=target.path,
                query=dict(parse_qsl(target.query, keep_blank_values=True)),
                headers={name.lower(): value for name, value in self.headers.items()},
                body=body,
                size=size,
            )
        )

    def _read_body(self, body: IO[bytes]) -> int:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._read_chunks(body)
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal():
            raise _BodyBroken(400)
        return self._copy(int(length), body, already=0)

    def _read_chunks(self, body: IO[bytes]) -> int:
        total = 0
        while True:
            try:
                size = int(self.rfile.readline(_PIECE).split(b";")[0], 16)
            except ValueError:
                raise _BodyBroken(400) from None
            if size:
                total += self._copy(size, body, already=total)
            self.rfile.readline(_PIECE)
            if not size:
                return total

    def _copy(self, size: int, body: IO[bytes], *, already: int) -> int:
        if size + already > LARGEST_BODY:
            raise _BodyBroken(413)
        left = size
        while left:
            piece = self.rfile.read(min(left, _PIECE))
            if not piece:
                raise HangUp
            body.write(piece)
            left -= len(piece)
        return size

    def _send(self, reply: Reply) -> None:
        try:
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.media_type)
            self.send_header("Content-Length", str(len(reply.body)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body[: len(reply.body) // 2] if reply.is_reset else reply.body)
            self.wfile.flush()
            if reply.is_reset:
                self._reset()
        except OSError:
            # The caller is gone (killed, timed out). What was done stays done: that is the drill.
            self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        try:
            self.connection.shutdown(SHUT_RDWR)
        except OSError:
            pass

    def _reset(self) -> None:
        """Let the connection end without a farewell: what is not read yet is lost on the other side."""
        self.close_connection = True
        self.connection.setsockopt(SOL_SOCKET, SO_LINGER, _AT_ONCE)
        self.server.reset(self.connection)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is http.server's
        """Say nothing: a request line may carry a key."""


class Listener(ThreadingHTTPServer):
    """Takes connections on one port of 127.0.0.1 and answers each in a thread of its own."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, port: int, answering: Answering, frost: "Frost", *, shares_port: bool = False) -> None:
        """Bind at once; with ``shares_port`` also where a socket that does not listen keeps the port."""
        # The port is shared only with the socket that keeps it while the server is down.
        self.allow_reuse_port = shares_port
        super().__init__(("127.0.0.1", port), _Conversation)
        self.answering = answering
        self._frost = frost
        self._open: set[socket] = set()
        self._reset: set[socket] = set()
        self._open_lock = threading.Lock()

    def wait_while_frozen(self) -> None:
        """Hold a request back for as long as the server is frozen, and then hang up on it: nothing was done."""
        if self._frost.is_set():
            self._frost.wait_until_thawed()
            raise HangUp

    def reset(self, request: socket) -> None:
        """Note that this connection ends with a reset."""
        with self._open_lock:
            self._reset.add(request)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Note the connection and answer it in a thread."""
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """End a connection, in order or with a reset."""
        with self._open_lock:
            self._open.discard(request)
            is_reset = request in self._reset
            self._reset.discard(request)
        if is_reset:
            self.close_request(request)  # without the farewell of an orderly end
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that breaks the connection is no news here."""

    def hang_up_all(self) -> None:
        """Close every connection, whatever is under way."""
        with self._open_lock:
            still_open = list(self._open)
        for connection in still_open:
            try:
                connection.shutdown(SHUT_RDWR)
            except OSError:
                pass
