"""What each fact would look like and cost at a gateway: the same words and rules as when it is sent."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from connector.domain.letter import Language
from connector.domain.message import FactKind, MessageStatus
from connector.domain.registration import Registration
from connector.domain.segments import Segments
from connector.ledger.records import MessageMaterial
from connector.notification.composing import Composer, Words
from connector.notification.gateway_rules import GatewayRules

__all__ = ["MOST_PARTS", "Preview", "previews"]

MOST_PARTS: Final = 3
"""A longer text is too long by the rule that texts are kept short."""
_THOUSANDTHS: Final = 1000
_UNIT: Final = {Language.FA: "معاونت شهرسازی و معماری", Language.EN: "Deputy for Urban Planning"}
_REASON: Final = {
    Language.FA: "تصویر مدارک مالکیت خوانا نیست",
    Language.EN: "the copy of the title deed cannot be read",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """One fact in one tongue."""

    fact: FactKind
    language: Language
    text: str
    """What the citizen reads; beside a pattern, what goes where the pattern cannot."""
    size: Segments
    cost: Decimal | None = None
    """In the vendor's unit; None where the operator does not say what a part costs."""
    pattern: str | None = None
    values: Mapping[str, str] | None = None
    """What stands at the places of the pattern."""
    reason: str | None = None
    """Why it goes as free text although there is a pattern."""

    @property
    def is_long(self) -> bool:
        """Return whether the text breaks the rule of shortness."""
        return self.size.parts > MOST_PARTS


def previews(texts: Words, rules: GatewayRules, facts: Iterable[FactKind]) -> Iterator[Preview]:
    """Yield a preview of each of these facts in each tongue, with a made-up letter of the usual length."""
    composer = Composer(texts, rules.patterns)
    for fact in facts:
        for language in Language:
            composed = composer.compose(_sample(fact, language))
            cost = rules.prices.cost(composed.size)
            yield Preview(
                fact=fact,
                language=language,
                text=composed.text,
                size=composed.size,
                cost=None if cost is None else Decimal(cost) / _THOUSANDTHS,
                pattern=composed.pattern.code if composed.pattern else None,
                values=dict(composed.pattern.values) if composed.pattern else None,
                reason=composed.reason,
            )


def _sample(fact: FactKind, language: Language) -> MessageMaterial:
    day = datetime(2026, 11, 28, 8, tzinfo=UTC)
    is_numbered = fact not in {FactKind.RECEIVED, FactKind.REFUSED, FactKind.DELAYED, FactKind.WITHDRAWN}
    registration = Registration(number="1405/123456", secretariat="central", registered_on=date(2026, 11, 28))
    return MessageMaterial(
        own_id=1,
        letter_id="preview",
        gateway="preview",
        status=MessageStatus.QUEUED,
        fact=fact,
        happened_at=day,
        mobile="09000000000",
        language=language,
        tracking_code="100000000000008",
        registration=registration if is_numbered else None,
        unit=_UNIT[language] if fact is FactKind.REFERRED else None,
        reason=_REASON[language] if fact in {FactKind.REFUSED, FactKind.RETURNED} else None,
    )
