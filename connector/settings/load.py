"""Reads the configuration: the file, the environment over it, everything checked before anything is built."""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_settings import SettingsError

from connector.errors import SettingsInvalid
from connector.settings.connections import GROUPS, read_options, split_options
from connector.settings.located import rooted
from connector.settings.problems import SettingProblem, Source, invalid, problems_of
from connector.settings.settings import Settings
from connector.settings.variables import option_variables, strange_variables

__all__ = ["PLACEHOLDER", "SYSTEM_FILE", "find_file", "load_settings"]

SYSTEM_FILE: Final = Path("/etc/chapar/chapar.toml")
PLACEHOLDER: Final = "CHANGE-ME"
_TOML_PLACE: Final = re.compile(r"\s*\(at line (\d+), column \d+\)|\s*\(at end of document\)")


def find_file(given: Path | None = None) -> Path:
    """Return the configuration file: the given one, $CHAPAR_CONFIG, ./chapar.toml, or the system's.

    Raise SettingsInvalid when there is none, or this user may not look.
    """
    named = given or (Path(os.environ["CHAPAR_CONFIG"]) if os.environ.get("CHAPAR_CONFIG") else None)
    for candidate in [named] if named else [Path("chapar.toml"), SYSTEM_FILE]:
        try:
            if candidate.is_file():
                return candidate
        except PermissionError:
            raise SettingsInvalid(
                f"The configuration {candidate} may not be read by this user.",
                next_step="Run it as root (sudo), or as the user that Chapar runs as.",
            ) from None
    raise SettingsInvalid(
        f"There is no configuration file {named or f'chapar.toml here, and no {SYSTEM_FILE}'}.",
        next_step="Make one with: chapar init, or name it with --config.",
    )


def load_settings(file: Path) -> Settings:
    """Return the settings of this file and the environment, paths made absolute from the file's folder.

    Raise SettingsInvalid with every problem as ``file:line: path: what is wrong``; no value is ever repeated.
    """
    source = _read(file)
    values = _merged(_parsed(source), _environment_values(source))
    core, options = split_options(values)
    problems = [*_placeholders(source, values), *strange_variables(source, values)]
    covered = {problem.path for problem in problems}
    settings, refused = _core(core, source)
    read, wrong_options = _options(core, options, source)
    problems += [problem for problem in [*refused, *wrong_options] if problem.path not in covered]
    if problems or settings is None:
        raise invalid(problems)
    return rooted(_with_options(settings, read), file.parent.absolute())


def _read(file: Path) -> Source:
    try:
        text = file.read_text(encoding="utf-8-sig")  # Windows puts a mark at the start
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise invalid(
            [SettingProblem(where=f"{file}:{line}", path="", what="this is not UTF-8 text")]
        ) from None
    except OSError as error:
        raise SettingsInvalid(
            f"The configuration file {file} cannot be read: {error.strerror}.",
            next_step="Run it as root (sudo), or let the user that Chapar runs as read it.",
        ) from None
    return Source(file=file, text=text, environment=option_variables(os.environ))


def _parsed(source: Source) -> dict[str, Any]:
    try:
        return tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        sentence = str(error)
        place = _TOML_PLACE.search(sentence)
        line = place[1] if place and place[1] else str(source.text.count("\n") + 1)
        what = f"this is not TOML: {_TOML_PLACE.sub('', sentence)}"
    raise invalid([SettingProblem(where=f"{source.file}:{line}", path="", what=what)])


def _environment_values(source: Source) -> dict[str, Any]:
    try:
        return Settings.from_environment()
    except SettingsError:
        # pydantic-settings names the field and not the variable, and may repeat the value: say it anew.
        what = "one of these is not the JSON that its option wants"
    raise invalid(
        SettingProblem(where=f"environment variable {name}", path="", what=what)
        for name in source.environment
    )


def _merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(under)
    for key, value in over.items():
        old = result.get(key)
        result[key] = (
            _merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
        )
    return result


def _core(values: dict[str, Any], source: Source) -> tuple[Settings | None, list[SettingProblem]]:
    try:
        return Settings(**values), []
    except ValidationError as error:
        return None, problems_of(error, Settings, source)


def _options(
    core: Mapping[str, Any], options: Mapping[tuple[str, str], dict[str, Any]], source: Source
) -> tuple[dict[tuple[str, str], BaseModel], list[SettingProblem]]:
    read, problems = {}, []
    for (group, name), values in options.items():
        adapter = core[group][name].get("adapter")
        if isinstance(adapter, str):
            model, wrong = read_options(group, name, adapter, values, source)
            problems += wrong
            if model is not None:
                read[group, name] = model
    return read, problems


def _with_options(settings: Settings, read: Mapping[tuple[str, str], BaseModel]) -> Settings:
    filled = {
        group: {
            name: section.model_copy(update={"options": read[group, name]})
            for name, section in getattr(settings, group).items()
        }
        for group in GROUPS
    }
    return settings.model_copy(update=filled)


def _placeholders(source: Source, value: Any, path: Sequence[str | int] = ()) -> Iterator[SettingProblem]:
    if isinstance(value, str) and PLACEHOLDER in value:
        yield source.problem(path, f"still holds the placeholder {PLACEHOLDER}: write your own value")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _placeholders(source, item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _placeholders(source, item, (*path, index))
