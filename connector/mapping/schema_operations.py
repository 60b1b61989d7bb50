"""The operations of an office mapping: their steps, and what is read from the answers."""

import re
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Final

from pydantic import Field, field_validator, model_validator

from connector.mapping.located import unfit_at
from connector.mapping.plain_yaml import Location
from connector.mapping.schema_parts import Closed, Expression, Meaning, Send, Verdict
from connector.mapping.schema_picks import AnswerPicks, Progressing, ReferralPicks, RegistrationPicks

__all__ = [
    "CheckOperation",
    "FindOperation",
    "ProgressOperation",
    "RegisterOperation",
    "RequestLine",
    "SearchOperation",
    "Step",
    "StepRole",
]


class StepRole(StrEnum):
    """What a step is for the registration as a whole."""

    PREPARES = "prepares"
    """Comes before the number and may be repeated: an upload, a reservation."""
    DECIDES = "decides"
    """Gives the number; called once and never again while its outcome is unknown."""
    FOLLOWS = "follows"
    """Comes after the number and never undoes it: starting a workflow, attaching a file."""


_ORDER: Final = (StepRole.PREPARES, StepRole.DECIDES, StepRole.FOLLOWS)


class RequestLine(Closed):
    """REST: what is asked for."""

    method: str = Field(default="GET", pattern=r"^(GET|POST|PUT|PATCH)$")
    path: str = Field(description="joined to the service's address; a Jinja2 template", max_length=2000)
    query: dict[str, Expression] = Field(default_factory=dict)
    headers: dict[str, Expression] = Field(default_factory=dict)


class Step(Closed):
    """One remote call."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="how logs and later steps call it")
    role: StepRole = StepRole.DECIDES
    service: str | None = Field(default=None, description="which service, where the mapping has several")
    call: str | None = Field(default=None, description="SOAP: the operation in the WSDL")
    request: RequestLine | None = Field(default=None, description="REST: method and path")
    when: Expression | None = Field(default=None, description="the step is left out unless this is true")
    each: Expression | None = Field(default=None, description="the step is called once for each item")
    send: Send = Field(default_factory=lambda: Send({}), description="the fields of the message")
    envelope: str | None = Field(
        default=None,
        min_length=1,
        description="SOAP in template mode: the content of the body, or a whole envelope; a Jinja2 template that sees "
        "what send worked out as send",
    )
    header: str | None = Field(
        default=None,
        description="SOAP: blocks of the message's header, a Jinja2 template; in place of the service's",
    )
    action: str | None = Field(default=None, description="SOAP in template mode: the SOAPAction")
    read_xml: Expression | None = Field(
        default=None, description="the answer is XML inside this text of the reply"
    )
    take: dict[str, Expression] = Field(
        default_factory=dict, description="values of the reply that later steps use, as taken.<step>.<name>"
    )
    verdict: Verdict = Field(default_factory=Verdict)
    reserves: bool = Field(
        default=False,
        description="a step that prepares: it reserves the place that the deciding step fills, and verify looks at",
    )
    repeatable: bool = Field(
        default=False,
        description="a step that follows: doing it twice harms nobody, so a lost one is done again",
    )


_BESIDES: Final = frozenset(
    {Meaning.DONE, Meaning.NEVER, Meaning.RETRY, Meaning.RATE, Meaning.CREDENTIALS, Meaning.UNKNOWN}
)
"""What a step may mean that gives no number."""
_STRANGE: Final = "only the deciding step can mean registered, known, accepted or absent"
_LONGEST_NAMES: Final = {StepRole.PREPARES: 30, StepRole.FOLLOWS: 20}
"""The journal keeps so many characters (connector.ports.office); in a loop four of them are the position's."""


def unfit_registration(steps: Sequence[Step]) -> tuple[Location, str] | None:
    """Return where and what keeps these steps from being one registration; None where they are."""
    order = [_ORDER.index(step.role) for step in steps]
    if [step.role for step in steps].count(StepRole.DECIDES) != 1:
        return ("steps",), "exactly one step has the role: decides"
    if order != sorted(order):
        return (
            "steps",
        ), "steps stand in their order: those that prepare, the one that decides, those that follow"
    for position, step in enumerate(steps):
        complaint = _unfit_step(step, steps)
        if complaint:
            return ("steps", position), f"{step.name}: {complaint}"
    return None


def _unfit_step(step: Step, steps: Sequence[Step]) -> str | None:
    if step.role is StepRole.DECIDES:
        return _unfit_deciding(step)
    return _unfit_reserving(step, steps) if step.reserves else _unfit_beside(step, steps)


def _unfit_beside(step: Step, steps: Sequence[Step]) -> str | None:
    if not step.verdict.meanings <= _BESIDES:
        return _STRANGE
    if step.repeatable and step.role is not StepRole.FOLLOWS:
        return "repeatable is said of steps that follow; what prepares may always be repeated"
    if step.take and step.role is StepRole.FOLLOWS:
        return "what a step after the number takes is not kept: leave take out"
    longest = _LONGEST_NAMES[step.role] - (4 if step.each is not None else 0)
    if len(step.name) > longest or step.name == "reserve":
        return f"choose another name, of at most {longest} characters"
    looped = [each.name for each in steps if each.each is not None and each is not step]
    if any(re.fullmatch(re.escape(name) + "_[0-9]+", step.name) for name in looped):
        return "its name is that of a turn of a step with each"
    return None


