"""The session of a mapped office: one log-in for all calls of a connection, and one anew when it is over."""

import copy
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from adapters.offices.mapped_calls import NO_HEADERS, Caller, InSession
from adapters.offices.mapped_settings import Credentials
from connector.clock import Now, monotonic
from connector.errors import CallFailed, ChaparError, NotPossible, OutcomeUnknown, Unavailable
from connector.mapping.compiled import CompiledSession, CompiledStep
from connector.mapping.reading import Reply
from connector.mapping.vocabulary import office_time
from connector.transport.body import NO_STREAMS

__all__ = ["HeldSession", "KeptSession"]

_MOST_COOKIES: Final = 50
_LONGEST_COOKIE: Final = 4096


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class HeldSession(InSession):
    """One session that was opened."""

    generation: int
    values: Mapping[str, Any]
    headers: Mapping[str, str]
    opened_at: float
    """On the monotonic clock, in seconds."""


class KeptSession:
    """Keeps one session for many calls at once. Whoever finds it over opens the next one; the others take that.

    Logging in changes nothing about a letter, so whatever goes wrong in it is never an unknown outcome.
    """

    def __init__(self, compiled: CompiledSession, caller: Caller, credentials: Credentials, now: Now) -> None:
        """Keep what a log-in needs; nobody is asked yet."""
        self._compiled = compiled
        self._caller = caller
        self._credentials = credentials
        self._now = now
        self._lock = threading.Lock()
        self._held: HeldSession | None = None
        self._opened = 0
        self._attempts = 0
        self._failure: CallFailed | None = None

    def current(self) -> HeldSession:
        """Return the session, opened where there is none. Raise CallFailed, but never OutcomeUnknown."""
        held = self._held
        if held is not None and self._is_good(held):
            return held
        return self.renewed(held.generation if held is not None else self._opened)

    def renewed(self, after: int) -> HeldSession:
        """Return a session younger than this generation: one that another call has opened meanwhile, or a new one.

        Raise CallFailed, but never OutcomeUnknown; those that waited for a log-in in vain share its failure.
        """
        attempts = self._attempts
        with self._lock:
            held = self._held
            if held is not None and held.generation > after and self._is_good(held):
                return held
            if self._failure is not None and self._attempts != attempts:
                raise copy.copy(self._failure)
            self._attempts += 1
            self._held, self._failure = None, None
            try:
                self._held = self._log_in()
            except CallFailed as failure:
                self._failure = failure
                raise
            return self._held

    def is_over(self, step: CompiledStep, reply: Reply) -> bool:
        """Return whether the office says with this reply that the session is over, and so that it did nothing."""
        return self._compiled.is_over(step, reply)

    def close(self) -> None:
        """Log out, where the mapping says how and a session is open. A session that stays open ends by itself."""
        with self._lock:
            held, self._held = self._held, None
            if held is None or self._compiled.close is None:
                return
            try:
                data = {**self._data(held.values), "taken": {}}
                self._caller.call(self._compiled.close, data, NO_STREAMS, headers=held.headers)
            except ChaparError:
                return

    def _is_good(self, held: HeldSession) -> bool:
        lasts = self._compiled.lasts
        return lasts is None or monotonic() - held.opened_at < lasts.total_seconds()

    def _log_in(self) -> HeldSession:
        opened_at = monotonic()
        try:
            values, headers = self._opening()
        except OutcomeUnknown as error:
            raise Unavailable(
                error.sentence, reason=error.reason, code=error.code, remark=error.remark
            ) from None
        except NotPossible as error:
            # It is about the mapping or the office's answer, never about a letter.
            raise Unavailable(error.sentence, reason="session_unusable") from None
        self._opened += 1
        return HeldSession(generation=self._opened, values=values, headers=headers, opened_at=opened_at)

    def _opening(self) -> tuple[dict[str, Any], dict[str, str]]:
        values: dict[str, Any] = {}
        cookies: dict[str, str] = {}
        for step in self._compiled.open:
            data = self._data(values)
            if not step.is_wanted(data):
                continue
            sent = _cookie_header(cookies) if self._compiled.keeps_cookies else NO_HEADERS
            reply = step.read(self._caller.call(step, data, NO_STREAMS, headers=sent))
            step.judge.judge(reply, now=self._now)
            cookies |= _cookies_of(reply)
            for name, value in step.taken({**data, **reply.values}).items():
                if value is None:
                    raise Unavailable(
                        "The office took the log-in and did not say what calls need.",
                        reason="session_unusable",
                        missing=name,
                    )
                values[name] = value
        headers = self._headers(values)
        return values, {**headers, **(_cookie_header(cookies) if self._compiled.keeps_cookies else {})}

    def _headers(self, values: Mapping[str, Any]) -> dict[str, str]:
        data = self._data(values)
        found = {name: expression.search(data) for name, expression in self._compiled.headers.items()}
        headers = {name: str(value) for name, value in found.items() if value is not None}
        for name, value in headers.items():
            if not (value.isascii() and value.isprintable()):
                raise Unavailable(
                    "What the log-in brought cannot be written into an HTTP header.",
                    reason="session_unusable",
                    header=name,
                )
        return headers

    def _data(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "credentials": self._credentials.values,
            "session": values,
            "now": office_time(self._now()),
        }


def _cookies_of(reply: Reply) -> dict[str, str]:
    """Return the cookies that a reply sets, by name. Paths and times do not matter: one address is asked."""
    lines = next((text for name, text in reply.headers.items() if name.lower() == "set-cookie"), "")
    pairs = [line.split(";", 1)[0].strip().partition("=") for line in lines.splitlines()]
    cookies = {name: value for name, sign, value in pairs if name and sign and value}
    if len(cookies) > _MOST_COOKIES or any(len(value) > _LONGEST_COOKIE for value in cookies.values()):
        raise Unavailable("The log-in brought more cookies than can be kept.", reason="session_unusable")
    return cookies


def _cookie_header(cookies: Mapping[str, str]) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())} if cookies else {}
