"""The web server: uvicorn in a thread of its own, with a start and a stop that can be waited for."""

import errno
import socket
import stat
import threading
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from connector.errors import OperatorError
from connector.observability.logging import get_logger
from connector.web.protocol import PatientProtocol

__all__ = ["WebServer"]

log = get_logger(__name__)

_START_WITHIN: Final = timedelta(seconds=20)
_CONNECTIONS: Final = 1000
_SOCKET_MODE: Final = 0o660
_TCP_STEPS: Final = {
    errno.EADDRINUSE: "Stop the program that holds it, or choose another web.port.",
    errno.EACCES: "Choose a web.port from 1024 on; a proxy may stand in front of it.",
}


class WebServer:
    """Serves an application on a TCP port or on a Unix socket. May be stopped without a start, and twice."""

    def __init__(
        self, app: ASGIApp, *, host: str = "127.0.0.1", port: int = 0, unix_socket: Path | None = None
    ) -> None:
        """Take the application and the address; port 0 takes any free one, a Unix socket goes before both."""
        self._host = host
        self._unix_socket = unix_socket
        self._asked_port = port
        self._bound_port: int | None = None
        self._accepts = threading.Event()
        self._thread: threading.Thread | None = None
        self._server = _Server(app, self._accepts)

    @property
    def port(self) -> int:
        """Return the bound port; 0 before the start and on a Unix socket."""
        return self._bound_port or 0

    @property
    def is_running(self) -> bool:
        """Return whether the server's thread is there and accepts."""
        return self._thread is not None and self._thread.is_alive() and self._server.started

    def start(self) -> int:
        """Bind, start the thread, and return the bound port once connections are accepted.

        Raise OperatorError when the address cannot be used.
        """
        listener = self._bind()
        self._thread = threading.Thread(target=self._run, args=(listener,), name="web", daemon=True)
        self._thread.start()
        if not self._accepts.wait(_START_WITHIN.total_seconds()) or not self._server.started:
            raise OperatorError(
                "The web server did not start.", next_step="Look for the error before this one."
            )
        log.info("web.started", port=self.port)
        return self.port

    def stop(self, within: timedelta) -> None:
        """Accept nothing new, let running requests finish within the time, and end the thread."""
        if self._thread is None or not self._thread.is_alive():
            return
        self._server.config.timeout_graceful_shutdown = max(1, round(within.total_seconds()))
        self._server.should_exit = True
        self._thread.join(within.total_seconds() + 2.0)
        if self._unix_socket is not None:
            self._unix_socket.unlink(missing_ok=True)
        log.info("web.stopped", is_clean=not self._thread.is_alive())

    def _run(self, listener: socket.socket) -> None:
        try:
            self._server.run(sockets=[listener])
        finally:
            self._accepts.set()
            listener.close()

    def _bind(self) -> socket.socket:
        if self._unix_socket is not None:
            return _bound_unix(self._unix_socket)
        try:
            family, _, _, _, address = socket.getaddrinfo(
                self._host, self._asked_port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            listener = socket.socket(family, socket.SOCK_STREAM)
        except OSError as error:
            raise self._unusable(error) from error
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
        except OSError as error:
            listener.close()
            raise self._unusable(error) from error
        self._bound_port = int(listener.getsockname()[1])
        return listener

    def _unusable(self, error: OSError) -> OperatorError:
        return OperatorError(
            f"The web address {self._host}:{self._asked_port} cannot be used: {error.strerror}.",
            next_step=_TCP_STEPS.get(error.errno or 0, "Write an address of this machine as web.host."),
        )


class _Server(uvicorn.Server):
    """uvicorn that says when it accepts."""

    def __init__(self, app: ASGIApp, accepts: threading.Event) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                loop="asyncio",
                http=PatientProtocol,
                ws="none",
                lifespan="off",
                # Its records go through our redaction, and there is no access log: addresses hold queries.
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                limit_concurrency=_CONNECTIONS,
                timeout_keep_alive=30,
            )
        )
        self._accepts = accepts

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._accepts.set()


def _bound_unix(path: Path) -> socket.socket:
    """Return a socket bound to this path; one that nobody listens on any more is taken over."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _clear_the_way(path)
        listener.bind(str(path))
        path.chmod(_SOCKET_MODE)
    except OSError as error:
        listener.close()
        raise OperatorError(
            f"The socket {path} cannot be used: {error.strerror or error}.",
            next_step=_unix_step(path, error.errno),
        ) from error
    return listener


def _clear_the_way(path: Path) -> None:
    with suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.stat(follow_symlinks=False).st_mode):
            raise OSError(errno.EEXIST, "this is a file and no socket")
        with suppress(ConnectionRefusedError), socket.socket(socket.AF_UNIX) as visitor:
            visitor.connect(str(path))
            raise OSError(errno.EADDRINUSE, "another process listens there")
        path.unlink()


def _unix_step(path: Path, number: int | None) -> str:
    match number:
        case errno.EADDRINUSE:
            return "Stop the program that holds it, or choose another web.unix_socket."
        case errno.ENOENT | errno.ENOTDIR:
            return f"Make the folder {path.parent}; under systemd the unit makes /run/chapar (RuntimeDirectory=)."
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return (
                f"Let the user that Chapar runs as write in {path.parent}; "
                "under systemd that is /run/chapar (RuntimeDirectory=)."
            )
        case _:
            return "Choose another web.unix_socket: a short path that nothing else has."
