"""The line to a centre: one thread that reads and writes, so that TLS has one user, and knows which octets went out."""

import selectors
import socket
import ssl
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from adapters.gateways.smpp.pdu import Pdu, PduBroken, taken_off, written

__all__ = ["Fate", "Line", "connected"]

_CHUNK: Final = 65_536
_TICK: Final = 0.5
_LINGER: Final = 2.0


def connected(host: str, port: int, context: ssl.SSLContext | None, within: float) -> socket.socket:
    """Return a socket to the centre. Raise OSError (a certificate's trouble is one, too)."""
    plain = socket.create_connection((host, port), timeout=within)
    try:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return plain if context is None else context.wrap_socket(plain, server_hostname=host)
    except BaseException:
        plain.close()
        raise


class Fate:
    """What became of the octets of one unit: they wait, or they have begun to go out."""

    def __init__(self, octets: bytes) -> None:
        """Wait for the line."""
        self.octets = octets
        self.is_begun = False


class Line:
    """One connection. What is heard is told by the line's own thread; so is its end, exactly once."""

    def __init__(
        self,
        connection: socket.socket,
        *,
        heard: Callable[[Pdu], None],
        ticked: Callable[[], None],
        ended: Callable[[str], None],
    ) -> None:
        """Take the connection; ``start`` begins to read."""
        self._socket = connection
        self._heard, self._ticked, self._ended = heard, ticked, ended
        self._lock = threading.Lock()
        self._waiting: deque[Fate] = deque()
        self._offset = 0
        self._is_ending = False
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._wake_out.setblocking(False)
        self._thread = threading.Thread(target=self._run, name="smpp-line", daemon=True)

    def start(self) -> None:
        """Begin to read and write."""
        self._socket.setblocking(False)
        self._thread.start()

    def put(self, pdu: Pdu) -> Fate:
        """Let a unit go out, and return what will be known of it."""
        fate = Fate(written(pdu))
        with self._lock:
            self._waiting.append(fate)
        self._wake()
        return fate

    def retract(self, fate: Fate) -> bool:
        """Take a unit back that has not begun to go out; return whether that was so."""
        with self._lock:
            if fate.is_begun or fate not in self._waiting:
                return not fate.is_begun
            self._waiting.remove(fate)
            return True

    def end(self) -> None:
        """Close the line and wait for its thread, unless that is who asks."""
        self._is_ending = True
        self._wake()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(_LINGER)

    def _wake(self) -> None:
        with suppress(OSError):  # full: it wakes up anyway; closed: there is nobody to wake
            self._wake_out.send(b"\0")

    def _run(self) -> None:
        reason = "reset"
        try:
            reason = self._carry()
        except PduBroken:
            reason = "unreadable_answer"
        except OSError:
            pass
        finally:
            for each in (self._socket, self._wake_in, self._wake_out):
                each.close()
            self._ended(reason)

    def _carry(self) -> str:
        octets = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(self._wake_in, selectors.EVENT_READ)
            selector.register(self._socket, selectors.EVENT_READ)
            while True:
                wants_write = self._write()
                if self._is_ending:
                    return "closed"
                events = selectors.EVENT_READ | (selectors.EVENT_WRITE if wants_write else 0)
                selector.modify(self._socket, events)
                pending = isinstance(self._socket, ssl.SSLSocket) and self._socket.pending()
                selector.select(0 if pending else _TICK)
                with suppress(BlockingIOError):
                    self._wake_in.recv(_CHUNK)
                if not self._read(octets):
                    return "reset"
                while (pdu := taken_off(octets)) is not None:
                    self._heard(pdu)
                self._ticked()

    def _read(self, octets: bytearray) -> bool:
        """Read what is there; return False at the end of the line."""
        try:
            chunk = self._socket.recv(_CHUNK)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return True
        octets += chunk
        return bool(chunk)

    def _write(self) -> bool:
        """Write what goes out without waiting; return whether some is left."""
        while True:
            with self._lock:
                if not self._waiting:
                    return False
                fate = self._waiting[0]
                fate.is_begun = True
            try:
                self._offset += self._socket.send(fate.octets[self._offset :])
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return True
            if self._offset == len(fate.octets):
                self._offset = 0
                with self._lock:
                    self._waiting.popleft()
