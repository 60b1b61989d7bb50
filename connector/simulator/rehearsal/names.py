"""The faults of a drill by name, each with a sentence in both tongues."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

__all__ = ["GATEWAY_CALLS", "OFFICE_CALLS", "SENTENCES", "FaultName", "chosen_faults"]


class FaultName(StrEnum):
    """One way in which the world goes wrong; the order is that of the report."""

    ANSWER_LOST = "answer_lost"
    REQUEST_LOST = "request_lost"
    RESET_IN_BODY = "reset_in_body"
    SLOWER_THAN_EVERY_TIMEOUT = "slower_than_every_timeout"
    HTTP_500 = "http_500"
    HTTP_502 = "http_502"
    HTTP_503 = "http_503"
    SOAP_FAULT = "soap_fault"
    ERROR_IN_200 = "error_in_200"
    UNMAPPED_CODE = "unmapped_code"
    GARBAGE = "garbage"
    TRUNCATED = "truncated"
    WRONG_CONTENT_TYPE = "wrong_content_type"
    DUPLICATE_ANSWER = "duplicate_answer"
    SESSION_EXPIRED = "session_expired"
    RATE_LIMITED = "rate_limited"
    RATE_LIMITED_SILENT = "rate_limited_silent"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - the name of a fault
    OFFICE_DOWN = "office_down"
    GATEWAY_DOWN = "gateway_down"
    GATEWAY_ANSWER_LOST = "gateway_answer_lost"
    GATEWAY_REQUEST_LOST = "gateway_request_lost"
    GATEWAY_GARBAGE = "gateway_garbage"
    GATEWAY_HTTP_500 = "gateway_http_500"
    GATEWAY_SLOW = "gateway_slow"
    GATEWAY_THROTTLED = "gateway_throttled"
    RECEIPTS_SPOILED = "receipts_spoiled"
    CREDIT_GONE = "credit_gone"
    DATABASE_LOCKED = "database_locked"
    DATABASE_CUT = "database_cut"
    DISK_FULL = "disk_full"
    CLOCK_FORWARD = "clock_forward"
    CLOCK_BACK = "clock_back"
    NODE_KILLED = "node_killed"


OFFICE_CALLS: Final = tuple(FaultName)[: tuple(FaultName).index(FaultName.WRONG_PASSWORD)]
"""Those that spoil one call to an office."""

GATEWAY_CALLS: Final[Mapping[FaultName, str]] = {
    FaultName.GATEWAY_ANSWER_LOST: "send",
    FaultName.GATEWAY_REQUEST_LOST: "send",
    FaultName.GATEWAY_GARBAGE: "send",
    FaultName.GATEWAY_HTTP_500: "send",
    FaultName.GATEWAY_SLOW: "send",
    FaultName.GATEWAY_THROTTLED: "send",
    FaultName.RECEIPTS_SPOILED: "delivery",
}
"""Those that spoil one call to the gateway, and which."""

SENTENCES: Final[Mapping[FaultName, tuple[str, str]]] = {
    FaultName.ANSWER_LOST: (
        "دبیرخانه ثبت می‌کند و پاسخش گم می‌شود",
        "the office does what it was asked for, and its answer is lost",
    ),
    FaultName.REQUEST_LOST: (
        "درخواست پیش از ثبت گم می‌شود",
        "the request is lost before the office did anything",
    ),
    FaultName.RESET_IN_BODY: (
        "اتصال در میانهٔ پاسخ بریده می‌شود",
        "the connection is reset in the middle of the answer",
    ),
    FaultName.SLOWER_THAN_EVERY_TIMEOUT: (
        "پاسخ دیرتر از هر مهلتی می‌آید",
        "the answer comes later than every timeout",
    ),
    FaultName.HTTP_500: ("دبیرخانه خطای ۵۰۰ می‌دهد", "the office answers with HTTP 500, done or not"),
    FaultName.HTTP_502: ("میانجی خطای ۵۰۲ می‌دهد", "a proxy answers with HTTP 502, done or not"),
    FaultName.HTTP_503: ("میانجی خطای ۵۰۳ می‌دهد", "a proxy answers with HTTP 503, done or not"),
    FaultName.SOAP_FAULT: ("دبیرخانه خطای SOAP می‌دهد", "the office answers with a SOAP fault, done or not"),
    FaultName.ERROR_IN_200: ("خطا درون پاسخ ۲۰۰ می‌آید", "an error comes inside HTTP 200"),
    FaultName.UNMAPPED_CODE: (
        "کدی ناشناخته درون پاسخ می‌آید",
        "a code that stands in no contract, done or not",
    ),
    FaultName.GARBAGE: ("پاسخ بی‌معناست", "the answer is bytes that mean nothing"),
    FaultName.TRUNCATED: ("پاسخ نیمه‌کاره است", "the answer breaks off in its middle"),
    FaultName.WRONG_CONTENT_TYPE: (
        "نوع محتوای پاسخ نادرست است",
        "the answer comes under a wrong content type",
    ),
    FaultName.DUPLICATE_ANSWER: (
        "دبیرخانه می‌گوید نامه را از پیش دارد",
        "the office says that it has the letter already, with its number",
    ),
    FaultName.SESSION_EXPIRED: ("نشست منقضی شده است", "the office does not know the session any more"),
    FaultName.RATE_LIMITED: ("دبیرخانه مهلت می‌خواهد (۴۲۹)", "HTTP 429 that says how long to wait"),
    FaultName.RATE_LIMITED_SILENT: (
        "دبیرخانه بی گفتن مهلت می‌گوید آهسته‌تر (۴۲۹)",
        "HTTP 429 that does not say how long",
    ),
    FaultName.WRONG_PASSWORD: (
        "گذرواژه چندی پذیرفته نمی‌شود",
        "the office refuses our password for a while",
    ),
    FaultName.OFFICE_DOWN: ("یک دبیرخانه چندی خاموش است", "an office is down for a while, usually a minute"),
    FaultName.GATEWAY_DOWN: ("درگاه پیامک چندی خاموش است", "the SMS gateway is down for a while"),
    FaultName.GATEWAY_ANSWER_LOST: (
        "درگاه پیامک را می‌گیرد و پاسخش گم می‌شود",
        "the gateway takes the message, and its answer is lost",
    ),
    FaultName.GATEWAY_REQUEST_LOST: (
        "درخواست پیش از رسیدن به درگاه پیامک گم می‌شود",
        "the request to the gateway is lost, and no message went",
    ),
    FaultName.GATEWAY_GARBAGE: (
        "درگاه پیامک را می‌گیرد و پاسخ بی‌معنا می‌دهد",
        "the gateway takes the message, and answers with bytes that mean nothing",
    ),
    FaultName.GATEWAY_HTTP_500: (
        "درگاه پیامک خطای ۵۰۰ می‌دهد",
        "the gateway answers with HTTP 500, the message taken or not",
    ),
    FaultName.GATEWAY_SLOW: (
        "پاسخ درگاه پیامک دیرتر از هر مهلتی می‌آید",
        "the gateway's answer comes later than every timeout",
    ),
    FaultName.GATEWAY_THROTTLED: (
        "درگاه پیامک می‌گوید آهسته‌تر (۴۲۹)",
        "the gateway asks us to slow down (HTTP 429)",
    ),
    FaultName.RECEIPTS_SPOILED: (
        "گزارش تحویل گم یا بی‌معنا می‌شود",
        "a delivery report is lost, or means nothing",
    ),
    FaultName.CREDIT_GONE: (
        "اعتبار درگاه پیامک چندی تمام می‌شود",
        "the gateway's credit is gone for a while, and paid up again",
    ),
    FaultName.DATABASE_LOCKED: (
        "دیگری پایگاه داده را چند ثانیه قفل نگه می‌دارد",
        "somebody else holds the database's lock for some seconds",
    ),
    FaultName.DATABASE_CUT: (
        "شبکهٔ میان گره و PostgreSQL بریده می‌شود",
        "the network between a node and PostgreSQL is cut, or swallows everything",
    ),
    FaultName.DISK_FULL: ("دیسک گره پر است", "the node's disk is full"),
    FaultName.CLOCK_FORWARD: (
        "ساعت گره یک ساعت جلو می‌رود",
        "the node's clock jumps an hour ahead, and back again",
    ),
    FaultName.CLOCK_BACK: (
        "ساعت گره یک ساعت عقب می‌رود",
        "the node's clock jumps an hour back, and ahead again",
    ),
    FaultName.NODE_KILLED: (
        "گره ناگهان کشته می‌شود (kill -9)",
        "a node is killed without warning, also in the middle of a call",
    ),
}


def chosen_faults(words: str) -> tuple[FaultName, ...]:
    """Return the faults that are meant by ``all``, ``none`` or names between commas, in the order of the report.

    Raise ValueError, naming it, for a word that is no fault.
    """
    if words.strip() == "all":
        return tuple(FaultName)
    named = {word.strip() for word in words.split(",")} - {"", "none"}
    unknown = sorted(named - set(FaultName))
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no fault; see: chapar rehearse --faults list")
    return tuple(name for name in FaultName if name in named)
