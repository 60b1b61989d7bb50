"""The answer that never came: how certainty is regained. These checks prove an office's recovery level."""

from datetime import timedelta
from typing import Any, Final

from connector.domain.registration import Registration
from connector.errors import OutcomeUnknown
from connector.ports.call_failures import DUPLICATE_WITHOUT_NUMBER
from connector.ports.office import RecoveryLevel, RegistrationRequest
from connector.ports.outcomes import Registered, Submitted
from connector.simulator.fates import Pace
from connector.simulator.fault_kinds import Fault
from connector.simulator.faults import FaultRule
from connector.testing.office_contract.bench import OfficeBench
from connector.testing.office_contract.checks import Check, demand, told
from connector.testing.office_contract.letters import (
    KEY,
    OTHER_KEY,
    a_request,
    a_search,
    carried,
    entries_of,
    prepared,
)
from connector.testing.office_contract.needs import Need
from connector.testing.office_contract.numbers import demand_book

__all__ = ["LOST"]


def _lose(bench: OfficeBench, office: Any, fault: Fault) -> RegistrationRequest:
    """Register with this fault; return what was asked. Demand that the outcome is open."""
    carried(
        office, a_request(bench, OTHER_KEY)
    )  # another letter stands in the book: it must not be taken for ours
    request = prepared(office, a_request(bench, KEY))
    bench.arm(FaultRule(fault=fault, deed="register"))
    outcome = told(lambda: office.register(request))
    bench.calm()
    demand(isinstance(outcome, OutcomeUnknown), expected="OutcomeUnknown", came=outcome)
    return request


def _found_by_key(bench: OfficeBench) -> None:
    office: Any = bench.connect()
    secretariat = bench.secretariats[0]
    if office.capabilities.absence_is_proof:
        before = told(lambda: office.find(KEY, secretariat))
        demand(before is None, expected="nothing before the letter was sent", came=before)
    _lose(bench, office, Fault.LOSE_ANSWER)
    demand_book(bench, told(lambda: office.find(KEY, secretariat)))


def _known_by_key(bench: OfficeBench) -> None:
    office: Any = bench.connect()
    _lose(bench, office, Fault.LOSE_ANSWER)
    found = told(lambda: office.find(KEY, bench.secretariats[0]))
    demand(
        isinstance(found, Registered | Submitted),
        expected="the office's word that it has the letter",
        came=found,
    )
    demand(len(entries_of(bench, KEY)) == 1, expected="one entry in the book", came=bench.entries())


def _absent_by_key(bench: OfficeBench) -> None:
    office: Any = bench.connect()
    _lose(bench, office, Fault.LOSE_REQUEST)
    found = told(lambda: office.find(KEY, bench.secretariats[0]))
    demand(found is None, expected="None: the office has nothing under this key", came=found)


def _same_create(bench: OfficeBench) -> None:
    office: Any = bench.connect()
    request = _lose(bench, office, Fault.LOSE_ANSWER)
    again = told(lambda: office.register(request))
    demand_book(bench, again)
    third = told(lambda: office.register(request))
    demand_book(bench, third)


def _found_in_place(bench: OfficeBench) -> None:
    office: Any = bench.connect()
    request = _lose(bench, office, Fault.LOSE_ANSWER)
    if any(entry.number is None for entry in entries_of(bench, KEY)):
        bench.advance(Pace().longest)  # an office that numbers every letter later has nothing to show before
    demand_book(bench, told(lambda: office.verify(request.kept["reserve"], request.secretariat)))


def _empty_place(bench: OfficeBench) -> None:
    office: Any = bench.connect()
    request = _lose(bench, office, Fault.LOSE_REQUEST)
    found = told(lambda: office.verify(request.kept["reserve"], request.secretariat))
    demand(found is None, expected="None: the reserved place is empty", came=found)


def _found_by_search(bench: OfficeBench) -> None:
    office: Any = bench.connect()
    _lose(bench, office, Fault.LOSE_ANSWER)
    (entry,) = entries_of(bench, KEY)
    matches = told(lambda: office.search(a_search(bench, KEY)))
    demand(
        isinstance(matches, list | tuple), expected="a list of entries that may be the letter", came=matches
    )
    numbers = [match.registration.number for match in matches if isinstance(match, Registered)]
    if entry.number is None:  # an office that numbers every letter later
        is_told = any(isinstance(match, Submitted) for match in matches)
        demand(is_told, expected="the letter that waits for its number", came=matches)
        return
    demand(
        numbers.count(entry.number) == 1,
        expected=f"the letter's number {entry.number!r}, once among the matches",
        came=matches,
    )


def _absent_by_search(bench: OfficeBench) -> None:
    office: Any = bench.connect()
    _lose(bench, office, Fault.LOSE_REQUEST)
    (other,) = entries_of(bench, OTHER_KEY)
    matches = told(lambda: office.search(a_search(bench, KEY)))
    demand(isinstance(matches, list | tuple), expected="a list", came=matches)
    strangers = [match for match in matches if not _is(match, other.number)]
    demand(not strangers, expected="no entry but those that are in the book", came=matches)


def _is(match: object, number: str | None) -> bool:
    registration: Registration | None = getattr(match, "registration", None)
    return registration is not None and registration.number == number


