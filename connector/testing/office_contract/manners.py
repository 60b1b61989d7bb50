"""Manners: what is declared is there, the check is harmless, closing twice is allowed, threads mix nothing up."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from connector.errors import CredentialsRejected
from connector.ports.office import (
    CompletesRegistration,
    FindsByKey,
    PreparesRegistration,
    ReportsProgress,
    ReservesNumber,
    Searches,
)
from connector.testing.office_contract.bench import OfficeBench, Wish
from connector.testing.office_contract.checks import Check, demand, told
from connector.testing.office_contract.letters import (
    a_key,
    a_request,
    a_search,
    carried,
    prepared,
    reference_to,
)
from connector.testing.office_contract.needs import Need
from connector.testing.office_contract.numbers import demand_book

__all__ = ["MANNERS"]

_THREADS: Final = 8
_LETTERS: Final = 24
_NOBODY: Final = a_key("N0B0DY")


def _declared(bench: OfficeBench) -> None:
    office = bench.connect()
    can = office.capabilities
    for protocol, is_declared in (
        (FindsByKey, can.find_by_key),
        (Searches, can.search),
        (ReportsProgress, can.progress_batch > 0),
        (PreparesRegistration, can.prepares),
        (CompletesRegistration, can.completes),
        (ReservesNumber, can.reserves),
    ):
        demand(
            isinstance(office, protocol) == is_declared,
            expected=f"{protocol.__name__} exactly where it is declared ({is_declared})",
            came=f"{type(office).__name__} has it: {isinstance(office, protocol)}",
        )


def _checked(bench: OfficeBench) -> None:
    sentence = told(bench.connect().check)
    demand(isinstance(sentence, str) and sentence.strip(), expected="a plain sentence", came=sentence)
    demand(not bench.entries(), expected="a check changes nothing over there", came=bench.entries())


def _closed(bench: OfficeBench) -> None:
    office = bench.connect(Wish.OWN)
    carried(office, a_request(bench))
    for _ in range(2):
        done = told(office.close)
        demand(done is None, expected="close() may be called twice", came=done)


def _rejected(bench: OfficeBench) -> None:
    office: Any = bench.connect(Wish.WRONG_CREDENTIALS)
    outcome = told(lambda: office.register(prepared(office, a_request(bench))))
    demand(isinstance(outcome, CredentialsRejected), expected="register: CredentialsRejected", came=outcome)
    demand(not bench.entries(), expected="nothing is registered", came=bench.entries())
    can = office.capabilities
    if can.find_by_key:
        found = told(lambda: office.find(_NOBODY, bench.secretariats[0]))
        demand(isinstance(found, CredentialsRejected), expected="find: CredentialsRejected", came=found)


def _threads(bench: OfficeBench) -> None:
    office = bench.connect()
    keys = [a_key("THREAD", number) for number in range(_LETTERS)]
    with ThreadPoolExecutor(_THREADS) as pool:
        outcomes = list(pool.map(lambda key: told(lambda: carried(office, a_request(bench, key))), keys))
    for key, outcome in zip(keys, outcomes, strict=True):
        demand_book(bench, outcome, key)
    demand(
        len(bench.entries()) == len(keys),
        expected=f"{len(keys)} entries",
        came=f"{len(bench.entries())} entries",
    )


def _nobody(bench: OfficeBench) -> None:
    office: Any = bench.connect()
    can = office.capabilities
    if can.find_by_key:
        found = told(lambda: office.find(_NOBODY, bench.secretariats[0]))
        demand(found is None, expected="find: None for a key that nobody sent", came=found)
    if can.search_sees_key and bench.lacks(Need.SEARCH) is None:
        matches = told(lambda: office.search(a_search(bench, _NOBODY)))
        demand(matches == [], expected="search: nothing under a key that nobody sent", came=matches)
    if can.progress_batch:
        told_of = told(lambda: office.progress([reference_to(_NOBODY, secretariat=bench.secretariats[0])]))
        is_quiet = isinstance(told_of, list | tuple) and not [each for each in told_of if each.registration]
        demand(
            is_quiet or isinstance(told_of, Exception),
            expected="progress: no number for nobody",
            came=told_of,
        )


MANNERS: Final = (
    Check(
        name="declared_is_there",
        theme="manners",
        sentence="What the adapter declares is what it has.",
        sentence_fa="آنچه آداپتور اعلام می‌کند همان است که دارد.",
        look_at="capabilities, and the protocols of connector.ports.office that the class fits",
        run=_declared,
        is_harmless=True,
    ),
    Check(
        name="check_is_harmless",
        theme="manners",
        sentence="The check asks something harmless and says in a sentence what was seen.",
        sentence_fa="بررسی، پرسشی بی‌زیان می‌کند و در یک جمله می‌گوید چه دید.",
        look_at="check",
        run=_checked,
        is_harmless=True,
    ),
    Check(
        name="nobody_is_not_found",
        theme="manners",
        sentence="Asked for a letter that nobody sent, the office has nothing.",
        sentence_fa="سامانه از نامه‌ای که کسی نفرستاده چیزی ندارد.",
        look_at="find, search, progress: which answer means that there is nothing",
        run=_nobody,
        is_harmless=True,
    ),
    Check(
        name="close_twice",
        theme="manners",
        sentence="The adapter may be closed twice.",
        sentence_fa="آداپتور را می‌توان دو بار بست.",
        look_at="close",
        run=_closed,
    ),
    Check(
        name="wrong_credentials",
        theme="manners",
        sentence="Wrong credentials are told as such, and nothing is registered.",
        sentence_fa="نام کاربری یا گذرواژهٔ نادرست همان‌گونه بازگو می‌شود و چیزی ثبت نمی‌شود.",
        look_at="what the office answers to wrong credentials must become CredentialsRejected",
        run=_rejected,
        needs=(Need.CREDENTIALS,),
    ),
    Check(
        name="many_threads",
        theme="manners",
        sentence="Eight threads register at the same time, and every letter gets its own number.",
        sentence_fa="هشت رشتهٔ هم‌زمان ثبت می‌کنند و هر نامه شمارهٔ خود را می‌گیرد.",
        look_at="register: nothing of one letter may lie where another thread sees it",
        run=_threads,
    ),
)
