"""Adapters declare lengths of time as plain timedeltas; the operator writes them as everywhere: ``30s``."""

import types
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

from connector.settings.quantities import read_duration

__all__ = ["with_durations"]


def with_durations(model: type[BaseModel], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with every ``30s`` that the model wants as a timedelta made one; all else as it is.

    What cannot be read stays as it is: the model refuses it, with its place.
    """
    read = dict(values)
    for name, field in model.model_fields.items():
        value = read.get(name)
        kinds = set(_spread(field.annotation))
        if isinstance(value, str) and timedelta in kinds:
            read[name] = _read(value)
        elif isinstance(value, Mapping):
            for kind in kinds:
                if isinstance(kind, type) and issubclass(kind, BaseModel):
                    read[name] = with_durations(kind, value)
    return read


def _read(value: str) -> Any:
    try:
        return read_duration(value)
    except ValueError:
        return value


def _spread(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) in {Union, types.UnionType}:
        for member in get_args(annotation):
            yield from _spread(member)
    elif hasattr(annotation, "__metadata__"):
        yield from _spread(get_args(annotation)[0])
    else:
        yield annotation
