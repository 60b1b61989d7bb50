"""Who may call a vendor's office: the credentials that the mapping sends, and sessions with an end."""

import base64
import hmac
import re
import threading
from dataclasses import dataclass, field
from typing import Any, Final

from connector.errors import ChaparError
from connector.mapping.expressions import compile_expression
from connector.mapping.schema import Authentication, OfficeMapping
from connector.mapping.schema_parts import Meaning
from connector.simulator.vendor.asking import Asked, Message
from connector.simulator.vendor.plan import Deed, Planned
from connector.simulator.vendor.sources import step_sources
from connector.simulator.vendor.speech import Spoken, expired, spoken
from connector.simulator.vendor.values import texts_in

__all__ = ["Doorkeeper"]

_CREDENTIALS: Final = re.compile(r"\bcredentials\b")
_SECRETS: Final = re.compile(r"\bcredentials\.(password|token)\b")
_OTHERS: Final = re.compile(r"\b(letter|sender|session|taken|item|now|correlation_key|reply)\b")


@dataclass
class Doorkeeper:
    """Knows the credentials that are right, and the sessions that are open. Thread-safe."""

    mapping: OfficeMapping
    username: str
    password: str
    token: str
    _open: set[str] = field(default_factory=set, init=False)
    _count: int = field(default=0, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    @property
    def asks(self) -> bool:
        """Whether this office asks at all who is calling; a user name alone proves nothing."""
        if self.mapping.authentication is not Authentication.NONE:
            return True
        steps = list(self.mapping.operations.register_.steps)
        steps += self.mapping.session.open if self.mapping.session else []
        return any(_SECRETS.search(source) for step in steps for source in step_sources(step, step.send))

    def refusal(self, one: Planned, message: Message, asked: Asked) -> Spoken | None:
        """Return what is said to a caller with wrong credentials or without a session; None where all is right."""
        if not self._is_known(message) or not self._are_right(one, asked):
            return spoken(self.mapping, one.step, Meaning.CREDENTIALS)
        if self.mapping.session is None or one.deed in {Deed.LOG_IN, Deed.LOG_OUT}:
            return None
        return None if self._has_session(message, asked) else expired(self.mapping, one.step)

    def open(self, one: Planned) -> tuple[dict[str, str], str | None]:
        """Open a session; return what the log-in takes, by name, and the cookie where one is kept."""
        with self._lock:
            self._count += 1
            token = f"S{self._count:06d}X"
            self._open.add(token)
        session = self.mapping.session
        keeps = session is not None and session.keep_cookies
        return {
            name: f"{token}{position}" for position, name in enumerate(one.step.take)
        }, token if keeps else None

    def forget(self) -> None:
        """End every session."""
        with self._lock:
            self._open.clear()

    def _is_known(self, message: Message) -> bool:
        given = message.headers.get("authorization", "").encode()
        match self.mapping.authentication:
            case Authentication.BASIC:
                pair = base64.b64encode(f"{self.username}:{self.password}".encode())
                return hmac.compare_digest(given, b"Basic " + pair)
            case Authentication.BEARER:
                return hmac.compare_digest(given, f"Bearer {self.token}".encode())
        return True

    def _are_right(self, one: Planned, asked: Asked) -> bool:
        """Work out what the right credentials would have sent at each place, and compare."""
        data = {"credentials": {"username": self.username, "password": self.password, "token": self.token}}
        for source, value in asked.values.items():
            if not _CREDENTIALS.search(source) or _OTHERS.search(source) or "{" in source:
                continue
            try:
                wanted: Any = compile_expression(source, where="").search(data)
            except ChaparError:
                continue
            if wanted is not None and str(wanted) != value:
                return False
        return True

    def _has_session(self, message: Message, asked: Asked) -> bool:
        places = [*message.headers.values(), *asked.texts, *texts_in(message.soap_header), message.path]
        places += message.query.values()
        with self._lock:
            return any(token in place for token in self._open for place in places)
