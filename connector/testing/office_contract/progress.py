"""Progress: what the office says of many letters, in any order, without inventing or hiding anything."""

from collections.abc import Sequence
from typing import Any, Final

from connector.errors import NotPossible
from connector.ports.outcomes import Progress
from connector.simulator.fates import Fate, Pace
from connector.testing.office_contract.bench import OfficeBench
from connector.testing.office_contract.checks import Check, Skipped, demand, told
from connector.testing.office_contract.letters import (
    KEY,
    a_key,
    a_request,
    carried,
    entries_of,
    reference_of,
    reference_to,
)
from connector.testing.office_contract.needs import Need

__all__ = ["PROGRESS"]


def _registered(bench: OfficeBench, office: Any, count: int) -> dict[str, Any]:
    references = {}
    for number in range(1, count + 1):
        key = a_key("KEY", number)
        outcome = carried(office, a_request(bench, key))
        references[key] = reference_of(key, outcome, secretariat=bench.secretariats[0])
    return references


def _asked(office: Any, references: Sequence[Any]) -> dict[str, Progress]:
    answer = told(lambda: office.progress(references))
    demand(isinstance(answer, list | tuple), expected="a list of Progress", came=answer)
    keys = [each.correlation_key for each in answer]
    demand(len(set(keys)) == len(keys), expected="each letter once", came=keys)
    return {each.correlation_key: each for each in answer}


def _many(bench: OfficeBench) -> None:
    office: Any = bench.connect()
    count = min(office.capabilities.progress_batch, 5)
    references = _registered(bench, office, count)
    bench.advance(Pace().longest)
    stranger = reference_to(a_key("STRANGER"), secretariat=bench.secretariats[0])
    asked = [*reversed(list(references.values())[1:]), stranger]
    found = _asked(office, asked)
    demand(
        set(found) == set(references) - {KEY},
        expected="exactly the letters that were asked about",
        came=found,
    )
    for key, progress in found.items():
        (entry,) = entries_of(bench, key)
        number = progress.registration.number if progress.registration else None
        demand(number == entry.number, expected=f"{key} under the number {entry.number!r}", came=progress)


def _one(bench: OfficeBench) -> None:
    office: Any = bench.connect()
    references = _registered(bench, office, 1)
    if entries_of(bench, KEY)[0].number is None:
        bench.advance(Pace().longest)  # it numbers every letter later
    (progress,) = _asked(office, list(references.values())).values()
    (entry,) = entries_of(bench, KEY)
    number = progress.registration.number if progress.registration else None
    demand(number == entry.number, expected=f"the number {entry.number!r}", came=progress)


def _unmentioned(bench: OfficeBench) -> None:
    office: Any = bench.connect()
    stranger = reference_to(a_key("STRANGER"), secretariat=bench.secretariats[0])
    found = told(lambda: office.progress([stranger]))
    if isinstance(found, NotPossible):
        return  # it is asked by what the office called the letter, and a stranger has no such name
    demand(
        isinstance(found, list | tuple) and not found,
        expected="a letter that the office does not mention is left out",
        came=found,
    )


def _strange(bench: OfficeBench) -> None:
    office: Any = bench.connect()
    references = _registered(bench, office, 1)
    bench.advance(Pace().longest)
    (progress,) = _asked(office, list(references.values())).values()
    demand(progress.unmapped, expected="the code is told as unmapped", came=progress)
    demand(
        not progress.is_closed and progress.answer is None and progress.refused is None,
        expected="a code that stands in no contract changes nothing",
        came=progress,
    )


def _story(bench: OfficeBench) -> None:
    office: Any = bench.connect()
    references = _registered(bench, office, 1)
    bench.advance(Pace().longest)
    (progress,) = _asked(office, list(references.values())).values()
    demand(len(progress.referrals) == 3, expected="three referrals, in their order", came=progress)
    references_told = [referral.reference for referral in progress.referrals]
    demand(len(set(references_told)) == 3, expected="each with a reference of its own", came=references_told)
    public = [referral.is_public for referral in progress.referrals]
    if all(public):
        raise Skipped("This office does not tell which referrals are confidential.")
    demand(public == [True, False, True], expected="the second one is confidential", came=public)


def _answered(bench: OfficeBench) -> None:
    office: Any = bench.connect()
    references = _registered(bench, office, 1)
    bench.advance(Pace().longest)
    (progress,) = _asked(office, list(references.values())).values()
    is_told = progress.answer is not None or progress.is_closed
    demand(is_told, expected="the answer, or that the letter is closed", came=progress)


def _check(name: str, sentence: str, sentence_fa: str, run: Any, **facts: Any) -> Check:
    return Check(
        name=name,
        theme="progress",
        sentence=sentence,
        sentence_fa=sentence_fa,
        look_at="progress: how each letter of the answer is told apart, and what each status means",
        run=run,
        needs=(Need.PROGRESS, *facts.pop("needs", ())),
        **facts,
    )


PROGRESS: Final = (
    _check("progress_of_one", "A registered letter is told with its number.",
           "نامهٔ ثبت‌شده با شماره‌اش گزارش می‌شود.", _one),
    _check("progress_of_many", "Letters are told apart in any order; those that the office does not know are left out.",
           "نامه‌ها به هر ترتیبی از هم جدا می‌شوند و ناشناخته‌ها کنار می‌مانند.", _many, needs=(Need.BATCH,)),
    _check("progress_of_a_stranger", "A letter that the office does not mention is left out, and is no failure.",
           "نامه‌ای که سامانه نامش را نمی‌برد کنار می‌ماند و خطا نیست.", _unmentioned, needs=(Need.BATCH,)),
    _check("progress_of_a_strange_status", "A status that stands in no contract is told, and changes nothing.",
           "وضعیتی که در هیچ قراردادی نیست بازگو می‌شود و چیزی را عوض نمی‌کند.", _strange,
           needs=(Need.STRANGE_STATUS,), fate=Fate.STRAYED),
    _check("progress_of_referrals", "Referrals are told in their order, the confidential ones marked.",
           "ارجاع‌ها به ترتیب بازگو می‌شوند و محرمانه‌ها نشان دارند.", _story,
           needs=(Need.REFERRALS,), fate=Fate.CONFIDENTIAL_BRANCH),
    _check("progress_of_an_answer", "The answer is told.", "پاسخ بازگو می‌شود.", _answered,
           needs=(Need.ANSWER,)),
)  # fmt: skip
