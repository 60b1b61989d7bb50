"""Why something needs a person, in plain English and Persian: for the list and for alerts."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from connector.domain.attention import Because

__all__ = ["BECAUSE", "Words"]


class Words(NamedTuple):
    """The same in both tongues."""

    en: str
    fa: str


BECAUSE: Final[Mapping[Because, Words]] = {
    Because.PARKED: Words("set aside, certainly not delivered", "کنار گذاشته شده، به یقین تحویل نشده"),
    Because.ASKS_A_PERSON: Words(
        "the answer was lost and no look-up can settle it", "پاسخ گم شده و استعلام گره‌گشا نیست"
    ),
    Because.IN_REVIEW: Words("waits for a reviewer's word", "در انتظار نظر کارشناس بررسی"),
    Because.BEYOND_DEADLINE: Words("stands for longer than it should", "بیش از مهلت مانده است"),
    Because.WITHOUT_CONNECTION: Words(
        "waits for a connection that is not configured", "در انتظار اتصالی که در پیکربندی نیست"
    ),
    Because.SIDE_STEP: Words(
        "registered; a step after the number waits", "ثبت شده؛ گامی پس از شماره مانده است"
    ),
    Because.PAUSED: Words("paused by a person, letters wait", "متوقف به دستور راهبر، نامه‌ها منتظرند"),
    Because.SET_ASIDE: Words(
        "what came from there and no machine may act on lies aside: look at it in its mailbox, then delete it",
        "آنچه از آن‌جا آمده و ماشین نباید بر پایه‌اش کاری کند کنار گذاشته شده: در صندوق ببینید و سپس پاک کنید",
    ),
    Because.SUSPENDED: Words(
        "stopped by itself: the other side refuses our credentials or key",
        "خودبه‌خود متوقف شد: طرف مقابل گذرواژه یا کلید ما را نمی‌پذیرد",
    ),
    Because.BUDGET_SPENT: Words(
        "the day's budget is spent, messages wait for the next day",
        "سقف روزانه پر شد، پیامک‌ها تا فردا می‌مانند",
    ),
    Because.LOW_CREDIT: Words("little credit is left at the gateway", "اعتبار درگاه پیامک رو به پایان است"),
    Because.INBOX_UNREADABLE: Words(
        "its inbox cannot be read, and citizens wait for an answer",
        "صندوق پیامک‌های رسیدهٔ آن خوانده نمی‌شود و شهروندان منتظر پاسخ‌اند",
    ),
    Because.ALERTS_FAIL: Words(
        "alerts to operators do not get through this channel", "هشدارها از این کانال به راهبران نمی‌رسد"
    ),
}
