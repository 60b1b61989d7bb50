"""One exchange with a server of the outside world: a request, and what goes back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import IO

__all__ = ["Answering", "HangUp", "Reply", "Request"]


class HangUp(Exception):
    """Raised by an answering function that wants the socket closed without a byte of answer."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request, read to its end. The body is a file at its beginning; large ones lie on disk."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: IO[bytes]
    size: int
    """Bytes of the body."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back."""

    status: int
    body: bytes = b""
    media_type: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    is_reset: bool = False
    """After the head and half of the body the connection is reset."""


Answering = Callable[[Request], Reply]
"""What a server of the agency does with a request. May raise HangUp."""
