"""A mapping made ready: every expression, template and table compiled once, with what adapters need of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connector.mapping.expressions import CompiledExpression, Known, compile_expression
from connector.mapping.functions import DatePattern, OfficeFunctions
from connector.mapping.located import Located, Location
from connector.mapping.matches import MatchPicker
from connector.mapping.picking import AnswerPicker, LetterPicker, Pick, ReferralPicker, RegistrationPicker
from connector.mapping.reading import Judge
from connector.mapping.schema import Calendar, OfficeMapping, Service
from connector.mapping.schema_operations import (
    AnswerPicks,
    ProgressOperation,
    ReferralPicks,
    RegistrationPicks,
    SearchOperation,
    Step,
)
from connector.mapping.schema_parts import Meaning
from connector.mapping.soap_steps import CompiledSoap, compile_soap, service_name
from connector.mapping.templates import CompiledTemplate, compile_template
from connector.mapping.vocabulary import REPLY, known_of
from connector.mapping.writing import Scope, Writer, compile_send, field_tree

__all__ = ["CompiledMapping", "CompiledRequest", "CompiledStep", "compile_mapping"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CompiledRequest:
    """REST: method, path and the rest of the request line."""

    method: str
    path: CompiledTemplate
    query: Mapping[str, CompiledExpression]
    headers: Mapping[str, CompiledExpression]


@dataclass(frozen=True, kw_only=True, slots=True)
class CompiledStep:
    """One remote call, ready to be written and judged."""

    name: str
    service: Service
    call: str | None
    request: CompiledRequest | None
    soap: CompiledSoap
    """SOAP: what is written out in the mapping."""
    send: Writer
    has_body: bool
    fields: Any
    """The names of the fields that are sent, as nested dicts."""
    judge: Judge
    where: str
    """File, line and path of the step, for errors."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CompiledMapping:
    """An office mapping, ready to run."""

    path: Path
    mapping: OfficeMapping
    register: CompiledStep
    registration: RegistrationPicker
    find: CompiledStep | None
    found: RegistrationPicker | None
    search: CompiledStep | None
    matches: MatchPicker | None
    progress: CompiledStep | None
    letters: LetterPicker | None
    check: CompiledStep | None

    @property
    def may_accept_first(self) -> bool:
        """True where the office may take a letter first and number it later."""
        meanings = {*self.register.judge.means.values(), *self.register.judge.http.values()}
        return Meaning.ACCEPTED in meanings

    @property
    def steps(self) -> Sequence[CompiledStep]:
        """Every step of the mapping."""
        steps = (self.register, self.find, self.search, self.progress, self.check)
        return [step for step in steps if step is not None]


def compile_mapping(mapping: OfficeMapping, located: Located) -> CompiledMapping:
    """Compile a checked mapping. Raise MappingInvalid with file, line and path where a part does not compile."""
    return _Compiler(mapping, located).whole()


