"""Patterns (الگو): texts that a gateway keeps and fills with our values; they go over its service line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    longest_value: int | None = None
    places_without_spaces: frozenset[str] = frozenset()
    separator: str | None = None
    """A mark that joins the values on the wire, and so may stand in none of them."""
    batch_size: int = 1
    """Messages of the same pattern in one call."""

    def objection(self, use: PatternUse) -> str | None:
        """Return a closed word for the rule that this use breaks; None where it may go."""
        for place, value in use.values.items():
            if self.places is not None and place not in self.places:
                return "pattern_place_unknown"
            if not value.strip():
                return "pattern_value_empty"
            if self.longest_value is not None and len(value) > self.longest_value:
                return "pattern_value_too_long"
            if place in self.places_without_spaces and _SPACES & frozenset(value):
                return "pattern_value_has_spaces"
            if self.separator is not None and self.separator in value:
                return "pattern_value_has_separator"
        return None
