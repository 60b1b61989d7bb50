"""The calls of a mapping as its office sees them: which deed each step is, and how a request is told apart."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from connector.mapping.located import Location
from connector.mapping.schema import OfficeMapping
from connector.mapping.schema_parts import As, Leaf, Send
from connector.mapping.schema_steps import Step, StepRole
from connector.simulator.vendor.asking import Message, document_text, path_pattern
from connector.simulator.vendor.envelopes import envelope_call, envelope_send
from connector.simulator.vendor.written_texts import text_pattern

__all__ = ["Deed", "Planned", "fitting", "planned", "twins"]


class Deed(StrEnum):
    """What an office is asked to do."""

    LOG_IN = "log_in"
    LOG_OUT = "log_out"
    PREPARE = "prepare"
    REGISTER = "register"
    COMPLETE = "complete"
    FIND = "find"
    VERIFY = "verify"
    SEARCH = "search"
    PROGRESS = "progress"
    CHECK = "check"


_ROLES: Final = {
    StepRole.PREPARES: Deed.PREPARE,
    StepRole.DECIDES: Deed.REGISTER,
    StepRole.FOLLOWS: Deed.COMPLETE,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """One step of the mapping as a deed of the office."""

    deed: Deed
    operation: str
    """As the mapping calls it; ``session`` for log-in and log-out."""
    step: Step
    location: Location
    request: str
    """SOAP: local name of the element that asks for it."""
    send: Send
    """What is sent; of a step whose envelope is written out, what its template holds."""
    is_last: bool = True
    """Whether it is the last step of its operation: the one whose answer brings what the operation is for."""


def planned(mapping: OfficeMapping, requests: Any) -> list[Planned]:
    """Return every step of a mapping. ``requests`` names the element by which an operation of the WSDL is asked for."""
    return [
        Planned(
            deed=deed,
            operation=operation,
            step=step,
            location=location,
            request=envelope_call(step) or requests(step.call or ""),
            send=envelope_send(step) if step.envelope else step.send,
            is_last=is_last,
        )
        for deed, operation, step, location, is_last in _steps(mapping)
    ]


def _steps(mapping: OfficeMapping) -> Iterator[tuple[Deed, str, Step, Location, bool]]:
    session = mapping.session
    if session is not None:
        for position, step in enumerate(session.open):
            yield Deed.LOG_IN, "session", step, ("session", "open", position), True
        if session.close is not None:
            yield Deed.LOG_OUT, "session", session.close, ("session", "close"), True
    for name, steps in mapping.operations.with_steps:
        for position, step in enumerate(steps):
            place: Location = ("operations", name, "steps", position)
            if name == "register":
                yield _ROLES[step.role], name, step, place, True
            else:
                yield Deed(name), name, step, place, position + 1 == len(steps)


def fitting(plan: Iterable[Planned], message: Message, paths: dict[str, str]) -> Planned | None:
    """Return the step that this request is; of several the one whose fields it has most of. None where it is none."""
    found = [each for each in plan if _fits(each, message, paths)]
    return max(found, key=lambda each: _likeness(each, message), default=None)


def twins(plan: Iterable[Planned], one: Planned, message: Message, paths: dict[str, str]) -> list[Planned]:
    """Return the other steps of the same deed that explain the request just as well."""
    likeness = _likeness(one, message)
    return [
        each
        for each in plan
        if each is not one and each.deed is one.deed and _fits(each, message, paths)
        and _likeness(each, message) == likeness
    ]  # fmt: skip


def _fits(one: Planned, message: Message, paths: dict[str, str]) -> bool:
    line = one.step.request
    if line is None:
        return message.call is not None and one.request == message.call
    if message.call is not None or line.method != message.method:
        return False
    service = paths.get(one.step.service or "", next(iter(paths.values()), ""))
    template, _, query = (service.rstrip("/") + "/" + line.path.lstrip("/")).partition("?")
    pattern = path_pattern(template)
    if pattern is None or not re.search(pattern[0].pattern + r"/?\Z", message.path):
        return False
    return all(part.partition("=")[0] in message.query for part in query.split("&") if part)


def _likeness(one: Planned, message: Message) -> tuple[int, ...]:
    """Return how well a step explains a request: strange fields count against it first, then missing ones."""
    wanted, came = set(_names(one.send)), set(_keys(message.fields))
    line = one.step.request
    query = set(line.query) if line else set()
    strange = len(came - wanted) + len(set(message.query) - query)
    missing = len(wanted - came) + len(query - set(message.query))
    contrary = sum(_contradicts(send, value) for send, value in _pairs(one.send, message.fields))
    return (-strange, -missing, -contrary, -(line.path.count("{{") if line else 0))


def _contradicts(send: Send, value: Any) -> bool:
    """Return whether a field says what this step never does: another constant, or a text that it does not write."""
    leaf = send.root
    if not isinstance(leaf, Leaf) or value is None:
        return False
    if leaf.write is not None:
        text = document_text(value) if leaf.as_ is As.DOCUMENT else value
        pattern = text_pattern(leaf.write)
        return pattern is not None and not (isinstance(text, str) and pattern[0].fullmatch(text))
    return isinstance(leaf.value, str) and leaf.value != value


def _pairs(send: Send, fields: Any) -> Iterator[tuple[Send, Any]]:
    """Yield what the step writes at each place, however deep, and what came there."""
    if not isinstance(send.root, dict):
        yield send, fields
        return
    for name, inner in send.root.items():
        yield from _pairs(inner, fields.get(name) if isinstance(fields, dict) else None)


def _names(send: Send) -> Iterator[str]:
    tree = send.root
    if isinstance(tree, dict):
        yield from tree


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
