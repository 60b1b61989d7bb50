"""Examines an office adapter for its certificate: a mapping, an installed package, or a live connection."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Final

from connector import clock
from connector.domain.letter import Letter
from connector.errors import AdapterUnknown
from connector.mapping.located import load_located
from connector.ports.catalogue import OFFICES, adapter_kind
from connector.ports.office import OfficeAdapter
from connector.simulator.fates import Fate
from connector.simulator.fault_kinds import Fault
from connector.simulator.faults import FaultRule
from connector.testing.cases_check import cases_check
from connector.testing.certificate import Certificate, Subject, certificate_of, mapping_digest, package_of
from connector.testing.office_contract import (
    CHECKS,
    BookEntry,
    Check,
    CheckResult,
    Need,
    OpenBench,
    Verdict,
    Wish,
)
from connector.testing.office_contract.letters import a_plain_letter
from connector.testing.office_contract.mapped import mapped_bench
from connector.testing.office_contract.suite import run_checks

__all__ = ["BENCHES", "brings_bench", "examine_adapter", "examine_live", "examine_mapping"]

BENCHES: Final = "chapar.office_benches"
"""Entry points of this group give the bench of a programmed adapter, under the adapter's name: an OpenBench."""

_LIVE: Final = "It would register a letter, and a number of a live office is a real number."
Saw = Callable[[CheckResult], None]


def examine_mapping(
    path: Path,
    *,
    connection: str | None = None,
    options: Mapping[str, Any] | None = None,
    with_slow: bool = False,
    saw: Saw = lambda _result: None,
    now: clock.Now = clock.now,
) -> Certificate:
    """Examine the adapter that this mapping configures against the office that the mapping makes.

    Raise OperatorError, with its next step, where the mapping cannot be used or its office not be played.
    """
    values = load_located(path).values
    transport = str(values.get("transport", "rest"))
    kind = adapter_kind(OFFICES, transport)
    with mapped_bench(path, kind, options=options) as opened:
        subject = Subject(
            adapter=transport,
            package=_package(transport),
            mapping=path.stem,
            mapping_title=str(values.get("title", "")),
            mapping_source=" ".join(str(values.get("source", "")).split()),
            mapping_digest=mapping_digest(path),
            connection=connection,
            counterpart="office simulated from the mapping",
        )
        checks = (cases_check(path, kind), *CHECKS)
        return _examined(subject, opened, checks=checks, with_slow=with_slow, saw=saw, now=now)


def examine_adapter(
    name: str,
    *,
    connection: str | None = None,
    options: Mapping[str, Any] | None = None,
    with_slow: bool = False,
    saw: Saw = lambda _result: None,
    now: clock.Now = clock.now,
) -> Certificate:
    """Examine an installed adapter against the bench of its package. Raise AdapterUnknown if it brings none.

    ``options`` are those of a configured connection: a bench that has a deed ``configured`` is made for them.
    """
    adapter_kind(OFFICES, name)
    points = _benches(name)
    if not points:
        raise AdapterUnknown(
            f"The package of the adapter {name!r} brings no bench to examine it against.",
            next_step=f"Give it an entry point in {BENCHES}; chapar new office NAME --python shows one.",
        )
    subject = Subject(
        adapter=name,
        package=_package(name),
        connection=connection,
        counterpart="simulated office of the package",
    )
    opened = points[0].load()
    if options is not None and hasattr(opened, "configured"):
        opened = opened.configured(options)
    return _examined(subject, opened, with_slow=with_slow, saw=saw, now=now)


def brings_bench(name: str) -> bool:
    """Return whether an adapter of this name is installed whose package brings a bench."""
    return bool(_benches(name))


def _benches(name: str) -> list[EntryPoint]:
    return [point for point in entry_points(group=BENCHES) if point.name == name]


def examine_live(
    office: OfficeAdapter,
    *,
    connection: str,
    adapter: str,
    secretariat: str,
    saw: Saw = lambda _result: None,
    now: clock.Now = clock.now,
) -> Certificate:
    """Ask a live office the harmless questions of the contract. Nothing is registered, so no level is proven."""
    bench = _LiveBench(office, secretariat, now)

    @contextmanager
    def opened(_fate: Fate) -> Iterator[_LiveBench]:
        yield bench

    harmless = [check for check in CHECKS if check.is_harmless]
    found = {result.check.name: result for result in run_checks(opened, checks=harmless, at_once=1)}
    results = []
    for check in CHECKS:
        result = found.get(check.name) or CheckResult(check=check, verdict=Verdict.SKIPPED, reason=_LIVE)
        saw(result)
        results.append(result)
    subject = Subject(
        adapter=adapter, package=_package(adapter), connection=connection, counterpart="live system"
    )
    return certificate_of(subject, office.capabilities, results, made_at=now())


def _examined(
    subject: Subject,
    opened: OpenBench,
    *,
    checks: Sequence[Check] = CHECKS,
    with_slow: bool,
    saw: Saw,
    now: clock.Now,
) -> Certificate:
    with opened(Fate.ANSWERED) as bench:
        capabilities = bench.connect().capabilities
    results = run_checks(opened, checks=checks, with_slow=with_slow, saw=saw)
    left_out = [
        CheckResult(check=check, verdict=Verdict.SKIPPED, reason="It takes long; ask for it with --slow.")
        for check in CHECKS
        if check.is_slow and not with_slow
    ]
    return certificate_of(subject, capabilities, [*results, *left_out], made_at=now())


def _package(adapter: str) -> str:
    return package_of(OFFICES, adapter)


class _LiveBench:
    """A live office: it can be asked, and nothing of it can be arranged or looked into."""

    page: int | None = None

    def __init__(self, office: OfficeAdapter, secretariat: str, now: clock.Now) -> None:
        self._office, self._now = office, now
        self.secretariats: Sequence[str] = (secretariat,)
        self.example: Letter = replace(a_plain_letter(), received_at=now())

    def connect(self, wish: Wish = Wish.PLAIN) -> OfficeAdapter:
        if wish is not Wish.PLAIN:
            raise ValueError("a live office is asked as it is configured")
        return self._office

    def arm(self, rule: FaultRule) -> None:
        raise ValueError("no fault is played at a live office")

    def calm(self) -> None:
        """Nothing is armed."""

    def entries(self) -> Sequence[BookEntry]:
        return ()

    def advance(self, by: timedelta) -> datetime:
        return self._now()

    def lacks(self, need: Need | Fault) -> str | None:
        if need is Need.SEARCH:
            return "A live office is not searched by the identity of a made-up person."
        return "No fault is played at a live office." if isinstance(need, Fault) else None
