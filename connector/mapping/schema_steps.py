"""The steps of an office mapping: one remote call each, and whether several of them are one registration."""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from pydantic import Field

from connector.mapping.plain_yaml import Location
from connector.mapping.schema_parts import Closed, Expression, Meaning, Send, Verdict

__all__ = ["RequestLine", "Step", "StepRole", "unfit_registration"]


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
