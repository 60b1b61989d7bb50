"""Every way in which a sending or a question goes wrong, and what the adapter must take it for.

One rule stands above the table: whoever says that certainly nothing was sent must be right, by the vendor's own book.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any, Final

from connector.errors import (
    CallFailed,
    CredentialsRejected,
    Misbehaved,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from connector.ports.gateway import GatewayCapabilities
from connector.ports.outcomes import Accepted
from connector.simulator.fault_kinds import Fault
from connector.simulator.faults import FaultRule
from connector.simulator.gateways import Trait
from connector.testing.checks import Check, demand, told
from connector.testing.fault_rows import PATIENCE, STALLS, FaultRow
from connector.testing.gateway_contract.bench import GatewayBench, Wish
from connector.testing.gateway_contract.messages import a_message, demand_true, kinds, some_messages
from connector.testing.gateway_contract.needs import Need

__all__ = ["FAILURES"]

_OPEN = (OutcomeUnknown,)
_TABLE: Final = (
    FaultRow(Fault.LOSE_ANSWER, "An answer that is lost after the text was taken leaves the outcome open.",
             "پاسخی که پس از پذیرش پیام گم شود نتیجه را نامعلوم می‌گذارد.", _OPEN),
    FaultRow(Fault.LOSE_REQUEST, "A connection that breaks before the text was taken leaves the outcome open, too.",
             "قطع ارتباط پیش از پذیرش پیام نیز نتیجه را نامعلوم می‌گذارد.", _OPEN),
    FaultRow(Fault.RESET_IN_BODY, "An answer that breaks off with the connection leaves the outcome open.",
             "پاسخی که در میانه با قطع ارتباط بریده شود نتیجه را نامعلوم می‌گذارد.", _OPEN),
    FaultRow(Fault.STALL, "An answer that does not come in time leaves the outcome open.",
             "پاسخی که به‌هنگام نرسد نتیجه را نامعلوم می‌گذارد.", _OPEN),
    FaultRow(Fault.STALL_BEFORE, "A call that takes effect only after the caller has gone leaves the outcome open.",
             "فراخوانی‌ای که پس از رفتن فراخواننده اثر کند نتیجه را نامعلوم می‌گذارد.", _OPEN),
    FaultRow(Fault.SERVER_ERROR, "HTTP 500 leaves the outcome open.",
             "پاسخ HTTP 500 نتیجه را نامعلوم می‌گذارد.", _OPEN),
    FaultRow(Fault.ERROR_AFTER, "HTTP 500 after the text was taken leaves the outcome open.",
             "پاسخ HTTP 500 پس از پذیرش پیام نتیجه را نامعلوم می‌گذارد.", _OPEN),
    FaultRow(Fault.HTTP_502, "A proxy's page in place of the answer leaves the outcome open.",
             "صفحهٔ پراکسی به جای پاسخ (502) نتیجه را نامعلوم می‌گذارد.", _OPEN, is_done=True),
    FaultRow(Fault.HTTP_503, "HTTP 503 without the vendor's own word leaves the outcome open.",
             "پاسخ HTTP 503 بی سخن خود درگاه نتیجه را نامعلوم می‌گذارد.", _OPEN, is_done=True),
    FaultRow(Fault.BUSY, "The vendor's own word for \"not now\" means later, whatever the HTTP status says.",
             "سخن درگاه که «اکنون نه» یعنی بعداً.", (Unavailable,)),
    FaultRow(Fault.UNMAPPED_CODE, "A code that stands in no table is never guessed, also after the text was taken.",
             "کدی که در هیچ جدولی نیست، پس از پذیرش پیام هم حدس زده نمی‌شود.", _OPEN, is_done=True),
    FaultRow(Fault.UNMAPPED_CODE, "A code that stands in no table is never guessed.",
             "کدی که در هیچ جدولی نیست حدس زده نمی‌شود.", _OPEN, is_done=False),
    FaultRow(Fault.GARBAGE, "Bytes that mean nothing break the contract.",
             "بایت‌های بی‌معنا نقض قرارداد است.", (Misbehaved,)),
    FaultRow(Fault.TRUNCATED, "An answer that is cut off breaks the contract, unless what is there says enough.",
             "پاسخ بریده نقض قرارداد است، مگر آنچه مانده کافی باشد.", (Accepted, OutcomeUnknown)),
    FaultRow(Fault.WRONG_CONTENT_TYPE, "A right answer under a wrong label is read, or breaks the contract.",
             "پاسخ درست با برچسب نادرست یا خوانده می‌شود یا نقض قرارداد است.",
             (Accepted, OutcomeUnknown), is_other=False),
    FaultRow(Fault.WRONG_CONTENT_TYPE, "A log-in page in place of an answer breaks the contract.",
             "صفحهٔ ورود به جای پاسخ نقض قرارداد است.", (Misbehaved,), is_other=True),
    FaultRow(Fault.WRONG_PASSWORD, "Credentials that are refused stop the connection.",
             "رد شدن کلید یا گذرواژه اتصال را می‌ایستاند.", (CredentialsRejected,)),
    FaultRow(Fault.TOO_MANY, "\"Too many calls\" is told as such, with the time that the vendor names.",
             "«بیش از اندازه» با زمانی که درگاه می‌گوید بازگو می‌شود.", (RateLimited,)),
    FaultRow(Fault.TOO_MANY_SILENT, "\"Too many calls\" without a time is told as such.",
             "«بیش از اندازه» بی‌زمان، بی‌زمان بازگو می‌شود.", (RateLimited,)),
)  # fmt: skip


def _run(row: FaultRow, bench: GatewayBench) -> None:
    gateway = bench.connect(Wish.HURRIED if row.fault in STALLS else Wish.PLAIN)
    messages = some_messages(min(2, gateway.capabilities.batch_size))
    bench.arm(row.rule("send"))
    outcomes = told(lambda: gateway.send(messages))
    bench.calm()
    found = [outcomes] if isinstance(outcomes, Exception) else outcomes
    demand(
        all(isinstance(each, row.kinds) for each in found),
        expected=row.expected,
        came=kinds(outcomes),
    )
    if row.fault not in STALLS:  # what takes effect late may not stand in the book yet
        demand_true(bench, messages, outcomes)
    if row.fault is Fault.TOO_MANY:
        waits = getattr(found[0], "retry_after", None)
        demand(waits in {None, timedelta(seconds=1)}, expected="a second, or nothing", came=waits)
    if row.fault is Fault.TOO_MANY_SILENT:
        waits = getattr(found[0], "retry_after", None)
        demand(waits is None, expected="no retry_after", came=waits)


_Ask = Callable[[Any], Any]
_QUESTIONS: Final[dict[str, tuple[Need, str, str, _Ask]]] = {
    "find": (Need.FIND, "looked up", "جست‌وجو", lambda gateway: gateway.find([a_message().own_id])),
    "delivery": (Need.DELIVERY, "asked for delivery", "پرسش رسیدن", lambda gateway: gateway.delivery(["8792343"])),
    "inbox": (Need.INBOX, "asked for the inbox", "خواندن صندوق", lambda gateway: gateway.inbox(None)),
    "credit": (Need.CREDIT, "asked for the credit", "پرسش اعتبار", lambda gateway: gateway.credit()),
}  # fmt: skip
_ONE_OF_EACH: Final = (
    Fault.LOSE_ANSWER,
    Fault.STALL,
    Fault.HTTP_502,
    Fault.GARBAGE,
    Fault.TRUNCATED,
    Fault.WRONG_CONTENT_TYPE,
    Fault.WRONG_PASSWORD,
    Fault.TOO_MANY,
)
"""One fault of each kind: the way, the page, the bytes, the credentials, the rate."""
_WAITED_FOR: Final = {
    Need.FIND: frozenset({Fault.STALL}),
    Need.DELIVERY: frozenset({Fault.STALL, Fault.LOSE_ANSWER}),
    Need.CREDIT: frozenset({Fault.STALL, Fault.LOSE_ANSWER}),
}
_LABEL: Final = frozenset({Fault.WRONG_CONTENT_TYPE})


def _ask(deed: str, fault: Fault, bench: GatewayBench) -> None:
    ask = _QUESTIONS[deed][3]
    rule = FaultRule(
        fault=fault, deed=deed, times=None, delay=PATIENCE, is_other=True if fault in _LABEL else None
    )
    gateway = bench.connect(Wish.HURRIED if fault in STALLS else Wish.PLAIN)
    bench.arm(rule)
    outcome = told(lambda: ask(gateway))
    bench.calm()
    demand(isinstance(outcome, CallFailed), expected="CallFailed, never an empty answer", came=outcome)
    if fault is Fault.WRONG_PASSWORD:
        demand(isinstance(outcome, CredentialsRejected), expected="CredentialsRejected", came=outcome)


def _of_questions() -> Iterator[Check[GatewayBench]]:
    for deed, (need, words, words_fa, _) in _QUESTIONS.items():
        for fault in _ONE_OF_EACH:
            if fault in _WAITED_FOR.get(need, frozenset()):
                continue  # questions that may be repeated wait in between, and alike
            yield Check(
                name=f"{deed}_{fault}",
                theme="questions",
                sentence=f"The fault {fault} when the vendor is {words} is a failure, and never an absence.",
                sentence_fa=f"خطای {fault} هنگام {words_fa} شکست است، نه نبودن.",
                look_at=f"{deed}: what becomes of it when the vendor plays the fault {fault}",
                run=partial(_ask, deed, fault),
                needs=(need, fault),
            )


def _swollen_sending(bench: GatewayBench) -> None:
    bench.book.swollen.add("send")
    outcome = told(lambda: bench.connect().send([a_message()]))
    demand(
        isinstance(outcome, OutcomeUnknown),
        expected="OutcomeUnknown: it was not read to its end",
        came=outcome,
    )


def _swollen_questions(bench: GatewayBench) -> None:
    gateway = bench.connect()
    for deed, (need, _, _, ask) in _QUESTIONS.items():
        if not _is_declared(need, gateway.capabilities):
            continue
        bench.book.swollen.add(deed)
        outcome = told(partial(ask, gateway))
        demand(isinstance(outcome, CallFailed), expected=f"{deed}: CallFailed", came=outcome)


def _is_declared(need: Need, can: GatewayCapabilities) -> bool:
    return {
        Need.FIND: can.find_by_own_id,
        Need.DELIVERY: can.delivery_batch > 0,
        Need.INBOX: can.has_inbox,
        Need.CREDIT: can.tells_credit,
    }[need]


FAILURES: Final = (
    *(row.check("send", "vendor", _run) for row in _TABLE),
    Check(
        name="send_huge_answer",
        theme="failures",
        sentence="An answer that is larger than anybody may read is cut off, and leaves the outcome open.",
        sentence_fa="پاسخی که بیش از اندازه بزرگ است خوانده نمی‌شود و نتیجه نامعلوم می‌ماند.",
        look_at="send: the bound on the size of an answer",
        run=_swollen_sending,
        needs=(Trait.HUGE_ANSWERS,),
    ),
    *_of_questions(),
    Check(
        name="huge_answers_to_questions",
        theme="questions",
        sentence="A question's answer that is larger than anybody may read is a failure.",
        sentence_fa="پاسخ بیش از اندازه بزرگ به یک پرسش شکست است.",
        look_at="the bound on the size of an answer",
        run=_swollen_questions,
        needs=(Trait.HUGE_ANSWERS,),
    ),
)
