"""The loopback servers: bounded, patient with broken callers, and able to hang up."""

import socket
from collections.abc import Iterator

import pytest
import requests
import urllib3

from connector.simulator import serving
from connector.simulator.serving import HangUp, LoopbackServer, Reply, Request


def echo(request: Request) -> Reply:
    if request.path == "/hang-up":
        raise HangUp
    body = request.body.read() or b"x" * 1000
    return Reply(200, body, "text/plain", {"X-Size": str(request.size)}, is_reset=request.path == "/reset")


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer(echo) as running:
        yield running


def test_one_connection_carries_many_requests(server: LoopbackServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        reader = connection.makefile("rb")
        for word in (b"one", b"two"):
            connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n" + word)
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += reader.read(1)
            assert head.startswith(b"HTTP/1.1 200")
            assert reader.read(3) == word
        reader.close()


def test_a_body_in_chunks_is_put_together(server: LoopbackServer) -> None:
    answer = requests.post(server.url, data=iter([b"abc", b"def"]), timeout=10)
    assert (answer.content, answer.headers["X-Size"]) == (b"abcdef", "6")


def test_hanging_up_sends_not_a_byte(server: LoopbackServer) -> None:
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{server.url}/hang-up", timeout=10)


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (f"Content-Length: {serving.LARGEST_BODY + 1}", 413),
        ("Content-Length: -1", 400),
        ("Transfer-Encoding: chunked", 400),
    ],
)
def test_a_body_that_is_too_large_or_has_no_size_is_refused(
    server: LoopbackServer, head: str, status: int
) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(f"POST / HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\nzz\r\n".encode())
        assert connection.recv(100).startswith(f"HTTP/1.1 {status}".encode())


def test_a_caller_that_leaves_in_the_middle_of_the_body_harms_nobody(server: LoopbackServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc")
    assert requests.post(server.url, data=b"still here", timeout=10).content == b"still here"


def test_stopping_twice_is_fine_and_frees_the_port(server: LoopbackServer) -> None:
    server.stop()
    server.stop()
    with pytest.raises(requests.ConnectionError):
        requests.get(server.url, timeout=10)
    with LoopbackServer(echo, port=server.port) as again:
        assert requests.post(again.url, data=b"x", timeout=10).content == b"x"


def test_a_reset_comes_after_the_head_and_half_of_the_body(server: LoopbackServer) -> None:
    with requests.get(f"{server.url}/reset", stream=True, timeout=10) as answer:
        assert (answer.status_code, answer.headers["Content-Length"]) == (200, "1000")
        assert len(answer.raw.read(500)) == 500
        with pytest.raises(
            (requests.ConnectionError, urllib3.exceptions.ProtocolError), match="reset by peer"
        ):
            answer.raw.read(500)


def test_a_server_that_is_down_refuses_and_comes_back_on_its_port(server: LoopbackServer) -> None:
    with requests.Session() as session:
        for _ in range(3):
            assert session.post(server.url, data=b"x", timeout=10).content == b"x"
            server.shut()
            server.shut()
            with pytest.raises(requests.ConnectionError):
                session.post(server.url, data=b"x", timeout=10)  # over the connection that was kept
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", server.port), timeout=10)
            with pytest.raises(OSError, match="in use"), socket.socket() as other:
                other.bind(("127.0.0.1", server.port))
            server.open()
            server.open()


def test_a_server_may_be_stopped_while_it_is_down(server: LoopbackServer) -> None:
    server.shut()
    server.stop()
    with LoopbackServer(echo, port=server.port) as again:
        assert requests.post(again.url, data=b"x", timeout=10).content == b"x"


def test_a_frozen_server_takes_connections_and_does_nothing() -> None:
    asked: list[str] = []

    def answering(request: Request) -> Reply:
        asked.append(request.path)
        return Reply(200, b"ok")

    with LoopbackServer(answering) as server:
        server.freeze()
        with pytest.raises(requests.ReadTimeout):
            requests.get(f"{server.url}/frozen", timeout=0.3)
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as held:
            held.sendall(b"GET /held HTTP/1.1\r\nHost: x\r\n\r\n")
            server.thaw()
            # Either it was held back, and is hung up on now, or it came after the thaw, and is answered.
            assert held.recv(100)[:15] in {b"", b"HTTP/1.1 200 OK"}
        assert requests.get(f"{server.url}/thawed", timeout=10).content == b"ok"
    assert asked[-1] == "/thawed"
    assert "/frozen" not in asked
