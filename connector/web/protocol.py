"""How one connection of a caller is kept: what is not HTTP is answered in our own form, and nobody holds it for ever.

uvicorn waits without end for the head of a request, and for the rest of a body that was answered early. Here both have
their time; a body that is being read has its own (see body.py), and a kept connection between two requests too.
"""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from connector.web.problems import RequestRefused, Trouble, problem_answer

__all__ = ["PatientProtocol"]

HEAD_WITHIN: Final = timedelta(minutes=1)
"""From the opening of a connection, or the end of a request, to the end of the next head."""
REST_WITHIN: Final = timedelta(minutes=2)
"""For what a caller still sends after its answer: it is thrown away, so that the caller gets to read the answer."""


class PatientProtocol(H11Protocol):
    """One connection."""

    _end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Begin to wait for the rest of this request, or for the next one."""
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP with a problem document, and hang up."""
        answer = problem_answer(RequestRefused(Trouble.MALFORMED_REQUEST, headers={"Connection": "close"}))
        with suppress(h11.LocalProtocolError):  # an answer had begun already: nothing can be added to it
            head = h11.Response(status_code=answer.status_code, headers=answer.raw_headers)
            for event in (head, h11.Data(data=bytes(answer.body)), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _watch(self) -> None:
        is_in_hand = self.cycle is not None and not self.cycle.response_complete
        if is_in_hand or self.transport.is_closing():
            self._wait_no_more()
        elif self._end is None:
            is_answered_early = self.conn.their_state is h11.SEND_BODY
            patience = REST_WITHIN if is_answered_early else HEAD_WITHIN
            self._end = self.loop.call_later(patience.total_seconds(), self._hang_up)

    def _wait_no_more(self) -> None:
        if self._end is not None:
            self._end.cancel()
            self._end = None

    def _hang_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