def _without_number(bench: OfficeBench) -> None:
    office = bench.connect()
    request = prepared(office, a_request(bench))
    office.register(request)
    again = told(lambda: office.register(request))
    is_told = isinstance(again, OutcomeUnknown) and again.reason == DUPLICATE_WITHOUT_NUMBER
    demand(is_told, expected=f"OutcomeUnknown with the reason {DUPLICATE_WITHOUT_NUMBER}", came=again)
    demand(len(entries_of(bench, KEY)) == 1, expected="one entry in the book", came=bench.entries())


def _late(bench: OfficeBench) -> None:
    office = bench.connect()
    longest = office.capabilities.longest_processing
    demand(longest > timedelta(), expected="a longest processing time above nothing", came=longest)


_A, _B = RecoveryLevel.A, RecoveryLevel.B
_FIND, _CREATE, _PLACE = (Need.FIND,), (Need.SAME_CREATE,), (Need.RESERVES,)


def _check(name: str, sentence: str, sentence_fa: str, look_at: str, **facts: Any) -> Check:
    return Check(
        name=name, theme="lost answers", sentence=sentence, sentence_fa=sentence_fa, look_at=look_at, **facts
    )


LOST: Final = (
    _check("lost_answer_found_by_key",
           "Lost after the office registered: asked by our key, it is found once, under its number.",
           "پاسخ پس از ثبت گم شد: با کلید ما یک بار و با شمارهٔ خود یافته می‌شود.",
           "find: the key that register sends must be the one that find asks by",
           run=_found_by_key, needs=(Need.FIND, Need.NUMBER_WHEN_FOUND, Fault.LOSE_ANSWER), proves=_A),
    _check("lost_answer_known_by_key",
           "Lost after the office registered: asked by our key, the office says that it has the letter.",
           "پاسخ پس از ثبت گم شد: با کلید ما، سامانه می‌گوید که نامه را دارد.",
           "find: which answer means that the letter is there; one that brings no number means accepted",
           run=_known_by_key, needs=(Need.FIND, Fault.LOSE_ANSWER), proves=_A),
    _check("lost_request_absent_by_key",
           "Lost before the office registered: asked by our key, there is nothing.",
           "درخواست پیش از ثبت گم شد: با کلید ما چیزی یافته نمی‌شود.",
           "find: which answer of the office means that it has nothing under this key",
           run=_absent_by_key, needs=(Need.FIND, Need.ABSENCE_IS_PROOF, Fault.LOSE_REQUEST), proves=_A),
    _check("lost_answer_same_create",
           "Lost after the office registered: the same create again brings the first number, and no second entry.",
           "پاسخ پس از ثبت گم شد: همان ثبت دوباره، شمارهٔ نخست را می‌آورد و سطر دومی نمی‌سازد.",
           "register: the key must be the same in both calls; the office's answer to a duplicate",
           run=_same_create, needs=(Need.SAME_CREATE, Fault.LOSE_ANSWER), proves=_A),
    _check("lost_answer_found_in_place",
           "Lost after the office registered: the reserved place holds the letter.",
           "پاسخ پس از ثبت گم شد: جای رزروشده نامه را دارد.",
           "verify: what it reads of the reserved place",
           run=_found_in_place, needs=(Need.RESERVES, Fault.LOSE_ANSWER), proves=_A),
    _check("lost_request_place_empty",
           "Lost before the office registered: the reserved place is empty.",
           "درخواست پیش از ثبت گم شد: جای رزروشده خالی است.",
           "verify: which answer means that the place is empty",
           run=_empty_place, needs=(Need.RESERVES, Fault.LOSE_REQUEST), proves=_A),
    _check("lost_answer_found_by_search",
           "Lost after the office registered: a search brings the letter, once.",
           "پاسخ پس از ثبت گم شد: جستجو نامه را یک بار می‌آورد.",
           "search: what it asks by, and what it reads of each entry",
           run=_found_by_search, needs=(Need.SEARCH, Fault.LOSE_ANSWER), proves=_B),
    _check("lost_request_absent_by_search",
           "Lost before the office registered: a search brings nothing that is not in the book.",
           "درخواست پیش از ثبت گم شد: جستجو چیزی بیرون از دفتر نمی‌آورد.",
           "search: an empty list is the office's word that there is nothing",
           run=_absent_by_search, needs=(Need.SEARCH, Fault.LOSE_REQUEST), proves=_B),
    _check("duplicate_without_number",
           "\"I have it already\" without a number leaves the outcome open, with its own reason.",
           "«از پیش دارم» بی‌شماره، نتیجه را با دلیل خودش نامعلوم می‌گذارد.",
           "register: raise OutcomeUnknown with the reason duplicate_without_number",
           run=_without_number, needs=(Need.DUPLICATE_ERROR,)),
    _check("longest_processing",
           "The adapter says after which time a lost call can no longer take effect.",
           "آداپتور می‌گوید پس از چه زمانی فراخوان گم‌شده دیگر اثر نمی‌کند.",
           "capabilities.longest_processing: the vendor's word; before it is over no letter is believed absent",
           run=_late, is_harmless=True),
)  # fmt: skip
