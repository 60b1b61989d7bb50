"""What is said of one gateway besides its adapter's options: patterns, prices, bounds, and who takes over from it."""

from datetime import timedelta
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from connector.domain.letter import Language
from connector.domain.message import FactKind
from connector.settings.quantities import Duration
from connector.settings.section import option

__all__ = ["GatewayOptions", "PatternSection"]


class PatternSection(BaseModel):
    """One pattern of a vendor, and what stands at its places."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    code: str = option(says="The vendor's name or number of the pattern.", min_length=1, max_length=64)
    values: dict[str, str] = option(
        says="For each place of the pattern, in its order, what stands there: tracking_code, number, registered_on, "
        "unit, reason or agency.",
        min_length=1,
    )


class GatewayOptions(BaseModel):
    """The options that every gateway has."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    patterns: dict[Language, dict[FactKind, PatternSection]] = option(
        {},
        says="Patterns (service line), by tongue and fact: what has one goes as one, everything else as free text.",
        fa="الگوهای خط خدماتی، برای هر زبان و رویداد",
        example={
            "fa": {"registered": {"code": "chapar-registered", "values": {"token": "number"}}},
        },
    )
    patterns_first: bool = option(
        True, says="false: patterns only for numbers that take no advertising, once the gateway says so."
    )
    price_per_part: Decimal | None = option(
        None,
        says="What one part of a Persian text costs in the unit of the vendor; for the preview and the budget.",
        fa="هزینهٔ هر بخش پیامک فارسی",
        ge=0,
        example=250,
    )
    price_per_latin_part: Decimal | None = option(
        None, says="The same of a text of Latin letters alone. Empty: as above.", ge=0, example=500
    )
    daily_parts: int | None = option(
        None,
        says="Parts that this gateway is given in a day at most; what is more waits for the next day, aloud.",
        fa="سقف بخش‌های پیامک در روز",
        ge=1,
        example=20000,
    )
    daily_cost: Decimal | None = option(
        None, says="The same in the vendor's unit of money; it needs price_per_part.", gt=0, example=5000000
    )
    low_credit: Decimal | None = option(
        None,
        says="With less credit than this `chapar attention` and the monitor say so. Empty: credit is not asked for.",
        fa="هشدار کمبود اعتبار",
        ge=0,
        example=1000000,
    )
    credit_every: Duration = option(
        timedelta(minutes=15), says="How often the gateway is asked for its credit.", ge=timedelta(seconds=1)
    )
    then: tuple[str, ...] = option(
        (),
        says="Gateways that take over while this one is away, in this order. What may have gone out already stays.",
        fa="درگاه‌های جانشین، به ترتیب",
        example=["backup"],
    )
    share: int = option(
        100,
        says="How many in a hundred of its texts this gateway keeps while all is well; the others go to the first of "
        "`then` that is well.",
        ge=1,
        le=100,
    )
