"""Steps around the number: what comes before may be repeated, what comes after never undoes it."""

import re
from typing import Any, Final

from connector.ports.outcomes import Registered
from connector.testing.office_contract.bench import OfficeBench
from connector.testing.office_contract.checks import Check, demand, told
from connector.testing.office_contract.letters import (
    KEY,
    a_file,
    a_request,
    carried,
    prepared,
    reference_to,
    settled,
)
from connector.testing.office_contract.needs import Need
from connector.testing.office_contract.numbers import demand_book

__all__ = ["STEPS"]

_BEFORE: Final = re.compile(r"[A-Za-z0-9_]{1,30}")
_AFTER: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,19}")


def _request(bench: OfficeBench) -> Any:
    files = () if bench.lacks(Need.ATTACHMENTS) else (a_file("a.pdf", b"%PDF-1"), a_file("b.pdf", b"%PDF-2"))
    return a_request(bench, KEY, *files)


def _demand_names(names: list[str], again: list[str], pattern: re.Pattern[str]) -> None:
    demand(names == again, expected="the same steps for the same letter", came=(names, again))
    demand(len(set(names)) == len(names), expected="each name once", came=names)
    wrong = [name for name in names if not pattern.fullmatch(name)]
    demand(not wrong and "reserve" not in names, expected=f"names that fit {pattern.pattern}", came=names)


def _prepares(bench: OfficeBench) -> None:
    office: Any = bench.connect()
    request = _request(bench)
    _demand_names(list(office.preparations(request)), list(office.preparations(request)), _BEFORE)
    prepared(office, request)  # done once in vain, as when its outcome was lost
    demand(not bench.entries(), expected="no number before the decisive step", came=bench.entries())
    demand_book(bench, told(lambda: carried(office, request)))


def _reserves(bench: OfficeBench) -> None:
    office: Any = bench.connect()
    request = _request(bench)
    office.reserve(request)
    full = prepared(office, request)
    demand(not bench.entries(), expected="a place that stays empty is no entry", came=bench.entries())
    demand_book(bench, told(lambda: office.register(full)))


def _completes(bench: OfficeBench) -> None:
    office: Any = bench.connect()
    request = prepared(office, _request(bench))
    outcome = told(lambda: settled(bench, office, KEY, office.register(request)))
    demand(isinstance(outcome, Registered), expected="Registered", came=outcome)
    steps = list(office.completions(request))
    names = [step.name for step in steps]
    _demand_names(names, [step.name for step in office.completions(request)], _AFTER)
    reference = reference_to(KEY, outcome.registration)
    for step in steps:
        for _ in range(2 if step.is_repeatable else 1):
            done = told(lambda step=step: office.complete(step.name, request, reference))  # type: ignore[misc]
            demand(done is None, expected=f"the side step {step.name} is done", came=done)
    demand_book(bench, outcome)


STEPS: Final = (
    Check(
        name="preparing_steps_may_be_repeated",
        theme="steps",
        sentence="Steps before the number have the same names each time, may be repeated, and give no number.",
        sentence_fa="گام‌های پیش از شماره هر بار همان نام را دارند، تکرارپذیرند و شماره نمی‌دهند.",
        look_at="preparations and prepare",
        run=_prepares,
        needs=(Need.PREPARES,),
    ),
    Check(
        name="reserved_places_may_stay_empty",
        theme="steps",
        sentence="A place may be reserved twice; what stays empty harms nobody.",
        sentence_fa="جا را می‌توان دو بار رزرو کرد؛ جای خالی زیانی ندارد.",
        look_at="reserve and register: what it reads of request.kept['reserve']",
        run=_reserves,
        needs=(Need.RESERVES,),
    ),
    Check(
        name="side_steps_never_undo_the_number",
        theme="steps",
        sentence="Side steps have the same names each time; those that may be repeated can be, and the number stays.",
        sentence_fa="گام‌های پس از شماره هر بار همان نام را دارند؛ تکرارپذیرها تکرار می‌شوند و شماره می‌ماند.",
        look_at="completions and complete",
        run=_completes,
        needs=(Need.COMPLETES,),
    ),
)
