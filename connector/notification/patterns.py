"""Which pattern a message goes as at a gateway: the operator's choice, kept to the gateway's rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from connector.domain.letter import Language
from connector.domain.message import FactKind, ReplyKind
from connector.ledger.records import MessageMaterial
from connector.notification.wording import VALUE_NAMES, pattern_values
from connector.ports.pattern import PatternRules, PatternUse

__all__ = ["GatewayPatterns", "PatternChoice"]

_ROOM: Final = 40
"""Letters of free words in a place, where the vendor sets no limit."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PatternChoice:
    """One pattern of a vendor, and what stands at its places."""

    code: str
    """The vendor's name or number of it."""
    values: Mapping[str, str]
    """For each place, in the pattern's order, the name of a value."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GatewayPatterns:
    """The patterns of one gateway."""

    rules: PatternRules | None = None
    choices: Mapping[tuple[Language, FactKind], PatternChoice] = field(default_factory=dict)
    go_first: bool = True
    """Whether a fact that has a pattern goes as one from the start; else only to numbers that take no advertising."""

    def use(
        self, material: MessageMaterial, agency: str, *, is_last_resort: bool = False
    ) -> tuple[PatternUse | None, str | None]:
        """Return the pattern that this message goes as; or None, and why not where there is a choice for it."""
        fact = material.fact
        choice = None if isinstance(fact, ReplyKind) else self.choices.get((material.language, fact))
        if choice is None or self.rules is None or not (self.go_first or is_last_resort):
            return None, None
        if material.carried:
            return None, "pattern_tells_one_fact"
        room = self.rules.longest_value or _ROOM
        known = pattern_values(material, agency=agency, room=room)
        use = PatternUse(
            code=choice.code, values={place: known[name] for place, name in choice.values.items()}
        )
        objection = self.rules.objection(use)
        return (None, objection) if objection else (use, None)

    def complaints(self) -> list[str]:
        """Return what is wrong with the operator's choices, in sentences."""
        if self.choices and self.rules is None:
            return ["this gateway has no patterns"]
        found = []
        for (language, fact), choice in self.choices.items():
            where = f"patterns.{language}.{fact}"
            unknown = [name for name in choice.values.values() if name not in VALUE_NAMES]
            if unknown:
                found.append(f"{where}: there is no value {unknown[0]!r}; there are {', '.join(VALUE_NAMES)}")
            places = self.rules.places if self.rules else None
            strange = [place for place in choice.values if places is not None and place not in places]
            if strange:
                found.append(
                    f"{where}: the gateway has no place {strange[0]!r}; it has {', '.join(places or ())}"
                )
        return found
