"""HTTP servers on loopback for the outside world, which may be down or frozen for a while."""

import threading
from contextlib import suppress
from socket import SO_REUSEADDR, SO_REUSEPORT, SOL_SOCKET, create_connection, socket

from connector.simulator.exchange import Answering, HangUp, Reply, Request
from connector.simulator.listening import LARGEST_BODY, Frost, Listener

__all__ = ["LARGEST_BODY", "Answering", "HangUp", "LoopbackServer", "Reply", "Request"]


class LoopbackServer:
    """One HTTP server of the agency on 127.0.0.1. Start and stop, shut and open may each be called twice."""

    def __init__(self, answering: Answering, *, port: int = 0) -> None:
        """Bind at once (port 0: any free one), so that the address is known before the first request."""
        self._answering = answering
        self._frost = Frost()
        self._server = Listener(port, answering, self._frost)
        self._keeper: socket | None = None
        self._thread: threading.Thread | None = None
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Answer requests in threads of its own until stopped."""
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """Take no more requests, close every connection, give the port back."""
        self.thaw()
        self._halt()
        if self._keeper is not None:
            self._keeper.close()
            self._keeper = None

    def shut(self) -> None:
        """Be down: hang up on everybody and refuse connections. The port is kept for ``open``."""
        if self._keeper is not None:
            return
        # Bound and not listening, it keeps the port from others while connections to it are refused.
        self._server.socket.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1)
        keeper = socket()
        keeper.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        keeper.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1)
        keeper.bind(("127.0.0.1", self.port))
        self._keeper = keeper
        self._halt()

    def open(self) -> None:
        """Be there again, on the same port."""
        if self._keeper is None:
            return
        self._server = Listener(self.port, self._answering, self._frost, shares_port=True)
        self._keeper.close()
        self._keeper = None
        self.start()

    def freeze(self) -> None:
        """Take connections and requests, and answer none of them. Nothing is done meanwhile, nor afterwards."""
        self._frost.set(is_frozen=True)

    def thaw(self) -> None:
        """Answer again; hang up on whoever still waits."""
        self._frost.set(is_frozen=False)

    def _halt(self) -> None:
        if self._thread is not None:
            ending = threading.Thread(target=self._server.shutdown)
            ending.start()
            # A caller wakes it up: it looks only now and then whether it is to end.
            with suppress(OSError):
                create_connection(("127.0.0.1", self.port), timeout=1).close()
            ending.join()
            self._thread.join()
            self._thread = None
        self._server.hang_up_all()
        self._server.server_close()

    def __enter__(self) -> "LoopbackServer":
        """Start, for a with block."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop at the end of the block."""
        self.stop()
