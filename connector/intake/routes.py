"""Routes: which letters go to which office and secretariat, and which gateway tells their citizens.

A small YAML file, read again at reload. The most specific rule wins: service and unit named, then service alone, then
unit alone, then none. Names are compared folded, so that an Arabic ye in the portal's list does no harm.
"""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from connector.domain.letter import Route
from connector.domain.text import fold
from connector.errors import SettingsInvalid
from connector.mapping.located import Located, Location, load_located, spell, validate

__all__ = ["ANY", "Routes", "load_routes"]

ANY: Final = "*"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class _When(_Section):
    service: str = Field(default=ANY, min_length=1)
    unit: str = Field(default=ANY, min_length=1)


class _Destination(_Section):
    office: str = Field(min_length=1)
    secretariat: str = Field(min_length=1, max_length=100)
    gateway: str = Field(min_length=1)
    unit: str | None = Field(default=None, min_length=1, max_length=200)


class _Rule(_Section):
    when: _When = _When()
    to: _Destination
    needs_review: bool = False


class _RoutesFile(_Section):
    routes: list[_Rule] = Field(min_length=1)


class Routes:
    """The rules of one file, as it was when it was read."""

    def __init__(self, rules: _RoutesFile, located: Located) -> None:
        """Take the checked file; load_routes() makes one from a path."""
        self._rules = rules.routes
        self._located = located
        self._by_key = {_key(rule): _route(rule) for rule in reversed(self._rules)}

    def route_for(self, service: str, unit: str | None) -> Route | None:
        """Return the route of the most specific rule that fits; None if no rule does."""
        folded_service, folded_unit = fold(service), fold(unit or "")
        keys = ((folded_service, folded_unit), (folded_service, ANY), (ANY, folded_unit), (ANY, ANY))
        return next((self._by_key[key] for key in keys if key in self._by_key), None)

    def lint(self, offices: Collection[str], gateways: Collection[str]) -> list[SettingsInvalid]:
        """Return what is wrong beside the form: two rules for the same letters, unknown offices, unknown gateways."""
        problems: list[SettingsInvalid] = []
        first_line: dict[tuple[str, str], int] = {}
        for index, rule in enumerate(self._rules):
            location: Location = ("routes", index)
            if (
                earlier := first_line.setdefault(_key(rule), self._located.line(location))
            ) != self._located.line(location):
                sentence = f"the rule in line {earlier} is for the same letters"
                problems.append(self._problem(location, sentence, "Remove one of the two rules."))
            for name, known in (("office", offices), ("gateway", gateways)):
                value = getattr(rule.to, name)
                if value not in known:
                    sentence = f"no {name} named {value!r} is configured"
                    choices = ", ".join(sorted(known)) or "none is configured"
                    step = f"Choose one of: {choices}; or add [{name}s.{value}]."
                    problems.append(self._problem((*location, "to", name), sentence, step))
        return problems

    def covers_everything(self) -> bool:
        """Return whether there is a rule for letters that no other rule fits; without it such letters are parked."""
        return (ANY, ANY) in self._by_key

    def offices(self) -> frozenset[str]:
        """Return the names of all offices that letters go to."""
        return frozenset(rule.to.office for rule in self._rules)

    def _problem(self, location: Location, sentence: str, next_step: str) -> SettingsInvalid:
        facts: Mapping[str, object] = {
            "file": str(self._located.path),
            "line": self._located.line(location),
            "path": spell(location),
        }
        return SettingsInvalid(f"{self._located.where(location)}: {sentence}.", next_step=next_step, **facts)


def load_routes(path: Path) -> Routes:
    """Return the routes of a file. Raise SettingsInvalid with file, line and path if it cannot be used."""
    located = load_located(path, error=SettingsInvalid)
    return Routes(validate(_RoutesFile, located, error=SettingsInvalid), located)


def _key(rule: _Rule) -> tuple[str, str]:
    return _folded(rule.when.service), _folded(rule.when.unit)


def _folded(name: str) -> str:
    return ANY if name == ANY else fold(name)


def _route(rule: _Rule) -> Route:
    return Route(
        office=rule.to.office,
        secretariat=rule.to.secretariat,
        gateway=rule.to.gateway,
        unit=rule.to.unit,
        needs_review=rule.needs_review,
    )