class _Compiler:
    def __init__(self, mapping: OfficeMapping, located: Located) -> None:
        self.mapping = mapping
        self.located = located
        self.dates = DatePattern(mapping.dates.pattern, is_jalali=mapping.dates.calendar is Calendar.JALALI)
        self.functions = OfficeFunctions(mapping.lists, self.dates)

    def whole(self) -> CompiledMapping:
        operations = self.mapping.operations
        find, search = operations.find, operations.search
        progress, check = operations.progress, operations.check
        place: Location = ("operations",)
        registration, found = operations.register_.registration, find.registration if find else None
        return CompiledMapping(
            path=self.located.path,
            mapping=self.mapping,
            register=self.step("register", operations.register_.steps, is_safe=False),
            registration=self.registration(registration, (*place, "register", "registration"), REPLY),
            find=self.step("find", find.steps) if find else None,
            found=self.registration(found, (*place, "find", "registration"), REPLY) if found else None,
            search=self.step("search", search.steps) if search else None,
            matches=self.matches(search) if search else None,
            progress=self.step("progress", progress.steps) if progress else None,
            letters=self.letters(progress) if progress else None,
            check=self.step("check", check.steps) if check else None,
        )

    def step(self, operation: str, steps: list[Step], *, is_safe: bool = True) -> CompiledStep:
        step, location = steps[0], ("operations", operation, "steps", 0)
        known = known_of(operation)
        scope = Scope(located=self.located, functions=self.functions, text=self.mapping.text, known=known)
        verdict = step.verdict
        service_called = service_name(step, self.mapping)
        service = self.mapping.services[service_called]
        return CompiledStep(
            name=step.name,
            service=service,
            soap=compile_soap(step, service, service_called, location, scope),
            call=step.call,
            request=self.request(step, location, known),
            send=compile_send(step.send, (*location, "send"), scope),
            has_body=bool(step.send.root),
            fields=field_tree(step.send),
            judge=Judge(
                http={
                    status: Meaning(word) for status, word in {**self.mapping.http, **verdict.http}.items()
                },
                faults=tuple(self.mapping.faults),
                code=self.optional(verdict.code, (*location, "verdict", "code"), REPLY),
                text=self.optional(verdict.text, (*location, "verdict", "text"), REPLY),
                means=verdict.means,
                is_safe=is_safe,
            ),
            where=self.located.where(location),
        )

    def request(self, step: Step, location: Location, known: Known) -> CompiledRequest | None:
        line = step.request
        if line is None:
            return None
        place: Location = (*location, "request")
        return CompiledRequest(
            method=line.method,
            path=compile_template(
                line.path, where=self.located.where((*place, "path")), limit=4000, style="url"
            ),
            query={
                name: self.expression(source, (*place, "query", name), known)
                for name, source in line.query.items()
            },
            headers={
                name: self.expression(source, (*place, "headers", name), known)
                for name, source in line.headers.items()
            },
        )

    def registration(self, picks: RegistrationPicks, location: Location, known: Known) -> RegistrationPicker:
        return RegistrationPicker(dates=self.dates, **self.picks(picks, location, known))

    def matches(self, search: SearchOperation) -> MatchPicker:
        place: Location = ("operations", "search")
        known: Known = {**REPLY, "match": None}
        return MatchPicker(
            matches=self.expression(search.matches, (*place, "matches"), REPLY),
            most=search.most,
            key=self.optional(search.key, (*place, "key"), known),
            status=self.optional(search.status, (*place, "status"), known),
            statuses=search.statuses,
            registration=self.registration(search.registration, (*place, "registration"), known),
            reason=self.optional(search.reason, (*place, "reason"), known),
            reason_code=self.optional(search.reason_code, (*place, "reason_code"), known),
        )

    def letters(self, progress: ProgressOperation) -> LetterPicker:
        place: Location = ("operations", "progress")
        known: Known = {**REPLY, "letter": None}
        return LetterPicker(
            batch=progress.batch,
            letters=self.expression(progress.letters, (*place, "letters"), REPLY),
            key=self.optional(progress.key, (*place, "key"), known),
            status=self.expression(progress.status, (*place, "status"), known),
            statuses=progress.statuses,
            registration=self.registration(progress.registration, (*place, "registration"), known),
            referrals=self.referrals(progress.referrals, (*place, "referrals"), known),
            answer=self.answer(progress.answer, (*place, "answer"), known),
            reason=self.optional(progress.reason, (*place, "reason"), known),
            reason_code=self.optional(progress.reason_code, (*place, "reason_code"), known),
        )

    def referrals(
        self, picks: ReferralPicks | None, location: Location, known: Known
    ) -> ReferralPicker | None:
        if picks is None:
            return None
        inside: Known = {**known, "item": None, "index": None}
        return ReferralPicker(
            dates=self.dates,
            **(
                self.picks(picks, location, inside)
                | {"each": self.expression(picks.each, (*location, "each"), known)}
            ),
        )

    def answer(self, picks: AnswerPicks | None, location: Location, known: Known) -> AnswerPicker | None:
        return None if picks is None else AnswerPicker(dates=self.dates, **self.picks(picks, location, known))

    def picks(
        self, picks: RegistrationPicks | ReferralPicks | AnswerPicks, location: Location, known: Known
    ) -> dict[str, Any]:
        return {name: self.optional(source, (*location, name), known) for name, source in picks}

    def optional(self, source: str | None, location: Location, known: Known) -> Pick:
        return None if source is None else self.expression(source, location, known)

    def expression(self, source: str, location: Location, known: Known) -> CompiledExpression:
        return compile_expression(
            source, where=self.located.where(location), functions=self.functions, known=known
        )
