"""A session with a centre: bound once, kept alive, and each answer brought to whoever waits for it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from ssl import SSLContext
from typing import Final

from adapters.gateways.smpp.pdu import Command, Pdu, c_string
from adapters.gateways.smpp.settings import SmppSettings
from adapters.gateways.smpp.wire import Fate, Line, connected
from connector.clock import monotonic
from connector.errors import (
    CallFailed,
    CredentialsRejected,
    Misbehaved,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from connector.mapping.gateway_codes import AnswerClass, GatewayCodes
from connector.transport.failures import meaning

__all__ = ["Session", "code_of", "open_session"]

_VERSION: Final = b"\x34"
_HIGHEST: Final = 0x7FFFFFFF
_GOODBYE: Final = 1.0


@dataclass(slots=True)
class _Question:
    """One unit that waits for its answer."""

    fate: Fate | None = None
    answer: Pdu | None = None
    lost: str | None = None
    """Why there will be none."""
    is_settled: threading.Event = field(default_factory=threading.Event)


class Session:
    """One bound session. Thread-safe. ``incoming`` is told each deliver_sm, ``ticked`` the passing of time, ``broke``
    an end that nobody asked for."""

    def __init__(
        self,
        settings: SmppSettings,
        *,
        incoming: Callable[["Session", Pdu], None],
        ticked: Callable[[], None],
        broke: Callable[[], None],
    ) -> None:
        """Keep what is needed; see ``open_session``."""
        self._link = settings.link
        self._incoming, self._ticked, self._broke = incoming, ticked, broke
        self._lock = threading.Lock()
        self._questions: dict[int, _Question] = {}
        self._numbers = count(1)
        self._ended: str | None = None
        self._heard_at = monotonic()
        self._enquired_at: float | None = None
        self._line: Line

    @property
    def is_over(self) -> bool:
        """Whether nothing goes over it any more."""
        return self._ended is not None

    def connect(self, context: SSLContext | None) -> None:
        """Connect, and begin to read. Raise Unavailable, or CredentialsRejected for our certificate."""
        link = self._link
        try:
            connection = connected(link.host, link.port, context, link.connect_within.total_seconds())
        except OSError as error:
            raise meaning(error, has_begun=False, is_safe=True) from None
        self._line = Line(connection, heard=self._heard, ticked=self._tick, ended=self._end)
        self._line.start()

    def ask(self, command: Command, body: bytes = b"", *, is_safe: bool, within: float | None = None) -> Pdu:
        """Send a unit and return its answer, whatever it says.

        Raise Unavailable where not an octet went out, or where the unit changes nothing; OutcomeUnknown where it may
        have arrived; Misbehaved where it may have, and what came is no SMPP.
        """
        question = _Question()
        with self._lock:
            if self._ended is not None:
                raise _failure(self._ended, is_out=False)
            number = next(self._numbers) % _HIGHEST + 1
            self._questions[number] = question
            question.fate = fate = self._line.put(Pdu(command=command, sequence=number, body=body))
        patience = self._link.answer_within.total_seconds() if within is None else within
        is_settled = question.is_settled.wait(patience)
        with self._lock:
            self._questions.pop(number, None)
        if question.answer is not None:
            return question.answer
        reason = question.lost or ("timeout" if not is_settled else "reset")
        is_out = not self._line.retract(fate)
        raise _failure(reason, is_out=is_out and not is_safe)

    def respond(self, pdu: Pdu, status: int) -> bool:
        """Answer a unit of the centre's; return False where the session is over."""
        if self._ended is not None:
            return False
        body = b"\0" if pdu.command == Command.DELIVER_SM else b""
        self._line.put(pdu.response(status, body))
        return self._ended is None

    def close(self) -> None:
        """Say goodbye and end the line. May be called twice."""
        try:
            self.ask(Command.UNBIND, is_safe=True, within=_GOODBYE)
        except CallFailed:
            pass
        self._line.end()

    def _heard(self, pdu: Pdu) -> None:
        self._heard_at, self._enquired_at = monotonic(), None
        if pdu.is_response:
            with self._lock:
                question = self._questions.get(pdu.sequence)
            if question is not None:
                question.answer = pdu
                question.is_settled.set()
        elif pdu.command == Command.DELIVER_SM:
            self._incoming(self, pdu)
        elif pdu.command == Command.UNBIND:
            self.respond(pdu, 0)
            self._line.end()
        elif pdu.command == Command.ENQUIRE_LINK:
            self.respond(pdu, 0)
        else:
            self._line.put(Pdu(command=Command.GENERIC_NACK, sequence=pdu.sequence, status=0x03))

    def _tick(self) -> None:
        self._ticked()
        now, link = monotonic(), self._link
        if self._enquired_at is not None:
            if now - self._enquired_at > link.answer_within.total_seconds():
                self._line.end()
        elif now - self._heard_at > link.enquire_every.total_seconds():
            self._enquired_at = now
            self._line.put(Pdu(command=Command.ENQUIRE_LINK, sequence=next(self._numbers) % _HIGHEST + 1))

    def _end(self, reason: str) -> None:
        with self._lock:
            self._ended = reason
            questions = list(self._questions.values())
        if reason != "closed":
            self._broke()
        for question in questions:
            question.lost = reason
            question.is_settled.set()


def open_session(
    session: Session, settings: SmppSettings, password: str, context: SSLContext | None, codes: GatewayCodes
) -> None:
    """Connect and bind as a transceiver. Raise Unavailable or CredentialsRejected; no text has gone out then."""
    session.connect(context)
    body = (
        c_string(settings.system_id)
        + c_string(password)
        + c_string(settings.system_type)
        + _VERSION
        + b"\0\0"  # type and plan of the addresses that we serve: the centre knows
        + c_string("")
    )
    within = settings.link.connect_within.total_seconds()
    try:
        code = code_of(session.ask(Command.BIND_TRANSCEIVER, body, is_safe=True, within=within))
        if codes.answer(code) is not AnswerClass.DONE:
            raise _refused_bind(codes, code)
    except CallFailed:
        session.close()
        raise


def code_of(answer: Pdu) -> str:
    """Return the status of an answer as the code table has it."""
    return f"0x{answer.status:08X}"


def _refused_bind(codes: GatewayCodes, code: str) -> CallFailed:
    meaning = codes.answer(code)
    if meaning in {AnswerClass.STOP, AnswerClass.REJECTED}:
        said = f"The centre refuses the bind ({codes.wording(code)})."
        return CredentialsRejected(said, reason="credentials_rejected", code=code)
    if meaning is AnswerClass.SLOWER:
        return RateLimited(reason="rate_limited", code=code)
    reason = "unmapped_code" if meaning is None else "bind_failed"
    return Unavailable("The centre does not take the bind now.", reason=reason, code=code)


_BROKEN: Final = "unreadable_answer"
_SENTENCES: Final = {
    "timeout": "The centre did not answer in time.",
    "reset": "The session with the centre broke.",
    "closed": "The session with the centre was closed.",
    _BROKEN: "The centre sent something that is not SMPP.",
}


def _failure(reason: str, *, is_out: bool) -> CallFailed:
    sentence = _SENTENCES.get(reason)
    if not is_out:
        return Unavailable(sentence, reason=reason)
    kind = Misbehaved if reason == _BROKEN else OutcomeUnknown
    return kind(sentence, reason=reason)
