"""The environment's variables: which of them set options, which have another use, and which nobody knows."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final

from pydantic import BaseModel

from connector.errors import AdapterUnknown
from connector.ports.catalogue import adapter_kind
from connector.settings.connections import CORE_KEYS, GROUPS
from connector.settings.problems import PREFIX, SettingProblem, Source, variable_of
from connector.settings.settings import Settings
from connector.settings.written import options_of

__all__ = ["OTHER_USE", "option_variables", "strange_variables"]

OTHER_USE: Final = frozenset({"CHAPAR_CONFIG", "CHAPAR_TESTS_MAY_SKIP", "CHAPAR_SIMULATION"})
"""The configuration's file, and two words to the tests. All other variables that begin with CHAPAR_ set an option, or
hold a secret that the configuration names; what does neither is a slip of the pen, and is refused like one in the file.
"""


def option_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that are there to set options, known or not."""
    return {
        name: value
        for name, value in environment.items()
        if name.upper().startswith(PREFIX) and name.upper() not in OTHER_USE
    }


def strange_variables(source: Source, values: Mapping[str, Any]) -> Iterator[SettingProblem]:
    """Yield a problem for each variable that sets no option and holds no secret; its value is not told."""
    named = set(_secrets_in(values))
    for name in source.environment:
        section = name[len(PREFIX) :].split("__")[0].lower()
        if section in Settings.model_fields or name in named:
            continue
        close = get_close_matches(name.upper(), list(_known(values)), n=1, cutoff=0.8)
        what = (
            f"is not an option; did you mean {close[0]}?"
            if close
            else f"is not an option; those are {PREFIX}SECTION__OPTION, and the sections are: "
            f"{', '.join(Settings.model_fields)}"
        )
        yield SettingProblem(where=f"environment variable {name}", path="", what=what)


def _secrets_in(value: Any) -> Iterator[str]:
    """Yield the names of variables that hold a secret: ``{ environment = "NAME" }`` anywhere."""
    if isinstance(value, Mapping):
        if isinstance(value.get("environment"), str):
            yield value["environment"]
        for inner in value.values():
            yield from _secrets_in(inner)


def _known(values: Mapping[str, Any]) -> Iterator[str]:
    for section, field in Settings.model_fields.items():
        if section in GROUPS:
            yield from _known_of_connections(section, values.get(section))
        elif isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _variables(field.annotation, section)


def _known_of_connections(group: str, tables: Any) -> Iterator[str]:
    for name, table in tables.items() if isinstance(tables, Mapping) else ():
        yield from (variable_of((group, name, key)) for key in CORE_KEYS[group])
        try:
            adapter = adapter_kind(GROUPS[group].group, str(table["adapter"]))
        except (AdapterUnknown, KeyError, TypeError):  # told elsewhere
            continue
        yield from _variables(adapter.settings, group, name)


def _variables(model: type[BaseModel], *under: str) -> Iterator[str]:
    for path, _, _ in options_of(model):
        yield variable_of((*under, *path.split(".")))
