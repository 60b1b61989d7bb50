"""What citizens write, fetched from an inbox: letter by letter, each text under a key of its own."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from connector.errors import CallFailed
from connector.ports.incoming import InboxPage, IncomingMessage
from connector.simulator.fault_kinds import Fault
from connector.simulator.faults import FaultRule
from connector.simulator.gateways import WrittenText
from connector.testing.checks import Check, demand, told
from connector.testing.gateway_contract.bench import GatewayBench
from connector.testing.gateway_contract.needs import Need

__all__ = ["INBOX", "TEXTS_OF_CITIZENS", "demand_same"]

TEXTS_OF_CITIZENS: Final = (
    "۴۸۲۹۱۵",
    "٤٨٢٩١٥",
    "لغو",
    "سلام،\nنامهٔ من کجاست؟ 👋",
    " كد ٤٨٢ & <b>%20</b> \"نقل\" 'قول' \\ / ; , | \u200cپایان",
    "Where is letter 12/345?",
)
_SENDERS: Final = ("09000000001", "+989000000002", "989000000003", "BANK", "5000")
_MANY: Final = 230


def _written(bench: GatewayBench, count: int, *, first: int = 0) -> list[WrittenText]:
    written = [
        WrittenText(
            key=str(500_001 + number),
            sender=f"0900000{number % 10_000:04d}",
            text=f"پرسش {number}",
            line=bench.book.line,
        )
        for number in range(first, first + count)
    ]
    bench.book.written += written
    return written


def _page(bench: GatewayBench, cursor: str | None = None) -> InboxPage:
    gateway: Any = bench.connect()
    page = told(lambda: gateway.inbox(cursor))
    demand(isinstance(page, InboxPage), expected="inbox: a page", came=page)
    shown: InboxPage = page
    return shown


def _all_of(bench: GatewayBench, cursor: str | None = None) -> tuple[list[IncomingMessage], str | None]:
    """Return everything that the inbox has from here on, page after page, and the last cursor."""
    found: list[IncomingMessage] = []
    for _ in range(50):
        page = _page(bench, cursor)
        found += page.messages
        cursor = page.cursor if page.cursor is not None else cursor
        if not page.has_more:
            return found, cursor
    demand(is_so=False, expected="an end of the inbox after 50 pages", came="has_more")
    return found, cursor


def demand_same(found: Sequence[IncomingMessage], written: Sequence[WrittenText]) -> None:
    """Demand that these texts came, whole, and each under a key of its own."""
    came = sorted((each.text, each.sender[-10:]) for each in found)
    expected = sorted((each.text, each.sender[-10:]) for each in written)
    demand(came == expected, expected=f"{expected}", came=f"{came}")
    keys = {each.gateway_key for each in found}
    demand(len(keys) == len(found), expected="a key of its own for each", came=f"{len(keys)} keys")
    longest = max((len(key) for key in keys), default=0)
    demand(0 < longest <= 64 or not found, expected="keys of 1 to 64 letters", came=f"{longest}")


def _empty(bench: GatewayBench) -> None:
    page = _page(bench)
    demand(not page.messages and not page.has_more, expected="an empty page", came=page)


def _letters(bench: GatewayBench) -> None:
    for number, text in enumerate(TEXTS_OF_CITIZENS):
        bench.book.written.append(
            WrittenText(key=str(700_001 + number), sender="09000000001", text=text, line=bench.book.line)
        )
    found, _ = _all_of(bench)
    demand_same(found, bench.book.written)
    demand(
        all(each.line in {bench.book.line, ""} for each in found), expected="our line, or none", came=found
    )


def _strangers(bench: GatewayBench) -> None:
    for number, sender in enumerate(_SENDERS):
        bench.book.written.append(
            WrittenText(key=str(800_001 + number), sender=sender, text="سلام", line=bench.book.line)
        )
    found, _ = _all_of(bench)
    came = [each.sender for each in found]
    demand(sorted(came) == sorted(_SENDERS), expected=f"{_SENDERS}, as they were written", came=f"{came}")


def _clock_off(bench: GatewayBench) -> None:
    """A vendor's clock may be years off: the text counts, and not the time."""
    for number, year in enumerate((1970, 2000, 2099)):
        written = WrittenText(
            key=str(850_001 + number), sender="09000000001", text=f"{year}", line=bench.book.line
        )
        bench.book.written.append(replace(written, written_at=datetime(year, 1, 1, tzinfo=UTC)))
    found, _ = _all_of(bench)
    demand_same(found, bench.book.written)


def _twins(bench: GatewayBench) -> None:
    """The same person may write the same word twice: the vendor's ids tell them apart."""
    for key in ("900001", "900002"):
        bench.book.written.append(WrittenText(key=key, sender="09000000001", text="5", line=bench.book.line))
    found, _ = _all_of(bench)
    demand(len(found) in {1, 2}, expected="both, or one where the vendor gives no ids", came=found)


