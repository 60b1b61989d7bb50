"""From a checked mapping to one that is ready to run."""

from typing import Any

from connector.mapping.compiled import CompiledMapping
from connector.mapping.compiling_steps import StepCompiler
from connector.mapping.complaints import Complaints
from connector.mapping.dates import DatePattern, OfficeDates
from connector.mapping.expressions import Known
from connector.mapping.functions import OfficeFunctions
from connector.mapping.located import Located, Location
from connector.mapping.matches import MatchPicker
from connector.mapping.picking import AnswerPicker, LetterPicker, ReferralPicker, RegistrationPicker
from connector.mapping.schema import OfficeMapping
from connector.mapping.schema_dates import Calendar, Dates, OtherDates, Zone
from connector.mapping.schema_operations import FindOperation, ProgressOperation, SearchOperation
from connector.mapping.schema_picks import AnswerPicks, ReferralPicks, RegistrationPicks
from connector.mapping.schema_steps import Step, StepRole
from connector.mapping.vocabulary import REPLY

__all__ = ["compile_mapping"]


def compile_mapping(mapping: OfficeMapping, located: Located) -> CompiledMapping:
    """Compile a checked mapping. Raise MappingInvalid with file, line and path of each part that does not compile."""
    functions, complaints = OfficeFunctions(mapping.lists, _dates(mapping.dates)), Complaints()
    compiler = StepCompiler(mapping=mapping, located=located, functions=functions, complaints=complaints)
    picks = _Picks(compiler)
    operations = mapping.operations
    questions = {
        name: compiler.question(name, steps) for name, steps in operations.with_steps if name != "register"
    }
    steps = compiler.registering()
    reserving = [step.name for step in operations.register_.steps if step.reserves]
    compiled = CompiledMapping(
        path=located.path,
        located=located,
        mapping=mapping,
        session=compiler.session(mapping.session) if mapping.session else None,
        prepares=[step for step in steps if step.role is StepRole.PREPARES and step.name not in reserving],
        reserves=next((step for step in steps if step.name in reserving), None),
        register=next(step for step in steps if step.role is StepRole.DECIDES),
        follows=[step for step in steps if step.role is StepRole.FOLLOWS],
        registration=picks.registration(
            operations.register_.registration,
            ("operations", "register", "registration"),
            _reply(operations.register_.steps),
        ),
        found=picks.found("find", operations.find),
        verified=picks.found("verify", operations.verify),
        matches=picks.matches(operations.search) if operations.search else None,
        letters=picks.letters(operations.progress) if operations.progress else None,
        find=questions.get("find"),
        verify=questions.get("verify"),
        search=questions.get("search"),
        progress=questions.get("progress"),
        check=questions.get("check"),
    )
    complaints.refuse()
    return compiled


def _dates(dates: Dates) -> OfficeDates:
    return OfficeDates(_pattern(dates), {name: _pattern(other) for name, other in dates.also.items()})


def _pattern(dates: OtherDates) -> DatePattern:
    return DatePattern(
        dates.pattern, is_jalali=dates.calendar is Calendar.JALALI, is_utc=dates.zone is Zone.UTC
    )


def _reply(steps: list[Step]) -> Known:
    """Return the names that the picks of an operation may use: of the last answer, and of what was taken before."""
    return {**REPLY, "taken": {step.name: dict.fromkeys(step.take) for step in steps}}


class _Picks:
    """Compiles what is picked from answers."""

    def __init__(self, compiler: StepCompiler) -> None:
        self._compiler = compiler
        self._dates = compiler.functions.dates

    def registration(self, picks: RegistrationPicks, place: Location, known: Known) -> RegistrationPicker:
        return RegistrationPicker(dates=self._dates, **self._all(picks, place, known))

    def found(self, name: str, operation: FindOperation | None) -> RegistrationPicker | None:
        if operation is None:
            return None
        place: Location = ("operations", name, "registration")
        return self.registration(operation.registration, place, _reply(operation.steps))

    def matches(self, search: SearchOperation) -> MatchPicker:
        place: Location = ("operations", "search")
        reply = _reply(search.steps)
        known: Known = {**reply, "match": None}
        one = self._compiler.optional
        return MatchPicker(
            matches=self._compiler.expression(search.matches, (*place, "matches"), reply),
            most=search.most,
            key=one(search.key, (*place, "key"), known),
            status=one(search.status, (*place, "status"), known),
            statuses=search.statuses,
            registration=self.registration(search.registration, (*place, "registration"), known),
            reason=one(search.reason, (*place, "reason"), known),
            reason_code=one(search.reason_code, (*place, "reason_code"), known),
        )

    def letters(self, progress: ProgressOperation) -> LetterPicker:
        place: Location = ("operations", "progress")
        reply = _reply(progress.steps)
        known: Known = {**reply, "letter": None}
        one = self._compiler.optional
        return LetterPicker(
            batch=progress.batch,
            letters=self._compiler.expression(progress.letters, (*place, "letters"), reply),
            key=one(progress.key, (*place, "key"), known),
            by_position=progress.by_position,
            status=self._compiler.expression(progress.status, (*place, "status"), known),
            statuses=progress.statuses,
            left_out=frozenset(progress.left_out),
            registration=self.registration(progress.registration, (*place, "registration"), known),
            referrals=self._referrals(progress.referrals, (*place, "referrals"), known),
            answer=self._answer(progress.answer, (*place, "answer"), known),
            reason=one(progress.reason, (*place, "reason"), known),
            reason_code=one(progress.reason_code, (*place, "reason_code"), known),
        )

    def _referrals(self, picks: ReferralPicks | None, place: Location, known: Known) -> ReferralPicker | None:
        if picks is None:
            return None
        inside: Known = {**known, "item": None, "index": None}
        each = self._compiler.expression(picks.each, (*place, "each"), known)
        return ReferralPicker(dates=self._dates, **(self._all(picks, place, inside) | {"each": each}))

    def _answer(self, picks: AnswerPicks | None, place: Location, known: Known) -> AnswerPicker | None:
        return None if picks is None else AnswerPicker(dates=self._dates, **self._all(picks, place, known))

    def _all(
        self, picks: RegistrationPicks | ReferralPicks | AnswerPicks, place: Location, known: Known
    ) -> dict[str, Any]:
        return {
            name: self._compiler.optional(source, (*place, name), known)
            for name, source in picks
            if not (isinstance(picks, ReferralPicks) and name == "each")
        }
