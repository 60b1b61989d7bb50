"""The server's thread: start and stop that can be waited for, on a port and on a Unix socket."""

import socket
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from connector.errors import OperatorError
from connector.web.server import WebServer

SOON = timedelta(seconds=5)


class Slow:
    """Answers when it is told to."""

    def __init__(self) -> None:
        self.has_begun = threading.Event()
        self.may_end = threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        from anyio.to_thread import run_sync

        self.has_begun.set()
        await run_sync(self.may_end.wait, 20)
        await PlainTextResponse("done")(scope, receive, send)


def ask(address: tuple[str, int] | str) -> bytes:
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family) as wire:
        wire.settimeout(20)
        wire.connect(address)
        wire.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        received = b""
        while part := wire.recv(4096):
            received += part
        return received


def test_start_returns_when_connections_are_accepted_and_says_the_port() -> None:
    server = WebServer(PlainTextResponse("done"))
    port = server.start()
    assert port == server.port > 0
    assert server.is_running
    assert ask(("127.0.0.1", port)).endswith(b"done")
    server.stop(SOON)
    assert not server.is_running
    with pytest.raises(ConnectionRefusedError):
        ask(("127.0.0.1", port))


def test_it_may_be_stopped_before_the_start_and_twice() -> None:
    server = WebServer(PlainTextResponse("done"))
    server.stop(SOON)
    server.start()
    server.stop(SOON)
    server.stop(SOON)


def test_a_running_request_is_finished_before_the_stop() -> None:
    slow = Slow()
    server = WebServer(slow)
    port = server.start()
    answers: list[bytes] = []
    asking = threading.Thread(target=lambda: answers.append(ask(("127.0.0.1", port))))
    asking.start()
    assert slow.has_begun.wait(10)
    stopping = threading.Thread(target=server.stop, args=(SOON,))
    stopping.start()
    slow.may_end.set()
    stopping.join(10)
    asking.join(10)
    assert answers[0].endswith(b"done")
    assert not server.is_running


def test_an_address_that_is_taken_is_an_error_for_the_operator() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        server = WebServer(PlainTextResponse("x"), port=taken.getsockname()[1])
        with pytest.raises(OperatorError) as caught:
            server.start()
    assert "cannot be used" in caught.value.sentence
    assert caught.value.next_step


def test_a_host_that_is_none_is_an_error_for_the_operator() -> None:
    with pytest.raises(OperatorError):
        WebServer(PlainTextResponse("x"), host="no such host").start()


def test_it_serves_on_a_unix_socket_and_takes_over_a_dead_one(tmp_path: Path) -> None:
    path = tmp_path / "web.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    server = WebServer(PlainTextResponse("done"), unix_socket=path)
    assert server.start() == 0
    assert ask(str(path)).endswith(b"done")
    assert path.stat().st_mode & 0o777 == 0o660
    with pytest.raises(OperatorError):
        WebServer(PlainTextResponse("x"), unix_socket=path).start()
    assert ask(str(path)).endswith(b"done")
    server.stop(SOON)
    assert not path.exists()
