"""A wire between two programs that can be cut while both are talking, or lose one answer.

It sees bytes, and knows nothing of TLS.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class CutWire:
    """Listens on a port of its own and carries everything to another."""

    def __init__(self, to_port: int) -> None:
        self._to = to_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._loses = threading.Event()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def cut(self) -> None:
        """Break every connection that is open now; new ones are carried again."""
        for each in self._open:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def lose_next_answer(self) -> None:
        """Carry what is asked, and break the connection in place of what is answered to it; once."""
        self._loses.set()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join(5)
        for each in self._open:
            each.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
            except OSError:
                return
            self._open += [near, far]
            for one, other, answers in ((near, far, False), (far, near, True)):
                thread = threading.Thread(target=self._carry, args=(one, other, answers), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _carry(self, one: socket.socket, other: socket.socket, answers: bool) -> None:
        with contextlib.suppress(OSError):
            while piece := one.recv(65536):
                if answers and self._loses.is_set():
                    self._loses.clear()
                    break
                other.sendall(piece)
        for each in (one, other):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


@contextmanager
def wire_to(port: int) -> Iterator[CutWire]:
    wire = CutWire(port)
    try:
        yield wire
    finally:
        wire.close()
