"""A mapping made ready: every expression, template and table compiled once, with what adapters need of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from connector.errors import NotPossible
from connector.mapping.expressions import CompiledExpression
from connector.mapping.inner_xml import is_true, read_inner_xml
from connector.mapping.located import Located
from connector.mapping.matches import MatchPicker
from connector.mapping.picking import LetterPicker, Pick, RegistrationPicker
from connector.mapping.reading import Judge, Reply, fault_fits
from connector.mapping.schema import OfficeMapping
from connector.mapping.schema_parts import FaultWords, Meaning
from connector.mapping.schema_service import Service
from connector.mapping.schema_steps import StepRole
from connector.mapping.soap_steps import CompiledSoap
from connector.mapping.templates import CompiledTemplate, Spelling
from connector.mapping.writing import Writer

__all__ = ["CompiledMapping", "CompiledRequest", "CompiledSession", "CompiledStep"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CompiledRequest:
    """REST: method, path and the rest of the request line."""

    method: str
    path: CompiledTemplate
    query: Mapping[str, CompiledExpression]
    headers: Mapping[str, CompiledExpression]
    spelling: Spelling | None = None
    """Turns what stands in the address to the letters that the office stores: by others it would find nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CompiledStep:
    """One remote call, ready to be written and judged."""

    name: str
    service: Service
    soap: CompiledSoap
    call: str | None
    request: CompiledRequest | None
    send: Writer
    has_body: bool
    judge: Judge
    where: str
    """File, line and path of the step, for errors."""
    role: StepRole = StepRole.DECIDES
    when: Pick = None
    each: Pick = None
    read_xml: Pick = None
    take: Mapping[str, CompiledExpression] = field(default_factory=dict)
    is_repeatable: bool = False

    def is_wanted(self, data: Mapping[str, Any]) -> bool:
        """Return whether the step is to be done with this data. Raise NotPossible where that cannot be told."""
        return self.when is None or is_true(self.when.search(data))

    def written(self, data: Mapping[str, Any]) -> Any:
        """Return all that the step would send with this data: fields, or what it writes out. Raise NotPossible."""
        sent = self.send(data)
        if self.soap.envelope is None:
            return sent
        return self.soap.envelope.render({**data, "send": sent if sent is not None else {}})

    def read(self, reply: Reply) -> Reply:
        """Return the reply with the XML inside its text, where the step says that there is some."""
        return reply if self.read_xml is None else read_inner_xml(reply, self.read_xml)

    def taken(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the step takes from its reply. Raise NotPossible where that cannot be worked out."""
        return {name: expression.search(data) for name, expression in self.take.items()}


@dataclass(frozen=True, kw_only=True, slots=True)
class CompiledSession:
    """How a session is opened, kept and recognised as over."""

    open: Sequence[CompiledStep]
    keeps_cookies: bool
    headers: Mapping[str, CompiledExpression]
    lasts: timedelta | None
    close: CompiledStep | None
    over_http: frozenset[int]
    over_codes: frozenset[str]
    over_faults: Sequence[FaultWords]
    over_when: Pick

    def is_over(self, step: CompiledStep, reply: Reply) -> bool:
        """Return whether the office says with this reply that the session is over, and so that it did nothing."""
        if reply.status in self.over_http:
            return True
        if reply.fault is not None:
            fault = reply.fault
            return any(fault_fits(words, fault) for words in self.over_faults)
        if self.over_codes and not self.over_codes.isdisjoint(step.judge.codes_of(reply)):
            return True
        return self._is_over_by_word(reply)

    def _is_over_by_word(self, reply: Reply) -> bool:
        if self.over_when is None or not reply.is_readable:
            return False
        try:
            return self.over_when.search(reply.values) is True
        except NotPossible:
            return False


@dataclass(frozen=True, kw_only=True, slots=True)
class CompiledMapping:
    """An office mapping, ready to run."""

    path: Path
    located: Located
    mapping: OfficeMapping
    session: CompiledSession | None
    prepares: Sequence[CompiledStep]
    """What comes before the number, without the step that reserves."""
    reserves: CompiledStep | None
    register: CompiledStep
    """The deciding step."""
    follows: Sequence[CompiledStep]
    registration: RegistrationPicker
    find: Sequence[CompiledStep] | None
    found: RegistrationPicker | None
    verify: Sequence[CompiledStep] | None
    verified: RegistrationPicker | None
    search: Sequence[CompiledStep] | None
    matches: MatchPicker | None
    progress: Sequence[CompiledStep] | None
    letters: LetterPicker | None
    check: Sequence[CompiledStep] | None

    @property
    def may_accept_first(self) -> bool:
        """True where the office may take a letter first and number it later."""
        return Meaning.ACCEPTED in self.register.judge.meanings

    @property
    def steps(self) -> Iterator[CompiledStep]:
        """Every step of the mapping, those of the session first."""
        if self.session is not None:
            yield from self.session.open
            yield from [self.session.close] if self.session.close else []
        yield from self.prepares
        yield from [self.reserves] if self.reserves else []
        yield self.register
        yield from self.follows
        for steps in (self.find, self.verify, self.search, self.progress, self.check):
            yield from steps or ()
