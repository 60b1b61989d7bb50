"""The closed words about messages in plain English and Persian: facts, statuses, and why one was not simply sent."""

from collections.abc import Mapping
from typing import Final

from connector.domain.attention_words import Words
from connector.domain.message import FactKind

__all__ = ["FACTS", "MESSAGE_REASONS", "MESSAGE_STATUSES"]

FACTS: Final[Mapping[FactKind, Words]] = {
    FactKind.RECEIVED: Words("received", "دریافت"),
    FactKind.REGISTERED: Words("registered", "ثبت"),
    FactKind.REFUSED: Words("refused", "رد"),
    FactKind.REFERRED: Words("referred to a unit", "ارجاع"),
    FactKind.ANSWERED: Words("answered", "پاسخ"),
    FactKind.RETURNED: Words("returned to be completed", "بازگشت برای تکمیل"),
    FactKind.CLOSED: Words("closed", "پایان رسیدگی"),
    FactKind.DELAYED: Words("takes long", "تأخیر"),
    FactKind.WITHDRAWN: Words("withdrawn", "پس‌گرفتن"),
}

MESSAGE_STATUSES: Final[Mapping[str, Words]] = {
    "queued": Words("waits to be sent", "در صف ارسال"),
    "sending": Words("being sent right now", "در حال ارسال"),
    "uncertain": Words("may have gone out", "شاید رفته باشد"),
    "accepted": Words("taken by the gateway", "پذیرفتهٔ درگاه پیامک"),
    "delivered": Words("delivered", "رسیده"),
    "undelivered": Words("not delivered", "نرسیده"),
    "unknown": Words("nobody will know any more", "بی‌خبر"),
    "failed": Words("the gateway never takes it", "پذیرفته نشد"),
    "superseded": Words("a newer one says as much", "تازه‌تری جای آن را گرفت"),
    "joined": Words("told within a later text", "در پیامک بعدی آمد"),
    "withheld": Words("the citizen wants no messages", "شهروند پیامک نمی‌خواهد"),
}

MESSAGE_REASONS: Final[Mapping[str, Words]] = {
    "outside_window": Words("waits for the hours of sending", "در انتظار ساعت‌های ارسال"),
    "outside_hours": Words("the gateway sends nothing at this hour", "درگاه پیامک در این ساعت نمی‌فرستد"),
    "daily_budget": Words("the day's budget of the gateway is spent", "سقف روزانهٔ درگاه پیامک پر شده"),
    "gateway_away": Words("the gateway is away", "درگاه پیامک در دسترس نیست"),
    "budget_spent": Words(
        "it went over to another gateway: the budget of the first is spent",
        "به درگاه پیامک دیگر رفت: سقف روزانهٔ نخستین پر شد",
    ),
    "share": Words("another gateway takes its share", "سهم درگاه پیامک دیگر است"),
    "slow_return": Words(
        "its gateway is back and is spared at first", "درگاه پیامک تازه برگشته و کم‌کم می‌فرستد"
    ),
    "low_credit": Words("little credit is left", "اعتبار رو به پایان است"),
    "runs_out": Words("the account runs out soon", "پایان مهلت حساب نزدیک است"),
    "opted_out": Words("the citizen wants no messages", "شهروند پیامک نمی‌خواهد"),
    "blacklisted": Words("the number takes no advertising", "شماره در فهرست سیاه تبلیغات است"),
    "blacklisted_and_overtaken": Words(
        "the number takes no advertising, and a newer text was made",
        "در فهرست سیاه است و پیامک تازه‌تری ساخته شد",
    ),
    "at_least_once": Words(
        "sent again: better twice than not at all", "دوباره فرستاده شد: دوبار بهتر از هیچ"
    ),
    "cannot_be_asked": Words("nobody can say whether it went out", "کسی نمی‌داند رفته یا نه"),
    "pattern_leaves_out": Words(
        "the pattern does not say what an older message left to it",
        "الگو آنچه را از پیام پیشین مانده نمی‌گوید",
    ),
    "pattern_tells_one_fact": Words("a pattern tells one fact alone", "الگو تنها یک رویداد را می‌گوید"),
    "pattern_place_unknown": Words("the pattern has no such place", "الگو چنین جایی ندارد"),
    "pattern_value_empty": Words("a place of the pattern would be empty", "یکی از جاهای الگو خالی می‌ماند"),
    "pattern_value_too_long": Words("a value is too long for the pattern", "مقدار برای الگو بلند است"),
    "pattern_value_has_spaces": Words("the pattern takes no spaces here", "این جای الگو فاصله نمی‌پذیرد"),
    "pattern_value_has_separator": Words(
        "the value holds the pattern's mark", "مقدار نشانهٔ جداکنندهٔ الگو را دارد"
    ),
}
