"""Steps of a mapping compiled: what they send, how their answers are judged, and which names they may use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connector.mapping.compiled import CompiledRequest, CompiledSession, CompiledStep
from connector.mapping.complaints import Complaints
from connector.mapping.expressions import CompiledExpression, Known
from connector.mapping.functions import OfficeFunctions
from connector.mapping.located import Located, Location
from connector.mapping.reading import Judge
from connector.mapping.schema import OfficeMapping
from connector.mapping.schema_parts import Meaning, Verdict
from connector.mapping.schema_session import Session
from connector.mapping.schema_steps import Step, StepRole
from connector.mapping.soap_steps import compile_soap, service_name
from connector.mapping.vocabulary import REGISTRATION, REPLY, known_in_session, known_of
from connector.mapping.writing import Scope, compile_send, spelling_of

__all__ = ["StepCompiler"]


@dataclass(frozen=True, kw_only=True, slots=True)
class StepCompiler:
    """Compiles the steps of one mapping."""

    mapping: OfficeMapping
    located: Located
    functions: OfficeFunctions
    complaints: Complaints

    def question(self, operation: str, steps: Sequence[Step]) -> list[CompiledStep]:
        """Return the steps of an operation that changes nothing over there; each may use what those before it took."""
        known = known_of(operation, self.mapping)
        if operation == "verify":
            reserving = [step for step in self.mapping.operations.register_.steps if step.reserves]
            known = {**known, "taken": _taken(reserving)}
        compiled = []
        for position, step in enumerate(steps):
            inside = {**known, "taken": {**(known.get("taken") or {}), **_taken(steps[:position])}}
            compiled.append(
                self.step(step, ("operations", operation, "steps", position), inside, is_safe=True)
            )
        return compiled

    def registering(self) -> list[CompiledStep]:
        """Return the steps of ``register``.

        Which steps there are is told by the letter alone; those after the number know the registration.
        """
        known = known_of("register", self.mapping)
        steps = self.mapping.operations.register_.steps
        prepares = [step for step in steps if step.role is StepRole.PREPARES]
        compiled = []
        for position, step in enumerate(steps):
            inside: Known = {**known, "taken": _taken(prepares[:position])}
            if step.role is StepRole.FOLLOWS:
                inside = {**inside, "registration": REGISTRATION}
            place: Location = ("operations", "register", "steps", position)
            compiled.append(self.step(step, place, inside, is_safe=False, conditions=known))
        return compiled

    def session(self, session: Session) -> CompiledSession:
        """Return the session. Its steps may use what those before them took."""
        opening = []
        for position, step in enumerate(session.open):
            names = [name for before in session.open[:position] for name in before.take]
            place: Location = ("session", "open", position)
            opening.append(self.step(step, place, known_in_session(names), is_safe=True))
        known, close, over = known_in_session(session.names), session.close, session.expired
        return CompiledSession(
            open=opening,
            keeps_cookies=session.keep_cookies,
            headers=self.table(session.headers, ("session", "headers"), known),
            lasts=session.lasts,
            close=self.step(close, ("session", "close"), known, is_safe=True) if close else None,
            over_http=frozenset(int(status) for status in over.http),
            over_codes=frozenset(over.codes),
            over_faults=over.faults,
            over_when=self.optional(over.when, ("session", "expired", "when"), REPLY),
        )

    def step(
        self, step: Step, place: Location, known: Known, *, is_safe: bool, conditions: Known | None = None
    ) -> CompiledStep:
        """Return one step. ``conditions`` are the names that ``when`` and ``each`` may use, where they are fewer."""
        inside = known if step.each is None else {**known, "item": None, "index": None}
        scope = Scope(
            located=self.located,
            functions=self.functions,
            complaints=self.complaints,
            text=self.mapping.text,
            known=inside,
        )
        names, service = conditions or known, service_name(step, self.mapping)
        return CompiledStep(
            name=step.name,
            role=step.role,
            service=self.mapping.services[service],
            soap=compile_soap(step, self.mapping.services[service], service, place, scope),
            call=step.call,
            request=self.request(step, place, inside),
            send=compile_send(step.send, (*place, "send"), scope),
            has_body=bool(step.send.root),
            judge=self.judge(step.verdict, (*place, "verdict"), is_safe=is_safe),
            where=self.located.where(place),
            when=self.optional(step.when, (*place, "when"), names),
            each=self.optional(step.each, (*place, "each"), names),
            read_xml=self.optional(step.read_xml, (*place, "read_xml"), REPLY),
            take=self.table(step.take, (*place, "take"), {**inside, **REPLY}),
            is_repeatable=step.repeatable,
        )

    def judge(self, verdict: Verdict, place: Location, *, is_safe: bool, is_inner: bool = False) -> Judge:
        """Return the tables by which an answer is judged; those of the whole mapping count on the first level."""
        everywhere = {} if is_inner else self.mapping.http
        inner = verdict.inner
        return Judge(
            http={status: Meaning(word) for status, word in {**everywhere, **verdict.http}.items()},
            faults=tuple(self.mapping.faults),
            code=self.optional(verdict.code, (*place, "code"), REPLY),
            text=self.optional(verdict.text, (*place, "text"), REPLY),
            means=verdict.means,
            is_safe=is_safe,
            inner=self.judge(inner, (*place, "inner"), is_safe=is_safe, is_inner=True) if inner else None,
        )

    def request(self, step: Step, place: Location, known: Known) -> CompiledRequest | None:
        """Return the request line of a REST step."""
        line = step.request
        if line is None:
            return None
        where, spelling = self.located.where((*place, "request", "path")), spelling_of(self.mapping.text)
        return CompiledRequest(
            method=line.method,
            path=self.complaints.template(
                line.path, where=where, limit=4000, style="url", spelling=spelling, known=known
            ),
            query=self.table(line.query, (*place, "request", "query"), known),
            headers=self.table(line.headers, (*place, "request", "headers"), known),
            spelling=spelling,
        )

    def table(
        self, sources: Mapping[str, str], place: Location, known: Known
    ) -> dict[str, CompiledExpression]:
        """Return the expressions under their names."""
        return {name: self.expression(source, (*place, name), known) for name, source in sources.items()}

    def optional(self, source: str | None, place: Location, known: Known) -> CompiledExpression | None:
        """Return the expression, where there is one."""
        return None if source is None else self.expression(source, place, known)

    def expression(self, source: str, place: Location, known: Known) -> CompiledExpression:
        """Return one expression; where it does not compile the complaint is kept, with file, line and path."""
        return self.complaints.expression(
            source, where=self.located.where(place), functions=self.functions, known=known
        )


def _taken(steps: Sequence[Step]) -> Known:
    return {step.name: dict.fromkeys(step.take) for step in steps}
