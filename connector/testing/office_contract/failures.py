"""Every way in which a registration goes wrong, and what the adapter must take it for.

One rule stands above the table: whoever says that certainly nothing was done must be right, by the office's own book.
"""

from datetime import timedelta
from typing import Any, Final

from connector.errors import (
    CredentialsRejected,
    Misbehaved,
    NotPossible,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from connector.ports.outcomes import Refused, Registered, Submitted
from connector.simulator.fault_kinds import Fault
from connector.testing.fault_rows import STALLS, FaultRow
from connector.testing.office_contract.bench import OfficeBench, Wish
from connector.testing.office_contract.checks import Check, Skipped, demand, told
from connector.testing.office_contract.letters import KEY, a_request, entries_of, prepared
from connector.testing.office_contract.numbers import demand_entry

__all__ = ["FAILURES"]

_DONE: Final = (Registered, Submitted)


_OPEN = (OutcomeUnknown,)
_TABLE: Final = (
    FaultRow(Fault.LOSE_ANSWER, "An answer that is lost after the office registered leaves the outcome open.",
             "پاسخی که پس از ثبت گم شود نتیجه را نامعلوم می‌گذارد.", _OPEN),
    FaultRow(Fault.LOSE_REQUEST, "A connection that breaks before the office registered leaves the outcome open, too.",
             "قطع ارتباط پیش از ثبت نیز نتیجه را نامعلوم می‌گذارد.", _OPEN),
    FaultRow(Fault.RESET_IN_BODY, "An answer that breaks off with the connection leaves the outcome open.",
             "پاسخی که در میانه با قطع ارتباط بریده شود نتیجه را نامعلوم می‌گذارد.", _OPEN),
    FaultRow(Fault.STALL, "An answer that does not come in time leaves the outcome open.",
             "پاسخی که به‌هنگام نرسد نتیجه را نامعلوم می‌گذارد.", _OPEN),
    FaultRow(Fault.STALL_BEFORE, "A call that takes effect only after the caller has gone leaves the outcome open.",
             "فراخوانی‌ای که پس از رفتن فراخواننده اثر کند نتیجه را نامعلوم می‌گذارد.", _OPEN),
    FaultRow(Fault.SERVER_ERROR, "HTTP 500 leaves the outcome open.",
             "پاسخ HTTP 500 نتیجه را نامعلوم می‌گذارد.", _OPEN),
    FaultRow(Fault.ERROR_AFTER, "HTTP 500 after the office registered leaves the outcome open.",
             "پاسخ HTTP 500 پس از ثبت، نتیجه را نامعلوم می‌گذارد.", _OPEN),
    FaultRow(Fault.HTTP_502, "A proxy's page in place of the answer leaves the outcome open.",
             "صفحهٔ پراکسی به جای پاسخ (502) نتیجه را نامعلوم می‌گذارد.", _OPEN, is_done=True),
    FaultRow(Fault.HTTP_503, "HTTP 503 without the office's own word leaves the outcome open.",
             "پاسخ HTTP 503 بی سخن خود سامانه نتیجه را نامعلوم می‌گذارد.", _OPEN, is_done=True),
    FaultRow(Fault.SOAP_FAULT, "A fault that no contract lists, after the office registered, leaves the outcome open.",
             "خطای ناشناخته (fault) پس از ثبت، نتیجه را نامعلوم می‌گذارد.", _OPEN, is_done=True),
    FaultRow(Fault.SOAP_FAULT, "A fault that no contract lists, before anything was done, leaves the outcome open.",
             "خطای ناشناخته (fault) پیش از ثبت، نتیجه را نامعلوم می‌گذارد.", _OPEN, is_done=False),
    FaultRow(Fault.ERROR_IN_200, "An error of the office inside HTTP 200 is no success.",
             "خطای سامانه درون HTTP 200 موفقیت نیست.", (Unavailable,)),
    FaultRow(Fault.BUSY, "The office's own word for \"not now\" means later.",
             "سخن سامانه که «اکنون نه» یعنی بعداً.", (Unavailable,)),
    FaultRow(Fault.UNMAPPED_CODE,
             "A code that stands in no contract is never guessed, also after the office registered.",
             "کدی که در هیچ قراردادی نیست، پس از ثبت هم حدس زده نمی‌شود.", (Misbehaved,), is_done=True),
    FaultRow(Fault.UNMAPPED_CODE, "A code that stands in no contract is never guessed.",
             "کدی که در هیچ قراردادی نیست حدس زده نمی‌شود.", (Misbehaved,), is_done=False),
    FaultRow(Fault.GARBAGE, "Bytes that mean nothing break the contract.",
             "بایت‌های بی‌معنا نقض قرارداد است.", (Misbehaved,)),
    FaultRow(Fault.TRUNCATED, "An answer that is cut off breaks the contract.",
             "پاسخ بریده نقض قرارداد است.", (OutcomeUnknown,)),
    FaultRow(Fault.WRONG_CONTENT_TYPE, "A right answer under a wrong label is read, or breaks the contract.",
             "پاسخ درست با برچسب نادرست یا خوانده می‌شود یا نقض قرارداد است.", (*_DONE, OutcomeUnknown), is_other=False),
    FaultRow(Fault.WRONG_CONTENT_TYPE, "A log-in page in place of an answer breaks the contract.",
             "صفحهٔ ورود به جای پاسخ نقض قرارداد است.", (Misbehaved,), is_other=True),
    FaultRow(Fault.DUPLICATE_ANSWER, "A letter that the office says it has, under a number, is success.",
             "نامه‌ای که سامانه می‌گوید از پیش با شماره دارد، موفقیت است.", (Registered,)),
    FaultRow(Fault.SESSION_EXPIRED, "A session that ends in the middle has done nothing: later, or anew at once.",
             "پایان نشست در میانهٔ کار یعنی کاری نشده: بعداً، یا همان دم از نو.", (Unavailable, *_DONE), is_other=False),
    FaultRow(Fault.SESSION_EXPIRED, "The same, told as an error of the transport.",
             "همان، با خطای پروتکل.", (Unavailable, *_DONE), is_other=True),
    FaultRow(Fault.WRONG_PASSWORD, "Credentials that are refused stop the connection.",
             "رد شدن نام کاربری و گذرواژه اتصال را می‌ایستاند.", (CredentialsRejected,)),
    FaultRow(Fault.TOO_MANY, "\"Too many calls\" is told with the time that the office names.",
             "«بیش از اندازه» با زمانی که سامانه می‌گوید بازگو می‌شود.", (RateLimited,)),
    FaultRow(Fault.TOO_MANY_SILENT, "\"Too many calls\" without a time is told as such.",
             "«بیش از اندازه» بی‌زمان، بی‌زمان بازگو می‌شود.", (RateLimited,)),
)  # fmt: skip


def _run(row: FaultRow, bench: OfficeBench) -> None:
    office = bench.connect(Wish.HURRIED if row.fault in STALLS else Wish.PLAIN)
    request = prepared(office, a_request(bench))
    bench.arm(row.rule("register"))
    outcome = told(lambda: office.register(request))
    bench.calm()
    demand(
        isinstance(outcome, row.kinds),
        expected=row.expected,
        came=outcome,
    )
    if row.fault not in STALLS:  # what takes effect late may not stand in the book yet
        _demand_true(bench, outcome)
    _demand_wait(row.fault, outcome)
    if row.fault is Fault.DUPLICATE_ANSWER:
        demand(outcome.was_known, expected="was_known, for the office said so", came=outcome)


def _demand_true(bench: OfficeBench, outcome: Any) -> None:
    """Demand that what the adapter says is what the office's book says."""
    found = entries_of(bench, KEY)
    demand(
        len(found) <= 1, expected="a registration is never repeated by itself", came=f"{len(found)} entries"
    )
    says_nothing_done = isinstance(outcome, Unavailable | CredentialsRejected | NotPossible)
    demand(
        not (says_nothing_done and found),
        expected="who says that certainly nothing was done is right",
        came=f"{outcome!r}, and the letter stands in the office's book",
    )
    if isinstance(outcome, Registered | Submitted | Refused):
        demand(found, expected="an outcome only where the office has the letter", came=outcome)
        demand_entry(outcome, found[0])


def _demand_wait(fault: Fault, outcome: Any) -> None:
    if fault is Fault.TOO_MANY:
        demand(
            outcome.retry_after == timedelta(seconds=1),
            expected="retry_after of one second",
            came=outcome.retry_after,
        )
    if fault is Fault.TOO_MANY_SILENT:
        demand(outcome.retry_after is None, expected="no retry_after", came=outcome.retry_after)


def _unreachable(bench: OfficeBench) -> None:
    office = bench.connect(Wish.UNREACHABLE)
    if office.capabilities.prepares or office.capabilities.reserves:
        raise Skipped("The steps before the number fail first, and may be repeated.")
    outcome = told(lambda: office.register(a_request(bench)))
    demand(type(outcome) is Unavailable, expected="Unavailable: nothing left the machine", came=outcome)


FAILURES: Final = (
    *(row.check("register", "office", _run) for row in _TABLE),
    Check(
        name="unreachable",
        theme="failures",
        sentence="An office that is not reached certainly did nothing.",
        sentence_fa="سامانه‌ای که در دسترس نیست بی‌گمان کاری نکرده است.",
        look_at="register: a failure before the first byte went out is Unavailable",
        run=_unreachable,
    ),
)
