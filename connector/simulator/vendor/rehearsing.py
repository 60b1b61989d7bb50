"""Before an office opens: every answer that it may give is written once and read again by the mapping itself."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from connector.errors import ChaparError
from connector.mapping.expressions import compile_expression
from connector.mapping.functions import OfficeFunctions
from connector.mapping.schema_operations import (
    CheckOperation,
    FindOperation,
    ProgressOperation,
    RegisterOperation,
)
from connector.mapping.schema_parts import Meaning, Verdict
from connector.simulator.book import ResultCode
from connector.simulator.counter import Fields
from connector.simulator.vendor.answering import Answering, meaning_of
from connector.simulator.vendor.inverse import NotInvertible, inverse
from connector.simulator.vendor.model import VendorModel
from connector.simulator.vendor.plan import Deed, Planned
from connector.simulator.vendor.speech import Spoken, spoken

__all__ = ["rehearse"]

_LETTER: Final[Fields] = {
    "key": "KEY",
    "statusCode": 2,
    "number": "000001",
    "year": 1405,
    "date": "1405/08/30",
    "documentId": "D0000001",
}
_RESULTS: Final[Mapping[Deed, tuple[ResultCode, ...]]] = {
    Deed.REGISTER: (ResultCode.REGISTERED, ResultCode.KNOWN, ResultCode.ACCEPTED),
    Deed.FIND: (ResultCode.REGISTERED, ResultCode.NOT_FOUND),
    Deed.VERIFY: (ResultCode.REGISTERED, ResultCode.NOT_FOUND),
}
_NUMBERED: Final = frozenset({ResultCode.REGISTERED, ResultCode.KNOWN})


def rehearse(model: VendorModel) -> list[str]:
    """Return what the office must answer by and cannot, each with file, line and path.

    What it may leave out (year, date, the office's wording, referrals) goes to the model's notes.
    """
    complaints = []
    for one in model.plan:
        for code in _RESULTS.get(one.deed, (ResultCode.REGISTERED,)):
            complaint = _complaint(model, one, code)
            if complaint:
                complaints.append(complaint)
                break
    model.notes.extend(_notes(model))
    return complaints


def _complaint(model: VendorModel, one: Planned, code: ResultCode) -> str | None:
    meaning = meaning_of(one.deed, code) or Meaning.UNKNOWN
    if model.own_replies.find(one.step.name, one.operation, meaning) is not None:
        return None
    where = model.located.where(one.location)
    try:
        if spoken(model.mapping, one.step, meaning) is None:
            is_needed = code in {ResultCode.REGISTERED} and one.is_last and not _accepts(model, one)
            return f"{where}: nothing of the mapping says {meaning} here" if is_needed else None
        fields: Fields = {"resultCode": int(code), **(_LETTER if one.deed in _RESULTS else {})}
        if one.deed in {Deed.SEARCH, Deed.PROGRESS}:
            fields["letters"] = [_LETTER]
        if not one.is_last:
            fields.pop("letters", None)
        taken = {name: f"H{position}" for position, name in enumerate(one.step.take)}
        said = Answering(model, one).laid_out(fields, taken)
    except NotInvertible as trouble:
        return f"{where}: the answer for {meaning} cannot be read backwards: {trouble}"
    return _unread(model, one, said, code, taken)


def _accepts(model: VendorModel, one: Planned) -> bool:
    try:
        return spoken(model.mapping, one.step, Meaning.ACCEPTED) is not None
    except NotInvertible:
        return False


def _unread(
    model: VendorModel, one: Planned, said: Spoken, code: ResultCode, taken: Mapping[str, str]
) -> str | None:
    """Return what the mapping's own expressions do not find in the answer again."""
    data = {"reply": None, "outer": None, "http": {"status": said.status}, **said.data}
    operation = model.mapping.operations.by_name.get(one.operation)
    wanted: list[tuple[str, str, Any]] = [
        (f"take.{name}", one.step.take[name], value) for name, value in taken.items()
    ]
    if (
        isinstance(operation, RegisterOperation | FindOperation)
        and one.deed in _RESULTS
        and code in _NUMBERED
    ):
        wanted.append(("registration.number", operation.registration.number, "000001"))
    for name, source, value in wanted:
        found = _read(source, data, model)
        if str(found) != str(value):
            return (
                f"{model.located.where((*one.location[:2], *name.split('.')))}: {source!r} does not find the value in "
                "the office's own answer"
            )
    return None


def _read(source: str, data: Any, model: VendorModel) -> Any:
    try:
        return compile_expression(source, where="", functions=OfficeFunctions(model.mapping.lists)).search(
            data
        )
    except ChaparError:
        return None


def _notes(model: VendorModel) -> Iterator[str]:
    for name, operation in model.mapping.operations.by_name.items():
        if isinstance(operation, CheckOperation):
            continue
        place = ("operations", name)
        for pick, source in operation.registration:
            if source is not None and pick != "number" and _is_hidden(source):
                yield f"{model.located.where((*place, 'registration', pick))}: not told, for it is worked out"
        story = (operation.referrals, operation.answer) if isinstance(operation, ProgressOperation) else ()
        for group, picks in zip(("referrals", "answer"), story, strict=False):
            for pick, source in picks or ():
                if source is not None and _is_hidden(source):
                    yield f"{model.located.where((*place, group, pick))}: not told, for it is worked out"
    for one in model.plan:
        verdict: Verdict = one.step.verdict
        if verdict.text is not None and _is_hidden(verdict.text):
            yield f"{model.located.where((*one.location, 'verdict', 'text'))}: not told, for it is worked out"
    yield from (f"the WSDL is not used: {each}" for each in model.contract.complaints)


def _is_hidden(source: str) -> bool:
    try:
        inverse(source, "value")
    except NotInvertible:
        return True
    return False
