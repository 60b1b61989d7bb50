"""The network between one node and PostgreSQL, in the hand of the drill: it flows, is cut, or swallows everything."""

import asyncio
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

__all__ = ["CutWire", "Upstream"]

_PIECE: Final = 64 * 1024
_RESET: Final = struct.pack("ii", 1, 0)
"""SO_LINGER: closed with a reset, as by a firewall that has forgotten the connection."""
_COMMIT: Final = b"Q\x00\x00\x00\x0bCOMMIT\x00"
"""A commit as the driver sends it: one simple query."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where PostgreSQL is: a socket in a folder, or a host and a port."""

    port: int
    host: str = ""
    folder: Path | None = None

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a connection. Raise OSError where nobody listens."""
        if self.folder is not None:
            return await asyncio.open_unix_connection(self.folder / f".s.PGSQL.{self.port}")
        return await asyncio.open_connection(self.host, self.port)


@dataclass(eq=False)
class _Pair:
    """One connection of the node with its continuation to the server."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter
    loses_next_answer_for: str | None = None
    """Who wished the answer of this commit lost."""

    def abort(self) -> None:
        for writer in (self.near, self.far):
            with suppress(OSError, AttributeError):
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.transport.abort()


@dataclass
class CutWire:
    """Forwards every connection to its port on loopback. start() first; the other calls come from any thread."""

    upstream: Upstream
    port: int = 0
    _pairs: set[_Pair] = field(default_factory=set, init=False)
    _wishes: dict[str, int] = field(default_factory=dict, init=False)
    """Whose answers of commits are still to be lost, and how many."""
    _lost: Counter[str] = field(default_factory=Counter, init=False)

    def start(self) -> None:
        """Listen, in a thread of its own."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="wire", daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(5)

    def stop(self) -> None:
        """Cut everything and give the port back."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def cut(self) -> None:
        """Reset every connection that is open now; new ones go through."""
        self._in_loop(self._cut)

    def swallow(self) -> None:
        """Let nothing through any more, without a word to either side; what is sent waits."""
        self._in_loop(self._flows.clear)

    def flow(self) -> None:
        """Let everything through again, also what waited."""
        self._in_loop(self._flows.set)

    def lose_commit_answers(self, wish: str, count: int) -> None:
        """Cut the next connections on which a commit is made, each after the commit and before its answer.

        Each wish has commits of its own: those that are wished at the same time take turns.
        """
        self._in_loop(lambda: self._wishes.__setitem__(wish, count))

    def keep_commit_answers(self, wish: str) -> None:
        """Take back what is left of this wish."""
        self._in_loop(lambda: self._wishes.pop(wish, None))

    def commit_answers_lost(self, wish: str) -> int:
        """Return how many answers of commits were lost for this wish."""
        return self._lost[wish]

    def _in_loop(self, deed: Callable[[], object]) -> None:
        self._loop.call_soon_threadsafe(deed)

    async def _listen(self) -> None:
        self._flows = asyncio.Event()
        self._flows.set()
        self._server = await asyncio.start_server(self._take, "127.0.0.1", self.port)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def _close(self) -> None:
        self._server.close()
        self._cut()
        self._flows.set()
        pumps = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in pumps:
            task.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)

    def _cut(self) -> None:
        for pair in list(self._pairs):
            pair.abort()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._flows.wait()
        try:
            answers, far = await self.upstream.connect()
        except OSError:
            writer.transport.abort()
            return
        pair = _Pair(writer, far)
        self._pairs.add(pair)
        try:
            await asyncio.gather(self._requests(reader, pair), self._answers(answers, pair))
        except OSError:
            pass
        finally:
            self._pairs.discard(pair)
            pair.abort()

    async def _requests(self, reader: asyncio.StreamReader, pair: _Pair) -> None:
        while data := await reader.read(_PIECE):
            await self._flows.wait()
            if self._wishes and data.endswith(_COMMIT):
                pair.loses_next_answer_for = self._next_wish()
            pair.far.write(data)
            await pair.far.drain()
        pair.far.close()

    def _next_wish(self) -> str:
        wish, left = next(iter(self._wishes.items()))
        del self._wishes[wish]
        if left > 1:
            self._wishes[wish] = left - 1  # behind the others
        return wish

    async def _answers(self, answers: asyncio.StreamReader, pair: _Pair) -> None:
        while data := await answers.read(_PIECE):
            await self._flows.wait()
            if pair.loses_next_answer_for is not None:
                self._lost[pair.loses_next_answer_for] += 1
                pair.abort()
                return
            pair.near.write(data)
            await pair.near.drain()
        pair.near.close()
