"""Puts a message into words: one text for everything it tells, or a pattern, and what it costs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Protocol

from connector.domain.letter import Language
from connector.domain.message import FactKind
from connector.domain.segments import Alphabet, Segments, segments
from connector.domain.text import to_ascii_digits
from connector.ledger.records import MessageMaterial
from connector.notification.patterns import GatewayPatterns
from connector.ports.pattern import PatternUse

__all__ = ["Composed", "Composer", "Prices", "Words", "joined", "must_say", "within"]

_THOUSANDTHS: Final = 1000
_MARKS: Final = str.maketrans("", "", " \u00a0\u200c\u200e\u200f\u2066\u2067\u2068\u2069")


class Words(Protocol):
    """What is needed of the texts."""

    def render(self, material: MessageMaterial) -> str:
        """Return the text of one fact."""
        ...

    def agency(self, language: Language) -> str:
        """Return the short name at the end of each text."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Prices:
    """What one part costs at a gateway, in its own unit; None where the operator does not say."""

    per_part: Decimal | None = None
    """Of a text in UCS-2, as every Persian one is."""
    per_latin_part: Decimal | None = None
    """Of a text of GSM letters alone; the same as the other where it is not said."""

    def cost(self, size: Segments) -> int | None:
        """Return the price of a text in thousandths, rounded up."""
        is_latin = size.alphabet is Alphabet.GSM
        price = self.per_latin_part if is_latin and self.per_latin_part is not None else self.per_part
        return None if price is None else math.ceil(price * size.parts * _THOUSANDTHS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Composed:
    """One message in words."""

    text: str
    size: Segments
    pattern: PatternUse | None = None
    reason: str | None = None
    """Why no pattern, where the operator chose one: a closed word."""

    def says(self, value: str) -> bool:
        """Return whether the citizen reads this value in it, in whatever digits and groups."""
        said = [self.text] if self.pattern is None else list(self.pattern.values.values())
        return any(_plain(value) in _plain(each) for each in said)


class Composer:
    """Writes messages for one gateway."""

    def __init__(self, texts: Words, patterns: GatewayPatterns) -> None:
        """Keep the texts, and the gateway's patterns."""
        self._texts = texts
        self._patterns = patterns

    def compose(self, material: MessageMaterial) -> Composed:
        """Return the message in words. Raises what the texts raise when one cannot be written."""
        agency = self._texts.agency(material.language)
        pattern, reason = self._patterns.use(material, agency, is_last_resort=material.is_blacklisted)
        text = joined([self._texts.render(each) for each in material.whole])
        composed = Composed(text=text, size=segments(text), pattern=pattern, reason=reason)
        if pattern is not None and not material.is_blacklisted and not _says_for_others(composed, material):
            return replace(composed, pattern=None, reason="pattern_leaves_out")
        return composed

    def goes_as_pattern(self, material: MessageMaterial) -> bool:
        """Return whether there is a pattern that a number takes which takes no advertising."""
        agency = self._texts.agency(material.language)
        return self._patterns.use(material, agency, is_last_resort=True)[0] is not None


def must_say(material: MessageMaterial) -> list[str]:
    """Return what the citizen must not be left without: the tracking code, and with its fact the number."""
    values = [material.tracking_code]
    if material.fact is FactKind.REGISTERED and material.registration is not None:
        values.append(material.registration.number)
    return values


def _says_for_others(composed: Composed, material: MessageMaterial) -> bool:
    """Return whether what was left to this message by others, which are not told any more, stands in it."""
    return all(composed.says(value) for each in material.replaced for value in must_say(each))


def joined(texts: Sequence[str]) -> str:
    """Return one text that says what these say, one after the other; a line that comes again stands only there."""
    lines = [line for text in texts for line in text.splitlines()]
    kept = [line for place, line in enumerate(lines) if line not in lines[place + 1 :]]
    return "\n".join(kept)


def within(carrier: MessageMaterial, earlier: MessageMaterial) -> MessageMaterial:
    """Return the message with another one's facts before its own."""
    return replace(carrier, carried=(*earlier.whole, *carrier.carried))


def _plain(text: str) -> str:
    return to_ascii_digits(text).translate(_MARKS)
