"""The schedule of a drill as data: which fault, where, and after which letter. A pure function of the options."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from random import Random
from typing import Any, Final

import orjson

from connector.simulator.levels import Level
from connector.simulator.rehearsal.names import GATEWAY_CALLS, OFFICE_CALLS, FaultName
from connector.simulator.rehearsal.options import RehearsalOptions

__all__ = ["OFFICES", "Planned", "Schedule", "build_schedule"]

OFFICES: Final = ("main", "branch")
GATEWAY: Final = "sms"

_BEGIN, _END = 0.05, 0.75
_OUTAGE_AT: Final = 0.1
_QUIET_SECONDS: Final = 4.0
_QUIET_MOST: Final = 0.25
"""While an office goes down nothing else stands in the other's way for so long: there it shows whose trouble it is."""
"""Faults lie in this part of the letters' row: those behind them show that all is well again."""
_MOST_REPEATS: Final = 12
_MANY: Final = 200
_LETTERS_PER_GATEWAY_FAULT: Final = 60
"""The messages of so many letters make enough calls for every fault of a call to the gateway, and good ones between."""
_LOSING: Final = frozenset(
    {FaultName.ANSWER_LOST, FaultName.REQUEST_LOST, FaultName.SLOWER_THAN_EVERY_TIMEOUT, FaultName.GARBAGE}
)
_ON_EVERY_CALL: Final = tuple(
    name for name in OFFICE_CALLS if name not in {FaultName.DUPLICATE_ANSWER, FaultName.SESSION_EXPIRED}
)
_STANDS_IN_THE_WAY: Final = frozenset({FaultName.RATE_LIMITED, FaultName.RATE_LIMITED_SILENT})
"""Faults of one call that hold up all the others of the office."""
_FORMS: Final = {
    FaultName.SLOWER_THAN_EVERY_TIMEOUT: ("done_late", "done_at_once"),
    **dict.fromkeys(
        (
            FaultName.HTTP_500,
            FaultName.HTTP_502,
            FaultName.HTTP_503,
            FaultName.SOAP_FAULT,
            FaultName.UNMAPPED_CODE,
        ),
        ("done", "not_done"),
    ),
    FaultName.GATEWAY_SLOW: ("done_late", "done_at_once"),
    FaultName.GATEWAY_HTTP_500: ("done", "not_done"),
    FaultName.RECEIPTS_SPOILED: ("lost", "garbage"),
    FaultName.OFFICE_DOWN: ("refuses", "says_nothing"),
    FaultName.GATEWAY_DOWN: ("says_nothing", "refuses"),
    FaultName.DISK_FULL: ("no_byte", "a_little"),
}
"""Faults that come in several forms; those of one kind take them in turn."""
_LASTING: Final = {
    FaultName.OFFICE_DOWN: (60.0, 4.0),
    FaultName.WRONG_PASSWORD: (8.0, 2.0),
    FaultName.GATEWAY_DOWN: (15.0, 3.0),
    FaultName.CREDIT_GONE: (8.0, 2.0),
    FaultName.DATABASE_LOCKED: (5.0, 2.0),
    FaultName.DATABASE_CUT: (13.0, 3.0),
    FaultName.DISK_FULL: (6.0, 2.0),
    FaultName.CLOCK_FORWARD: (6.0, 2.0),
    FaultName.CLOCK_BACK: (6.0, 2.0),
}
"""Seconds at full length, and at least."""
_CUTS: Final = ("reset", "commit_answer_lost", "black_hole")
_ONCE: Final = frozenset(
    {FaultName.OFFICE_DOWN, FaultName.GATEWAY_DOWN, FaultName.WRONG_PASSWORD, FaultName.CREDIT_GONE}
)
_OF_A_NODE: Final = frozenset(
    {FaultName.DATABASE_CUT, FaultName.DISK_FULL, FaultName.CLOCK_FORWARD, FaultName.CLOCK_BACK}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """One fault that is to happen."""

    number: int = 0
    fault: FaultName
    after_letter: int
    """It happens once so many letters have been handed in."""
    where: str
    """An office, the gateway, ``database``, or a node."""
    deed: str = ""
    """Of faults of one call: which call. The next one of this kind is hit."""
    form: str = ""
    """Where a fault has several forms: which."""
    seconds: float = 0.0
    """How long it lasts; for a kill how long the node stays down."""
    delay: float = 0.0
    """Seconds after its letter."""


@dataclass(frozen=True)
class Schedule:
    """Everything that is to happen, in its order."""

    planned: tuple[Planned, ...]

    @property
    def digest(self) -> str:
        """Return by what two equal schedules are known."""
        return hashlib.sha256(orjson.dumps(self.as_json())).hexdigest()[:16]

    def as_json(self) -> list[dict[str, Any]]:
        """Return the schedule as plain values."""
        return [asdict(each) for each in self.planned]


def build_schedule(options: RehearsalOptions) -> Schedule:
    """Return what happens in a drill with these options. The same options give the same schedule."""
    builder = _Builder(options)
    planned = sorted(
        (*builder.calls(), *builder.lasting(), *builder.kills()),
        key=lambda each: (each.after_letter, each.fault, each.where, each.deed, each.delay),
    )
    return Schedule(tuple(replace(each, number=number) for number, each in enumerate(planned, start=1)))


class _Builder:
    def __init__(self, options: RehearsalOptions) -> None:
        self._options = options
        self._random = Random(f"{options.seed}/{options.letters}/{options.nodes}/{options.level}")
        self._faults = options.planned_faults
        self._first: dict[FaultName, int] = {}
        self._down = self._random.randrange(2)
        quiet = _QUIET_SECONDS / options.handing_in.total_seconds()
        is_quiet = FaultName.OFFICE_DOWN in self._faults
        self._quiet_until = _OUTAGE_AT + min(quiet, _QUIET_MOST) if is_quiet else _BEGIN

    def calls(self) -> Iterator[Planned]:
        """Yield the faults of single calls: each on a registration first, then on look-ups and questions too."""
        names = [name for name in OFFICE_CALLS if name in self._faults]
        repeats = min(max(self._options.letters // (4 * max(len(names), 1)), 1), _MOST_REPEATS)
        turn = self._random.randrange(2)
        for repeat in range(repeats):
            for name in self._random.sample(names, len(names)):
                turn += 1
                yield self._call(name, "register", OFFICES[turn % 2], repeat=repeat)
        for deed in self._other_deeds(names):
            usable = [name for name in names if name in _ON_EVERY_CALL]
            for name in self._random.sample(usable, min(len(usable), max(self._options.letters // 60, 1))):
                yield self._call(name, deed, self._random.choice(OFFICES))
        for repeat in range(max(self._options.letters // _LETTERS_PER_GATEWAY_FAULT, 1)):
            for name, deed in GATEWAY_CALLS.items():
                if name in self._faults:
                    yield self._call(name, deed, GATEWAY, repeat=repeat)

    def _other_deeds(self, names: Sequence[FaultName]) -> Sequence[str]:
        """Return the calls beside registrations that surely come: a look-up needs a lost answer before it."""
        look_up = {Level.A: "find", Level.B: "search"}.get(self._options.level)
        return ("progress", look_up) if look_up and set(names) >= _LOSING else ("progress",)

    def _form(self, name: FaultName, repeat: int) -> str:
        """Return one of a fault's forms, each in its turn."""
        forms = _FORMS.get(name, ("",))
        first = self._first.setdefault(name, self._random.randrange(len(forms)))
        return forms[(repeat + first) % len(forms)]

    def _call(self, name: FaultName, deed: str, where: str, *, repeat: int = 0) -> Planned:
        form = self._form(name, repeat)
        begin = self._quiet_until if name in _STANDS_IN_THE_WAY else _BEGIN
        return Planned(
            fault=name, after_letter=self._letter_between(begin, _END), where=where, deed=deed, form=form
        )

    def lasting(self) -> Iterator[Planned]:
        """Yield what lasts, spread over the row so that not everything happens at once."""
        wanted = [
            (name, form)
            for name in _LASTING
            if name in self._faults
            for repeat in range(2 if self._options.letters >= _MANY and name not in _ONCE else 1)
            for form in (_CUTS if name is FaultName.DATABASE_CUT else (self._form(name, repeat),))
        ]
        self._random.shuffle(wanted)
        for place, (name, form) in enumerate(wanted):
            share = self._quiet_until + (_END - self._quiet_until) * (place + 0.5) / len(wanted)
            where = "database"
            if name is FaultName.OFFICE_DOWN:
                share, where = _OUTAGE_AT, OFFICES[self._down]
            elif name is FaultName.WRONG_PASSWORD:
                share, where = 0.7, OFFICES[1 - self._down]
            elif name in {FaultName.GATEWAY_DOWN, FaultName.CREDIT_GONE}:
                where = GATEWAY
            elif name in _OF_A_NODE:
                where = self._random.choice(self._options.node_names)
            yield Planned(
                fault=name,
                after_letter=self._letter_at(share),
                where=where,
                form=form,
                seconds=self._length(name),
                delay=round(self._random.random() / 2, 3),
            )

    def kills(self) -> Iterator[Planned]:
        """Yield the kills, up to the last letter and after it, every third in the middle of a call."""
        if FaultName.NODE_KILLED not in self._faults:
            return
        kills = self._options.kills
        for number in range(kills):
            share = (number + self._random.random()) / kills
            yield Planned(
                fault=FaultName.NODE_KILLED,
                after_letter=self._letter_at(self._quiet_until + (1 - self._quiet_until) * share),
                where=self._random.choice(self._options.node_names),
                form="in_a_call" if number % 3 == 0 else "at_any_moment",
                seconds=round(0.1 + self._random.random(), 3),
                delay=round(self._random.random() * 2, 3),
            )

    def _length(self, name: FaultName) -> float:
        full, shortest = _LASTING[name]
        return round(max(full * self._options.scale, shortest), 1)

    def _letter_between(self, begin: float, end: float) -> int:
        return self._letter_at(begin + (end - begin) * self._random.random())

    def _letter_at(self, share: float) -> int:
        return min(max(int(self._options.letters * share), 1), self._options.letters)
