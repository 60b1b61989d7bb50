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


def refused(path: Path) -> OperatorError:
    with pytest.raises(OperatorError) as caught:
        WebServer(PlainTextResponse("x"), unix_socket=path).start()
    return caught.value


def test_a_socket_whose_folder_is_missing_leads_to_the_folder(tmp_path: Path) -> None:
    error = refused(tmp_path / "none" / "web.sock")
    assert "No such file or directory" in error.sentence
    assert f"Make the folder {tmp_path / 'none'}" in str(error.next_step)


def test_a_file_at_the_sockets_place_is_no_socket_and_is_left_alone(tmp_path: Path) -> None:
    """A slip in web.unix_socket must not cost the database."""
    (tmp_path / "chapar.db").write_text("letters")
    error = refused(tmp_path / "chapar.db")
    assert "no socket" in error.sentence
    assert "Choose another web.unix_socket" in str(error.next_step)
    assert (tmp_path / "chapar.db").read_text() == "letters"


def test_a_path_that_is_too_long_for_a_socket_is_said(tmp_path: Path) -> None:
    error = refused(tmp_path / ("x" * 120))
    assert "too long" in error.sentence
    assert "short path" in str(error.next_step)


def test_a_socket_that_somebody_listens_on_leads_to_the_other_program(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(tmp_path / "web.sock"))
        other.listen()
        assert "Stop the program that holds it" in str(refused(tmp_path / "web.sock").next_step)
