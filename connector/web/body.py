"""The body of a request, piece by piece: bounded in size, and bounded in the patience for the next piece."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

import anyio
from starlette.requests import Request

from connector.clock import monotonic
from connector.web.problems import BODY_IS_READ, RequestRefused, Trouble

__all__ = ["announced_size", "media_type_of", "pieces", "whole_body"]

PIECE: Final = 256 * 1024
"""Bytes that are gathered before they are handed to a thread: fewer hops, and still nothing in memory."""

SLOWEST: Final = 16 * 1024
"""Bytes in a second, on the whole. Slower callers would keep their place for ever with a byte now and then."""

_CLOSE: Final = {"Connection": "close"}


def media_type_of(request: Request) -> tuple[str, str]:
    """Return the media type in lower case and the whole header, which holds the boundary of a multipart."""
    header = request.headers.get("content-type", "")
    return header.partition(";")[0].strip().lower(), header


def announced_size(request: Request, *, limit: int) -> int:
    """Return the size of the body as announced. Raise RequestRefused where it is not, or where it is too large."""
    announced = request.headers.get("content-length")
    if announced is None:
        raise RequestRefused(Trouble.LENGTH_REQUIRED)
    if int(announced) > limit:  # h11 lets only digits through, and not many
        # Whoever asked for leave to send is not given it, and may not send this body as the next request.
        headers = _CLOSE if "expect" in request.headers else None
        raise RequestRefused(Trouble.TOO_LARGE, where=f"At most {limit} bytes.", headers=headers)
    return int(announced)


async def pieces(request: Request, *, limit: int, silence: timedelta) -> AsyncIterator[bytes]:
    """Yield the body in pieces of about 256 KiB.

    Raise RequestRefused when it grows beyond the limit (whatever was announced), when the next piece does not come in
    time or all of them come too slowly, and ClientDisconnect when the caller goes away.
    """
    stream = request.stream().__aiter__()
    gathered: list[bytes] = []
    waiting = total = 0
    until = monotonic() + silence.total_seconds()
    while True:
        chunk = await _next(stream, min(silence.total_seconds(), until + total / SLOWEST - monotonic()))
        if chunk is None:
            break
        total += len(chunk)
        if total > limit:
            raise RequestRefused(Trouble.TOO_LARGE, where=f"At most {limit} bytes.")
        gathered.append(chunk)
        waiting += len(chunk)
        if waiting >= PIECE:
            yield b"".join(gathered)
            gathered, waiting = [], 0
    setattr(request.state, BODY_IS_READ, True)
    if waiting:
        yield b"".join(gathered)


async def whole_body(request: Request, *, limit: int, silence: timedelta) -> bytes:
    """Return a small body whole. Raises what pieces() raises."""
    return b"".join([piece async for piece in pieces(request, limit=limit, silence=silence)])


async def _next(stream: AsyncIterator[bytes], patience: float) -> bytes | None:
    try:
        with anyio.fail_after(patience):
            return await anext(stream)
    except StopAsyncIteration:
        return None
    except TimeoutError:
        raise RequestRefused(Trouble.BODY_STALLED, headers=_CLOSE) from None
