"""SMPP 3.4: a session with a message centre, bound as a transceiver, over which everything goes both ways.

The session is opened by the first call that needs it, lives until it breaks, and is opened anew by the next call; the
inbox is asked every few seconds, so that it is there. A centre cannot be asked by our own id: an answer that never
came stays lost. What each status and each word of a receipt means is data (mappings/gateways/smpp.yaml).
"""

import threading
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Final

from adapters.gateways.smpp.heard import Heard
from adapters.gateways.smpp.pdu import TRY_AGAIN, Command, Pdu, PduBroken, Reader, c_string, delivered
from adapters.gateways.smpp.receipts import STATES
from adapters.gateways.smpp.session import Session, code_of, open_session
from adapters.gateways.smpp.settings import SmppSettings
from adapters.gateways.smpp.submits import bodies_of, source_of
from connector.clock import monotonic
from connector.errors import (
    CallFailed,
    Misbehaved,
    OutcomeUnknown,
    Unavailable,
)
from connector.mapping.gateway_codes import (
    AnswerClass,
    DeliveryClass,
    GatewayCodes,
    failure,
    load_gateway_codes,
    state_of,
)
from connector.ports.catalogue import AdapterKind, AdapterSite
from connector.ports.gateway import GatewayCapabilities, OutgoingMessage
from connector.ports.incoming import InboxPage
from connector.ports.outcomes import Accepted, DeliveryState, Rejected, SendOutcome

if TYPE_CHECKING:
    from ssl import SSLContext

__all__ = ["GATEWAY", "Smpp"]

_QUESTIONS: Final = 20
_INBOX_EVERY: Final = timedelta(seconds=2)
_PERMANENT: Final = 0x65
"""ESME_RX_P_APPN: we shall never take it."""
_NO_SUCH_COMMAND: Final = "0x00000003"
_NOT_NOW: Final = frozenset({AnswerClass.SLOWER, AnswerClass.LATER})
_PAUSE: Final = 0.5
"""Seconds before a part is tried again whose predecessors are out."""


