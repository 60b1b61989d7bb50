"""The answers of Kannel's smsbox on loopback, as they were seen from a real one; for faults that a real one has not."""

from collections.abc import Callable
from dataclasses import dataclass, field

from connector.simulator.serving import HangUp, LoopbackServer, Reply, Request


@dataclass
class SmsboxServer:
    """Start with ``with``."""

    password: str
    calls: list[Request] = field(default_factory=list)
    sent: list[tuple[str, str]] = field(default_factory=list)
    instead: list[Callable[[], Reply]] = field(default_factory=list)
    after: list[Callable[[], Reply]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._server = LoopbackServer(self._answer)
        self.url = f"{self._server.url}/cgi-bin/sendsms"

    def __enter__(self) -> "SmsboxServer":
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    def texts(self, mobile: str) -> list[str]:
        return [text for number, text in self.sent if number == mobile]

    def lose_next_answer(self) -> None:
        def hang_up() -> Reply:
            raise HangUp

        self.after.append(hang_up)

    def garble_next_answer(self) -> None:
        self.after.append(lambda: Reply(202, "در صف".encode(), "text/html"))

    def slow_down_next(self) -> None:
        self.instead.append(lambda: _said(503, "Temporal failure, try again later."))

    def answer_next(self, status: int, text: str) -> None:
        self.instead.append(lambda: _said(status, text))

    def _answer(self, request: Request) -> Reply:
        self.calls.append(request)
        headers = request.headers
        if request.query or headers.get("content-type") != "text/plain; charset=UTF-8":
            return _said(400, "Invalid content-type")
        if headers.get("x-kannel-username") != "chapar" or headers.get("x-kannel-password") != self.password:
            return _said(403, "Authorization failed for sendsms")
        if self.instead:
            return self.instead.pop(0)()
        if not headers.get("x-kannel-to"):
            return _said(400, "Missing receiver number, rejected")
        self.sent.append((headers["x-kannel-to"], request.body.read().decode()))
        return self.after.pop(0)() if self.after else _said(202, "0: Accepted for delivery")


def _said(status: int, text: str) -> Reply:
    return Reply(status, text.encode(), "text/html")
