"""The body of a request, piece by piece: bounded in size, and bounded in the patience for the next piece."""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from typing import Final

import anyio
from starlette.requests import ClientDisconnect, Request

from connector.web.problems import RequestRefused, Trouble

__all__ = ["announced_size", "let_run_out", "media_type_of", "pieces", "whole_body"]

PIECE: Final = 256 * 1024
"""Bytes that are gathered before they are handed to a thread: fewer hops, and still nothing in memory."""

_CLOSE: Final = {"Connection": "close"}
_REST: Final = 1024 * 1024
_REST_WITHIN: Final = timedelta(milliseconds=500)


def media_type_of(request: Request) -> tuple[str, str]:
    """Return the media type in lower case and the whole header, which holds the boundary of a multipart."""
    header = request.headers.get("content-type", "")
    return header.partition(";")[0].strip().lower(), header


def announced_size(request: Request, *, limit: int) -> int:
    """Return the size of the body as announced. Raise RequestRefused where it is not, or where it is too large."""
    announced = request.headers.get("content-length")
    if announced is None:
        raise RequestRefused(Trouble.LENGTH_REQUIRED, headers=_CLOSE)
    if int(announced) > limit:  # h11 lets only digits through
        raise RequestRefused(Trouble.TOO_LARGE, where=f"At most {limit} bytes.", headers=_CLOSE)
    return int(announced)


async def pieces(request: Request, *, limit: int, silence: timedelta) -> AsyncIterator[bytes]:
    """Yield the body in pieces of about 256 KiB.

    Raise RequestRefused when it grows beyond the limit (whatever was announced) or when the next piece does not come
    in time, and ClientDisconnect when the caller goes away.
    """
    stream = request.stream().__aiter__()
    gathered: list[bytes] = []
    waiting = total = 0
    while True:
        chunk = await _next(stream, silence)
        if chunk is None:
            break
        total += len(chunk)
        if total > limit:
            raise RequestRefused(Trouble.TOO_LARGE, where=f"At most {limit} bytes.", headers=_CLOSE)
        gathered.append(chunk)
        waiting += len(chunk)
        if waiting >= PIECE:
            yield b"".join(gathered)
            gathered, waiting = [], 0
    if waiting:
        yield b"".join(gathered)


async def whole_body(request: Request, *, limit: int, silence: timedelta) -> bytes:
    """Return a small body whole. Raises what pieces() raises."""
    return b"".join([piece async for piece in pieces(request, limit=limit, silence=silence)])


async def let_run_out(request: Request) -> None:
    """Take in a little of what the caller is still sending, so that it reads our answer and not a reset.

    A caller that waits for leave to send (``Expect``) is not given it; a long body is cut off all the same.
    """
    if "expect" in request.headers:
        return
    taken = 0
    with anyio.move_on_after(_REST_WITHIN.total_seconds()), suppress(ClientDisconnect, RuntimeError):
        async for chunk in request.stream():
            taken += len(chunk)
            if taken > _REST:
                return


async def _next(stream: AsyncIterator[bytes], silence: timedelta) -> bytes | None:
    try:
        with anyio.fail_after(silence.total_seconds()):
            return await anext(stream)
    except StopAsyncIteration:
        return None
    except TimeoutError:
        raise RequestRefused(Trouble.BODY_STALLED, headers=_CLOSE) from None
