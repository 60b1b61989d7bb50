"""What an office says for each meaning: a code where the mapping looks for it, an HTTP status, or a fault."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from connector.mapping.schema import OfficeMapping
from connector.mapping.schema_parts import FaultWords, Meaning, Verdict
from connector.mapping.schema_steps import Step
from connector.simulator.vendor.inverse import NotInvertible, inverse, merged, satisfying

__all__ = ["Spoken", "expired", "spoken", "strange"]

_STRANGE: Final = ("77", "7777", "NOBODY_KNOWS")
"""Codes that stand in no contract; the first that is in no table is taken."""
_USUAL: Final = {Meaning.CREDENTIALS: 401, Meaning.RATE: 429}


@dataclass(frozen=True, kw_only=True, slots=True)
class Spoken:
    """What is said: data in which the verdict's expressions find it, under a status, or a fault in its place."""

    data: Any = field(default_factory=dict)
    status: int = 200
    fault: tuple[str, str, str] | None = None
    """Code, text, and a word of its detail."""


def spoken(mapping: OfficeMapping, step: Step, meaning: Meaning) -> Spoken | None:
    """Return how the office says this meaning in answer to this step; None where the mapping knows no way.

    Raise NotInvertible where it would, in a place that cannot be found.
    """
    codes = _codes(step.verdict, meaning)
    if codes is not None:
        return Spoken(data=_placed(codes, mapping))
    tables: Mapping[str, Any] = {**mapping.http, **step.verdict.http}
    status = next((status for status, means in tables.items() if Meaning(means) is meaning), None)
    if status is not None:
        return Spoken(status=int(status))
    for rule in mapping.faults:
        if Meaning(rule.means) is meaning:
            return Spoken(status=500, fault=_fault(rule))
    if meaning is Meaning.DONE and step.verdict.code is None:
        return Spoken()
    return Spoken(status=_USUAL[meaning]) if meaning in _USUAL else None


def _fault(words: FaultWords) -> tuple[str, str, str]:
    return words.code or "Server", words.text or "fault", words.detail or ""


def strange(mapping: OfficeMapping, step: Step) -> Spoken | None:
    """Return a code that stands in no contract; None where the office has none, or the mapping works it out."""
    if step.verdict.code is None:
        return None
    code = next(each for each in _STRANGE if each not in step.verdict.means)
    try:
        return Spoken(data=_placed([(step.verdict.code, code)], mapping))
    except NotInvertible:
        return None


def expired(mapping: OfficeMapping, step: Step) -> Spoken | None:
    """Return how the office says that the session is over; None where the mapping has no session that it could end."""
    if mapping.session is None:
        return None
    told = mapping.session.expired
    if told.faults:
        return Spoken(status=500, fault=_fault(told.faults[0]))
    if told.codes and step.verdict.code is not None:
        return Spoken(data=_placed([(step.verdict.code, told.codes[0])], mapping))
    if told.http:
        return Spoken(status=int(told.http[0]))
    return None if told.when is None else Spoken(data=satisfying(told.when))


def _codes(verdict: Verdict, meaning: Meaning) -> list[tuple[str, str]] | None:
    """Return where which code stands, level by level."""
    inner = verdict.inner
    if verdict.code is not None:
        code = next((code for code, means in verdict.means.items() if means is meaning), None)
        if code is not None and (inner is None or meaning is not Meaning.DONE):
            return [(verdict.code, code)]
    if inner is None:
        return None
    further = _codes(inner, meaning)
    if further is None:
        return None
    if verdict.code is None:
        return further
    done = next(code for code, means in verdict.means.items() if means is Meaning.DONE)
    return [(verdict.code, done), *further]


def _placed(codes: list[tuple[str, str]], mapping: OfficeMapping) -> Any:
    data: Any = {}
    for source, code in codes:
        value = _typed(code) if mapping.transport == "rest" else code
        try:
            data = merged(data, inverse(source, value))
        except NotInvertible:
            data = merged(data, inverse(source, code))
    return data


def _typed(code: str) -> str | int | bool:
    if code in {"true", "false"}:
        return code == "true"
    return int(code) if code.isascii() and code.isdigit() and str(int(code)) == code else code
