"""What an answer means: the verdict on a reply, by the mapping's tables. Pure: a reply in, a judgement out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

from connector.clock import Now
from connector.errors import (
    CallFailed,
    CredentialsRejected,
    Misbehaved,
    NotPossible,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from connector.mapping.expressions import CompiledExpression
from connector.mapping.schema_parts import FaultRule, FaultWords, Meaning

__all__ = ["Fault", "Judge", "Judgement", "Reply", "fault_fits", "retry_after"]

_OUTCOMES: Final = frozenset(
    {Meaning.DONE, Meaning.REGISTERED, Meaning.KNOWN, Meaning.ACCEPTED, Meaning.ABSENT, Meaning.NEVER}
)
_SUCCESSES: Final = _OUTCOMES - {Meaning.NEVER}
_USUAL: Final = {401: Meaning.CREDENTIALS, 403: Meaning.CREDENTIALS, 429: Meaning.RATE}
"""What these statuses mean everywhere, unless the mapping says otherwise: a firewall that dislikes a letter's words
answers 403 too, and must not stop a whole office."""
_LONGEST_RETRY: Final = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """A SOAP fault."""

    code: str
    """With the prefix that the office uses."""
    text: str
    detail: frozenset[str] = frozenset()
    """Names of the elements in its detail, and their short texts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """One answer of the office, read as far as it can be read."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: Any = None
    """Plain values; None where the body is empty or cannot be read."""
    is_readable: bool = True
    """False where the body is not what the contract says: wrong type, cut off, garbage."""
    fault: Fault | None = None
    outer: Any = None
    """What was around the content, where that is XML inside a text."""

    @property
    def values(self) -> dict[str, Any]:
        """Return the reply under the names that a mapping's expressions use."""
        return {"reply": self.content, "http": {"status": self.status}, "outer": self.outer}


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """What a reply means where it is an outcome; failures are raised instead."""

    meaning: Meaning
    code: str | None = None
    text: str | None = None
    """The vendor's own wording; it may name a citizen."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Judge:
    """The tables of one step, ready to judge its replies."""

    http: Mapping[str, Meaning]
    faults: tuple[FaultRule, ...]
    code: CompiledExpression | None
    text: CompiledExpression | None
    means: Mapping[str, Meaning]
    is_safe: bool
    """True for steps that change nothing over there."""
    inner: "Judge | None" = None
    """The second level, asked where this one says done."""

    @property
    def meanings(self) -> frozenset[Meaning]:
        """Everything that an answer may mean by these tables."""
        inner = self.inner.meanings if self.inner is not None else frozenset()
        return inner | frozenset((*self.means.values(), *self.http.values()))

    def judge(self, reply: Reply, *, now: Now) -> Judgement:
        """Return the outcome that the reply tells, or raise what to do next.

        A definite word of the office counts first; what nobody defined is unknown. A failed step that changes
        nothing is Unavailable; one that registers leaves the outcome unknown.
        """
        judgement = self._first_level(reply, now)
        if self.inner is not None and judgement.meaning is Meaning.DONE:
            return self.inner.judge(reply, now=now)
        return judgement

    def codes_of(self, reply: Reply) -> set[str]:
        """Return the office's own codes in the reply, of every level."""
        code, _ = self._read(reply)
        inner = self.inner.codes_of(reply) if self.inner is not None else set()
        return inner | ({code} if code is not None else set())

    def _first_level(self, reply: Reply, now: Now) -> Judgement:
        usual = _USUAL.get(reply.status)
        if usual is not None and str(reply.status) not in self.http:
            raise self._failure(usual, reply, reason=f"http_{reply.status}", now=now)
        if reply.fault is not None:
            return self._by_fault(reply, reply.fault, now)
        code, text = self._read(reply)
        where = "" if self.code is None else f" ({self.code.where})"
        meaning = self.means.get(code) if code is not None else None
        is_good = 200 <= reply.status < 300
        if meaning is not None and (is_good or meaning not in _SUCCESSES):
            return self._settle(meaning, reply, code=code, text=text, reason="vendor_code", now=now)
        by_status = self.http.get(str(reply.status))
        if by_status is not None:
            return self._settle(
                by_status, reply, code=code, text=text, reason=f"http_{reply.status}", now=now
            )
        if not is_good:
            raise self._failure(
                Meaning.UNKNOWN, reply, code=code, text=text, reason=f"http_{reply.status}", now=now
            )
        if not reply.is_readable:
            raise Misbehaved("The office's answer cannot be read.", reason="unreadable_answer")
        if self.code is None:
            return Judgement(meaning=Meaning.DONE, text=text)
        if code is None:
            raise Misbehaved(
                f"The office's answer has no code where the mapping says{where}.", reason="code_missing"
            )
        raise Misbehaved(
            f"The office's answer has a code that the mapping does not know{where}.",
            reason="code_unmapped",
            code=code,
            remark=text,
        )

    def _read(self, reply: Reply) -> tuple[str | None, str | None]:
        """Return the office's own code and wording, each None where the answer does not have it."""
        if not reply.is_readable:
            return None, None
        data = reply.values
        return _found(self.code, data), _found(self.text, data)

    def _by_fault(self, reply: Reply, fault: Fault, now: Now) -> Judgement:
        for rule in self.faults:
            if fault_fits(rule, fault):
                meaning = Meaning(rule.means)
                return self._settle(meaning, reply, code=fault.code, text=fault.text, reason="fault", now=now)
        raise self._failure(
            Meaning.UNKNOWN, reply, code=fault.code, text=fault.text, reason="fault_unmapped", now=now
        )

    def _settle(
        self, meaning: Meaning, reply: Reply, *, code: str | None, text: str | None, reason: str, now: Now
    ) -> Judgement:
        if meaning in _OUTCOMES:
            return Judgement(meaning=meaning, code=code, text=text)
        raise self._failure(meaning, reply, code=code, text=text, reason=reason, now=now)

    def _failure(
        self,
        meaning: Meaning,
        reply: Reply,
        *,
        reason: str,
        now: Now,
        code: str | None = None,
        text: str | None = None,
    ) -> CallFailed:
        facts: dict[str, Any] = {"reason": reason, "code": code, "remark": text}
        if meaning is Meaning.RATE:
            return RateLimited(
                "The office asks us to slow down.", retry_after=retry_after(reply.headers, now), **facts
            )
        if meaning is Meaning.CREDENTIALS:
            return CredentialsRejected("The office does not accept our credentials.", **facts)
        if meaning is Meaning.RETRY or self.is_safe:
            return Unavailable("The office cannot do it now.", **facts)
        return OutcomeUnknown("The office's answer leaves open whether it was done.", **facts)


def retry_after(headers: Mapping[str, str], now: Now) -> timedelta | None:
    """Return how long the office asks us to wait (RFC 9110, Retry-After), an hour at most; None if it does not say."""
    text = next((value for name, value in headers.items() if name.lower() == "retry-after"), "").strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=min(int(text[:6]), 999_999)), _LONGEST_RETRY)
    try:
        wait = parsedate_to_datetime(text) - now()
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(wait, timedelta(0)), _LONGEST_RETRY)


def fault_fits(rule: FaultWords, fault: Fault) -> bool:
    """Return whether this is the fault that the rule tells of."""
    names = {fault.code, fault.code.rpartition(":")[2]}
    return (
        (rule.code is None or rule.code in names)
        and (rule.text is None or rule.text in fault.text)
        and (rule.detail is None or rule.detail in fault.detail)
    )


def _found(expression: CompiledExpression | None, data: Mapping[str, Any]) -> str | None:
    try:
        return None if expression is None else _word(expression.search(data))
    except NotPossible:
        return None


def _word(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip()