def _unfit_deciding(step: Step) -> str | None:
    meanings = step.verdict.meanings
    if not meanings & {Meaning.REGISTERED, Meaning.KNOWN, Meaning.ACCEPTED}:
        return "no code of the deciding step means registered, known or accepted"
    if Meaning.ABSENT in meanings or Meaning.DONE in meanings:
        return "a register step cannot mean absent or done"
    if step.when is not None or step.each is not None or step.take or step.reserves or step.repeatable:
        return "the deciding step is called once: it has no when, each, take, reserves and repeatable"
    return None


def _unfit_reserving(step: Step, steps: Sequence[Step]) -> str | None:
    if step.role is not StepRole.PREPARES:
        return "only a step that prepares can reserve"
    if not step.verdict.meanings <= _BESIDES:
        return _STRANGE
    if step.when is not None or step.each is not None or not step.take:
        return "a step that reserves has no when and no each, and takes how the office calls the place"
    prepares = [each for each in steps if each.role is StepRole.PREPARES]
    return None if prepares[-1] is step else "the step that reserves is the last of those that prepare"


class _Operation(Closed):
    steps: list[Step] = Field(min_length=1)

    @field_validator("steps")
    @classmethod
    def _names_once(cls, steps: list[Step]) -> list[Step]:
        if len({step.name for step in steps}) != len(steps):
            raise ValueError("two steps have the same name")
        return steps


class _Question(_Operation):
    """Steps that change nothing over there, one after the other in one call."""

    @model_validator(mode="after")
    def _no_roles(self) -> "_Question":
        if any(step.role is not StepRole.DECIDES or step.reserves or step.repeatable for step in self.steps):
            raise ValueError("role, reserves and repeatable belong to the steps of register")
        return self

    def may_mean(self, meaning: Meaning) -> bool:
        """Return whether an answer to any of the steps may mean this."""
        return any(meaning in step.verdict.meanings for step in self.steps)


class RegisterOperation(_Operation):
    """Registers a letter. Exactly one step decides."""

    registration: RegistrationPicks
    preparations_last: timedelta = Field(
        default=timedelta(hours=1),
        description="how long what a step before the number left can be used; older ones are done again",
    )

    @model_validator(mode="after")
    def _fits(self) -> "RegisterOperation":
        unfit = unfit_registration(self.steps)
        if unfit:
            raise unfit_at(*unfit)
        return self


class FindOperation(_Question):
    """Asks for a letter by our key, or for what stands in a reserved place."""

    registration: RegistrationPicks
    absence_is_proof: bool = Field(
        default=True,
        description="find: false where a look-up that finds nothing proves nothing; what it finds is certain",
    )

    @model_validator(mode="after")
    def _may_be_absent(self) -> "FindOperation":
        if self.absence_is_proof and not self.may_mean(Meaning.ABSENT):
            raise ValueError(
                "no code or status of a step means absent; where the office has no word for it, or its word proves "
                "nothing, say absence_is_proof: false"
            )
        return self


class ProgressOperation(_Question):
    """Asks how far letters are; in the picks each letter of the reply is called ``letter``."""

    batch: int = Field(default=1, ge=1, le=1000, description="letters that one call may ask about")
    letters: Expression = Field(description="expression that brings the letters of the reply")
    key: Expression | None = Field(
        default=None, description="our key; may be left out where one letter is asked"
    )
    by_position: bool = Field(
        default=False,
        description="instead of key: the first letter of the reply is the first that was asked about, and so on",
    )
    status: Expression
    statuses: dict[str, Progressing] = Field(min_length=1, description="what each status code says")
    left_out: list[str] = Field(
        default_factory=list,
        description="status codes of letters of which the office can say nothing now: they are asked about again",
    )
    registration: RegistrationPicks
    referrals: ReferralPicks | None = None
    answer: AnswerPicks | None = None
    reason: Expression | None = Field(default=None, description="why it was returned or refused")
    reason_code: Expression | None = None

    @model_validator(mode="after")
    def _tell_apart(self) -> "ProgressOperation":
        if self.batch > 1 and self.key is None and not self.by_position:
            raise ValueError("a batch needs key: say where our key stands in each letter; or by_position")
        if self.by_position and self.key is not None:
            raise ValueError("key and by_position are two ways to tell letters apart: give one")
        if set(self.left_out) & set(self.statuses):
            raise ValueError("a status code stands in statuses or in left_out, not in both")
        return self


class SearchOperation(_Question):
    """Searches for a letter whose answer was lost; in the picks each match of the reply is called ``match``."""

    matches: Expression = Field(
        description="expression that brings the list of entries that may be the letter"
    )
    most: int | None = Field(
        default=None,
        ge=1,
        description="entries that one answer holds at most; a full answer may hide some, and settles nothing",
    )
    key: Expression | None = Field(
        default=None,
        description="our key in a match, where the office shows it; other letters are passed over",
    )
    status: Expression | None = Field(
        default=None, description="where a match stands; without it the number counts"
    )
    statuses: dict[str, Progressing] = Field(default_factory=dict, description="what each status code says")
    registration: RegistrationPicks
    reason: Expression | None = Field(default=None, description="why it was refused")
    reason_code: Expression | None = None

    @model_validator(mode="after")
    def _certain(self) -> "SearchOperation":
        if any(self.may_mean(each) for each in (Meaning.REGISTERED, Meaning.KNOWN, Meaning.ACCEPTED)):
            raise ValueError("a search brings matches: its codes mean done, absent or a failure")
        if (self.status is None) != (not self.statuses):
            raise ValueError("status and statuses belong together")
        return self


class CheckOperation(_Question):
    """Asks the office for something harmless."""
