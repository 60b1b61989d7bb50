"""The loopback servers: bounded, patient with broken callers, and able to hang up."""

import socket
from collections.abc import Iterator

import pytest
import requests

from connector.simulator import serving
from connector.simulator.serving import HangUp, LoopbackServer, Reply, Request


def echo(request: Request) -> Reply:
    if request.path == "/hang-up":
        raise HangUp
    return Reply(200, request.body.read(), "text/plain", {"X-Size": str(request.size)})


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