class Smpp:
    """One account at a centre. Thread-safe."""

    def __init__(
        self,
        settings: SmppSettings,
        codes: GatewayCodes,
        password: str,
        context: "SSLContext | None",
        name: str = "",
    ) -> None:
        """Keep what is needed; nobody is called."""
        self._settings, self._codes = settings, codes
        self._password, self._context = password, context
        self._heard = Heard(
            codes,
            hold_for=settings.link.hold_incoming.total_seconds(),
            alphabet=settings.default_alphabet,
            ids=(settings.ids_in_answers, settings.ids_in_receipts),
            name=name,
        )
        self._opening = threading.Lock()
        self._session: Session | None = None
        self._window = threading.BoundedSemaphore(settings.window)
        self._closing = threading.Event()
        self._references = count(1)
        self._asks_state = settings.asks_state
        self.capabilities = GatewayCapabilities(
            delivery_batch=_QUESTIONS,
            has_inbox=True,
            inbox_reads_once=True,
            inbox_every=_INBOX_EVERY,
            delivery_horizon=settings.delivery_horizon,
            concurrency=min(settings.window, 8),
        )

    def send(self, messages: Sequence[OutgoingMessage]) -> list[SendOutcome]:
        """Submit one text, part after part; a receipt is asked for with the last one, whose id is the reference."""
        (message,) = messages
        session = self._bound()
        bodies = bodies_of(message, self._settings, next(self._references))
        reference = ""
        for position, body in enumerate(bodies):
            answer = self._submitted(session, body, is_first=position == 0)
            code = code_of(answer)
            meaning = self._codes.answer(code)
            if position and meaning is not AnswerClass.DONE:
                raise OutcomeUnknown(
                    "A part of the text was not taken, and others were.", reason="partly_sent", code=code
                )
            if meaning in {AnswerClass.REJECTED, AnswerClass.BLACKLISTED}:
                is_blacklisted = meaning is AnswerClass.BLACKLISTED
                reason = self._codes.wording(code)
                return [Rejected(code=code, reason=reason, is_blacklisted=is_blacklisted)]
            self._raise_unless_done(code)
            reference = _message_id(answer)
        if not reference:
            raise Misbehaved("The centre took a text and gave it no id.", reason="no_reference")
        self._heard.sent(reference, message.own_id)
        return [Accepted(gateway_reference=reference)]

    def delivery(self, gateway_references: Sequence[str]) -> Mapping[str, DeliveryState]:
        """Return what receipts said, and ask the centre about the others (query_sm); an unknown one is left out."""
        session = self._bound()
        states = dict(self._heard.states(gateway_references))
        for reference in gateway_references:
            if reference in states or not self._asks_state:
                continue
            state = self._asked(session, reference)
            if state is not None:
                states[reference] = state
        return states

    def inbox(self, cursor: str | None) -> InboxPage:
        """Make sure that the session lives, and hand out what it brought: texts and delivery reports.

        What the page before this one held is stored by now and acknowledged to the centre.
        """
        self._heard.stored(cursor)
        self._enquire()
        return self._heard.page()

    def check(self) -> str:
        """Bind, and ask whether the line lives."""
        self._enquire()
        return f"The centre at {self._settings.link.host} has bound {self._settings.system_id} and answers."

    def close(self) -> None:
        """Unbind and hang up. May be called twice."""
        self._closing.set()
        with self._opening:
            session, self._session = self._session, None
        if session is not None:
            session.close()

    def _bound(self) -> Session:
        """Return a session that is bound; raise CallFailed."""
        with self._opening:
            if self._closing.is_set():
                raise Unavailable(reason="closing")
            if self._session is not None and not self._session.is_over:
                return self._session
            session = Session(
                self._settings, incoming=self._came, ticked=self._heard.ticked, broke=self._heard.broke
            )
            open_session(session, self._settings, self._password, self._context, self._codes)
            self._session = session
            return session

    def _came(self, session: Session, pdu: Pdu) -> None:
        try:
            body = delivered(pdu.body)
        except PduBroken:
            session.respond(pdu, _PERMANENT)
            return
        if self._closing.is_set():
            session.respond(pdu, TRY_AGAIN)
            return
        self._heard.came(body, lambda status: session.respond(pdu, status))

    def _enquire(self) -> None:
        self._raise_unless_done(code_of(self._bound().ask(Command.ENQUIRE_LINK, is_safe=True)))

    def _submitted(self, session: Session, body: bytes, *, is_first: bool) -> Pdu:
        """Submit one part and return the answer. A later part that was put off is tried again: the others are out."""
        until = monotonic() + self._settings.link.answer_within.total_seconds()
        while True:
            try:
                answer = self._within_window(session, body)
            except Unavailable as error:
                if is_first:
                    raise
                raise OutcomeUnknown(reason="partly_sent", code=error.reason) from None
            is_put_off = self._codes.answer(code_of(answer)) in _NOT_NOW
            if is_first or not is_put_off or monotonic() >= until or self._closing.wait(_PAUSE):
                return answer

    def _within_window(self, session: Session, body: bytes) -> Pdu:
        if not self._window.acquire(timeout=self._settings.link.answer_within.total_seconds()):
            raise Unavailable(reason="window_full")
        try:
            return session.ask(Command.SUBMIT_SM, body, is_safe=False)
        finally:
            self._window.release()

    def _asked(self, session: Session, reference: str) -> DeliveryState | None:
        answer = session.ask(Command.QUERY_SM, c_string(reference) + source_of(self._settings), is_safe=True)
        code = code_of(answer)
        if code == _NO_SUCH_COMMAND:
            self._asks_state = False
            return None
        if self._codes.delivery(code) is DeliveryClass.ABSENT:
            return None
        self._raise_unless_done(code)
        try:
            reader = Reader(answer.body)
            reader.text()
            reader.text()
            number = reader.number()
        except PduBroken:
            raise Misbehaved(reason="unreadable_answer", code=code) from None
        return state_of(self._codes, STATES.get(number, f"STATE-{number}"))

    def _raise_unless_done(self, code: str) -> None:
        meaning = self._codes.answer(code)
        if meaning in {AnswerClass.REJECTED, AnswerClass.BLACKLISTED}:  # no word for this place
            meaning = None
        problem: CallFailed | None = failure(
            meaning, gateway="SMPP", code=code, text=self._codes.wording(code)
        )
        if problem is not None:
            raise problem


def _message_id(answer: Pdu) -> str:
    try:
        return Reader(answer.body).text()[:65]
    except PduBroken:
        return ""


def _build(settings: SmppSettings, site: AdapterSite) -> Smpp:
    from connector.transport.http_options import trusting

    context = trusting(settings.link.ca_file) if settings.link.tls else None
    codes = load_gateway_codes(site.mappings, "smpp")
    return Smpp(settings, codes, settings.password.reveal(), context, site.name)


GATEWAY: Final = AdapterKind(
    summary="SMPP 3.4, a session with a message centre (SMSC)", settings=SmppSettings, build=_build
)