def _pages(bench: GatewayBench) -> None:
    written = _written(bench, _MANY)
    found, _ = _all_of(bench)
    demand_same(found, written)


def _once(bench: GatewayBench) -> None:
    _written(bench, 3)
    first, _ = _all_of(bench)
    second, _ = _all_of(bench)
    demand(
        len(first) == 3 and not second, expected="three, and then none", came=f"{len(first)}, {len(second)}"
    )


def _no_repeat(bench: GatewayBench) -> None:
    """A read-once inbox is not asked again by itself: what the lost answer held would be gone unseen."""
    gateway: Any = bench.connect()
    _written(bench, 3)
    bench.arm(FaultRule(fault=Fault.LOSE_ANSWER, deed="inbox"))
    outcome = told(lambda: gateway.inbox(None))
    demand(isinstance(outcome, CallFailed), expected="CallFailed: something may be gone", came=outcome)
    calls = bench.book.calls.count("inbox")
    demand(calls == 1, expected="one call, not repeated", came=f"{calls} calls")


def _onward(bench: GatewayBench) -> None:
    _written(bench, 3)
    first, cursor = _all_of(bench)
    again, _ = _all_of(bench, cursor)
    demand(not again, expected="nothing behind the cursor", came=again)
    _written(bench, 2, first=3)
    later, _ = _all_of(bench, cursor)
    demand(len(first) == 3 and len(later) == 2, expected="3, then 2", came=f"{len(first)}, {len(later)}")


def _same_keys(bench: GatewayBench) -> None:
    _written(bench, 3)
    first, _ = _all_of(bench)
    again, _ = _all_of(bench)
    keys = [[each.gateway_key for each in found] for found in (first, again)]
    demand(keys[0] == keys[1], expected="the same keys from the same place", came=f"{keys}")


def _broken_cursor(bench: GatewayBench) -> None:
    gateway: Any = bench.connect()
    _written(bench, 2)
    outcome = told(lambda: gateway.inbox("no cursor of ours ; --"))
    is_so = isinstance(outcome, CallFailed | InboxPage)
    demand(is_so, expected="a page, or CallFailed", came=outcome)


def _check(name: str, sentence: str, fa: str, run: Any, *needs: Any) -> Check[GatewayBench]:
    return Check(
        name=name, theme="inbox", sentence=sentence, sentence_fa=fa, run=run, look_at="inbox", needs=needs
    )


INBOX: Final = (
    _check("inbox_empty", "An empty inbox is an empty page.",
           "صندوق خالی، صفحهٔ خالی است.", _empty, Need.INBOX),
    _check("inbox_letter_by_letter", "What a citizen writes comes letter by letter, digits of every kind too.",
           "نوشتهٔ شهروند حرف‌به‌حرف می‌رسد، رقم‌های فارسی و عربی هم.", _letters, Need.INBOX),
    _check("inbox_strange_senders", "Senders are told as they are written, names and short codes too.",
           "فرستنده همان‌گونه که نوشته شده گفته می‌شود، نام بانک و شمارهٔ کوتاه هم.", _strangers, Need.INBOX),
    _check("inbox_clock_off", "A text whose time makes no sense comes all the same.",
           "پیامی که زمانش بی‌معناست باز هم می‌رسد.", _clock_off, Need.INBOX),
    _check("inbox_same_word_twice", "The same word from the same number twice breaks nothing.",
           "یک واژه از یک شماره، دو بار، چیزی را خراب نمی‌کند.", _twins, Need.INBOX),
    _check("inbox_page_after_page", "More than one page comes whole, each text once.",
           "بیش از یک صفحه کامل می‌رسد، هر پیام یک بار.", _pages, Need.INBOX),
    _check("inbox_shows_once", "A read-once inbox shows nothing twice.",
           "صندوق یک‌بارخوان چیزی را دو بار نشان نمی‌دهد.", _once, Need.READS_ONCE),
    _check("inbox_is_not_repeated", "A read-once inbox whose answer is lost is not asked again by itself.",
           "صندوق یک‌بارخوانی که پاسخش گم شد خودبه‌خود دوباره خوانده نمی‌شود.", _no_repeat,
           Need.READS_ONCE, Fault.LOSE_ANSWER),
    _check("inbox_goes_on_from_the_cursor", "The next look begins where the last one ended.",
           "نگاه بعدی از جای پایان پیشین آغاز می‌شود.", _onward, Need.CURSOR),
    _check("inbox_same_keys", "The same text has the same key whenever it is shown.",
           "یک پیام هر بار همان کلید را دارد.", _same_keys, Need.CURSOR),
    _check("inbox_broken_cursor", "A cursor that means nothing breaks nothing.",
           "نشانگر بی‌معنا چیزی را خراب نمی‌کند.", _broken_cursor, Need.INBOX),
)  # fmt: skip
