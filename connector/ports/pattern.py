"""Patterns (الگو): texts that a gateway keeps and fills with our values; they go over its service line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

__all__ = ["PatternRules", "PatternUse"]

_SPACES: Final = frozenset(" \u00a0\u2009\n")


@dataclass(frozen=True, kw_only=True, slots=True)
class PatternUse:
    """One pattern with the values of one message."""

    code: str
    """The vendor's own name or number of the pattern."""
    values: Mapping[str, str] = field(repr=False)
    """The vendor's name of each place, in the pattern's order, and what stands there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PatternRules:
    """What a gateway lets into the places of a pattern; a message that breaks a rule goes as free text."""

    places: tuple[str, ...] | None = None
    """The only names that places may have, where the vendor fixes them."""
    required: frozenset[str] = frozenset()
    """Places that every pattern of this vendor has."""
    longest_value: int | None = None
    places_without_spaces: frozenset[str] = frozenset()
    most_spaces: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """How many spaces the vendor lets stand in these places."""
    separator: str | None = None
    """A mark that joins the values on the wire, and so may stand in none of them."""
    batch_size: int = 1
    """Messages of the same pattern in one call."""
    can_be_found: bool = False
    """A message that went as a pattern can be asked for by our own id, where the gateway finds by own id at all. Where
    not, nobody can say what became of it when its answer is lost: that it is not found proves nothing."""

    def objection(self, use: PatternUse) -> str | None:
        """Return a closed word for the rule that this use breaks; None where it may go."""
        if not self.required <= use.values.keys():
            return "pattern_place_missing"
        found = (self._against(place, value) for place, value in use.values.items())
        return next((word for word in found if word is not None), None)

    def _against(self, place: str, value: str) -> str | None:
        spaces = sum(letter in _SPACES for letter in value)
        most = 0 if place in self.places_without_spaces else self.most_spaces.get(place, spaces)
        rules = (
            (self.places is not None and place not in self.places, "pattern_place_unknown"),
            (not value.strip(), "pattern_value_empty"),
            (
                self.longest_value is not None and len(value) > self.longest_value,
                "pattern_value_too_long",
            ),
            (spaces > most, "pattern_value_has_spaces"),
            (self.separator is not None and self.separator in value, "pattern_value_has_separator"),
        )
        return next((word for is_broken, word in rules if is_broken), None)
