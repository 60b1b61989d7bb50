"""How a mapped office is asked one thing: its step is carried there, and the reply is judged."""

from collections.abc import Mapping
from typing import Any, Protocol

from adapters.offices.mapped_settings import Credentials
from connector.clock import Now
from connector.mapping.compiled import CompiledMapping, CompiledStep
from connector.mapping.reading import Judgement, Reply
from connector.ports.office import OfficeCapabilities
from connector.transport.body import Base64Stream

__all__ = ["Caller", "MappedCalls"]


class Caller(Protocol):
    """Carries one step to the office and brings its reply: over SOAP, over REST."""

    def call(
        self, step: CompiledStep, data: Mapping[str, Any], streams: Mapping[bytes, Base64Stream]
    ) -> Reply:
        """Write the step's message, send it, and return the reply.

        The streams take the place of their marks. Raise NotPossible before anything was sent when the data does
        not fit, and what the transport raises when there was no answer.
        """
        ...

    def close(self) -> None:
        """Let go of sockets."""
        ...


class MappedCalls:
    """An office with its mapping; the deeds that the mapping declares stand on it."""

    def __init__(
        self,
        compiled: CompiledMapping,
        caller: Caller,
        credentials: Credentials,
        capabilities: OfficeCapabilities,
        now: Now,
    ) -> None:
        """Keep what every call needs; nobody is asked yet."""
        self.compiled = compiled
        self._caller = caller
        self._credentials = credentials
        self._capabilities = capabilities
        self._now = now

    @property
    def capabilities(self) -> OfficeCapabilities:
        """What the mapping declares."""
        return self._capabilities

    def close(self) -> None:
        """Let go of sockets. May be called twice."""
        self._caller.close()

    def ask(
        self,
        step: CompiledStep,
        data: Mapping[str, Any],
        streams: Mapping[bytes, Base64Stream] | None = None,
    ) -> tuple[Reply, Judgement]:
        """Carry one step to the office and judge its reply. Raise CallFailed where that is no outcome."""
        reply = self._caller.call(step, {**data, "credentials": self._credentials.values}, streams or {})
        return reply, step.judge.judge(reply, now=self._now)
