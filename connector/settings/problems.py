"""Says what is wrong in a configuration: where, at which path and what. Never a value: it may be a secret."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

from connector.errors import SettingsInvalid
from connector.settings.lines import line_of

__all__ = ["PREFIX", "SettingProblem", "Source", "invalid", "problems_of", "variable_of"]

PREFIX: Final = "CHAPAR_"
_NEXT_STEP: Final = "Correct it, then try: chapar check. chapar config example explains every option."

_PLAIN: Final = {
    "string_type": "write it as text, in quotes",
    "int_type": "write a whole number",
    "int_parsing": "write a whole number",
    "int_from_float": "write a whole number",
    "float_type": "write a number",
    "float_parsing": "write a number",
    "bool_type": "write true or false",
    "bool_parsing": "write true or false",
    "list_type": "write a list, in square brackets",
    "tuple_type": "write a list, in square brackets",
    "time_delta_type": "write a length of time with its unit, such as 30s, 5m, 2h or 7d",
    "time_delta_parsing": "write a length of time with its unit, such as 30s, 5m, 2h or 7d",
    "model_type": "write a section or a table, in braces",
}
"""What an option of another kind wants, in the words of whoever writes TOML."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SettingProblem:
    """One thing that is wrong: the place (file and line, or variable), the path of the option, and what."""

    where: str
    path: str
    what: str

    def __str__(self) -> str:
        """Return it in one line, as compilers do."""
        return f"{self.where}: {self.path}: {self.what}" if self.path else f"{self.where}: {self.what}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Where the settings came from, so that a problem can name its place."""

    file: Path
    text: str
    environment: Mapping[str, str]

    def where(self, path: Sequence[str | int]) -> str:
        """Return ``file:line`` of this path, or the variable that set it."""
        variable = variable_of(path)
        for name in self.environment:
            if name.upper() == variable:
                return f"environment variable {variable}"
        line = line_of(self.text, path)
        return f"{self.file}:{line}" if line else f"{self.file}"

    def problem(self, path: Sequence[str | int], what: str) -> SettingProblem:
        """Return the problem at this path."""
        return SettingProblem(where=self.where(path), path=".".join(map(str, path)), what=what)


def variable_of(path: Sequence[str | int]) -> str:
    """Return the environment variable that sets the option at this path."""
    return PREFIX + "__".join(str(part).upper() for part in path)


def invalid(problems: Iterable[SettingProblem]) -> SettingsInvalid:
    """Return the error that lists these problems, each once."""
    listed = list(dict.fromkeys(str(problem) for problem in problems))
    count = "One thing is" if len(listed) == 1 else f"{len(listed)} things are"
    return SettingsInvalid(
        f"The configuration cannot be used. {count} wrong:\n" + "\n".join(f"  {line}" for line in listed),
        next_step=_NEXT_STEP,
        problems=listed,
    )


def problems_of(
    error: ValidationError, model: type[BaseModel], source: Source, *, under: tuple[str, ...] = ()
) -> list[SettingProblem]:
    """Return what a model refused, in plain words; ``under`` is the path of the section it describes."""
    found = []
    for item in error.errors(include_url=False, include_input=False):
        place = tuple(
            part for part in item["loc"] if not str(part).startswith(("function-", "lax-", "tagged-"))
        )
        found.append(source.problem((*under, *place), _what(item, model, place, reserved=bool(under))))
    return found


def _what(item: Any, model: type[BaseModel], place: tuple[str | int, ...], *, reserved: bool) -> str:
    kind = item["type"]
    if kind == "missing":
        return "is missing; it has no default"
    if kind == "extra_forbidden":
        known = _known_keys(model, place[:-1]) + (
            ["adapter", "pool_size", "calls_per_second"] if reserved else []
        )
        close = get_close_matches(str(place[-1]), known, n=1, cutoff=0.6)
        if close:
            return f"is not an option here; did you mean {close[0]}?"
        return f"is not an option here; there are: {', '.join(known)}" if known else "is not an option here"
    if kind == "string_pattern_mismatch":
        return _form(model, place)
    if kind in _PLAIN:
        return _PLAIN[kind]
    sentence = str(item["msg"]).removeprefix("Value error, ")
    return sentence[:1].lower() + sentence[1:]


def _form(model: type[BaseModel], place: Sequence[str | int]) -> str:
    """Say in words what is wanted: nobody should have to read a regular expression."""
    if place[-1] == "[key]":
        return "a name begins with a small letter and has small letters, digits, - and _, at most 40"
    found = _model_at(model, place[:-1])
    field = found.model_fields.get(str(place[-1])) if found else None
    extra = field.json_schema_extra if field else None
    if isinstance(extra, dict) and "patternErrorMessage" in extra:
        return str(extra["patternErrorMessage"])
    return f"does not fit; it is: {field.description}" if field and field.description else "does not fit"


def _known_keys(model: type[BaseModel], place: Sequence[str | int]) -> list[str]:
    found = _model_at(model, place)
    return list(found.model_fields) if found else []


def _model_at(model: type[BaseModel], place: Sequence[str | int]) -> type[BaseModel] | None:
    found: type[BaseModel] | None = model
    for part in place:
        field = found.model_fields.get(str(part)) if found else None
        if field is not None:
            found = _model_in(field.annotation)
    return found


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
