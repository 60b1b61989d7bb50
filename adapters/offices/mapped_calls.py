"""How a mapped office is asked: steps are carried there, in the session that it wants, and replies are judged."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, Protocol

from adapters.offices.mapped_settings import Credentials
from connector.clock import Now
from connector.errors import Misbehaved, NotPossible, Unavailable
from connector.mapping.compiled import CompiledMapping, CompiledStep
from connector.mapping.reading import Judgement, Reply
from connector.mapping.schema_parts import Meaning
from connector.mapping.vocabulary import office_time
from connector.ports.office import OfficeCapabilities
from connector.transport.body import NO_STREAMS, Streams

__all__ = ["NO_HEADERS", "Caller", "HoldsSession", "InSession", "MappedCalls", "items_of"]

NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})


class Caller(Protocol):
    """Carries one step to the office and brings its reply: over SOAP, over REST."""

    def call(
        self,
        step: CompiledStep,
        data: Mapping[str, Any],
        streams: Streams,
        *,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> Reply:
        """Write the step's message, send it with these HTTP headers, and return the reply.

        The streams take the place of their marks, and are told which marks the message has (``Streams.settle``) before
        anything is sent. Raise NotPossible before anything was sent when the data does not fit, and what the transport
        raises when there was no answer.
        """
        ...

    def close(self) -> None:
        """Let go of sockets."""
        ...


class InSession(Protocol):
    """A session that calls may use."""

    @property
    def generation(self) -> int:
        """How many sessions there were until this one."""
        ...

    @property
    def values(self) -> Mapping[str, Any]:
        """What the log-in took."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """The HTTP headers of each call."""
        ...


class HoldsSession(Protocol):
    """Keeps the session of one connection for all its calls."""

    def current(self) -> InSession:
        """Return the session, opened where there is none. Raise CallFailed, but never OutcomeUnknown."""
        ...

    def renewed(self, after: int) -> InSession:
        """Return a session younger than this generation. Raise as ``current``."""
        ...

    def is_over(self, step: CompiledStep, reply: Reply) -> bool:
        """Return whether the office says with this reply that the session is over, and so that it did nothing."""
        ...

    def close(self) -> None:
        """Log out, where the mapping says how. May be called twice."""
        ...


class MappedCalls:
    """An office with its mapping; the deeds that the mapping declares stand on it."""

    def __init__(
        self,
        compiled: CompiledMapping,
        caller: Caller,
        session: HoldsSession | None,
        credentials: Credentials,
        capabilities: OfficeCapabilities,
        now: Now,
    ) -> None:
        """Keep what every call needs; nobody is asked yet."""
        self.compiled = compiled
        self._caller = caller
        self._session = session
        self._credentials = credentials
        self._capabilities = capabilities
        self._now = now

    @property
    def capabilities(self) -> OfficeCapabilities:
        """What the mapping declares."""
        return self._capabilities

    def close(self) -> None:
        """Log out and let go of sockets. May be called twice."""
        if self._session is not None:
            self._session.close()
        self._caller.close()

    def ask(
        self, step: CompiledStep, data: Mapping[str, Any], streams: Streams = NO_STREAMS
    ) -> tuple[Reply, Judgement]:
        """Carry one step to the office and judge its reply. Raise CallFailed where that is no outcome.

        ``data`` is whole (see ``whole``). A reply that says that the session is over says that nothing was done: the
        step is called once more in a new one.
        """
        reply = self._reply(step, data, streams)
        return reply, step.judge.judge(reply, now=self._now)

    def converse(
        self, steps: Sequence[CompiledStep], data: Mapping[str, Any]
    ) -> tuple[dict[str, Any], Judgement]:
        """Ask one question after the other, until an answer says more than done.

        Return what picks see, which is the last answer and what was taken from those before it, and its judgement.
        Raise CallFailed where a step brings no outcome; nothing was changed over there.
        """
        taken: dict[str, Any] = {**(data.get("taken") or {})}
        inside = {**self.whole(data), "taken": taken}
        values: dict[str, Any] = {}
        judgement = Judgement(meaning=Meaning.DONE)
        for step in steps:
            try:
                values, judgement = self._one(step, inside, values, taken)
            except NotPossible as error:
                if not values:
                    raise
                # What an answer brought does not fit the next question: that is the office's doing, not the letter's.
                raise Misbehaved(error.sentence, reason="answers_unfit") from None
            if judgement.meaning is not Meaning.DONE:
                break
        return {**values, "taken": taken}, judgement

    def _one(
        self, step: CompiledStep, data: Mapping[str, Any], values: dict[str, Any], taken: dict[str, Any]
    ) -> tuple[dict[str, Any], Judgement]:
        """Ask one question of several, and put what it takes into ``taken``. Return the last answer so far."""
        if not step.is_wanted(data):
            taken[step.name] = dict.fromkeys(step.take)
            return values, Judgement(meaning=Meaning.DONE)
        if step.each is not None:
            values, taken[step.name] = self._each(step, data)
            return values, Judgement(meaning=Meaning.DONE)
        reply, judgement = self.ask(step, data)
        if judgement.meaning is Meaning.DONE:
            taken[step.name] = self.taken(step, data, reply)
        return reply.values, judgement

    def taken(self, step: CompiledStep, data: Mapping[str, Any], reply: Reply) -> dict[str, Any]:
        """Return what the step takes from its reply. Raise Misbehaved where it cannot be worked out."""
        if not step.take:
            return {}
        try:
            return step.taken({**data, **reply.values})
        except NotPossible:
            raise Misbehaved(
                "What later steps need cannot be taken from the office's answer.", reason="taking_failed"
            ) from None

    def _each(self, step: CompiledStep, data: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Ask once for each item; of what is absent nothing is taken. Return the last answer, and what was taken."""
        values: dict[str, Any] = {}
        taken: dict[str, list[Any]] = {name: [] for name in step.take}
        for index, item in enumerate(items_of(step, data), start=1):
            inside = {**data, "item": item, "index": index}
            reply, judgement = self.ask(step, inside)
            values = reply.values
            if judgement.meaning not in {Meaning.DONE, Meaning.ABSENT}:
                raise Misbehaved(
                    "The mapping does not say what this answer means here.", reason="meaning_unfit"
                )
            is_there = judgement.meaning is Meaning.DONE
            found = self.taken(step, inside, reply) if is_there else dict.fromkeys(step.take)
            for name, value in found.items():
                taken[name].append(value)
        return values, taken

    def _reply(self, step: CompiledStep, data: Mapping[str, Any], streams: Streams) -> Reply:
        session = self._session
        if session is None:
            return step.read(self._caller.call(step, data, streams))
        held = session.current()
        reply = self._in(held, step, data, streams)
        if not session.is_over(step, reply):
            return reply
        reply = self._in(session.renewed(held.generation), step, data, streams)
        if session.is_over(step, reply):
            # It took our log-in a moment ago, so the credentials are right; and it says again that it did nothing.
            raise Unavailable(
                "The office does not know the session that it has just opened.", reason="session_over_again"
            )
        return reply

    def _in(self, held: InSession, step: CompiledStep, data: Mapping[str, Any], streams: Streams) -> Reply:
        reply = self._caller.call(step, {**data, "session": held.values}, streams, headers=held.headers)
        return step.read(reply)

    def whole(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of an operation with those that every operation has."""
        return {**data, "credentials": self._credentials.values, "now": office_time(self._now())}


def items_of(step: CompiledStep, data: Mapping[str, Any]) -> list[Any]:
    """Return the items that a step with ``each`` is called for. Raise NotPossible where there is no list of them."""
    found = None if step.each is None else step.each.search(data)
    if not isinstance(found, list):
        raise NotPossible(f"{step.where}.each: this is no list.")
    return found
