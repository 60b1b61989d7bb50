"""Whether the expressions of a mapping that read answers find their places in what the WSDL says of answers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import jmespath

from connector.mapping.complaints import Complaints
from connector.mapping.located import Located, Location
from connector.mapping.reply_paths import Answer, Items, Told, Value, Walk
from connector.mapping.schema import OfficeMapping
from connector.mapping.schema_operations import (
    CheckOperation,
    FindOperation,
    ProgressOperation,
    RegisterOperation,
    SearchOperation,
)
from connector.mapping.schema_parts import Meaning, Verdict
from connector.mapping.schema_picks import AnswerPicks, ReferralPicks, RegistrationPicks
from connector.mapping.schema_service import Service
from connector.mapping.schema_steps import Step, StepRole
from connector.transport.wsdl_contents import Contents

__all__ = ["AnswerTo", "answer_of", "complain_of_vain", "read_in_vain"]

AnswerTo = Callable[[Step], Value]
"""What the answer to a step holds; None where nothing is known of it."""

_Names = Mapping[str, Value]
_NUMBER: Final = ("number", "year", "date")


def answer_of(service: Service, call: str, element: str, contents: Contents) -> Value:
    """Return what expressions call ``reply``: the element that answers this call, as this service reads it."""
    answer = Answer(call, element, lists=tuple(service.lists), undeclared=tuple(service.undeclared))
    return Told(answer, element, contents)


def complain_of_vain(
    mapping: OfficeMapping, located: Located, answer_to: AnswerTo, complaints: Complaints
) -> None:
    """Keep a complaint, with file, line and path, about every expression that looks for what no answer can hold."""
    for place, sentence in read_in_vain(mapping, answer_to):
        complaints.add(
            f"{located.where(place)}: {sentence}.",
            next_step="Correct the expression; what the office really sends beyond its WSDL is named in undeclared "
            "of its service.",
        )


def read_in_vain(mapping: OfficeMapping, answer_to: AnswerTo) -> Iterator[tuple[Location, str]]:
    """Yield every place whose expression looks for what no answer can hold, with a sentence about it.

    Picks that are read from the answers to several steps are told only where none of them can hold it.
    """
    session = mapping.session
    if session is not None:
        for position, step in enumerate(session.open):
            yield from _in_step(step, ("session", "open", position), answer_to)
        if session.close is not None:
            yield from _in_step(session.close, ("session", "close"), answer_to)
    steps = []
    for operation, its_steps in mapping.operations.with_steps:
        for position, step in enumerate(its_steps):
            steps.append(step)
            yield from _in_step(step, ("operations", operation, "steps", position), answer_to)
        yield from _in_picks(mapping, operation, its_steps, answer_to)
    if session is not None and session.expired.when is not None:
        place: Location = ("session", "expired", "when")
        yield from _in_all(
            [_Reading(_around(step, answer_to)) for step in steps], place, session.expired.when
        )


def _in_all(readings: Sequence["_Reading"], place: Location, source: str) -> Iterator[tuple[Location, str]]:
    for reading in readings:
        reading.pick(place, source)
    yield from _common(readings)


def _common(readings: Sequence["_Reading"]) -> Iterator[tuple[Location, str]]:
    """Yield what is in vain in every one of them."""
    *others, last = readings
    for place, sentence in last.found.items():
        if all(place in other.found for other in others):
            yield place, sentence


def _in_step(step: Step, place: Location, answer_to: AnswerTo) -> Iterator[tuple[Location, str]]:
    outer = _Reading({"reply": answer_to(step)})
    outer.pick((*place, "read_xml"), step.read_xml)
    inner = _Reading(_around(step, answer_to))
    for name, source in step.take.items():
        inner.pick((*place, "take", name), source)
    verdict: Verdict | None = step.verdict
    level: Location = (*place, "verdict")
    while verdict is not None:
        inner.pick((*level, "code"), verdict.code)
        inner.pick((*level, "text"), verdict.text)
        verdict, level = verdict.inner, (*level, "inner")
    yield from outer.found.items()
    yield from inner.found.items()


def _around(step: Step, answer_to: AnswerTo) -> _Names:
    """Return the names that expressions over the answer to this step see; XML inside a text is nobody's to know."""
    if step.read_xml is not None:
        return {"reply": None, "outer": answer_to(step)}
    return {"reply": answer_to(step)}


def _in_picks(
    mapping: OfficeMapping, name: str, steps: Sequence[Step], answer_to: AnswerTo
) -> Iterator[tuple[Location, str]]:
    found = mapping.operations.by_name[name]
    if isinstance(found, CheckOperation):
        return
    if name == "register":
        steps = [step for step in steps if step.role is StepRole.DECIDES]
    readings = [_Reading(_around(step, answer_to)) for step in steps]
    for reading in readings:
        reading.operation(found, ("operations", name))
    yield from _common(readings)


class _Reading:
    """Reads the answer to one step as the mapping does."""

    def __init__(self, names: _Names) -> None:
        self._names = names
        self.found: dict[Location, str] = {}

    def pick(self, place: Location, source: str | None, **further: Value) -> Value:
        if source is None:
            return None
        walk = Walk()
        value = walk.of(jmespath.compile(source).parsed, {**self._names, **further})
        if walk.complaints:
            self.found[place] = walk.complaints[0]
        return value

    def operation(
        self, found: RegisterOperation | FindOperation | SearchOperation | ProgressOperation, place: Location
    ) -> None:
        inside: dict[str, Value] = {}
        if isinstance(found, SearchOperation):
            inside["match"] = _one_of(self.pick((*place, "matches"), found.matches))
        if isinstance(found, ProgressOperation):
            inside["letter"] = _one_of(self.pick((*place, "letters"), found.letters))
            self._story(found, place, inside)
        if isinstance(found, SearchOperation | ProgressOperation):
            for name in ("key", "status", "reason", "reason_code"):
                self.pick((*place, name), getattr(found, name), **inside)
        # An operation whose answers never bring a number has a key for it all the same, and nobody reads it.
        has_number = isinstance(found, SearchOperation | ProgressOperation) or _numbers(found.steps)
        self._all(found.registration, (*place, "registration"), inside, leaving=() if has_number else _NUMBER)

    def _story(self, progress: ProgressOperation, place: Location, inside: _Names) -> None:
        if progress.answer is not None:
            self._all(progress.answer, (*place, "answer"), inside)
        if progress.referrals is not None:
            way: Location = (*place, "referrals")
            items = self.pick((*way, "each"), progress.referrals.each, **inside)
            self._all(progress.referrals, way, {**inside, "item": _one_of(items)})

    def _all(
        self,
        picks: RegistrationPicks | AnswerPicks | ReferralPicks,
        place: Location,
        inside: _Names,
        leaving: Sequence[str] = ("each",),
    ) -> None:
        for name, source in picks:
            if name not in leaving:
                self.pick((*place, name), source, **inside)


def _numbers(steps: Sequence[Step]) -> bool:
    """Return whether an answer to any of these steps may bring a number."""
    return any(step.verdict.meanings & {Meaning.REGISTERED, Meaning.KNOWN} for step in steps)


def _one_of(listed: Value) -> Value:
    """Return one item of a list; one that stands alone is its only item."""
    return listed.item if isinstance(listed, Items) else listed
