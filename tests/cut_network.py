"""A network between a node and its PostgreSQL that a test can freeze, thaw and cut."""

import selectors
import shutil
import socket
import tempfile
import threading
from pathlib import Path

import sqlalchemy as sa

__all__ = ["CutNetwork"]

_PIECE = 65536


class CutNetwork:
    """Passes bytes on between a socket of its own and the server's; frozen, it takes them and passes nothing on."""

    def __init__(self, url: str) -> None:
        """Stand before the server of this URL, which listens on a socket in a folder."""
        parsed = sa.make_url(url)
        self._server = f"{parsed.query['host']}/.s.PGSQL.5432"
        self._folder = Path(tempfile.mkdtemp(prefix="chapar-net-"))
        self.url = parsed.update_query_dict({"host": str(self._folder)}).render_as_string(hide_password=False)
        self._flows = threading.Event()
        self._flows.set()
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self._folder / ".s.PGSQL.5432"))
        self._listener.listen(64)
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def freeze(self) -> None:
        """Pass nothing on any more, and say nothing of it: neither side sees that anything is wrong."""
        self._flows.clear()

    def thaw(self) -> None:
        """Pass everything on again, also what waits."""
        self._flows.set()

    def cut(self) -> None:
        """End every connection that there is, on both sides."""
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for end in pair:
                _shut(end)

    def close(self) -> None:
        """End everything."""
        self._ending.set()
        self._flows.set()
        _shut(self._listener)
        self.cut()
        for thread in self._threads:
            thread.join(5)
        self._listener.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _accept(self) -> None:
        while not self._ending.is_set():
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            try:
                far.connect(self._server)
            except OSError:
                near.close()
                continue
            with self._lock:
                self._pairs.append((near, far))
            thread = threading.Thread(target=self._carry, args=(near, far), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        with selectors.DefaultSelector() as selector, near, far:
            selector.register(near, selectors.EVENT_READ, far)
            selector.register(far, selectors.EVENT_READ, near)
            while not self._ending.is_set():
                for key, _ in selector.select(1.0):
                    try:
                        piece = key.fileobj.recv(_PIECE)  # type: ignore[union-attr]
                        self._flows.wait()
                        if not piece:
                            return
                        key.data.sendall(piece)
                    except OSError:
                        return


def _shut(end: socket.socket) -> None:
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
