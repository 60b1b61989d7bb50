"""Questions: a look-up that fails is never an absence, and a search says all that may be the letter."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any, Final

from connector.domain.registration import LetterReference
from connector.errors import CallFailed
from connector.ports.outcomes import Refused, Registered, Submitted
from connector.simulator.fates import Fate
from connector.simulator.fault_kinds import OFFICE_FAULTS, Fault
from connector.simulator.faults import FaultRule
from connector.testing.fault_rows import STALLS
from connector.testing.office_contract.bench import OfficeBench, Wish
from connector.testing.office_contract.checks import Check, demand, told
from connector.testing.office_contract.letters import (
    KEY,
    OTHER_KEY,
    a_key,
    a_request,
    a_search,
    carried,
    mark_of,
    reference_of,
)
from connector.testing.office_contract.needs import Need

__all__ = ["QUESTIONS"]

_SHORT: Final = timedelta(seconds=1)
_HARMFUL: Final = (  # of the faults those whose answer could be taken for: nothing there
    Fault.LOSE_ANSWER,
    Fault.STALL,
    Fault.SERVER_ERROR,
    Fault.SOAP_FAULT,
    Fault.ERROR_IN_200,
    Fault.UNMAPPED_CODE,
    Fault.GARBAGE,
    Fault.TRUNCATED,
    Fault.WRONG_CONTENT_TYPE,
    Fault.SESSION_EXPIRED,
    Fault.WRONG_PASSWORD,
    Fault.TOO_MANY,
)


def _deeds(bench: OfficeBench, office: Any, reference: LetterReference) -> dict[str, Callable[[], Any]]:
    can = office.capabilities
    deeds: dict[str, Callable[[], Any]] = {}
    if can.find_by_key:
        deeds["find"] = lambda: office.find(KEY, bench.secretariats[0])
    if can.search:
        deeds["search"] = lambda: office.search(a_search(bench, KEY))
    if can.progress_batch:
        deeds["progress"] = lambda: office.progress([reference])
    return deeds


def _never_absent(fault: Fault, bench: OfficeBench) -> None:
    outcome = carried(bench.connect(), a_request(bench, KEY))
    reference = reference_of(KEY, outcome, secretariat=bench.secretariats[0])
    office = bench.connect(Wish.HURRIED if fault in STALLS else Wish.PLAIN)
    deeds = _deeds(bench, office, reference)
    for deed in deeds:
        bench.arm(FaultRule(fault=fault, deed=deed, times=None, delay=_SHORT, is_other=True))
    # All at once: what may be repeated is, and takes its time.
    with ThreadPoolExecutor(len(deeds) or 1) as pool:
        outcomes = dict(zip(deeds, pool.map(told, deeds.values()), strict=True))
    for deed, outcome in outcomes.items():
        demand(
            isinstance(outcome, CallFailed),
            expected=f"{deed} fails: {fault} says nothing about the letter",
            came=f"{deed}: {outcome!r}",
        )


def _ask(bench: OfficeBench, key: str = KEY, **changes: Any) -> Any:
    office: Any = bench.connect()
    return told(lambda: office.search(a_search(bench, key, **changes)))


def _nothing(bench: OfficeBench) -> None:
    matches = _ask(bench)
    demand(isinstance(matches, list | tuple) and not matches, expected="an empty list", came=matches)


def _several(bench: OfficeBench) -> None:
    """Two letters of one sender with one subject: with our key one match, without it both."""
    office = bench.connect()
    subject = f"نامهٔ {mark_of(KEY)}"
    for key in (KEY, OTHER_KEY):
        carried(office, a_request(bench, key, subject=subject))
    most = 1 if office.capabilities.search_sees_key else 2  # one is enough where it is searched by our key
    matches = _ask(bench, subject=subject)
    demand(
        isinstance(matches, list | tuple) and 1 <= len(matches) <= most,
        expected=f"at most {most} of two letters of one sender with one subject, and the letter among them",
        came=matches,
    )
    (first,) = [entry for entry in bench.entries() if entry.number == "000001"]
    numbers = [match.registration.number for match in matches if isinstance(match, Registered)]
    demand(first.number in numbers, expected="the letter among the matches", came=matches)


def _full_page(bench: OfficeBench) -> None:
    office = bench.connect()
    subject = f"نامهٔ {mark_of(KEY)}"
    for number in range(bench.page or 0):
        carried(office, a_request(bench, a_key("PAGE", number), subject=subject))
    outcome = _ask(bench, subject=subject)
    demand(
        isinstance(outcome, CallFailed),
        expected="a full page may hide the letter: the search fails",
        came=outcome,
    )


def _waiting(bench: OfficeBench) -> None:
    """A letter without a number must not be taken for an absent one: it would be sent again."""
    carried(bench.connect(), a_request(bench, KEY))
    matches = _ask(bench)
    is_told = isinstance(matches, list | tuple) and [type(match) for match in matches] == [Submitted]
    demand(is_told or isinstance(matches, CallFailed), expected="Submitted, or a failed search", came=matches)


def _refused(bench: OfficeBench) -> None:
    """A letter that was refused may be left out: sent again it is refused again."""
    carried(bench.connect(), a_request(bench, KEY))
    matches = _ask(bench)
    is_told = isinstance(matches, list | tuple) and all(isinstance(match, Refused) for match in matches)
    demand(
        is_told or isinstance(matches, CallFailed),
        expected="Refused, or nothing, or a failed search",
        came=matches,
    )


_FAULT_FA: Final = "استعلامی که با این خطا شکست بخورد هرگز به معنای نبودن نامه نیست: "


def _failing() -> Iterator[Check]:
    for fault in _HARMFUL:
        assert all(fault in OFFICE_FAULTS[deed] for deed in ("find", "search", "progress"))  # noqa: S101
        yield Check(
            name=f"question_{fault}",
            theme="questions",
            sentence=f"A look-up, a search or a progress call that meets {fault} says nothing about the letter.",
            sentence_fa=_FAULT_FA + fault,
            look_at=f"find, search, progress: what becomes of them when the office plays the fault {fault}",
            run=partial(_never_absent, fault),
            needs=(fault,),
        )


def _search(
    name: str, sentence: str, sentence_fa: str, run: Callable[[OfficeBench], None], **facts: Any
) -> Check:
    needs = (Need.SEARCH, *facts.pop("needs", ()))
    look_at = "search: the list of matches, and what is read of each"
    return Check(
        name=name, theme="questions", sentence=sentence, sentence_fa=sentence_fa, look_at=look_at, run=run,
        needs=needs, **facts,
    )  # fmt: skip


QUESTIONS: Final = (
    *_failing(),
    _search(
        "search_finds_nothing",
        "A search that finds nothing brings an empty list.",
        "جستجویی که چیزی نمی‌یابد فهرستی خالی می‌آورد.",
        _nothing,
    ),
    _search(
        "search_of_several",
        "Of two letters of one sender with one subject a search brings what our key allows to tell apart.",
        "از دو نامهٔ یک فرستنده با یک موضوع، جستجو همان را می‌آورد که کلید ما از هم جدا می‌کند.",
        _several,
    ),
    _search(
        "search_of_a_full_page",
        "A full page may hide the letter: the search fails.",
        "صفحهٔ پر شاید نامه را پنهان کند: جستجو شکست می‌خورد.",
        _full_page,
        needs=(Need.FULL_PAGE,),
    ),
    _search(
        "search_of_a_waiting_letter",
        "A letter that waits for its number is brought as such, and never left out.",
        "نامه‌ای که در انتظار شماره است همان‌گونه آورده می‌شود و هرگز جا نمی‌افتد.",
        _waiting,
        needs=(Need.NUMBERS_LATER,),
        fate=Fate.NUMBERED_LATER,
    ),
    _search(
        "search_of_a_refused_letter",
        "A letter that was refused is never brought as a registered one.",
        "نامه‌ای که پذیرفته نشده هرگز ثبت‌شده آورده نمی‌شود.",
        _refused,
        needs=(Need.REFUSAL,),
        fate=Fate.REFUSED,
    ),
)
