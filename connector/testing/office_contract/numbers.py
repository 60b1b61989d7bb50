"""Numbers: the office's own, as it wrote them, each in its secretariat and year; and the office's other words."""

from datetime import datetime, timedelta
from typing import Any, Final

from connector.domain.calendar import jalali_year, local_date
from connector.ports.outcomes import Refused, Registered, Submitted
from connector.simulator.fates import Fate
from connector.testing.office_contract.bench import BookEntry, OfficeBench
from connector.testing.office_contract.checks import Check, demand, told
from connector.testing.office_contract.letters import KEY, OTHER_KEY, a_request, carried, entries_of, settled
from connector.testing.office_contract.needs import Need

__all__ = ["NUMBERS", "demand_book", "demand_entry"]

_FIRST: Final = "000001"


def demand_book(bench: OfficeBench, outcome: object, key: str = KEY) -> BookEntry:
    """Demand that the book has this letter once and that the outcome says what the book says; return the entry."""
    found = entries_of(bench, key)
    demand(
        len(found) == 1, expected="the letter stands once in the office's book", came=f"{len(found)} times"
    )
    demand_entry(outcome, found[0])
    return found[0]


def demand_entry(outcome: object, entry: BookEntry) -> None:
    """Demand that an outcome says what the book says."""
    if entry.number is None:
        demand(
            isinstance(outcome, Submitted | Refused),
            expected="the office gave no number, and the adapter tells none",
            came=outcome,
        )
        return
    number = outcome.registration.number if isinstance(outcome, Registered) else None
    demand(number == entry.number, expected=f"Registered under the number {entry.number!r}", came=outcome)


def _registered(bench: OfficeBench, key: str, **changes: Any) -> Registered:
    office = bench.connect()
    desk = changes.get("secretariat")
    outcome = told(
        lambda: settled(
            bench, office, key, carried(office, a_request(bench, key, **changes)), secretariat=desk
        )
    )
    demand(isinstance(outcome, Registered), expected="the letter is registered", came=outcome)
    registered: Registered = outcome
    return registered


def _leading_zeros(bench: OfficeBench) -> None:
    number = _registered(bench, KEY).registration.number
    demand(number == _FIRST, expected=f"the number {_FIRST!r}, zeros and all", came=repr(number))


def _two_secretariats(bench: OfficeBench) -> None:
    first, second = bench.secretariats[:2]
    one = _registered(bench, KEY, secretariat=first).registration
    other = _registered(bench, OTHER_KEY, secretariat=second).registration
    demand(one.number == other.number, expected="both desks begin with the same number", came=(one, other))
    demand(
        (one.secretariat, other.secretariat) == (first, second),
        expected="each registration names the secretariat that was asked",
        came=(one.secretariat, other.secretariat),
    )
    demand(
        [entry.secretariat for entry in bench.entries()] == [entries_of(bench, key)[0].secretariat for key in
         (KEY, OTHER_KEY)] and len({entry.secretariat for entry in bench.entries()}) == 2,
        expected="the office was told two secretariats",
        came=bench.entries(),
    )  # fmt: skip


def _year_change(bench: OfficeBench) -> None:
    before = _registered(bench, KEY).registration
    at = bench.advance(timedelta())
    bench.advance(_new_year_after(at) - at)
    after = _registered(bench, OTHER_KEY).registration
    demand(before.number == after.number, expected="the new book begins with the same number", came=after)
    demand(
        (before.year, before.registered_on) != (after.year, after.registered_on),
        expected="year or day tell the two apart",
        came=(before, after),
    )
    told_year = after.year or (jalali_year(after.registered_on) if after.registered_on else None)
    (entry,) = entries_of(bench, OTHER_KEY)
    demand(told_year == entry.year, expected=f"the Jalali year {entry.year} of the new book", came=after)


def _new_year_after(at: datetime) -> datetime:
    year, day = jalali_year(local_date(at)), at
    while jalali_year(local_date(day)) == year:
        day += timedelta(days=1)
    return day


def _refusal(bench: OfficeBench) -> None:
    office = bench.connect()
    outcome = told(lambda: settled(bench, office, KEY, carried(office, a_request(bench))))
    demand(isinstance(outcome, Refused), expected="Refused, in the office's own words", came=outcome)
    demand(outcome.reason.strip(), expected="the office's wording is kept", came=outcome)


def _later(bench: OfficeBench) -> None:
    outcome = told(lambda: carried(bench.connect(), a_request(bench)))
    demand(isinstance(outcome, Submitted), expected="Submitted: the number comes later", came=outcome)


NUMBERS: Final = (
    Check(
        name="leading_zeros",
        theme="numbers",
        sentence="A number keeps its leading zeros.",
        sentence_fa="صفرهای آغاز شماره می‌مانند.",
        look_at="where the number is read: it is text, and never a number of the programming language",
        run=_leading_zeros,
        needs=(Need.NUMBERS,),
    ),
    Check(
        name="two_secretariats",
        theme="numbers",
        sentence="Equal numbers of two secretariats stay two registrations.",
        sentence_fa="شماره‌های یکسان دو دبیرخانه، دو ثبت جدا می‌مانند.",
        look_at="register: it tells the office the secretariat of the request, and names it in the Registration",
        run=_two_secretariats,
        needs=(Need.NUMBERS, Need.SECOND_SECRETARIAT),
    ),
    Check(
        name="year_change",
        theme="numbers",
        sentence="When the year changes and numbers begin anew, year or day tell them apart.",
        sentence_fa="با آغاز سال نو و از سر گرفته شدن شماره‌ها، سال یا روز آن‌ها را از هم جدا می‌کند.",
        look_at="where year and date of the registration are read, and in which calendar",
        run=_year_change,
        needs=(Need.YEAR,),
    ),
    Check(
        name="refusal",
        theme="numbers",
        sentence="A refusal is an outcome, and keeps the office's own wording.",
        sentence_fa="نپذیرفتن، خود یک نتیجه است و عبارت سامانه می‌ماند.",
        look_at="register: what the office says when it will never take a letter must become Refused",
        run=_refusal,
        needs=(Need.REFUSAL,),
        fate=Fate.REFUSED,
    ),
    Check(
        name="number_later",
        theme="numbers",
        sentence="A letter that is taken before it is numbered is submitted, and not registered.",
        sentence_fa="نامه‌ای که پیش از شماره پذیرفته می‌شود «ارسال‌شده» است، نه «ثبت‌شده».",
        look_at="register: what the office says when the number comes later must become Submitted",
        run=_later,
        needs=(Need.NUMBERS_LATER,),
        fate=Fate.NUMBERED_LATER,
    ),
)
