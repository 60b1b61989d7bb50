"""What a fault on the way makes of an answer: the same for every door, whatever it speaks."""

from dataclasses import replace

from connector.simulator.fault_kinds import Fault
from connector.simulator.serving import HangUp, Reply

__all__ = ["spoiled"]

_HTML = "text/html; charset=utf-8"
_PAGE = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


def _page(status: int, words: str) -> Reply:
    return Reply(status, _PAGE.format(words).encode(), _HTML)


_LOG_IN = _page(200, "ورود به سامانه")
_INSTEAD = {
    Fault.SERVER_ERROR: Reply(500, b"internal error", "text/plain"),
    Fault.ERROR_AFTER: Reply(500, b"internal error", "text/plain"),
    Fault.HTTP_502: _page(502, "502 Bad Gateway"),
    Fault.HTTP_503: _page(503, "503 Service Temporarily Unavailable"),
    Fault.WRONG_PASSWORD: Reply(401, b"", "text/plain", {"WWW-Authenticate": 'Basic realm="office"'}),
    Fault.TOO_MANY: Reply(429, b"", "text/plain", {"Retry-After": "1"}),
    Fault.TOO_MANY_SILENT: Reply(429, b"", "text/plain"),
}
"""The faults whose answer is the same, whatever was asked."""


def spoiled(fault: Fault, reply: Reply | None, *, is_other: bool = False) -> Reply:
    """Return what the caller gets in place of this reply; None where nothing was done.

    ``is_other`` chooses between the two forms of a fault that has two. Raise HangUp where the socket is to be
    closed. A fault that is not one of the way leaves the reply as it is.
    """
    if fault in {Fault.LOSE_ANSWER, Fault.LOSE_REQUEST}:
        raise HangUp
    if fault in _INSTEAD:
        return _INSTEAD[fault]
    if reply is None:
        raise ValueError(f"{fault} needs an answer to spoil")
    match fault:
        case Fault.RESET_IN_BODY:
            return replace(reply, is_reset=True)
        case Fault.GARBAGE:
            return Reply(200, b"\x00\xff<<not an answer>>{", reply.media_type)
        case Fault.TRUNCATED:
            return Reply(reply.status, reply.body[: len(reply.body) // 2], reply.media_type)
        case Fault.WRONG_CONTENT_TYPE:
            return _LOG_IN if is_other else replace(reply, media_type=_HTML)
    return reply
