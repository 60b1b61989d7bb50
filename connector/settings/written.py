"""Writes options as TOML that explains itself: the description above, the default commented out below it."""

import json
import textwrap
import types
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from connector.settings.quantities import write_duration
from connector.transport.secret import SecretReference

__all__ = ["PLACEHOLDER", "comment", "options_of", "plain_values", "table", "toml_value"]

PLACEHOLDER: Final = "CHANGE-ME"
_WIDTH: Final = 100
_EXAMPLES: Final[tuple[tuple[type, Any], ...]] = (
    (str, PLACEHOLDER),
    (timedelta, "30s"),
    (Path, None),
    (bool, False),
    (int, 4),
    (float, 4),
)


def comment(text: str) -> list[str]:
    """Return prose as comment lines; a commented option has no space after its #, prose has one."""
    return [f"# {line}" for line in textwrap.wrap(" ".join(text.split()), _WIDTH - 2, break_on_hyphens=False)]


def table(
    path: str, model: type[BaseModel], *, leave_out: frozenset[str] = frozenset(), disabled: bool = False
) -> list[str]:
    """Return the options of a model as lines below a table header that is already written.

    Sections inside follow as tables of their own. ``disabled`` comments everything out.
    """
    defaults = _defaults(model)
    lines: list[str] = []
    inner: list[str] = []
    for name, field in model.model_fields.items():
        if name in leave_out:
            continue
        models = list(_sections_in(field.annotation))
        if models:
            inner += _inner_tables(f"{path}.{name}", field, models, disabled=disabled)
        else:
            lines += [*_explained(field), _assignment(path, name, field, defaults, disabled=disabled)]
    return lines + inner


def options_of(
    model: type[BaseModel], *, hidden: frozenset[str] = frozenset(), under: str = ""
) -> Iterator[tuple[str, str | None, str]]:
    """Yield every option: its path, its default as TOML (empty: none, None: required), and its prose in one line."""
    defaults = _defaults(model)
    for name, field in model.model_fields.items():
        if name in hidden:
            continue
        models = list(_sections_in(field.annotation))
        for inner in models:
            yield from options_of(inner, under=f"{under}{name}.")
        if not models:
            default = defaults.get(name)
            written = (
                None if field.is_required() else "" if default in (None, {}, []) else toml_value(default)
            )
            yield f"{under}{name}", written, " ".join(line.removeprefix("# ") for line in _explained(field))


def toml_value(value: Any) -> str:
    """Return a plain value as TOML."""
    if isinstance(value, dict):
        inside = ", ".join(f"{key} = {toml_value(item)}" for key, item in value.items() if item is not None)
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml_value(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _inner_tables(path: str, field: FieldInfo, models: list[type[BaseModel]], *, disabled: bool) -> list[str]:
    lines: list[str] = []
    for model in models:
        hidden = disabled or not field.is_required()
        mark = "#" if hidden else ""
        prose = field.description if len(models) == 1 and field.description else model.__doc__ or ""
        lines += ["", *comment(prose), f"{mark}[{path}]"]
        lines += table(path, model, disabled=hidden)
    return lines


def _explained(field: FieldInfo) -> list[str]:
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    lines = comment(field.description or "")
    if extra.get("fa"):
        lines.append(f"# {extra['fa']}")
    return lines


def plain_values(model: BaseModel) -> dict[str, Any]:
    """Return what a model holds as an operator writes it."""
    written: dict[str, Any] = _plain(model, model.model_dump(mode="json", warnings=False))
    return written


def _plain(value: Any, dumped: Any) -> Any:
    if isinstance(value, timedelta):
        return write_duration(value)  # adapters declare plain ones, which would be PT5S
    if isinstance(value, BaseModel) and isinstance(dumped, dict):
        return {name: _plain(getattr(value, name, None), each) for name, each in dumped.items()}
    if isinstance(value, Mapping) and isinstance(dumped, dict):
        return {key: _plain(value.get(key), each) for key, each in dumped.items()}
    if isinstance(value, list | tuple) and isinstance(dumped, list):
        return [_plain(one, other) for one, other in zip(value, dumped, strict=True)]
    return dumped


def _defaults(model: type[BaseModel]) -> dict[str, Any]:
    return plain_values(model.model_construct())


def _assignment(path: str, name: str, field: FieldInfo, defaults: dict[str, Any], *, disabled: bool) -> str:
    default = defaults.get(name)
    if field.is_required():
        return f"{'#' if disabled else ''}{name} = {toml_value(_example(path, name, field))}"
    if default is None or default in ({}, []):
        return f"#{name} = {toml_value(_example(path, name, field))}"
    return f"#{name} = {toml_value(default)}"


def _example(path: str, name: str, field: FieldInfo) -> Any:
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    if "example" in extra:
        return extra["example"]
    if field.examples:
        return field.examples[0]
    kinds = set(_spread(field.annotation))
    if SecretReference in kinds:
        return {"credential": f"{path.rpartition('.')[2]}-{name}".replace("_", "-")}
    for kind, example in _EXAMPLES:
        if kind in kinds:
            return f"/etc/chapar/{name}" if kind is Path else example
    return PLACEHOLDER


def _sections_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if get_origin(annotation) in {Union, types.UnionType} or isinstance(annotation, type):
        for kind in _spread(annotation):
            if isinstance(kind, type) and issubclass(kind, BaseModel) and kind is not SecretReference:
                yield kind


def _spread(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) in {Union, types.UnionType}:
        for member in get_args(annotation):
            yield from _spread(member)
    elif hasattr(annotation, "__metadata__"):
        yield from _spread(get_args(annotation)[0])
    else:
        yield annotation
