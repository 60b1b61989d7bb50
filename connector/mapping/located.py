"""Located files checked against a pydantic model, with every complaint at its line."""

import difflib
import types
from collections.abc import Iterator
from typing import Any, Final, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, RootModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from connector.errors import MappingInvalid, OperatorError
from connector.mapping.plain_yaml import Located, Location, load_located, spell

__all__ = ["Located", "Location", "load_located", "spell", "unfit_at", "validate"]

Model = TypeVar("Model", bound=BaseModel)

_PLAIN: Final = {
    "missing": "this key is missing",
    "string_type": "write it as text; a number or a code stands in quotes",
    "int_type": "write a whole number",
    "float_type": "write a number",
    "bool_type": "write true or false",
    "list_type": "write a list, each item in a line of its own that begins with -",
    "tuple_type": "write a list, each item in a line of its own that begins with -",
    "dict_type": "write keys, each in a line of its own with its value",
    "model_type": "write keys, each in a line of its own with its value",
    "model_attributes_type": "write keys, each in a line of its own with its value",
    "time_delta_parsing": "write a length of time as PT30S (seconds), PT30M (minutes) or PT2H (hours)",
    "time_delta_type": "write a length of time as PT30S (seconds), PT30M (minutes) or PT2H (hours)",
}
"""What a key of another kind wants, in the words of whoever writes YAML."""


def validate(model: type[Model], located: Located, *, error: type[OperatorError] = MappingInvalid) -> Model:
    """Return the file as this model.

    Raise ``error`` with one line ``file:line: path: what is wrong`` for each complaint. Unknown keys are
    refused with the nearest known name. Values are never repeated: they may be secrets.
    """
    try:
        return model.model_validate(located.values)
    except ValidationError as problem:
        details = problem.errors(include_url=False, include_input=False)
    complaints = sorted({_complaint(model, located, detail) for detail in details})
    sentence = "\n".join(text for _, text in complaints)
    raise error(sentence, next_step=f"Correct {located.path} from line {complaints[0][0]} on.")


def unfit_at(place: Location, sentence: str) -> PydanticCustomError:
    """Return what a validator raises whose complaint is about a place inside the value that it looks at."""
    return PydanticCustomError("unfit", "{sentence}", {"sentence": sentence, "at": place})


def _complaint(model: type[BaseModel], located: Located, detail: ErrorDetails) -> tuple[int, str]:
    inside: Location = tuple(detail.get("ctx", {}).get("at", ()))
    location = _in_file(located, (*detail["loc"], *inside), detail["type"])
    text = _PLAIN.get(detail["type"]) or detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "extra_forbidden":
        text = "this key is not known" + _meant(model, detail["loc"])
    return located.line(location), f"{located.path}:{located.line(location)}: {spell(location)}: {text}"


def _in_file(located: Located, loc: Location, kind: str) -> Location:
    # pydantic puts the names of union members into the location; they stand in no file.
    found: Location = ()
    for part in loc:
        if (*found, part) in located.lines:
            found = (*found, part)
    return (*found, loc[-1]) if kind == "missing" and loc else found


def _meant(model: type[BaseModel], loc: Location) -> str:
    known = sorted({name for found in _models_at(model, loc[:-1]) for name in _names(found)})
    near = difflib.get_close_matches(str(loc[-1]), known, n=1)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; known here: {', '.join(known)}" if known else ""


def _names(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _models_at(model: type[BaseModel], loc: Location) -> list[type[BaseModel]]:
    places: list[Any] = [model]
    for part in loc:
        # A part that leads nowhere is the name of a union member: stay where we are.
        places = [inner for place in places for inner in _step(place, part)] or places
    return [place for place in places if isinstance(place, type) and issubclass(place, BaseModel)]


def _step(place: Any, part: str | int) -> Iterator[Any]:
    if isinstance(place, type) and issubclass(place, BaseModel):
        for name, field in place.model_fields.items():
            if str(part) in {name, field.alias}:
                yield from _spread(field.annotation)
    elif get_origin(place) in {list, tuple, dict}:
        inner = [argument for argument in get_args(place) if argument is not Ellipsis]
        yield from _spread(inner[-1])


def _spread(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin in {Union, types.UnionType}:
        for member in get_args(annotation):
            yield from _spread(member)
    elif hasattr(annotation, "__metadata__"):
        yield from _spread(get_args(annotation)[0])
    elif isinstance(annotation, type) and issubclass(annotation, RootModel):
        yield from _spread(annotation.model_fields["root"].annotation)
    else:
        yield annotation
