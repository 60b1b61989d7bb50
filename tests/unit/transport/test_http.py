"""What a failed call means: certainly nothing happened, or nobody knows. Real sockets, one fault each."""

import contextlib
import gzip
import socket
import threading
from datetime import timedelta

import pytest

from connector.errors import CallFailed, Misbehaved, NotPossible, OutcomeUnknown, Unavailable
from connector.transport.http import HttpClient, HttpOptions
from tests.unit.transport.fault_server import Behaviour, fault_server, ok, reset, say


def client(url: str, **options: timedelta) -> HttpClient:
    times = {"connect_within": timedelta(seconds=2), "answer_within": timedelta(seconds=0.4), **options}
    return HttpClient(HttpOptions(url=url, **times), 2, pause=lambda _seconds: None)  # type: ignore[arg-type]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def stay_silent(connection: socket.socket, _request: bytes) -> None:
    connection.recv(1)  # until the other side gives up


def reset_now(connection: socket.socket, _request: bytes) -> None:
    reset(connection)


def trickle(connection: socket.socket, _request: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    waiting = threading.Event()
    while True:
        connection.sendall(b"x")
        waiting.wait(0.05)


AFTER_SENDING: dict[str, tuple[Behaviour, str]] = {
    "silence": (stay_silent, "timeout"),
    "reset": (reset_now, "reset"),
    "closed without a word": (say(), "reset"),
    "half a status line": (say(b"HTTP/1.1 2"), "broken_answer"),
    "not HTTP": (say(b"SSH-2.0-OpenSSH_9\r\n\r\n"), "broken_answer"),
    "half a body": (say(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"), "reset"),
    "broken chunks": (
        say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n"),
        "broken_answer",
    ),
    "half a chunk": (say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\nabc"), "broken_answer"),
    "not gzip": (
        say(ok(b"plain", headers=b"Content-Encoding: gzip\r\nConnection: close\r\n")),
        "broken_answer",
    ),
    "a trickle without end": (trickle, "timeout"),
    "headers without end": (say(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"), "broken_answer"),
    "a line without end": (say(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70000 + b"\r\n\r\n"), "broken_answer"),
}


@pytest.mark.parametrize("fault", AFTER_SENDING)
def test_a_failure_after_the_first_byte_leaves_the_outcome_unknown(fault: str) -> None:
    behave, reason = AFTER_SENDING[fault]
    with fault_server(behave) as server:
        calls = client(server.url, finish_within=timedelta(seconds=1))
        with pytest.raises(OutcomeUnknown) as caught:
            calls.request("POST", "letters", body=b"x" * 1000, is_safe=False)
        calls.close()
    assert caught.value.reason == reason
    assert len(server.requests) == 1, "never sent twice"


@pytest.mark.parametrize("fault", AFTER_SENDING)
def test_the_same_failure_of_a_safe_call_is_repeated_and_then_unavailable(fault: str) -> None:
    behave, reason = AFTER_SENDING[fault]
    with fault_server(behave) as server:
        calls = client(server.url, finish_within=timedelta(seconds=0.5))
        with pytest.raises(Unavailable) as caught:
            calls.request("POST", "find", body=b"x", is_safe=True)
        calls.close()
    assert caught.value.reason == reason
    assert len(server.requests) == 3


@pytest.mark.parametrize("is_safe", [True, False])
def test_a_refused_connection_is_certainly_not_delivered(is_safe: bool) -> None:
    with pytest.raises(Unavailable) as caught:
        client(f"http://127.0.0.1:{free_port()}").request("POST", body=b"x", is_safe=is_safe)
    assert caught.value.reason == "refused"


def test_an_unknown_name_is_certainly_not_delivered() -> None:
    with pytest.raises(Unavailable) as caught:
        client("http://office.invalid").request("POST", body=b"x", is_safe=False)
    assert caught.value.reason == "name"


def test_a_connection_that_is_not_taken_in_time_is_certainly_not_delivered() -> None:
    # A listener whose waiting room is full takes nobody; the kernel keeps silent.
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        waiting = []
        for _ in range(3):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(address)
            waiting.append(one)
        try:
            calls = client(f"http://127.0.0.1:{address[1]}", connect_within=timedelta(seconds=0.2))
            with pytest.raises(Unavailable) as caught:
                calls.request("POST", body=b"x", is_safe=False)
            assert caught.value.reason == "connect_timeout"
        finally:
            for one in waiting:
                one.close()


def test_a_kept_connection_that_the_other_side_closed_is_opened_anew() -> None:
    with fault_server(say(ok(b"first"))) as server:
        calls = client(server.url)
        for _ in range(3):
            assert calls.request("POST", body=b"x", is_safe=False).body == b"first"
            assert server.closed.acquire(timeout=5)
        calls.close()
    assert len(server.requests) == server.connections == 3


def test_a_second_answer_behind_the_first_is_never_taken_for_that_of_the_next_call() -> None:
    with fault_server(say(ok(b"first") + ok(b"of nobody's")), keep=True) as server:
        calls = client(server.url)
        for _ in range(2):
            assert calls.request("POST", body=b"x", is_safe=False).body == b"first"
        calls.close()
    assert len(server.requests) == server.connections == 2


def test_a_kept_connection_that_rested_too_long_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    with fault_server(say(ok(b"")), keep=True) as server:
        calls = client(server.url)
        calls.request("GET", is_safe=True)
        calls.request("GET", is_safe=True)
        assert server.connections == 1
        monkeypatch.setattr("connector.transport.wire._LONGEST_IDLE", -1.0)
        calls.request("GET", is_safe=True)
        calls.close()
    assert server.connections == 2


def test_a_kept_connection_that_breaks_while_it_is_used_leaves_the_outcome_unknown() -> None:
    def once_then_reset(connection: socket.socket, _request: bytes) -> None:
        if len(server.requests) > 1:
            reset(connection)
        else:
            connection.sendall(ok(b""))

    with fault_server(once_then_reset, keep=True) as server:
        calls = client(server.url)
        calls.request("POST", body=b"x", is_safe=False)
        with pytest.raises(OutcomeUnknown):
            calls.request("POST", body=b"x", is_safe=False)
        calls.close()
    assert len(server.requests) == 2


def test_an_answer_is_returned_whatever_its_status() -> None:
    with fault_server(say(ok(b"no", b"418 Teapot", b"Retry-After: 7\r\n"))) as server:
        answer = client(server.url + "/base/").request("GET", "/deep", params={"a": "ب"}, is_safe=True)
    assert (answer.status, answer.body, answer.headers["retry-after"]) == (418, b"no", "7")
    assert server.requests[0].startswith(b"GET /base/deep?a=%D8%A8 HTTP/1.1\r\n")
    assert "no" not in repr(answer).replace("HttpAnswer", "")


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    with fault_server(say(ok(b"", b"302 Found", b"Location: /elsewhere\r\n"))) as server:
        assert client(server.url).request("POST", body=b"x", is_safe=False).status == 302
    assert len(server.requests) == 1


def test_an_early_answer_to_a_large_body_is_read() -> None:
    def refuse_early(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(ok(b"too large", b"413 Too Large"))

    with fault_server(refuse_early) as server:
        assert client(server.url).request("POST", body=b"x" * 100_000, is_safe=False).status == 413


def test_an_answer_larger_than_allowed_is_not_read_to_its_end() -> None:
    with fault_server(say(ok(b"x" * 100_001))) as server, pytest.raises(Misbehaved) as caught:
        client(server.url).request("GET", is_safe=True, max_answer_bytes=100_000)
    assert caught.value.reason == "answer_too_large"


def test_a_compressed_bomb_is_bounded_by_what_it_becomes() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    with (
        fault_server(say(ok(bomb, headers=b"Content-Encoding: gzip\r\n"))) as server,
        pytest.raises(Misbehaved),
    ):
        client(server.url).request("GET", is_safe=True)


def test_an_informational_answer_is_passed_over() -> None:
    with fault_server(say(b"HTTP/1.1 100 Continue\r\n\r\n", ok(b"then"))) as server:
        assert client(server.url).request("POST", body=b"x", is_safe=False).body == b"then"


@pytest.mark.parametrize("fault", AFTER_SENDING)
def test_a_failure_carries_no_address_no_body_and_no_key(fault: str) -> None:
    with fault_server(AFTER_SENDING[fault][0]) as server:
        calls = client(server.url, finish_within=timedelta(seconds=0.5))
        with pytest.raises(CallFailed) as caught:
            calls.request(
                "POST",
                "letters",
                headers={"Authorization": "Bearer secret-key"},
                params={"mobile": "09120000000"},
                body=b"secret-body",
                is_safe=False,
            )
        calls.close()
    error = caught.value
    told = f"{error} {error.args} {error.facts} {error.__cause__}"
    for secret in ("secret", "0912", "letters", "mobile"):
        assert secret not in told
    assert error.__suppress_context__


def test_the_environment_names_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    with fault_server(say(ok(b"direct"))) as server:
        assert client(server.url).request("GET", is_safe=True).body == b"direct"


def test_a_header_that_cannot_be_written_is_not_sent() -> None:
    with fault_server(say(ok(b""))) as server, pytest.raises(NotPossible) as caught:
        client(server.url).request("GET", headers={"X": "secret\r\nY: z"}, is_safe=True)
    assert "secret" not in str(caught.value)
    assert not server.requests


@pytest.mark.parametrize(
    "url",
    ["office", "ftp://office", "http://user:word@office", "http://office?key=1", "http://", "file:///etc"],
)
def test_an_address_that_is_not_plain_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError) as caught:
        HttpOptions(url=url)
    assert "word" not in str(caught.value).replace("password", "")


def test_each_of_many_calls_has_its_own_address_headers_and_length_over_one_connection() -> None:
    with fault_server(say(ok(b"")), keep=True) as server:
        calls = client(server.url)
        for number in range(150):  # more than are kept
            headers = {"X-Number": str(number), "Authorization": f"Bearer {number % 3}"}
            calls.request("POST", f"letters/{number}", headers=headers, body=b"x" * number, is_safe=False)
        calls.request("POST", "letters/7", headers={"X-Number": "7"}, is_safe=True)
        calls.close()
    assert server.connections == 1
    for number, request in enumerate(server.requests[:150]):
        head, _, body = request.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        assert lines[0] == f"POST /letters/{number} HTTP/1.1"
        assert lines[1] == f"Host: 127.0.0.1:{server.port}"
        assert sorted(lines[2:]) == [
            "Accept-Encoding: identity", f"Authorization: Bearer {number % 3}", f"Content-Length: {number}",
            "User-Agent: chapar", f"X-Number: {number}",
        ]  # fmt: skip
        assert body == b"x" * number
    assert b"Authorization" not in server.requests[150]
    assert b"Content-Length" not in server.requests[150]


def test_a_connection_over_which_a_request_went_out_by_half_is_not_used_again() -> None:
    def refuse_before_it_is_read(connection: socket.socket) -> None:
        while b"\r\n\r\n" not in connection.recv(4096, socket.MSG_PEEK):
            pass
        connection.sendall(ok(b"too large", b"413 Too Large"))
        reset(connection)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken = []

        def serve() -> None:
            for _ in range(2):
                taken.append(listener.accept()[0])
                refuse_before_it_is_read(taken[-1])

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        calls = client(f"http://127.0.0.1:{listener.getsockname()[1]}")
        for _ in range(2):
            with contextlib.suppress(
                CallFailed
            ):  # whether the answer is still there after a reset is the kernel's
                calls.request("POST", body=b"x" * 20_000_000, is_safe=False)
        thread.join(5)
        calls.close()
    assert len(taken) == 2
